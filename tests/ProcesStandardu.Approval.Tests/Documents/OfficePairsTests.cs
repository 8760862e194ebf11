using ProcesStandardu.Approval.Documents;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

/// <summary>Two versions of one text, saved by LibreOffice as DOCX, ODT and PDF: the five edits between them, and nothing else.</summary>
public sealed class OfficePairsTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Documents", "libreoffice");

    [Theory]
    [InlineData("docx")]
    [InlineData("odt")]
    [InlineData("pdf")]
    public void The_edits_are_found_exactly(string ending)
    {
        var changes = RevisionDifferences.Between(ClausesOf("przed." + ending), ClausesOf("po." + ending));

        changes.Select(change => (change.Kind, change.ReferenceBefore, change.ReferenceAfter)).ShouldBe(
        [
            (ClauseChangeKind.Changed, "§ 2 ust. 1", "§ 2 ust. 1"),
            (ClauseChangeKind.Added, null, "§ 3 ust. 3"),
            (ClauseChangeKind.Removed, "§ 5", null),
            (ClauseChangeKind.Renumbered, "§ 6", "§ 5"),
            (ClauseChangeKind.Changed, "zał. 1", "zał. 1"),
        ]);
        Edits(changes[0]).ShouldBe("[raz|dwa razy]");
        Edits(changes[4]).ShouldBe("[12|15]");
        string.Concat(changes[1].Pieces.Select(piece => piece.Text)).ShouldBe(
            "Do zespołu można zaprosić nauczyciela, jeżeli rodzina wyrazi na to zgodę na piśmie.");
        string.Concat(changes[2].Pieces.Select(piece => piece.Text)).ShouldBe("Dokumentację prowadzi się na drukach określonych przez ministra.");
    }

    [Theory]
    [InlineData("przed")]
    [InlineData("po")]
    public void The_three_formats_of_one_text_have_the_same_clauses(string name)
    {
        var docx = Told(ClausesOf(name + ".docx"));

        Told(ClausesOf(name + ".odt")).ShouldBe(docx);
        Told(ClausesOf(name + ".pdf")).ShouldBe(docx);
        docx.Count.ShouldBeGreaterThan(9);

        static List<string> Told(IReadOnlyList<Clause> clauses) => [.. clauses.Select(clause => $"{clause.Reference}: {clause.Text}")];
    }

    [Theory]
    [InlineData("docx", FileKind.Docx)]
    [InlineData("odt", FileKind.Odt)]
    [InlineData("pdf", FileKind.Pdf)]
    public void What_LibreOffice_saves_is_let_in(string ending, FileKind kind)
    {
        foreach (var name in new[] { "przed", "po" })
        {
            using var file = File.OpenRead(Path.Combine(Folder, $"{name}.{ending}"));
            FileTypeCheck.Check(file, $"{name}.{ending}").Value.ShouldBe(kind);
        }
    }

    private static IReadOnlyList<Clause> ClausesOf(string name)
    {
        using var file = File.OpenRead(Path.Combine(Folder, name));
        return Clauses.Of(TextExtraction.Read(file, FileKinds.FromStored(Path.GetExtension(name)[1..])!.Value));
    }

    private static string Edits(ClauseChange change)
    {
        var edits = change.Pieces.Where(piece => piece.Kind != TextPieceKind.Same).ToList();
        return "[" + string.Join('|', edits.Select(piece => piece.Text.Trim())) + "]";
    }
}
