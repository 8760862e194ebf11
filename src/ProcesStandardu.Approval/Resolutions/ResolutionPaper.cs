using System.Globalization;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>
/// The resolution for readers, made from its data alone: what the page shows, the Word document and the page in the file
/// that defends itself are the same blocks, so that a check can write them again and compare.
/// </summary>
public static class ResolutionPaper
{
    /// <summary>„Uchwała nr 7/2012 Zespołu Doradczego”.</summary>
    public static string Title(EvidenceData data)
    {
        var resolution = data.One(EvidenceSections.Resolution);
        return ResolutionTexts.Polish("Title", resolution["number"], resolution["body_genitive"]);
    }

    public static byte[] Docx(EvidenceData data) => DocxDocument.Write(Title(data), Blocks(data));

    public static byte[] Html(EvidenceData data) => HtmlDocument.Write(Title(data), Blocks(data));

    /// <summary>Everything below the title. Positions of a secret ballot are not in the data and so not here.</summary>
    public static IReadOnlyList<DocxBlock> Blocks(EvidenceData data)
    {
        var resolution = data.One(EvidenceSections.Resolution);
        var counts = data.One(EvidenceSections.Counts);
        var rules = data.One(EvidenceSections.Rules);
        var electorate = data[EvidenceSections.Electorate];
        var blocks = new List<DocxBlock>
        {
            Text("Dated", Date(resolution["closed_at"])),
            Text("InTheMatter", resolution["title"]),
            new DocxBlock.Heading(1, Say("DecisionHeading")),
            Text("Decision", resolution["body"], resolution["document"], resolution["revision"]),
            Text(
                "Procedure_" + resolution["procedure"],
                Date(resolution[resolution["procedure"] == "sitting" ? "closed_at" : "noticed_at"]), Day(resolution["due_on"])),
            Text("ClosedBecause", Instant(resolution["closed_at"]), Word("CloseReason_", resolution["close_reason"])),
            new DocxBlock.Heading(1, Say("ResultHeading")),
            Table("ResultHeading", ["What", "HowMany"],
            [
                .. new[] { "entitled", "quorum", "in_favour", "against", "abstain", "silent", "present_silent", "blocking" }
                    .Where(field => counts[field].Length > 0 && (field is not ("silent" or "present_silent" or "blocking") || counts[field] != "0")).Select(field => new[] { Word("Field_", field), counts[field] }),
            ], [70, 30]),
        };
        if (counts["casting_vote_by"].Length > 0)
        {
            blocks.Add(Text("CastingVote", NameOf(counts["casting_vote_by"])));
        }

        blocks.Add(new DocxBlock.Heading(1, Say("ElectorateHeading")));
        blocks.Add(Table("ElectorateHeading", ["Place", "Name", "Organisation", "Function", "Part"],
            [.. electorate.Select((row, i) => new[]
            {
                (i + 1).ToString(ResolutionTexts.PolishCulture), row["name"], row["organisation"], Word("Position_", row["position"]),
                row["recusal_basis"].Length > 0 ? Say("IsExcluded") : Say("Votes"),
            })], [8, 28, 30, 20, 14]));
        blocks.Add(new DocxBlock.Heading(1, Say("ExclusionsHeading")));
        blocks.AddRange(electorate.Any(row => row["recusal_basis"].Length > 0)
            ? electorate.Where(row => row["recusal_basis"].Length > 0).Select(row => new DocxBlock.Paragraph(
                Say("Exclusion", row["name"], Word("Recusal_", row["recusal_basis"]))
                    + (row["recusal_reason"].Length > 0 ? $" – {row["recusal_reason"]}" : ""), IsItem: true))
            : [Text("NobodyExcluded")]);

        blocks.Add(new DocxBlock.Heading(1, Say("PositionsHeading")));
        var standing = data[EvidenceSections.Positions].Where(row => row["superseded_by"].Length == 0)
            .GroupBy(row => row["elector"]).ToDictionary(same => same.Key, same => same.First());
        blocks.Add(resolution["secrecy"] == "secret"
            ? Text("SecretBallot")
            : Table("PositionsHeading", ["Name", "Position", "CastAt", "Words"],
                [.. electorate.Where(row => row["recusal_basis"].Length == 0).Select(row => standing.GetValueOrDefault(row.Key) is { } position
                    ? new[]
                    {
                        position["cast_by"] == row.Key ? row["name"] : Say("CastFor", row["name"], NameOf(position["cast_by"])),
                        Word("Kind_", position["kind"]), Instant(position["cast_at"]),
                        string.Join('\n', new[] { position["objection"].Length > 0 ? Say("Objection", position["objection"]) : "", position["reason"] }
                            .Where(words => words.Length > 0)),
                    }
                    : [row["name"], Say(row["present"] == "yes" ? "PresentWithoutPosition" : "NoPosition"), "", ""])], [30, 20, 20, 30]));

        if (data[EvidenceSections.Dissents].Count > 0)
        {
            blocks.Add(new DocxBlock.Heading(1, Say("DissentsHeading")));
            blocks.AddRange(data[EvidenceSections.Dissents].Select(row =>
                Text("Dissent", row["name"], Instant(row["filed_at"]), row["text"])));
        }

        blocks.Add(new DocxBlock.Heading(1, Say("BasisHeading")));
        blocks.Add(Text("Basis", resolution["body_genitive"], rules["version"], Day(rules["valid_from"]), resolution["ballot_number"]));
        blocks.Add(new DocxBlock.Heading(1, Say("PapersHeading")));
        blocks.Add(Table("PapersHeading", ["Document", "Revision", "Hash"],
            [.. data[EvidenceSections.Papers].Select(row => new[] { row["file_name"], row["revision"], Grouped(row["sha256"]) })], [35, 15, 50]));
        blocks.Add(new DocxBlock.Heading(1, Say("SignaturesHeading")));
        blocks.Add(data[EvidenceSections.Signatures].Count == 0
            ? Text("NotSigned")
            : Table("SignaturesHeading", ["Function", "Name", "SignedAt"],
                [.. data[EvidenceSections.Signatures].Select(row => new[] { Word("Position_", row["position"]), row["name"], Instant(row["signed_at"]) })],
                [30, 40, 30]));
        blocks.Add(new DocxBlock.Heading(1, Say("FingerprintHeading")));
        blocks.Add(Text("Fingerprint", Grouped(Convert.ToHexStringLower(data.Fingerprint()))));
        return blocks;

        string NameOf(string id) =>
            electorate.FirstOrDefault(row => row.Key == id) is { } member ? member["name"]
            : electorate.FirstOrDefault(row => row["alternate"] == id) is { } represented ? represented["alternate_name"]
            : Say("Secretary");
    }

    /// <summary>A hash in groups of eight, as people compare it and as narrow columns break it.</summary>
    public static string Grouped(string hash) => string.Join(' ', hash.Chunk(8).Select(group => new string(group)));

    private static string Say(string key, params object[] facts) => ResolutionTexts.Polish("Paper_" + key, facts);

    private static string Word(string prefix, string name) => ResolutionTexts.Word(prefix, name);

    private static DocxBlock.Paragraph Text(string key, params object[] facts) => new(Say(key, facts));

    private static DocxBlock.Table Table(string caption, string[] headings, IReadOnlyList<string[]> rows, int[] shares) =>
        new(Say(caption), [.. headings.Select(heading => Say("Column_" + heading))], rows, shares);

    /// <summary>The local day at an instant; a closing at midnight belongs to the day that ended. What is no instant stays as it is.</summary>
    private static string Date(string instant) =>
        DateTimeOffset.TryParse(instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? Warsaw.DateOf(at.AddTicks(-1)).ToString("d MMMM yyyy", ResolutionTexts.PolishCulture)
            : instant;

    private static string Day(string day) =>
        DateOnly.TryParseExact(day, "yyyy-MM-dd", out var date) ? date.ToString("d MMMM yyyy", ResolutionTexts.PolishCulture) : day;

    private static string Instant(string instant) =>
        DateTimeOffset.TryParse(instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? Warsaw.Local(at).ToString("d.MM.yyyy, H:mm:ss", ResolutionTexts.PolishCulture)
            : instant;
}
