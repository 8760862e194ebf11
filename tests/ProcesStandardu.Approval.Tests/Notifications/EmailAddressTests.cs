using ProcesStandardu.Approval.Notifications;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("anna.nowak@forum.example", "anna.nowak@forum.example")]
    [InlineData("A+b_c'd@Forum.Example", "A+b_c'd@forum.example")]
    [InlineData("x@localhost", "x@localhost")]
    [InlineData("rada@żółw.example", "rada@xn--w-uga1v8h.example")]
    public void An_address_is_taken(string text, string value)
    {
        EmailAddress.TryParse(text, out var address).ShouldBeTrue();
        address!.Value.ShouldBe(value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("anna")]
    [InlineData("@example.org")]
    [InlineData("anna@")]
    [InlineData(" anna@example.org")]
    [InlineData("anna@example.org ")]
    [InlineData("anna@example.org\r\nRCPT TO:<b@example.org>")]
    [InlineData("anna@example.org\n")]
    [InlineData("an\rna@example.org")]
    [InlineData("an\0na@example.org")]
    [InlineData("\"an\r\nna\"@example.org")]
    [InlineData("\"anna\"@example.org")]
    [InlineData("Anna <anna@example.org>")]
    [InlineData("a@example.org,b@example.org")]
    [InlineData("a@b@example.org")]
    [InlineData("anna.@example.org")]
    [InlineData(".anna@example.org")]
    [InlineData("an..na@example.org")]
    [InlineData("anna@example..org")]
    [InlineData("anna@-example.org")]
    [InlineData("anna@[127.0.0.1]")]
    [InlineData("anna@exa mple.org")]
    [InlineData("anna@exa_mple.org")]
    [InlineData("żółw@example.org")]
    public void What_is_no_plain_address_is_refused(string? text) => EmailAddress.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Lengths_beyond_the_standard_are_refused()
    {
        EmailAddress.TryParse(new string('a', 64) + "@example.org", out _).ShouldBeTrue();
        EmailAddress.TryParse(new string('a', 65) + "@example.org", out _).ShouldBeFalse();
        EmailAddress.TryParse("a@" + new string('b', 64) + ".org", out _).ShouldBeFalse();
        EmailAddress.TryParse("a@" + string.Join('.', Enumerable.Repeat("bbbbbbbbb", 30)), out _).ShouldBeFalse();
    }
}
