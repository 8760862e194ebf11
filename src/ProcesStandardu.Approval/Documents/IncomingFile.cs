using System.Security.Cryptography;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// A file on its way in: received to its end into a nameless temporary file, hashed on the way and checked, so that the
/// transaction which stores it is short and may run twice.
/// </summary>
public sealed class IncomingFile : IAsyncDisposable
{
    private const int BufferLength = 128 * 1024;

    private readonly FileStream _spool;

    private IncomingFile(FileStream spool, string name, FileKind kind, byte[] sha256)
    {
        _spool = spool;
        Name = name;
        Kind = kind;
        Sha256 = sha256;
    }

    /// <summary>The cleaned name.</summary>
    public string Name { get; }

    public FileKind Kind { get; }

    /// <summary>32 bytes.</summary>
    public byte[] Sha256 { get; }

    public long Length => _spool.Length;

    /// <summary>What the virus scanner said; null when none was asked.</summary>
    public Scan? Scan { get; private set; }

    /// <summary>
    /// Has the scanner look at it, where one is configured. What it finds is refused; while it is silent the file is taken and
    /// nobody reads it before it has spoken, so that a deadline is not missed for its sake.
    /// </summary>
    /// <returns>Null when the file may be stored.</returns>
    public async Task<Refusal?> ScanAsync(VirusScanner scanner, CancellationToken cancellation)
    {
        if (!scanner.IsConfigured)
        {
            return null;
        }

        Scan = await scanner.ScanAsync(Rewind(), cancellation);
        return Scan.Verdict switch
        {
            ScanVerdict.Infected => new FileIsInfected(Scan.Detail),
            ScanVerdict.OverLimit => new FileIsTooLargeToScan(),
            _ => null,
        };
    }

    /// <summary>Reads <paramref name="content"/> to its end, or to one byte over the limit, and checks what came.</summary>
    /// <param name="content">Read once, forward only; what it says about its length is not believed.</param>
    /// <param name="limit">The longest content that is taken, in bytes.</param>
    public static async Task<Result<IncomingFile>> ReceiveAsync(
        Stream content, string? sentName, long limit, CancellationToken cancellation)
    {
        var spool = CreateSpool();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[BufferLength];
            var length = 0L;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
            {
                length += read;
                if (length > limit)
                {
                    await spool.DisposeAsync();
                    return new FileIsTooLarge(limit / (1024 * 1024));
                }

                hash.AppendData(buffer, 0, read);
                await spool.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }

            await spool.FlushAsync(cancellation);
            var name = FileName.Clean(sentName);
            var kind = FileTypeCheck.Check(spool, name);
            if (!kind.Succeeded)
            {
                await spool.DisposeAsync();
                return kind.Refusal!;
            }

            name = FileName.Ending(name).Length == 0 ? FileName.Clean($"{name}.{kind.Value.ToStored()}") : name;
            return new IncomingFile(spool, name, kind.Value, hash.GetHashAndReset());
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    /// <summary>The content from its first byte; one reader at a time.</summary>
    public Stream Rewind()
    {
        _spool.Position = 0;
        return _spool;
    }

    public ValueTask DisposeAsync() => _spool.DisposeAsync();

    /// <summary>A file that is gone when its handle is, also when the process is killed.</summary>
    private static FileStream CreateSpool()
    {
        var path = Path.Combine(Path.GetTempPath(), "processtandardu-" + Path.GetRandomFileName());
        var spool = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = BufferLength,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        });
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }

        return spool;
    }
}
