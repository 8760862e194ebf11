namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// How much may come out of one file: counted byte by byte while unpacking, since the sizes written in the file are
/// only what its maker wishes us to think.
/// </summary>
/// <param name="mostBytes">Bytes in all; never more than <see cref="MostBytes"/>.</param>
public sealed class UnpackedLimit(long mostBytes = UnpackedLimit.MostBytes)
{
    /// <summary>The most entries a package may have.</summary>
    public const int MostEntries = 2_000;

    /// <summary>The most bytes that all entries together may unpack to.</summary>
    public const long MostBytes = 200L * 1024 * 1024;

    /// <summary>How many times longer than stored an entry may become, once it has passed <see cref="Harmless"/>.</summary>
    public const long GreatestRatio = 100;

    // A short empty table deflates better than any bomb; below this length a ratio says nothing.
    private const long Harmless = 1024 * 1024;

    private long _total;

    /// <summary>Reads <paramref name="content"/> under this limit.</summary>
    /// <param name="storedLength">The bytes that the content really takes in the file.</param>
    public Stream Count(Stream content, long storedLength) => new Counted(content, storedLength, this);

    private void Add(int read, long soFar, long storedLength)
    {
        _total += read;
        if (_total > mostBytes || (soFar > Harmless && soFar / Math.Max(1, storedLength) > GreatestRatio))
        {
            throw new TooMuchUnpackedException();
        }
    }

    private sealed class Counted(Stream content, long storedLength, UnpackedLimit limit) : Stream
    {
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = content.Read(buffer);
            _read += read;
            limit.Add(read, _read, storedLength);
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                content.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
