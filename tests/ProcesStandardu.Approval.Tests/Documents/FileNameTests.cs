using System.Text;
using ProcesStandardu.Approval.Documents;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

[Trait("Fault", "S53")]
public sealed class FileNameTests
{
    [Theory]
    [InlineData("Wnioski i rekomendacje.docx", "Wnioski i rekomendacje.docx")]
    [InlineData("../../etc/passwd.docx", "passwd.docx")]
    [InlineData(@"C:\Users\marek\wnioski.odt", "wnioski.odt")]
    [InlineData("a\r\nSet-Cookie: x.docx", "aSet-Cookie x.docx")]
    [InlineData("a\0b.pdf", "ab.pdf")]
    [InlineData("umowa\u202Efdp.exe", "umowafdp.exe")]
    [InlineData("zażółć gęślą jaźń ŁÓDŹ.docx", "zażółć gęślą jaźń ŁÓDŹ.docx")]
    [InlineData("\"cytat\".docx", "cytat.docx")]
    [InlineData("\U0001F4C4 plik.docx", "\U0001F4C4 plik.docx")]
    [InlineData("...", "dokument")]
    [InlineData("", "dokument")]
    [InlineData(null, "dokument")]
    [InlineData(" .docx", "docx")]
    public void Only_what_can_be_stored_shown_and_sent_remains(string? sent, string kept) =>
        FileName.Clean(sent).ShouldBe(kept);

    [Fact]
    public void A_long_name_keeps_its_ending_and_whole_letters()
    {
        var name = FileName.Clean(new string('ż', 300) + ".docx");

        Encoding.UTF8.GetByteCount(name).ShouldBeInRange(250, FileName.LongestInBytes);
        name.ShouldEndWith("ż.docx");
    }

    [Fact]
    public void Composed_and_decomposed_letters_are_the_same_name() =>
        FileName.Clean("z\u0307.docx").ShouldBe("ż.docx");
}
