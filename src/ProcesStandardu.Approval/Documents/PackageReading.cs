using System.Buffers.Binary;
using System.Xml;

namespace ProcesStandardu.Approval.Documents;

/// <summary>How the parts of an office file are read: under limits, without DTDs, without fetching.</summary>
internal static class PackageReading
{
    /// <summary>XML nested deeper than this was not written by an office program.</summary>
    public const int DeepestXml = 256;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        MaxCharactersInDocument = UnpackedLimit.MostBytes,
        MaxCharactersFromEntities = 1,
        CloseInput = true,
    };

    /// <summary>Opens an XML part.</summary>
    /// <exception cref="InvalidDataException">There is no such part.</exception>
    public static XmlReader ReadXml(this ZipPackage package, string part, UnpackedLimit limit)
    {
        var entry = package.Find(part) ?? throw new InvalidDataException($"The part {part} is missing.");
        return XmlReader.Create(limit.Count(package.Open(entry), entry.StoredLength), Settings);
    }

    /// <summary>The elements of an XML part, in order.</summary>
    /// <exception cref="XmlException">It is nested too deep, or is not well-formed, or declares a DTD.</exception>
    public static IEnumerable<XmlReader> Elements(this XmlReader reader)
    {
        while (reader.Read())
        {
            if (reader.Depth > DeepestXml)
            {
                throw new XmlException("Nested too deep.");
            }

            if (reader.NodeType == XmlNodeType.Element)
            {
                yield return reader;
            }
        }
    }

    /// <summary>Unpacks an entry to its end, so that its true length is counted and compared with the declared one.</summary>
    /// <returns>The first bytes, at most eight.</returns>
    /// <exception cref="InvalidDataException">The directory lied about the length.</exception>
    public static byte[] Measure(this ZipPackage package, ZipPackage.Entry entry, UnpackedLimit limit)
    {
        using var content = limit.Count(package.Open(entry), entry.StoredLength);
        var buffer = new byte[64 * 1024];
        var first = new byte[8];
        var length = 0L;
        int read;
        while ((read = content.Read(buffer, 0, buffer.Length)) > 0)
        {
            if (length < first.Length)
            {
                var from = (int)length;
                buffer.AsSpan(0, Math.Min(read, first.Length - from)).CopyTo(first.AsSpan(from));
            }

            length += read;
        }

        if (length != entry.DeclaredLength)
        {
            throw new InvalidDataException("An entry is not as long as it says.");
        }

        return first[..(int)Math.Min(first.Length, length)];
    }

    /// <summary>True for the beginnings of archives, OLE files and programs, which a document must not carry.</summary>
    public static bool IsForeignFile(ReadOnlySpan<byte> first) =>
        first.StartsWith("PK\x3\x4"u8) || first.StartsWith("Rar!"u8) || first.StartsWith("MZ"u8) || first.StartsWith("%PDF-"u8)
        || first.StartsWith("\x7fELF"u8)
        || (first.Length >= 8 && BinaryPrimitives.ReadUInt64BigEndian(first) == 0xD0CF11E0A1B11AE1)
        || (first.Length >= 6 && first[..6].SequenceEqual((ReadOnlySpan<byte>)[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]));

    /// <summary>True for the addresses that may stand behind a link which a reader clicks.</summary>
    public static bool IsOrdinaryLink(string target)
    {
        var trimmed = target.Trim();
        return trimmed.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || trimmed.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || trimmed.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)
            || !PointsOutside(trimmed);
    }

    /// <summary>True when an address leaves the file: it has a scheme, a host or the root of a disk.</summary>
    public static bool PointsOutside(string target)
    {
        var trimmed = target.Trim();
        var colon = trimmed.IndexOf(':', StringComparison.Ordinal);
        return trimmed.StartsWith("//", StringComparison.Ordinal) || trimmed.StartsWith('\\')
            || (colon >= 0 && trimmed.IndexOfAny(['/', '#', '?']) is var stop && (stop < 0 || colon < stop));
    }
}
