using System.Globalization;
using ProcesStandardu.Web.Wording;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Wording;

public sealed class PluralsTests
{
    [Theory]
    [InlineData(0, "many")]
    [InlineData(1, "one")]
    [InlineData(2, "few")]
    [InlineData(4, "few")]
    [InlineData(5, "many")]
    [InlineData(11, "many")]
    [InlineData(12, "many")]
    [InlineData(14, "many")]
    [InlineData(21, "many")]
    [InlineData(22, "few")]
    [InlineData(112, "many")]
    [InlineData(122, "few")]
    public void Polish_counts_take_the_form_that_people_say(int count, string form) =>
        Plurals.Form(count, new CultureInfo("pl-PL")).ShouldBe(form);

    [Theory]
    [InlineData(0, "many")]
    [InlineData(1, "one")]
    [InlineData(3, "many")]
    public void English_counts_know_one_and_many(int count, string form) =>
        Plurals.Form(count, new CultureInfo("en-GB")).ShouldBe(form);
}
