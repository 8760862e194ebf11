using ProcesStandardu.Approval.Documents;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

public sealed class ClausesTests
{
    [Fact]
    public void Chapters_and_points_are_quoted_as_the_board_quotes_them() =>
        References("# 1. Cele", "tekst", "# 2. Zasady", "1. pierwsza", "4. czwarta", "1) w punkcie", "a) w literze")
            .ShouldBe(["rozdz. 1", "rozdz. 2", "rozdz. 2, pkt 1", "rozdz. 2, pkt 4", "rozdz. 2, pkt 4 ppkt 1", "rozdz. 2, pkt 4 ppkt 1 lit. a"]);

    [Fact]
    public void Paragraphs_of_the_law_need_no_chapter_in_front() =>
        References("Rozdział II", "Wizyty", "§ 7. 1. Raz w miesiącu.", "2. Notatka zawiera:", "1) datę,", "a) dzień", "§ 8", "Wchodzi w życie.")
            .ShouldBe(["rozdz. II", "§ 7 ust. 1", "§ 7 ust. 2", "§ 7 ust. 2 pkt 1", "§ 7 ust. 2 pkt 1 lit. a", "§ 8"]);

    [Fact]
    public void An_attachment_counts_anew() =>
        References("§ 1. Treść", "Załącznik nr 3", "§ 1. Wzór", "2. Pole")
            .ShouldBe(["§ 1", "zał. 3, § 1", "zał. 3, § 1 ust. 2"]);

    [Fact]
    public void Headings_without_numbers_are_quoted_by_their_words() =>
        References("# Wprowadzenie", "tekst", "## Zakres", "1. punkt")
            .ShouldBe(["„Wprowadzenie”", "„Wprowadzenie”, „Zakres”", "„Wprowadzenie”, „Zakres”, pkt 1"]);

    [Fact]
    public void A_title_under_a_bare_chapter_is_that_chapter_s_text()
    {
        var clauses = Clauses.Of(Paragraphs("# Rozdział 2", "# Zasady ogólne", "tekst"));

        clauses.ShouldHaveSingleItem().Reference.ShouldBe("rozdz. 2");
        clauses[0].Text.ShouldBe("Zasady ogólne\ntekst");
    }

    [Fact]
    public void Numbers_that_a_list_shows_count_like_typed_ones()
    {
        DocumentParagraph[] paragraphs = [new("§ 7.", "Wizyty", null), new("2.", "Raz w miesiącu.", null), new("a.", "latem", null)];

        Clauses.Of(paragraphs).Select(clause => clause.Reference).ShouldBe(["§ 7", "§ 7 ust. 2", "§ 7 ust. 2 lit. a"]);
    }

    [Theory]
    [InlineData("2012 był rokiem pilotażu.")]
    [InlineData("3,5 tys. osób skorzystało.")]
    [InlineData("np. w gminie")]
    [InlineData("I tak dalej.")]
    public void Ordinary_sentences_begin_no_clause(string sentence) =>
        Clauses.Of(Paragraphs(sentence)).ShouldHaveSingleItem().Reference.ShouldBeEmpty();

    private static IEnumerable<string> References(params string[] lines) =>
        Clauses.Of(Paragraphs(lines)).Select(clause => clause.Reference);

    private static IEnumerable<DocumentParagraph> Paragraphs(params string[] lines) => lines.Select(line =>
        line.StartsWith("## ", StringComparison.Ordinal) ? new DocumentParagraph("", line[3..], 2)
        : line.StartsWith("# ", StringComparison.Ordinal) ? new DocumentParagraph("", line[2..], 1)
        : new DocumentParagraph("", line, null));
}
