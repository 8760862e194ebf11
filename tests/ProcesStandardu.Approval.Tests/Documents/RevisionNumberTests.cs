using ProcesStandardu.Approval.Documents;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

public sealed class RevisionNumberTests
{
    [Theory]
    [InlineData(null, RevisionStep.NextMinor, "0.9")]
    [InlineData(null, RevisionStep.NextMajor, "1.0")]
    [InlineData("0.9", RevisionStep.NextMinor, "0.10")]
    [InlineData("0.10", RevisionStep.NextMajor, "1.0")]
    [InlineData("1.3", RevisionStep.NextMajor, "2.0")]
    public void The_next_number_follows_the_lead_s_choice(string? latest, RevisionStep step, string next) =>
        RevisionNumber.After(latest is null ? null : RevisionNumber.Parse(latest), step).ToString().ShouldBe(next);

    [Fact]
    public void Numbers_are_not_fractions() =>
        RevisionNumber.Parse("0.10")!.Value.ShouldBeGreaterThan(RevisionNumber.Parse("0.9")!.Value);

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("0.0")]
    [InlineData("1.-1")]
    [InlineData("1.0.1")]
    [InlineData("v1.0")]
    public void Other_texts_are_no_numbers(string text) => RevisionNumber.Parse(text).ShouldBeNull();
}
