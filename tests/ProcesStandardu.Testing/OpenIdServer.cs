using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace ProcesStandardu.Testing;

/// <summary>A real OpenID Connect provider in a process of its own (npm oidc-provider), over TLS with a certificate of its own.</summary>
public sealed class OpenIdServer : IAsyncDisposable
{
    public const string Tenant = "11111111-2222-3333-4444-555555555555";
    public const string Client = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    public const string Secret = "tajne-do-prób-0123456789";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Process process;
    private readonly DirectoryInfo folder;
    private readonly string thumbprint;

    private OpenIdServer(Process process, DirectoryInfo folder, string thumbprint, int port)
    {
        this.process = process;
        this.folder = folder;
        this.thumbprint = thumbprint;
        Authority = new Uri($"https://localhost:{port}");
    }

    public Uri Authority { get; }

    /// <param name="port">Where it listens on the loopback; 0 for any.</param>
    /// <param name="product">Where the product answers.</param>
    /// <param name="roles">App roles that everybody gets.</param>
    public static async Task<OpenIdServer> StartAsync(int port, Uri product, params string[] roles)
    {
        var folder = Directory.CreateTempSubdirectory("oidc-");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());

        // Certificates are checked against the real time.
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var start = new
        {
            port, client = Client, secret = Secret, tenant = Tenant, roles, name = "Ewa Próbna",
            redirect = new Uri(product, "/signin-oidc"), signedOut = new Uri(product, "/signout-callback-oidc"),
            key = Path.Combine(folder.FullName, "server.key"), cert = Path.Combine(folder.FullName, "server.pem"),
        };
        await File.WriteAllTextAsync(start.cert, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(start.key, key.ExportPkcs8PrivateKeyPem());
        var process = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { Script(), JsonSerializer.Serialize(start, Json) },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync()
                ?? throw new InvalidOperationException("The OpenID provider ended: are the tests' npm packages there (make test-needs)?");
        }
        while (!line.StartsWith("{\"port\"", StringComparison.Ordinal));

        // What it says from now on is nobody's business, but its pipe must not fill.
        _ = process.StandardOutput.ReadToEndAsync();
        return new OpenIdServer(process, folder, certificate.Thumbprint, JsonDocument.Parse(line).RootElement.GetProperty("port").GetInt32());
    }

    /// <summary>Trusts this server's certificate and no other.</summary>
    public HttpMessageHandler Trusting() => new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 known && known.Thumbprint == thumbprint },
    };

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
        folder.Delete(recursive: true);
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
            "tests", "ProcesStandardu.Testing", "oidc", "provider.mjs");
    }
}
