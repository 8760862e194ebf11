using System.Security.Cryptography;
using System.Text.Json;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Documents;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>What a check of a file found.</summary>
/// <param name="IsReadable">False when it is no such file, or one too damaged to say anything about its contents.</param>
/// <param name="Steps">What was checked and how much of it, in order.</param>
/// <param name="Findings">Everything that does not agree; empty when all does.</param>
public sealed record EvidenceReport(
    bool IsReadable, EvidenceRow Resolution, string Fingerprint, IReadOnlyList<(string Step, int Count)> Steps,
    IReadOnlyList<EvidenceFinding> Findings, bool IsSigned, bool IsSecret);

/// <summary>
/// Checks a resolution's file without database, network or clock: files, rows, chain of events, votes, count, signatures and
/// the readable papers against each other.
/// </summary>
public static class EvidenceCheck
{
    private const int MostEntries = 100;
    private const int LargestPart = 64 * 1024 * 1024;

    /// <param name="file">Seekable; of any making.</param>
    /// <param name="expected">The fingerprint as published elsewhere, hexadecimal; null when none is known.</param>
    public static EvidenceReport Check(Stream file, string? expected)
    {
        var findings = new List<EvidenceFinding>();
        var steps = new List<(string, int)>();
        try
        {
            var package = ZipPackage.Read(file, MostEntries);
            var limit = new UnpackedLimit();
            var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
            var parts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var entry in package.Entries)
            {
                using var content = limit.Count(package.Open(entry), entry.StoredLength);
                if (entry.Name.StartsWith(EvidenceFile.PapersFolder, StringComparison.Ordinal))
                {
                    hashes[entry.Name] = Convert.ToHexStringLower(SHA256.HashData(content));
                }
                else
                {
                    var part = ReadPart(content);
                    parts[entry.Name] = part;
                    hashes[entry.Name] = Convert.ToHexStringLower(SHA256.HashData(part));
                }
            }

            if (!parts.TryGetValue(EvidenceFile.Data, out var json) || !parts.TryGetValue(EvidenceFile.Seal, out var sealJson))
            {
                return Unreadable("NotAResolutionFile");
            }

            var data = EvidenceData.Parse(json);
            var seal = EvidenceSeal.Parse(sealJson);
            hashes.Remove(EvidenceFile.Seal);
            Step("Files", Files(seal, hashes, data), hashes.Count);
            Step("Rows", Rows(seal, data), EvidenceSections.All.Sum(section => data[section].Sum(row => row.Fields.Count)));
            Step("Chain", EvidenceChain.Links(data), data[EvidenceSections.Events].Count);
            Step("Facts", EvidenceChain.Facts(data), data[EvidenceSections.Positions].Count + data[EvidenceSections.Signatures].Count);
            Step("Count", Recount(data), data[EvidenceSections.Electorate].Count);
            Step("Readable", Readable(data, parts), 2);
            var fingerprint = Convert.ToHexStringLower(data.Fingerprint());
            if (expected is not null)
            {
                Step("Expected", Same(fingerprint, expected), 1);
            }

            return new EvidenceReport(
                true, data.One(EvidenceSections.Resolution), fingerprint, steps, findings, data[EvidenceSections.Signatures].Count > 0,
                data.One(EvidenceSections.Resolution)["secrecy"] == "secret");
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or JsonException or TooMuchUnpackedException)
        {
            return Unreadable("FileIsDamaged");
        }

        void Step(string name, IEnumerable<EvidenceFinding> found, int count)
        {
            findings.AddRange(found);
            steps.Add((name, count));
        }

        EvidenceReport Unreadable(string code) => new(
            false, new EvidenceRow("", new Dictionary<string, string>()), "", steps, [new EvidenceFinding(code)], false, false);
    }

    /// <summary>Everything that the rows themselves contradict: chain, events, votes, count, signatures; files and seal are not asked.</summary>
    public static IReadOnlyList<EvidenceFinding> Contents(EvidenceData data) =>
        [.. EvidenceChain.Links(data), .. EvidenceChain.Facts(data), .. Recount(data)];

    private static IEnumerable<EvidenceFinding> Files(EvidenceSeal seal, Dictionary<string, string> hashes, EvidenceData data)
    {
        string[] required = [EvidenceFile.Html, EvidenceFile.Docx, EvidenceFile.Data, EvidenceFile.ReadMe];
        foreach (var path in required.Concat(seal.Files.Keys).Concat(data[EvidenceSections.Papers].Select(paper => paper.Key)).Distinct())
        {
            if (!hashes.ContainsKey(path))
            {
                yield return new EvidenceFinding("FileIsMissing", path);
            }
        }

        foreach (var (path, hash) in hashes)
        {
            if (!seal.Files.TryGetValue(path, out var expected))
            {
                yield return new EvidenceFinding("FileIsAdded", path);
            }
            else if (expected != hash)
            {
                yield return new EvidenceFinding("FileDiffers", path);
            }
        }

        foreach (var paper in data[EvidenceSections.Papers].Where(paper => hashes.TryGetValue(paper.Key, out var hash) && hash != paper["sha256"]))
        {
            yield return new EvidenceFinding("PaperDiffers", paper.Key);
        }
    }

    private static IEnumerable<EvidenceFinding> Rows(EvidenceSeal seal, EvidenceData data) =>
        seal.Compare(data).Concat(Same(Convert.ToHexStringLower(data.Fingerprint()), seal.Fingerprint).Select(_ => new EvidenceFinding("SealHasAnotherFingerprint")));

    private static IEnumerable<EvidenceFinding> Same(string fingerprint, string expected) =>
        string.Equals(fingerprint, expected.Replace(" ", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)
            ? []
            : [new EvidenceFinding("AnotherFingerprint", fingerprint, expected)];

    /// <summary>Counts again, from the rows and the version of the rules that lies in the file.</summary>
    private static IEnumerable<EvidenceFinding> Recount(EvidenceData data)
    {
        var counts = data.One(EvidenceSections.Counts);
        Tally tally;
        try
        {
            if (data.One(EvidenceSections.Resolution)["secrecy"] == BallotSecrecy.Secret && !EvidenceTally.SecretVotesAddUp(data))
            {
                return [new EvidenceFinding("SecretVotesDoNotAddUp")];
            }

            tally = EvidenceTally.Count(data, RuleTerms.Parse(ResolutionFacts.TermsOf(data.One(EvidenceSections.Rules))));
        }
        catch (Exception error) when (error is JsonException or FormatException or OverflowException or InvalidOperationException or DivideByZeroException)
        {
            return [new EvidenceFinding("RulesCannotBeRead", error.Message)];
        }

        return EvidenceTally.Fields(tally, data[EvidenceSections.Electorate].Any(row => row["present"].Length > 0))
            .Where(field => counts[field.Name] != (field.Value ?? ""))
            .Select(field => new EvidenceFinding("CountDiffers", field.Name, counts[field.Name], field.Value ?? ""));
    }

    /// <summary>What people read says what the data says: both papers are written again and compared.</summary>
    private static IEnumerable<EvidenceFinding> Readable(EvidenceData data, Dictionary<string, byte[]> parts)
    {
        if (parts.TryGetValue(EvidenceFile.Html, out var html) && !html.AsSpan().SequenceEqual(ResolutionPaper.Html(data)))
        {
            yield return new EvidenceFinding("ReadableSaysOtherwise", EvidenceFile.Html);
        }

        if (parts.TryGetValue(EvidenceFile.Docx, out var docx) && !Words(docx).SequenceEqual(Words(ResolutionPaper.Docx(data))))
        {
            yield return new EvidenceFinding("ReadableSaysOtherwise", EvidenceFile.Docx);
        }
    }

    private static IReadOnlyList<string> Words(byte[] docx)
    {
        try
        {
            using var content = new MemoryStream(docx);
            return [.. TextExtraction.Read(content, FileKind.Docx).Select(paragraph => paragraph.Text)];
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or System.Xml.XmlException or TooMuchUnpackedException)
        {
            return [];
        }
    }

    private static byte[] ReadPart(Stream content)
    {
        using var part = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = content.Read(buffer, 0, buffer.Length)) > 0)
        {
            part.Write(buffer, 0, read);
            if (part.Length > LargestPart)
            {
                throw new TooMuchUnpackedException();
            }
        }

        return part.ToArray();
    }
}
