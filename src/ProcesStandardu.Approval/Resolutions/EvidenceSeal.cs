using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>
/// The seal of a resolution's file: the hash of each field of each row, in order, and of each file. It says where something
/// differs; that nobody forged both is what signatures, the chain of events and the published fingerprint are for.
/// </summary>
/// <param name="Fingerprint">64 hexadecimal digits.</param>
/// <param name="Rows">By section, in order: each row's key and the hashes of its fields.</param>
/// <param name="Files">By path in the file: SHA-256 of the bytes.</param>
public sealed record EvidenceSeal(
    string Fingerprint, IReadOnlyDictionary<string, IReadOnlyList<EvidenceSeal.SealedRow>> Rows, IReadOnlyDictionary<string, string> Files)
{
    public sealed record SealedRow(string Key, IReadOnlyDictionary<string, string> Fields);

    private sealed record Stored(string Format, string Fingerprint, Dictionary<string, List<SealedRow>> Rows, Dictionary<string, string> Files);

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Seals data and the files that go with it.</summary>
    public static EvidenceSeal Of(EvidenceData data, IReadOnlyDictionary<string, string> files) => new(
        Convert.ToHexStringLower(data.Fingerprint()),
        EvidenceSections.All.ToDictionary(section => section, section => (IReadOnlyList<SealedRow>)[.. data[section].Select(row =>
            new SealedRow(row.Key, row.Fields.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => HashOf(pair.Value))))]),
        files);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new Stored(EvidenceData.Format, Fingerprint, Rows.ToDictionary(pair => pair.Key, pair => pair.Value.ToList()), Files.ToDictionary()), Options);

    /// <exception cref="JsonException">It is no seal of the known format.</exception>
    public static EvidenceSeal Parse(ReadOnlySpan<byte> utf8)
    {
        var stored = JsonSerializer.Deserialize<Stored>(utf8, Options);
        return stored is { Format: EvidenceData.Format } && EvidenceSections.All.All(stored.Rows.ContainsKey)
            && stored.Rows.Count == EvidenceSections.All.Count && stored.Rows.Values.All(rows => rows.All(row => row is not null))
            ? new EvidenceSeal(
                stored.Fingerprint, stored.Rows.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<SealedRow>)pair.Value), stored.Files)
            : throw new JsonException("This is no seal of the format that is known here.");
    }

    /// <summary>Every place where the data is not what was sealed.</summary>
    public IEnumerable<EvidenceFinding> Compare(EvidenceData data)
    {
        foreach (var section in EvidenceSections.All)
        {
            var expected = Rows[section];
            var found = data[section];
            var keys = found.Select(row => row.Key).ToList();
            foreach (var twin in keys.GroupBy(key => key).Where(same => same.Count() > 1))
            {
                yield return new EvidenceFinding("RowIsTwice", section, twin.Key);
            }

            foreach (var row in expected.Where(row => !keys.Contains(row.Key)))
            {
                yield return new EvidenceFinding("RowIsMissing", section, row.Key);
            }

            foreach (var row in found.Where(row => expected.All(other => other.Key != row.Key)))
            {
                yield return new EvidenceFinding("RowIsAdded", section, row.Key);
            }

            var common = expected.Where(row => keys.Contains(row.Key)).Select(row => row.Key).ToList();
            var order = keys.Where(key => common.Contains(key)).Distinct().ToList();
            if (!common.SequenceEqual(order))
            {
                var place = common.Zip(order).First(pair => pair.First != pair.Second);
                yield return new EvidenceFinding("RowsAreReordered", section, place.Second);
            }

            foreach (var row in found)
            {
                if (expected.FirstOrDefault(other => other.Key == row.Key) is not { } whole)
                {
                    continue;
                }

                foreach (var (field, value) in row.Fields)
                {
                    if (!whole.Fields.TryGetValue(field, out var hash))
                    {
                        yield return new EvidenceFinding("FieldIsAdded", section, row.Key, field, value);
                    }
                    else if (hash != HashOf(value))
                    {
                        yield return new EvidenceFinding("FieldDiffers", section, row.Key, field, value);
                    }
                }

                foreach (var field in whole.Fields.Keys.Where(field => !row.Fields.ContainsKey(field)))
                {
                    yield return new EvidenceFinding("FieldIsMissing", section, row.Key, field);
                }
            }
        }
    }

    private static string HashOf(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}

/// <summary>Something that does not agree, at a place.</summary>
/// <param name="Code">The name of its text, <c>Finding_…</c> without the beginning.</param>
/// <param name="Facts">What fills the text's places; sections and fields by their stored names.</param>
public sealed record EvidenceFinding(string Code, params IReadOnlyList<string> Facts)
{
    private const string Sections = "RowIsMissing RowIsAdded RowIsTwice RowsAreReordered FieldDiffers FieldIsAdded FieldIsMissing";

    /// <summary>The finding as a sentence; sections and fields by their Polish names, with the stored one where it helps to find it.</summary>
    public string InPolish() => ResolutionTexts.Polish("Finding_" + Code, [.. Facts.Select((fact, place) => (object)Word(fact, place))]);

    private string Word(string fact, int place) =>
        place == 0 && Sections.Split(' ').Contains(Code) ? ResolutionTexts.Word("Section_", fact)
        : place == 2 && Code.StartsWith("Field", StringComparison.Ordinal) ? Named(fact)
        : place == 0 && Code == "CountDiffers" ? Named(fact)
        : Code == "EventSaysOtherwise" && place == 1 ? ResolutionTexts.Word("Section_", fact)
        : Code == "EventSaysOtherwise" && place == 2 ? Named(fact)
        : fact.Length > 120 ? fact[..120] + "…"
        : fact;

    private static string Named(string field) =>
        ResolutionTexts.Word("Field_", field) is var word && word != field ? $"{word} ({field})" : field;
}
