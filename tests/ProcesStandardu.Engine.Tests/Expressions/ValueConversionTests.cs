using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Expressions;
using ProcesStandardu.Engine.Storage;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Engine.Tests.Expressions;

public sealed class ValueConversionTests
{
    [Theory]
    [InlineData("\"42\"", "Int32", "42")]
    [InlineData("\"abc\"", "Int32", "0")]
    [InlineData("3.7", "Int64", "4")]
    [InlineData("\"True\"", "Boolean", "true")]
    [InlineData("1", "Boolean", "true")]
    [InlineData("\"maybe\"", "Boolean", "false")]
    [InlineData("42", "String", "\"42\"")]
    [InlineData("true", "String", "\"True\"")]
    [InlineData("null", "String", "null")]
    [InlineData("\"1.5\"", "Decimal", "1.5")]
    [InlineData("\"{\\\"a\\\":1}\"", "Object", "\"{\\u0022a\\u0022:1}\"")]
    [InlineData("\"{\\\"a\\\":1}\"", "ObjectDictionary", "{\"a\":1}")]
    [InlineData("\"[1,2]\"", "String[]", "[\"1\",\"2\"]")]
    [InlineData("\"no\"", "Object[]", "[\"n\",\"o\"]")]
    [InlineData("\"x\"", "Some.Unknown.Enum, Somewhere", "\"x\"")]
    public void Values_are_converted_leniently(string json, string type, string expected) =>
        (ValueConversion.To(JsonNode.Parse(json), ValueShape.Of(type))?.ToJsonString() ?? "null").ShouldBe(expected);

    [Theory]
    [InlineData("2014-04-30", "2014-04-29T22:00:00Z")]
    [InlineData("2014-04-30T12:00:00+02:00", "2014-04-30T10:00:00Z")]
    [InlineData("12/24/2013 12:00:00 AM", "2013-12-23T23:00:00Z")]
    [InlineData("24.12.2013 00:00:00", "2013-12-23T23:00:00Z")]
    public void Dates_are_read_as_the_designer_writes_them_in_either_language(string text, string expected) =>
        ValueConversion.DateOf(JsonValue.Create(text), TimeZoneInfo.FindSystemTimeZoneById("Europe/Warsaw"))
            .ShouldBe(DateTimeOffset.Parse(expected));

    [Theory]
    [InlineData("01:00:00", 60)]
    [InlineData("1.00:00:00", 24 * 60)]
    [InlineData("PT90M", 90)]
    public void Lengths_of_time_are_read_in_both_notations(string text, int minutes) =>
        ValueConversion.TimeSpanOf(JsonValue.Create(text)).ShouldBe(TimeSpan.FromMinutes(minutes));

    [Fact]
    public void Equal_payloads_have_equal_hashes_whatever_the_order_of_their_properties()
    {
        var one = StimulusHash.Canonical(new { BallotId = 7, Kind = "closed" });
        var other = StimulusHash.Canonical(new JsonObject { ["Kind"] = "closed", ["BallotId"] = 7 });

        StimulusHash.Of("ballot", one).ShouldBe(StimulusHash.Of("ballot", other));
        StimulusHash.Of("ballot", one).ShouldNotBe(StimulusHash.Of("Ballot", one));
        StimulusHash.Of("ballot", null).ShouldNotBe(StimulusHash.Of("ballot", "null"));
    }
}
