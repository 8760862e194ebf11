using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// A ZIP file read with nothing it says believed: the entries lie one after another from the first byte to the
/// directory, the directory from there to the end, and what an entry holds is what comes out of it, counted.
/// </summary>
/// <remarks>
/// An office file made by any office program is such a file. What differs (another file in front or behind, entries
/// on top of each other, two entries of one name, ZIP64, a cipher) exists to be read differently by two readers.
/// </remarks>
public sealed class ZipPackage
{
    private const uint EndSignature = 0x06054b50;
    private const uint DirectorySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndLength = 22;

    private readonly Stream _file;

    private ZipPackage(Stream file, IReadOnlyList<Entry> entries)
    {
        _file = file;
        Entries = entries;
    }

    /// <summary>One file in the package; lengths are what the directory says and bind nobody.</summary>
    /// <param name="DataAt">Offset of the first byte of the (perhaps deflated) content.</param>
    public sealed record Entry(
        string Name, long HeaderAt, long DataAt, long StoredLength, long DeclaredLength, bool IsDeflated, bool IsEncrypted);

    /// <summary>The entries in the order in which they lie in the file.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>The entry of exactly this name, or null.</summary>
    public Entry? Find(string name) => Entries.FirstOrDefault(entry => entry.Name == name);

    /// <summary>Reads the directory of a seekable file; stops before it has read more than the limit of entries.</summary>
    /// <exception cref="InvalidDataException">The file is not a plain ZIP file.</exception>
    /// <exception cref="TooMuchUnpackedException">There are more entries than <paramref name="mostEntries"/>.</exception>
    public static ZipPackage Read(Stream file, int mostEntries)
    {
        var end = FindEnd(file);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(end.AsSpan(10));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(12));
        var start = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(16));
        if (count > mostEntries)
        {
            throw new TooMuchUnpackedException();
        }

        var endAt = file.Length - EndLength - BinaryPrimitives.ReadUInt16LittleEndian(end.AsSpan(20));
        Require(BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(4)) == 0, "more than one disk");
        Require(BinaryPrimitives.ReadUInt16LittleEndian(end.AsSpan(8)) == count, "more than one disk");
        Require(count > 0 && (long)start + length == endAt, "the directory does not lie before the end");

        var entries = ReadDirectory(file, start, endAt, count).OrderBy(entry => entry.HeaderAt).ToList();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var next = 0L;
        for (var i = 0; i < entries.Count; i++)
        {
            Require(names.Add(entries[i].Name), "two entries of one name");
            Require(i > 0 || entries[i].HeaderAt == 0, "something stands before the first entry");
            entries[i] = WithLocalHeader(file, entries[i]);
            Require(entries[i].HeaderAt >= next, "entries lie on top of each other");
            next = entries[i].DataAt + entries[i].StoredLength;
        }

        Require(next <= start, "an entry reaches into the directory");
        return new ZipPackage(file, entries);
    }

    /// <summary>Opens the content of an entry; only one at a time, since all share the file's position.</summary>
    public Stream Open(Entry entry)
    {
        var stored = new Window(_file, entry.DataAt, entry.StoredLength);
        return entry.IsDeflated ? new DeflateStream(stored, CompressionMode.Decompress) : stored;
    }

    private static byte[] FindEnd(Stream file)
    {
        var tail = new byte[Math.Min(file.Length, EndLength + ushort.MaxValue)];
        ReadAt(file, file.Length - tail.Length, tail);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            var here = tail.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(here) == EndSignature
                && BinaryPrimitives.ReadUInt16LittleEndian(here[20..]) == here.Length - EndLength)
            {
                return here[..EndLength].ToArray();
            }
        }

        throw new InvalidDataException("No end of a ZIP directory was found.");
    }

    private static IEnumerable<Entry> ReadDirectory(Stream file, long start, long end, int count)
    {
        var header = new byte[46];
        var at = start;
        for (var i = 0; i < count; i++)
        {
            Require(at + header.Length <= end, "the directory ends early");
            ReadAt(file, at, header);
            Require(BinaryPrimitives.ReadUInt32LittleEndian(header) == DirectorySignature, "the directory is damaged");

            var flags = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8));
            var method = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(10));
            var storedLength = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20));
            var declaredLength = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(24));
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
            var extra = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30));
            var comment = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
            var unixMode = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(38)) >> 16;
            var headerAt = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(42));
            Require(storedLength != uint.MaxValue && declaredLength != uint.MaxValue && headerAt != uint.MaxValue,
                "ZIP64 is not needed for a document");
            Require((unixMode & 0xF000) != 0xA000, "a symbolic link");

            var name = ReadName(file, at + header.Length, nameLength);
            at += header.Length + nameLength + extra + comment;

            var isEncrypted = (flags & 1) != 0 || method == 99;
            Require(isEncrypted || method is 0 or 8, "an unknown compression");
            yield return new Entry(name, headerAt, 0, storedLength, declaredLength, method == 8, isEncrypted);
        }

        Require(at == end, "the directory holds more than it says");
    }

    private static Entry WithLocalHeader(Stream file, Entry entry)
    {
        var header = new byte[30];
        ReadAt(file, entry.HeaderAt, header);
        Require(BinaryPrimitives.ReadUInt32LittleEndian(header) == LocalSignature, "an entry does not begin where it should");

        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26));
        var extra = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        Require(ReadName(file, entry.HeaderAt + header.Length, nameLength) == entry.Name, "an entry has two names");

        var dataAt = entry.HeaderAt + header.Length + nameLength + extra;
        Require(dataAt + entry.StoredLength <= file.Length, "an entry ends after the file");
        return entry with { DataAt = dataAt };
    }

    private static string ReadName(Stream file, long at, int length)
    {
        var bytes = new byte[length];
        ReadAt(file, at, bytes);
        var name = Encoding.UTF8.GetString(bytes);
        var plain = name.Length is > 0 and <= 512 && !name.StartsWith('/') && !name.Contains('\\') && !name.Contains(':')
            && !name.Any(char.IsControl) && name.Split('/').All(segment => segment is not (".." or "."));
        Require(plain, "an entry's name is a path");
        return name;
    }

    private static void ReadAt(Stream file, long at, byte[] into)
    {
        Require(at >= 0 && at + into.Length <= file.Length, "the file ends early");
        file.Position = at;
        file.ReadExactly(into);
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidDataException($"Not a plain ZIP file: {otherwise}.");
        }
    }

    private sealed class Window(Stream file, long start, long length) : Stream
    {
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            file.Position = start + _read;
            var read = file.Read(buffer[..(int)Math.Min(buffer.Length, length - _read)]);
            _read += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>What came out of a file, or would have, passes the limits; reading was stopped there.</summary>
public sealed class TooMuchUnpackedException : Exception
{
    public TooMuchUnpackedException()
        : base("The file unpacks to more than is allowed.")
    {
    }
}
