using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>One row of a section: what it is called and its fields, all of them texts.</summary>
public sealed record EvidenceRow(string Key, IReadOnlyDictionary<string, string> Fields)
{
    /// <summary>The field's text; empty when the row has no such field.</summary>
    public string this[string field] => Fields.GetValueOrDefault(field, "");
}

/// <summary>The names of the sections of a resolution's data; they are stored and never change within a format.</summary>
public static class EvidenceSections
{
    public const string Resolution = "resolution";
    public const string Rules = "rules";
    public const string Electorate = "electorate";
    public const string Positions = "positions";
    public const string Counts = "counts";
    public const string Papers = "papers";
    public const string Dissents = "dissents";
    public const string Signatures = "signatures";
    public const string Events = "events";

    /// <summary>What the resolution is; it stands still from the first signature on, and the fingerprint is over it.</summary>
    public static IReadOnlyList<string> Core { get; } = [Resolution, Rules, Electorate, Positions, Counts, Papers];

    /// <summary>All, in their order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Core, Dissents, Signatures, Events];
}

/// <summary>A resolution as data: sections of rows of texts, so that any difference has a place that can be named.</summary>
public sealed record EvidenceData(IReadOnlyDictionary<string, IReadOnlyList<EvidenceRow>> Sections)
{
    /// <summary>The name of this way of writing resolutions down.</summary>
    public const string Format = "processtandardu-resolution/1";

    private static readonly JsonWriterOptions Writing =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The rows of a section; empty when there is none.</summary>
    public IReadOnlyList<EvidenceRow> this[string section] => Sections.GetValueOrDefault(section, []);

    /// <summary>The only row of a section that has one.</summary>
    public EvidenceRow One(string section) => this[section] is [var row] ? row : new EvidenceRow("", new Dictionary<string, string>());

    /// <summary>This data with other rows in one section.</summary>
    public EvidenceData With(string section, IEnumerable<EvidenceRow> rows) =>
        new(new Dictionary<string, IReadOnlyList<EvidenceRow>>(Sections) { [section] = [.. rows] });

    /// <summary>SHA-256 over every row and field of <see cref="EvidenceSections.Core"/>, each text with its length.</summary>
    public byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(Format);
        foreach (var section in EvidenceSections.Core)
        {
            Append(section);
            Append(this[section].Count.ToString(CultureInfo.InvariantCulture));
            foreach (var row in this[section])
            {
                Append(row.Key);
                Append(row.Fields.Count.ToString(CultureInfo.InvariantCulture));
                foreach (var (field, value) in row.Fields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    Append(field);
                    Append(value);
                }
            }
        }

        return hash.GetHashAndReset();

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }

    /// <summary>The data as JSON for people and programs: sections in their order, fields by name.</summary>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Writing))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            foreach (var section in EvidenceSections.All)
            {
                json.WriteStartArray(section);
                foreach (var row in this[section])
                {
                    json.WriteStartObject();
                    json.WriteString("key", row.Key);
                    json.WriteStartObject("fields");
                    foreach (var (field, value) in row.Fields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    {
                        json.WriteString(field, value);
                    }

                    json.WriteEndObject();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">It is no JSON, of another format, or holds anything that this format does not know.</exception>
    public static EvidenceData Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return Read(utf8);
        }
        catch (InvalidOperationException unreadable)
        {
            // Bytes that are no text, and halves of a surrogate pair, are found only when a string is asked for.
            throw new JsonException("A text in the file is no Unicode.", unreadable);
        }
    }

    private static EvidenceData Read(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
        var sections = new Dictionary<string, IReadOnlyList<EvidenceRow>>(StringComparer.Ordinal);
        foreach (var part in ObjectOf(document.RootElement))
        {
            if (part.Name == "format")
            {
                Require(part.Value.ValueKind == JsonValueKind.String && part.Value.GetString() == Format);
                continue;
            }

            Require(EvidenceSections.All.Contains(part.Name) && part.Value.ValueKind == JsonValueKind.Array);
            sections[part.Name] = [.. part.Value.EnumerateArray().Select(Row)];
        }

        Require(document.RootElement.TryGetProperty("format", out _) && EvidenceSections.All.All(sections.ContainsKey));
        return new EvidenceData(sections);

        static EvidenceRow Row(JsonElement row)
        {
            var parts = ObjectOf(row).ToDictionary(part => part.Name, part => part.Value);
            Require(parts.Count == 2 && parts.ContainsKey("key") && parts.ContainsKey("fields") && parts["key"].ValueKind == JsonValueKind.String);
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var field in ObjectOf(parts["fields"]))
            {
                Require(field.Value.ValueKind == JsonValueKind.String);
                fields[field.Name] = field.Value.GetString()!;
            }

            return new EvidenceRow(parts["key"].GetString()!, fields);
        }

        static JsonElement.ObjectEnumerator ObjectOf(JsonElement element)
        {
            Require(element.ValueKind == JsonValueKind.Object);
            return element.EnumerateObject();
        }

        static void Require(bool holds)
        {
            if (!holds)
            {
                throw new JsonException("This is no resolution of the format that is known here.");
            }
        }
    }

    /// <summary>An instant as it is written in rows and hashed in the history.</summary>
    internal static string Instant(DateTimeOffset instant) =>
        instant.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    /// <summary>A day as it is written in rows.</summary>
    internal static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A row; fields without a text are left out.</summary>
    internal static EvidenceRow RowOf(string key, params IEnumerable<(string Name, string? Value)> fields) =>
        new(key, fields.Where(field => field.Value is not null).ToDictionary(field => field.Name, field => field.Value!, StringComparer.Ordinal));
}
