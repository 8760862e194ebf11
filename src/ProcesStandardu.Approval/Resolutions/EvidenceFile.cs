using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>
/// The file that defends itself: the readable resolution, its data with the chain of events, the papers that were voted on,
/// and a seal over all of it. A ZIP, so that every system opens it and the papers lie in it byte for byte.
/// </summary>
public static class EvidenceFile
{
    public const string Html = "uchwala.html";
    public const string Docx = "uchwala.docx";
    public const string Data = "dane.json";
    public const string Seal = "pieczec.json";
    public const string ReadMe = "CZYTAJ.txt";

    /// <summary>Where papers lie; what follows is their own name.</summary>
    public const string PapersFolder = "dokumenty/";

    // ZIP cannot say anything earlier; the moment of writing would make every writing another file.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes the file; the same resolution gives the same bytes.</summary>
    /// <param name="target">Seekable.</param>
    /// <param name="papers">The bytes of each paper that the data names, by its path in the file; each is read once and disposed of.</param>
    public static async Task WriteAsync(
        Stream target, EvidenceData data, IReadOnlyDictionary<string, Stream> papers, CancellationToken cancellation)
    {
        using var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true);
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        await AddAsync(Html, ResolutionPaper.Html(data));
        await AddAsync(Docx, ResolutionPaper.Docx(data));
        await AddAsync(Data, data.ToJson());
        await AddAsync(ReadMe, Encoding.UTF8.GetBytes(ResolutionTexts.Polish("ReadMe", data.One(EvidenceSections.Resolution)["number"])
            .ReplaceLineEndings("\r\n")));
        foreach (var (path, content) in papers.OrderBy(paper => paper.Key, StringComparer.Ordinal))
        {
            await using (content)
            {
                // Documents are compressed already.
                await using var entry = Entry(path, CompressionLevel.NoCompression).Open();
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var buffer = new byte[128 * 1024];
                int read;
                while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    await entry.WriteAsync(buffer.AsMemory(0, read), cancellation);
                }

                hashes[path] = Convert.ToHexStringLower(hash.GetHashAndReset());
            }
        }

        await using var seal = Entry(Seal, CompressionLevel.Optimal).Open();
        await seal.WriteAsync(EvidenceSeal.Of(data, hashes).ToJson(), cancellation);

        async Task AddAsync(string path, byte[] content)
        {
            hashes[path] = Convert.ToHexStringLower(SHA256.HashData(content));
            await using var entry = Entry(path, CompressionLevel.Optimal).Open();
            await entry.WriteAsync(content, cancellation);
        }

        ZipArchiveEntry Entry(string path, CompressionLevel level)
        {
            var entry = archive.CreateEntry(path, level);
            entry.LastWriteTime = EntryTime;
            return entry;
        }
    }
}
