using System.Globalization;
using ProcesStandardu.Approval.Documents;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

[Trait("Scenario", "S9")]
public sealed class RevisionDifferencesTests
{
    private static readonly string[] Base =
    [
        "§ 1. Standard określa pracę socjalną z rodziną z dziećmi.",
        "§ 2. Rodzinę prowadzi jeden pracownik socjalny.",
        "§ 7. 1. Pracownik odwiedza rodzinę raz w miesiącu.",
        "2. Wizytę odnotowuje się w karcie w ciągu siedmiu dni.",
        "§ 8. Standard wchodzi w życie z dniem ogłoszenia.",
    ];

    [Fact]
    public void The_same_text_has_no_differences() => Between(Base, Base).ShouldBeEmpty();

    [Fact]
    public void A_changed_word_is_one_change_of_its_clause()
    {
        var change = Between(Base, [.. Base[..3], "2. Wizytę odnotowuje się w karcie w ciągu trzech dni.", Base[4]]).ShouldHaveSingleItem();

        (change.Kind, change.ReferenceBefore, change.ReferenceAfter).ShouldBe((ClauseChangeKind.Changed, "§ 7 ust. 2", "§ 7 ust. 2"));
        change.Pieces.ShouldBe(
        [
            new(TextPieceKind.Same, "Wizytę odnotowuje się w karcie w ciągu "), new(TextPieceKind.Deleted, "siedmiu"),
            new(TextPieceKind.Inserted, "trzech"), new(TextPieceKind.Same, " dni."),
        ]);
    }

    [Fact]
    public void An_added_clause_renumbers_the_next_ones_and_changes_none()
    {
        var changes = Between(Base, [.. Base[..2], "§ 3. Dodany paragraf o zespołach.", "§ 8. 1. Pracownik odwiedza rodzinę raz w miesiącu.", Base[3], "§ 9. Standard wchodzi w życie z dniem ogłoszenia."]);

        changes.Select(c => (c.Kind, c.ReferenceBefore, c.ReferenceAfter)).ShouldBe(
        [
            (ClauseChangeKind.Added, null, "§ 3"),
            (ClauseChangeKind.Renumbered, "§ 7 ust. 1", "§ 8 ust. 1"),
            (ClauseChangeKind.Renumbered, "§ 7 ust. 2", "§ 8 ust. 2"),
            (ClauseChangeKind.Renumbered, "§ 8", "§ 9"),
        ]);
    }

    [Fact]
    public void A_removed_clause_is_told_where_it_stood() =>
        Between(Base, [Base[0], .. Base[2..]]).ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(
                c => (c.Kind, c.ReferenceBefore).ShouldBe((ClauseChangeKind.Removed, "§ 2")),
                c => c.Pieces.ShouldBe([new(TextPieceKind.Deleted, "Rodzinę prowadzi jeden pracownik socjalny.")]));

    [Fact]
    public void A_moved_clause_is_not_one_removed_and_one_added() =>
        Between(["Wstęp o celu programu i jego zasięgu.", "# 1. A", "treść pierwsza", "# 2. B", "treść druga"],
                ["Wstęp o celu programu i jego zasięgu.", "# 1. B", "treść druga", "# 2. A", "treść pierwsza"])
            .Select(c => (c.Kind, c.ReferenceBefore, c.ReferenceAfter))
            .ShouldBe([(ClauseChangeKind.Renumbered, "rozdz. 2", "rozdz. 1"), (ClauseChangeKind.Renumbered, "rozdz. 1", "rozdz. 2")]);

    [Fact]
    public void Words_changed_side_by_side_are_one_change() =>
        RevisionDifferences.Weave("co dwa tygodnie w domu", "raz w miesiącu w domu").ShouldBe(
        [
            new(TextPieceKind.Deleted, "co dwa tygodnie"), new(TextPieceKind.Inserted, "raz w miesiącu"), new(TextPieceKind.Same, " w domu"),
        ]);

    [Fact]
    public void The_pieces_give_both_texts_back()
    {
        var random = new Random(3);
        for (var i = 0; i < 300; i++)
        {
            var (before, after) = (Noise(random), Noise(random));
            var pieces = RevisionDifferences.Weave(before, after);

            string.Concat(pieces.Where(p => p.Kind != TextPieceKind.Inserted).Select(p => p.Text)).ShouldBe(before);
            string.Concat(pieces.Where(p => p.Kind != TextPieceKind.Deleted).Select(p => p.Text)).ShouldBe(after);
        }
    }

    [Fact]
    public void Two_hundred_pages_are_compared_clause_by_clause()
    {
        var random = new Random(5);
        string[] before = [.. Enumerable.Range(1, 2000).Select(i => $"§ {i}. " + Words(random, 45))];
        string[] after = [.. before.Where((_, i) => i % 97 != 0).Select((line, i) => i % 13 == 0 ? line.Replace("aa", "bb", StringComparison.Ordinal) : line)];

        Between(before, after).Count(c => c.Kind == ClauseChangeKind.Removed).ShouldBe(21);
    }

    private static IReadOnlyList<ClauseChange> Between(string[] before, string[] after) =>
        RevisionDifferences.Between(Clauses.Of(Paragraphs(before)), Clauses.Of(Paragraphs(after)));

    private static IEnumerable<DocumentParagraph> Paragraphs(string[] lines) => lines.Select(line =>
        line.StartsWith("# ", StringComparison.Ordinal) ? new DocumentParagraph("", line[2..], 1) : new DocumentParagraph("", line, null));

    private static string Noise(Random random) =>
        string.Join(random.Next(4) == 0 ? "\n" : " ", Enumerable.Range(0, random.Next(1, 12)).Select(_ => Words(random, random.Next(1, 4))));

    private static string Words(Random random, int count) => string.Join(' ', Enumerable.Range(0, count)
        .Select(_ => string.Create(CultureInfo.InvariantCulture, $"{(char)('a' + random.Next(4))}{(char)('a' + random.Next(4))}{(count > 10 ? random.Next(1000) : 0)}")));
}
