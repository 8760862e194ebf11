using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Web.Tests.Harness;

/// <summary>
/// The built program as a process of its own, with its own port and data folder, for what can only be seen from outside:
/// <c>kill -9</c>, starting again, stopping in order.
/// </summary>
public sealed class ProductServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private readonly Dictionary<string, string> _settings;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private ProductServer(IReadOnlyDictionary<string, string>? settings)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Address = new Uri("http://localhost:" + ((IPEndPoint)probe.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture));
        DataFolder = Directory.CreateTempSubdirectory("processtandardu-server-").FullName;
        _settings = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["ASPNETCORE_URLS"] = Address.ToString().TrimEnd('/'),
            ["PROCES_DATA"] = DataFolder,
        };
    }

    /// <summary>Where it answers, the same after each restart.</summary>
    public Uri Address { get; }

    /// <summary>Its <c>PROCES_DATA</c>, removed at the end.</summary>
    public string DataFolder { get; }

    /// <summary>All it printed, of every start.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>
    /// Starts the program and waits until <c>/health/ready</c> says yes. Its database is an embedded one in <see cref="DataFolder"/>,
    /// unless the settings name <c>ConnectionStrings__Database</c>.
    /// </summary>
    /// <param name="settings">Environment variables, such as <c>Demo__Enabled</c>.</param>
    public static async Task<ProductServer> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var server = new ProductServer(settings);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the program as a crash would: no word, no tidying. Returns when it is gone.</summary>
    public async Task Kill9Async()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until it has died of the place that it was started with.</summary>
    public async Task GoneAsync()
    {
        using var patience = new CancellationTokenSource(StartLimit);
        await _process!.WaitForExitAsync(patience.Token);
    }

    /// <summary>Starts it again on the same data and port, after <see cref="Kill9Async"/> or <see cref="StopAsync"/>.</summary>
    /// <param name="failpoint">Where it is to die, see <see cref="Failpoints.Setting"/>; null for nowhere.</param>
    public async Task StartAgainAsync(string? failpoint = null)
    {
        var start = new ProcessStartInfo("dotnet", [Program()])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "src", "ProcesStandardu.Web"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        start.Environment[Failpoints.Setting] = failpoint;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await UntilReadyAsync();
    }

    /// <summary>Asks it to stop in order (SIGTERM) and waits until it has; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var term = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Stops what still runs and removes the data folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await StopAsync();
        }

        _process?.Dispose();
        await EmbeddedPostgres.StopAbandonedAsync(PostgresFixture.Binaries, DataFolder, CancellationToken.None);
        Directory.Delete(DataFolder, recursive: true);
    }

    private async Task UntilReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        var since = Stopwatch.StartNew();
        while (since.Elapsed < StartLimit && !_process!.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync("health/ready");
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(50);
        }

        throw new InvalidOperationException("The program did not become ready. It said:\n" + Output);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }

    /// <summary>Built beside the tests, in the same configuration: …/bin/ProcesStandardu.Web/debug.</summary>
    private static string Program()
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(
            Repository.Root, "artifacts", "bin", "ProcesStandardu.Web", configuration, "ProcesStandardu.Web.dll");
    }
}
