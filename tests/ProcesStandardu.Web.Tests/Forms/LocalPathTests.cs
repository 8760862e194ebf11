using ProcesStandardu.Web.Forms;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Forms;

/// <summary>Nobody is sent out of the application, however the address is written.</summary>
public sealed class LocalPathTests
{
    public static TheoryData<string> Foreign() =>
    [
        "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\\/evil.example",
        "/\\\\evil.example", "http://evil.example", "https://evil.example", "HTTPS://evil.example", "https:evil.example", "https:/evil.example",
        "http:\\\\evil.example", "ftp://evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x",
        "file:///etc/passwd", "mailto:x@evil.example", "evil.example", "evil.example/", "@evil.example", "%2f%2fevil.example", "%2F/evil.example",
        "/%2fevil.example", "/%2Fevil.example", "/%5cevil.example", "/%5Cevil.example", "%5c%5cevil.example", "/\tevil.example", "/\nevil.example",
        "/\r\nevil.example", "\t//evil.example", " //evil.example", "/%09/evil.example", "/%0d%0aLocation:%20https://evil.example",
        "/strona\r\nSet-Cookie: x=1", "/%00//evil.example", "?powrot=/", "#/", "",
    ];

    [Theory]
    [MemberData(nameof(Foreign))]
    public void An_address_that_a_browser_may_read_as_anothers_leads_home(string address) => LocalPath.OrHome(address).ShouldBe("/");

    [Theory]
    [InlineData("/")]
    [InlineData("/terminy?stan=pending")]
    [InlineData("/glosowania/G-2012/07#glos")]
    [InlineData("/standardy?powrot=https%3A%2F%2Fevil.example")]
    public void Ones_own_address_stays(string address) => LocalPath.OrHome(address).ShouldBe(address);
}
