using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Keeps the bytes of files in PostgreSQL, in pieces, beside the rows that speak of them.</summary>
public sealed class StoredFiles(UnitOfWork work, NpgsqlDataSource dataSource, VirusScanner scanner)
{
    /// <summary>Bytes in each piece but the last.</summary>
    public const int PieceLength = 256 * 1024;

    /// <summary>Reached between two pieces of a file that is being stored.</summary>
    public const string Half = "upload.half";

    /// <summary>Reached when all pieces are sent and nothing is committed.</summary>
    public const string Stored = "upload.stored";

    /// <summary>Stores a file's row and bytes in the transaction that runs: both are there after its commit, or neither.</summary>
    public async Task<StoredFile> AddAsync(IncomingFile incoming, DateTimeOffset now, CancellationToken cancellation)
    {
        var file = new StoredFile
        {
            Id = Guid.CreateVersion7(now),
            Sha256 = incoming.Sha256,
            Length = incoming.Length,
            MediaType = incoming.Kind.MediaType(),
            FileName = incoming.Name,
            CreatedAt = now,
        };
        if (incoming.Scan is { } scan)
        {
            file.Note(scan, now);
        }

        work.Db.StoredFiles.Add(file);
        await work.Db.SaveChangesAsync(cancellation);

        await using (var writer = await work.Connection.BeginBinaryImportAsync(
            "copy stored_file_chunk (file_id, ordinal, bytes) from stdin (format binary)", cancellation))
        {
            var content = incoming.Rewind();
            var piece = new byte[PieceLength];
            int read;
            for (var ordinal = 0; (read = await content.ReadAtLeastAsync(piece, piece.Length, false, cancellation)) > 0; ordinal++)
            {
                await writer.StartRowAsync(cancellation);
                await writer.WriteAsync(file.Id, NpgsqlDbType.Uuid, cancellation);
                await writer.WriteAsync(ordinal, NpgsqlDbType.Integer, cancellation);
                await writer.WriteAsync(piece.AsMemory(0, read), NpgsqlDbType.Bytea, cancellation);
                Failpoints.Reach(Half);
            }

            await writer.CompleteAsync(cancellation);
        }

        Failpoints.Reach(Stored);
        return file;
    }

    /// <summary>Null when the file may be read; otherwise why not. What a scanner has not called clean nobody reads where one is configured.</summary>
    public Refusal? WhyNotRead(StoredFile file) => file.ScanVerdict switch
    {
        ScanNames.Clean => null,
        null => scanner.IsConfigured ? new FileAwaitsScan() : null,
        _ => new FileIsHeld(file.ScanDetail ?? ""),
    };

    /// <summary>Removes a file's bytes and keeps its row, so that its hash goes on saying what was there.</summary>
    public async Task RemoveBytesAsync(Guid fileId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("delete from stored_file_chunk where file_id = $1", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = fileId });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Removes a file that nothing speaks of any more, bytes and row.</summary>
    public async Task RemoveAsync(Guid fileId, CancellationToken cancellation)
    {
        await RemoveBytesAsync(fileId, cancellation);
        await using var command = new NpgsqlCommand("delete from stored_file where id = $1", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = fileId });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// Opens a committed file for reading. The stream can be positioned; it fetches one piece at a time and holds no
    /// connection in between, so a slow reader costs nobody anything.
    /// </summary>
    public Stream Open(StoredFile file) => new StoredFileStream(dataSource, file.Id, file.Length);

    private sealed class StoredFileStream(NpgsqlDataSource dataSource, Guid fileId, long length) : Stream
    {
        private byte[] _piece = [];
        private int _ordinal = -1;
        private long _position;

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;

        public override long Position
        {
            get => _position;
            set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (Wanted() is { } ordinal)
            {
                using var command = Fetch(ordinal);
                Keep(ordinal, command.ExecuteScalar());
            }

            return Take(buffer);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Wanted() is { } ordinal)
            {
                await using var command = Fetch(ordinal);
                Keep(ordinal, await command.ExecuteScalarAsync(cancellationToken));
            }

            return Take(buffer.Span);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int? Wanted()
        {
            var ordinal = (int)(_position / PieceLength);
            return _position < length && ordinal != _ordinal ? ordinal : null;
        }

        private NpgsqlCommand Fetch(int ordinal)
        {
            var command = dataSource.CreateCommand("select bytes from stored_file_chunk where file_id = $1 and ordinal = $2");
            command.Parameters.Add(new NpgsqlParameter { Value = fileId });
            command.Parameters.Add(new NpgsqlParameter { Value = ordinal });
            return command;
        }

        private void Keep(int ordinal, object? bytes)
        {
            _piece = bytes as byte[] ?? throw new IOException($"Piece {ordinal} of file {fileId:D} is not there.");
            _ordinal = ordinal;
        }

        private int Take(Span<byte> buffer)
        {
            if (_position >= length)
            {
                return 0;
            }

            var from = (int)(_position % PieceLength);
            var count = Math.Min(buffer.Length, _piece.Length - from);
            _piece.AsSpan(from, count).CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
