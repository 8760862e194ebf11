using System.IO.Compression;
using System.Text;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Comments;

/// <summary>Tables of comments as offices make them, and as nobody should.</summary>
[Trait("Fault", "S50")]
public sealed class CommentSheetTests
{
    private const string Heading = "Lp.;Zgłaszający;Jednostka redakcyjna;Rodzaj;Treść uwagi;Uzasadnienie;Propozycja zmiany;Stanowisko\r\n";

    [Fact]
    public void A_table_made_in_LibreOffice_is_read_with_its_merged_cells_and_without_its_layout()
    {
        var sheet = Read("uwagi.docx", Fixture("uwagi-ministerstwo.docx"));

        sheet.Problems.ShouldBeEmpty();
        sheet.ColumnsNotRead.ShouldBe(["Stanowisko"]);
        sheet.Rows.Select(row => (row.Row, string.Join('|', row.Reporters), row.ClauseReference, row.Kind)).ShouldBe(
        [
            (4, "Ministerstwo Zdrowia", "§ 1", CommentKind.Technical),
            (5, "Ministerstwo Zdrowia", "§ 2 ust. 1", CommentKind.Editorial),
            (6, "Związek Miast|Związek Powiatów", "", CommentKind.General),
        ]);
        sheet.Rows[0].Text.ShouldBe("Brakuje kosztów.\nProszę je podać w „tys. zł”.");
        sheet.Rows[0].Rationale.ShouldBe("Gmina musi zaplanować budżet; zażółć gęślą jaźń.");
        sheet.Rows[0].ProposedChange.ShouldBe("„1a. Koszty ponosi gmina.”");
        sheet.Rows[2].Text.ShouldBe("=SUMA(A1) nie jest formułą, tylko uwagą.");
    }

    public static TheoryData<string, string> Encodings => new MatrixTheoryData<string, string>(
        ["utf-8 with mark", "utf-8", "utf-16", "windows-1250"], [";", ",", "\t"]);

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_encoding_and_separator_that_Excel_writes_reads_the_same(string encoding, string separator)
    {
        var text = string.Join(separator, ["Lp.", "Zgłaszający", "Jednostka redakcyjna", "Treść uwagi", "Propozycja zmiany"]) + "\r\n"
            + string.Join(separator, ["1", "Śląski Urząd", "\"§ 7 ust. 2, zd. 1\"", "\"Zażółć \"\"gęślą\"\"\njaźń; tak\"", "'=A1"]) + "\r\n";

        var sheet = Read("uwagi.csv", Encoded(text, encoding));

        sheet.Problems.ShouldBeEmpty();
        sheet.Rows.ShouldHaveSingleItem();
        var row = sheet.Rows[0];
        (row.Row, row.Reporters.Single(), row.ClauseReference, row.Kind).ShouldBe((2, "Śląski Urząd", "§ 7 ust. 2, zd. 1", CommentKind.Technical));
        row.Text.ShouldBe("Zażółć \"gęślą\"\njaźń; tak");
        row.ProposedChange.ShouldBe("=A1");
    }

    [Fact]
    public void Rows_with_mistakes_are_named_by_the_number_that_Excel_shows()
    {
        var sheet = Read("uwagi.csv", Encoding.UTF8.GetBytes(
            Heading
            + "1;UM;§ 1;merytoryczna;dobra;;;\r\n"
            + "2;UM;§ 1;merytoryczna;;brak treści;;\r\n"
            + "3;UM;;redakcyjna;bez miejsca;;;\r\n"
            + "4;UM;§ 2;pilna;zły rodzaj;;;\r\n"
            + $"5;UM;{new string('§', 201)};;za długie miejsce;;;\r\n"
            + $"6;UM;§ 3;;{new string('a', 10_001)};;;\r\n"
            + ";;;;;;;\r\n"
            + "8;UM;§ 4;;druga dobra;;;\r\n"));

        sheet.Rows.Select(row => row.Row).ShouldBe([2, 9]);
        sheet.Problems.Select(problem => (problem.Row, problem.Key)).ShouldBe(
        [
            (3, "TextIsEmpty"), (4, "ClauseIsMissing"), (5, "KindIsUnknown"), (6, "ClauseIsTooLong"), (7, "CellIsTooLong"),
        ]);
        sheet.Problems[2].Fact.ShouldBe("pilna");
    }

    [Theory]
    [InlineData("Treść uwagi i uzasadnienie;Podmiot zgłaszający", "Za mało.;UM", "UM||Za mało.||")]
    [InlineData(
        "L.p.;Organ;Przepis, którego dotyczy uwaga;Uwaga;Proponowane brzmienie;Odniesienie się do uwagi",
        "1;UM;§ 1;Za mało.;więcej;nie", "UM|§ 1|Za mało.||więcej")]
    [InlineData("MB/NC;Clause/ Subclause;Type of comment;Comments;Rationale;Proposed change", "PL;4.1;te;Too little.;x;more", "PL|4.1|Too little.|x|more")]
    [InlineData(
        "Nr;Stanowisko zgłaszającego do uwagi;ZGŁASZAJĄCY;Część dokumentu;TREŚĆ UWAGI;Uzasadnienie uwagi",
        "1;nie;UM;rozdz. 2;Za mało.;bo tak", "UM|rozdz. 2|Za mało.|bo tak|")]
    public void The_words_of_other_offices_headings_are_understood(string heading, string cells, string read)
    {
        var row = Read("uwagi.csv", Encoding.UTF8.GetBytes($"Zestawienie uwag\n\n{heading}\n{cells}\n")).Rows.Single();

        string.Join('|', row.Reporters.Single(), row.ClauseReference, row.Text, row.Rationale, row.ProposedChange).ShouldBe(read);
    }

    public static TheoryData<string, byte[], Type> Refused => new()
    {
        { "pusty.csv", [], typeof(FileIsEmpty) },
        { "skoroszyt.xlsx", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0], typeof(CommentTableKindIsUnknown) },
        { "pismo.pdf", "%PDF-1.7 tekst"u8.ToArray(), typeof(CommentTableKindIsUnknown) },
        { "program.csv", "MZ\u0000\u0000"u8.ToArray(), typeof(CommentTableKindIsUnknown) },
        { "uwagi.exe", Encoding.UTF8.GetBytes(Heading + "1;a;§ 1;;b;;;"), typeof(CommentTableKindIsUnknown) },
        { "zera.csv", [.. Encoding.UTF8.GetBytes(Heading), 0, 0, 0], typeof(CommentTableIsDamaged) },
        { "cudzyslow.csv", Encoding.UTF8.GetBytes(Heading + "1;\"nie kończy się"), typeof(CommentTableIsDamaged) },
        { "szeroki.csv", Encoding.UTF8.GetBytes(new string(';', 65)), typeof(CommentTableIsDamaged) },
        { "lista.csv", "imię;nazwisko\nAnna;Nowak"u8.ToArray(), typeof(CommentTableIsNotFound) },
        { "naglowek.csv", Encoding.UTF8.GetBytes(Heading), typeof(CommentTableIsNotFound) },
        { "bez-tabeli.docx", DocxFromText.Write("Uwagi", "Treść uwagi: brak"), typeof(CommentTableIsNotFound) },
        { "uwagi.odt", TestFiles.Odt("Treść uwagi"), typeof(CommentTableKindIsUnknown) },
        { "uszkodzony.docx", Fixture("uwagi-ministerstwo.docx")[..3000], typeof(FileIsDamaged) },
        { "bomba.docx", Bomb(), typeof(FileUnpacksTooLarge) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_file_that_is_no_table_of_comments_is_refused_with_its_reason(string name, byte[] file, Type refusal) =>
        ReadCommentTable.Sheet(file, name, "").Refusal.ShouldBeOfType(refusal);

    [Fact]
    public void No_piece_of_any_file_makes_reading_fail_otherwise_than_by_refusal()
    {
        var random = new Random(20121105);
        var originals = new[]
        {
            Fixture("uwagi-ministerstwo.docx"), Encoding.UTF8.GetBytes(Heading + "1;UM;§ 1;merytoryczna;\"dobra\nrzecz\";;;\r\n"),
        };
        var taken = 0;
        for (var i = 0; i < 2_000; i++)
        {
            var file = (byte[])originals[i % 2].Clone();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                file[random.Next(file.Length)] = (byte)random.Next(256);
            }

            taken += ReadCommentTable.Sheet(file[..random.Next(1, file.Length + 1)], i % 2 == 0 ? "u.docx" : "u.csv", "").Succeeded ? 1 : 0;
        }

        taken.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void What_is_exported_for_spreadsheets_calculates_nothing_and_reads_back_the_same()
    {
        var random = new Random(7);
        string[] parts = ["=", "+", "-", "@", "'", "\t", "a", "1", "\"", ";", "\n", "ż", "＝", " ", "cmd|' /C calc'!A0"];
        for (var i = 0; i < 5_000; i++)
        {
            var cell = CommentSheet.Clean(string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => parts[random.Next(parts.Length)])));

            var written = CsvTable.Write([["Treść", cell]]);

            CsvTable.Read(written).Rows.Single().Cells[1].ShouldBe(cell);
            var shown = CsvTable.Guarded(cell);
            (shown.Length > 0 && "=+-@\t\r＝＋－＠".Contains(shown[0])).ShouldBeFalse(cell);
        }
    }

    [Fact]
    public void The_same_words_about_the_same_place_are_one_comment_of_several_voices()
    {
        SheetRow Row(int row, string who, string clause, string text) => new(1, row, [who], clause, CommentKind.Technical, text, "", "");
        CommentInTable[] table = [new(4, "§ 7 ust. 2", "Za rzadko.", ["Anna Nowak"])];

        var plan = CommentMatching.Plan(
            table,
            [
                Row(2, "Anna Nowak", "§7 ust.2", "za  rzadko"),
                Row(3, "UM", "§ 7 ust. 2", "Za rzadko."),
                Row(4, "UM", "§ 7 ust. 2", "Za rzadko"),
                Row(5, "UM", "§ 7 ust. 3", "Za rzadko."),
                Row(6, "MOPS", "§ 7 ust. 3", "Za rzadko."),
            ],
            "Jan");

        plan.Select(voice => (voice.Row.Row, voice.Fate, voice.Number)).ShouldBe(
        [
            (2, RowFate.Known, 4), (3, RowFate.Joined, 4), (4, RowFate.Known, 4), (5, RowFate.Added, 5), (6, RowFate.Joined, 5),
        ]);
    }

    internal static byte[] Fixture(string name)
    {
        using var stream = typeof(CommentSheetTests).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static CommentSheet Read(string name, byte[] file) => ReadCommentTable.Sheet(file, name, "").Value;

    private static byte[] Encoded(string text, string encoding) => encoding switch
    {
        "utf-8 with mark" => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)],
        "utf-8" => Encoding.UTF8.GetBytes(text),
        "utf-16" => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)],
        _ => CodePagesEncodingProvider.Instance.GetEncoding(1250)!.GetBytes(text),
    };

    /// <summary>A table whose document part unpacks to more than a hundred times its length.</summary>
    private static byte[] Bomb()
    {
        using var source = new ZipArchive(new MemoryStream(Fixture("uwagi-ministerstwo.docx")));
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in source.Entries)
            {
                using var to = archive.CreateEntry(entry.FullName).Open();
                using var from = entry.Open();
                using var text = new StreamReader(from);
                var content = text.ReadToEnd();
                to.Write(Encoding.UTF8.GetBytes(entry.FullName == "word/document.xml"
                    ? content.Replace("</w:body>", new string(' ', 60_000_000) + "</w:body>", StringComparison.Ordinal)
                    : content));
            }
        }

        return target.ToArray();
    }
}
