using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace ProcesStandardu.Testing;

/// <summary>A mail as it reached the server, its dots unstuffed.</summary>
public sealed record SunkMail(string From, IReadOnlyList<string> Recipients, bool Secure, string? User, byte[] Bytes);

/// <summary>How the server behaves from now on. A number says how many more times, -1 for always.</summary>
public sealed record SinkBehaviour
{
    /// <summary>Greets with 421.</summary>
    public int Busy { get; init; }

    /// <summary>Answers a recipient with 450.</summary>
    public int Greylist { get; init; }

    /// <summary>Takes the mail and closes the connection instead of answering.</summary>
    public int CutAfterDot { get; init; }

    /// <summary>The same with a reset.</summary>
    public int ResetAfterDot { get; init; }

    /// <summary>Takes the mail and never answers.</summary>
    public int SilentAfterDot { get; init; }

    /// <summary>Answers the mail with 554 and does not take it.</summary>
    public int RefuseAfterDot { get; init; }

    /// <summary>Recipients answered with 550.</summary>
    public IReadOnlyList<string> Refused { get; init; } = [];

    /// <summary>Recipients answered with 552.</summary>
    public IReadOnlyList<string> Full { get; init; } = [];
}

/// <summary>What the server is from its start.</summary>
/// <param name="Tls">It has a certificate for localhost and takes mail only after STARTTLS.</param>
/// <param name="HidesStartTls">It has TLS but does not offer it.</param>
/// <param name="Auth"><c>PLAIN</c> or <c>LOGIN</c>, then only <see cref="SmtpSink.User"/> may send; null for everybody.</param>
public sealed record SinkKind(bool Tls = false, bool HidesStartTls = false, string? Auth = null);

/// <summary>A real SMTP server in a process of its own (npm smtp-server) that misbehaves as told and remembers what it took.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    public const string User = "rada";
    public const string Password = "zażółć gęślą jaźń";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Process process;
    private readonly DirectoryInfo folder;
    private readonly SemaphoreSlim asking = new(1);

    private SmtpSink(Process process, DirectoryInfo folder)
    {
        this.process = process;
        this.folder = folder;
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>The PEM file of the authority that signed its certificate; only with TLS.</summary>
    public string AuthorityFile => Path.Combine(folder.FullName, "authority.pem");

    public static async Task<SmtpSink> StartAsync(SinkKind? kind = null, CancellationToken cancellation = default)
    {
        kind ??= new SinkKind();
        var folder = Directory.CreateTempSubdirectory("smtp-sink-");
        var start = new Dictionary<string, object?> { ["hideStartTls"] = kind.HidesStartTls };
        if (kind.Tls)
        {
            WriteCertificates(folder.FullName);
            start["key"] = Path.Combine(folder.FullName, "server.key");
            start["cert"] = Path.Combine(folder.FullName, "server.pem");
        }

        if (kind.Auth is not null)
        {
            (start["auth"], start["user"], start["password"]) = (kind.Auth, User, Password);
        }

        var process = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { Script(), JsonSerializer.Serialize(start, Json) },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var sink = new SmtpSink(process, folder);
        sink.Port = (await sink.HearAsync(cancellation)).Port;
        return sink;
    }

    /// <summary>Changes how it behaves, from the next step on.</summary>
    public Task BehaveAsync(SinkBehaviour behaviour) => AskAsync(new { behave = behaviour });

    /// <summary>What reached it so far, in order.</summary>
    public async Task<IReadOnlyList<SunkMail>> MailsAsync() => (await AskAsync(new { list = true })).Mails;

    /// <summary>How many connections it has seen.</summary>
    public async Task<int> ConnectionsAsync() => (await AskAsync(new { })).Connections;

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }

        process.Dispose();
        asking.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task<Answer> AskAsync(object command)
    {
        await asking.WaitAsync();
        try
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(command, Json));
            await process.StandardInput.FlushAsync();
            return await HearAsync(CancellationToken.None);
        }
        finally
        {
            asking.Release();
        }
    }

    private async Task<Answer> HearAsync(CancellationToken cancellation)
    {
        var line = await process.StandardOutput.ReadLineAsync(cancellation)
            ?? throw new InvalidOperationException("The SMTP sink ended: are the tests' npm packages there (make test-needs)?");
        return JsonSerializer.Deserialize<Answer>(line, Json)!;
    }

    private static string Script()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ProcesStandardu.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(
            folder?.FullName ?? throw new InvalidOperationException("The repository is not above the tests' binaries."),
            "tests", "ProcesStandardu.Testing", "smtp", "sink.mjs");
    }

    private static void WriteCertificates(string folder)
    {
        // Certificates are checked against the real time.
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, now.AddDays(-1), now.AddDays(1), [1, 2, 3, 4]);

        File.WriteAllText(Path.Combine(folder, "authority.pem"), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.key"), serverKey.ExportPkcs8PrivateKeyPem());
    }

    private sealed record Answer(int Port, int Connections, IReadOnlyList<SunkMail> Mails);
}
