using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ProcesStandardu.Crash.Chaos;

/// <summary>One process of the built product, with a proxy of its own before the database and a clock that can be set wrong.</summary>
public sealed class ProductNode : IDisposable
{
    private const string ClockLibrary = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    private static readonly HttpClient Probe = new() { Timeout = TimeSpan.FromSeconds(2) };

    private readonly Dictionary<string, string> settings;
    private readonly string clockFile;
    private readonly string log;
    private Process? process;

    /// <param name="name">Of its files in the run's folder.</param>
    /// <param name="connectionString">Its host and port are replaced by the proxy's.</param>
    public ProductNode(string name, string folder, int databasePort, Func<int, string> connectionString, int smtpPort, TimeSpan drain)
    {
        Name = name;
        Proxy = new TcpProxy(databasePort);
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        clockFile = Path.Combine(folder, name + ".clock");
        log = Path.Combine(folder, name + ".log");
        settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = Address.ToString().TrimEnd('/'),
            ["ConnectionStrings__Database"] = connectionString(Proxy.Port),
            ["Demo__Enabled"] = "true",
            ["Database__PrepareAtStart"] = "false",
            ["PROCES_DATA"] = Path.Combine(folder, name),
            ["Mail__Transport"] = "Smtp",
            ["Mail__Host"] = "127.0.0.1",
            ["Mail__Port"] = smtpPort.ToString(CultureInfo.InvariantCulture),
            ["Mail__StartTls"] = "None",
            ["Mail__Lease"] = "00:00:10",
            ["Mail__AmbiguousPause"] = "00:00:01",
            ["Shutdown__Drain"] = drain.ToString("c", CultureInfo.InvariantCulture),
            ["Logging__LogLevel__Default"] = "Warning",
            ["DOTNET_DbgEnableMiniDump"] = "0",
            ["DOTNET_gcServer"] = "0",
        };
        if (HasClock)
        {
            settings["LD_PRELOAD"] = ClockLibrary;
            settings["FAKETIME_TIMESTAMP_FILE"] = clockFile;
            settings["FAKETIME_NO_CACHE"] = "1";
            settings["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        }
    }

    public string Name { get; }

    public Uri Address { get; }

    public TcpProxy Proxy { get; }

    /// <summary>As the balancer saw it last.</summary>
    public bool IsReady { get; set; }

    public bool IsRunning => process is { HasExited: false };

    /// <summary>True where it is asked for and Debian's faketime is installed; without it clocks are left alone.</summary>
    public static bool HasClock => Environment.GetEnvironmentVariable("CLOCKS") == "1" && File.Exists(ClockLibrary);

    public void Start()
    {
        File.WriteAllText(clockFile, "+0");
        var start = new ProcessStartInfo("bash", ["-c", "exec dotnet \"$0\" >>\"$1\" 2>&1", Program(), log])
        {
            WorkingDirectory = Path.GetDirectoryName(Program())!,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
    }

    /// <summary>Sets its wall clock ahead, or behind where negative, while it runs.</summary>
    public void SetClock(int seconds) =>
        File.WriteAllText(clockFile, seconds.ToString("+0;-0;+0", CultureInfo.InvariantCulture));

    /// <summary>KILL, STOP, CONT or TERM.</summary>
    public void Signal(string signal)
    {
        if (IsRunning)
        {
            using var kill = Process.Start("kill", [$"-{signal}", process!.Id.ToString(CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
        }
    }

    public Task GoneAsync() => process?.WaitForExitAsync() ?? Task.CompletedTask;

    /// <summary>What a balancer asks.</summary>
    public async Task<bool> AskReadyAsync()
    {
        try
        {
            using var answer = await Probe.GetAsync(new Uri(Address, "health/ready"));
            return IsReady = answer.IsSuccessStatusCode;
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
        {
            return IsReady = false;
        }
    }

    /// <summary>Memory in MB, open handles; zeros when it does not run.</summary>
    public (int Megabytes, int Handles) Size()
    {
        if (!IsRunning)
        {
            return default;
        }

        var status = File.ReadLines($"/proc/{process!.Id}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
        return (int.Parse(status.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024,
            Directory.GetFiles($"/proc/{process.Id}/fd").Length);
    }

    public void Dispose()
    {
        Signal("CONT");
        Signal("KILL");
        process?.Dispose();
        Proxy.Dispose();
    }

    /// <summary>Built beside this program, in the same configuration.</summary>
    private static string Program()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, "ProcesStandardu.Web", here.Name, "ProcesStandardu.Web.dll");
    }
}
