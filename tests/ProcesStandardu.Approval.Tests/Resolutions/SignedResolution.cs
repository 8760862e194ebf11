using System.IO.Compression;
using System.Security.Cryptography;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Resolutions;
using ProcesStandardu.Approval.Tests.Ballots;
using ProcesStandardu.Testing;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Resolutions;

/// <summary>A resolution adopted by four to one after a changed mind, with recused members, signed by chair and secretary.</summary>
public sealed class SignedResolution : IAsyncLifetime
{
    private BallotCase ballot = null!;

    public TestProduct Product => ballot.Product;

    public Guid BallotId => ballot.BallotId;

    /// <summary>The file that defends itself, as it is downloaded.</summary>
    public byte[] File { get; private set; } = [];

    public string Fingerprint { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        ballot = await BallotCase.OpenAsync();
        await ballot.VoteAsync("anna-nowak", PositionKind.Against, reason: "§ 1 jest niejasny");
        await ballot.VoteAsync("halina-zawadzka", PositionKind.InFavour);
        await ballot.VoteAsync("tomasz-brzeski", PositionKind.InFavour);
        await ballot.VoteAsync("anna-nowak", PositionKind.InFavour, reason: "Po wyjaśnieniu");
        await ballot.VoteAsync("adam-lis", PositionKind.Against);
        await ballot.VoteAsync("ewa-gorna", PositionKind.InFavour);
        Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 0));
        await ballot.CloseDueAsync();
        Fingerprint = (await ShowAsync("krystyna-jasna")).Value.Fingerprint;
        (await SignAsync("halina-zawadzka", Fingerprint)).Value.ToString();
        Product.Clock.Advance(TimeSpan.FromMinutes(5));
        (await SignAsync("joanna-cicha", Fingerprint)).Value.ToString();
        File = await EvidenceAsync();
    }

    public ValueTask DisposeAsync() => ballot.DisposeAsync();

    public async Task<Result<ShowResolution.View>> ShowAsync(string person)
    {
        var id = await Product.PersonAsync(person);
        return await Product.RunAsync<ShowResolution, Result<ShowResolution.View>>(show =>
            show.HandleAsync(new ShowResolution.Query(BallotId, id), CancellationToken.None));
    }

    public async Task<Result<Done>> SignAsync(string person, string fingerprint)
    {
        var id = await Product.PersonAsync(person);
        return await Product.RunAsync<SignResolution, Result<Done>>(sign =>
            sign.HandleAsync(new SignResolution.Command(BallotId, id, fingerprint, null), CancellationToken.None));
    }

    public async Task<byte[]> EvidenceAsync()
    {
        var id = await Product.PersonAsync("krystyna-jasna");
        var written = (await Product.RunAsync<ShowResolution, Result<(Stream Content, string FileName)>>(show =>
            show.EvidenceAsync(new ShowResolution.Query(BallotId, id), CancellationToken.None))).Value;
        await using (written.Content)
        {
            using var copy = new MemoryStream();
            await written.Content.CopyToAsync(copy);
            return copy.ToArray();
        }
    }

    public static Dictionary<string, byte[]> Unpack(byte[] file)
    {
        using var archive = new ZipArchive(new MemoryStream(file));
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var content = entry.Open();
            using var copy = new MemoryStream();
            content.CopyTo(copy);
            return copy.ToArray();
        });
    }

    public static byte[] Pack(IReadOnlyDictionary<string, byte[]> parts)
    {
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in parts)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return target.ToArray();
    }

    public EvidenceData Data() => EvidenceData.Parse(Unpack(File)[EvidenceFile.Data]);

    /// <summary>The file with other data and nothing else changed: a careless forger.</summary>
    public byte[] WithData(EvidenceData data) => Pack(new Dictionary<string, byte[]>(Unpack(File)) { [EvidenceFile.Data] = data.ToJson() });

    /// <summary>The file with other data, its readable papers written anew and the seal put right: a careful forger.</summary>
    public byte[] Resealed(EvidenceData data, Action<Dictionary<string, byte[]>>? change = null)
    {
        var parts = Unpack(File);
        parts.Remove(EvidenceFile.Seal);
        parts[EvidenceFile.Data] = data.ToJson();
        parts[EvidenceFile.Html] = ResolutionPaper.Html(data);
        parts[EvidenceFile.Docx] = ResolutionPaper.Docx(data);
        change?.Invoke(parts);
        parts[EvidenceFile.Seal] = EvidenceSeal.Of(
            data, parts.ToDictionary(part => part.Key, part => Convert.ToHexStringLower(SHA256.HashData(part.Value)))).ToJson();
        return Pack(parts);
    }

    public static EvidenceReport Check(byte[] file, string? expected = null)
    {
        using var content = new MemoryStream(file);
        return EvidenceCheck.Check(content, expected);
    }
}
