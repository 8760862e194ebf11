using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// A PostgreSQL cluster of our own under one folder, listening on the loopback only, started and stopped with this process.
/// Whoever holds the folder's lock file owns the cluster; the lock dies with its process, so after <c>kill -9</c> the next
/// owner finds the server that was left running, stops it cleanly and starts it anew: one known state, nothing guessed.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const string Major = "18";
    private const string SuperUser = "proces";

    // What the systems answer when another process holds a file's lock: EWOULDBLOCK, and ERROR_SHARING_VIOLATION.
    private const int LockedOnLinux = 11;
    private const int LockedOnMac = 35;
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private readonly EmbeddedPostgresPrograms _programs;
    private readonly FileStream _lock;
    private readonly string _data;
    private bool _running;

    private EmbeddedPostgres(EmbeddedPostgresPrograms programs, FileStream folderLock, string data)
    {
        _programs = programs;
        _lock = folderLock;
        _data = data;
        ConnectionString = "";
    }

    /// <summary>Connects the cluster's owner to the database <c>postgres</c>; change <c>Database</c> for another.</summary>
    public string ConnectionString { get; private set; }

    /// <summary>
    /// Starts the cluster in <paramref name="folder"/>, making it first where there is none.
    /// </summary>
    /// <param name="binaries">The folder with <c>bin/postgres</c>; see <see cref="EmbeddedPostgresPrograms.Find"/>.</param>
    /// <param name="folder">Made when missing; holds <c>owner.lock</c> and <c>postgresql/</c>.</param>
    /// <param name="settings">Lines for the server's configuration, beyond our own; they win over ours.</param>
    /// <param name="logger">Told what is being done, since the first start takes seconds.</param>
    /// <param name="cancellation">Gives up; what was started is stopped again.</param>
    /// <exception cref="DatabaseServerException">The folder is in use, of another version, or the server would not start.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        string binaries, string folder, IEnumerable<string> settings, ILogger logger, CancellationToken cancellation)
    {
        folder = Path.GetFullPath(folder);
        var cluster = Path.Combine(folder, "postgresql");
        var folderLock = TakeLock(folder, cluster);
        EmbeddedPostgres? server = null;
        try
        {
            var programs = await EmbeddedPostgresPrograms.PrepareAsync(binaries, cluster, cancellation);
            server = new EmbeddedPostgres(programs, folderLock, Path.Combine(cluster, "data"));
            await server.CreateIfMissingAsync(logger, cancellation);
            await server.StopLeftoverAsync(logger, cancellation);
            await server.RunAsync(settings, cancellation);
            logger.LogInformation("PostgreSQL {Major} runs on the loopback; its data are in {Folder}", Major, cluster);
            return server;
        }
        catch
        {
            if (server is not null)
            {
                await server.StopAsync(CancellationToken.None);
            }

            await folderLock.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server in order (fast shutdown) and frees the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_running)
        {
            _running = false;
            NpgsqlConnection.ClearAllPools();
            await StopAsync(CancellationToken.None);
        }

        await _lock.DisposeAsync();
    }

    /// <summary>
    /// Stops, without asking for its data again, a server that a dead process left in a folder that nobody will use any more.
    /// Does nothing when a living process holds the folder, or no server runs there.
    /// </summary>
    public static async Task<bool> StopAbandonedAsync(string binaries, string folder, CancellationToken cancellation)
    {
        FileStream folderLock;
        try
        {
            folderLock = TakeLock(folder, Path.Combine(folder, "postgresql"));
        }
        catch (DatabaseServerException)
        {
            return false;
        }

        await using (folderLock)
        {
            var cluster = Path.Combine(folder, "postgresql");
            var data = Path.Combine(cluster, "data");
            if (Directory.Exists(data) && LeftoverPostmaster(data) is Leftover.Running)
            {
                var programs = await EmbeddedPostgresPrograms.PrepareAsync(binaries, cluster, cancellation);
                await programs.RunAsync("pg_ctl", ["stop", "-D", data, "-m", "immediate", "-w", "-t", "20"], cancellation);
            }

            return true;
        }
    }

    private static FileStream TakeLock(string folder, string cluster)
    {
        var path = Path.Combine(folder, "owner.lock");
        try
        {
            Directory.CreateDirectory(folder);
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(cluster);
            }
            else
            {
                Directory.CreateDirectory(cluster, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken.HResult is LockedOnLinux or LockedOnMac or LockedOnWindows)
        {
            throw DatabaseServerException.Because("FolderIsInUse", folder);
        }
        catch (IOException trouble)
        {
            throw DatabaseServerException.Because("FolderCannotBeUsed", folder, trouble.Message);
        }
        catch (UnauthorizedAccessException)
        {
            throw DatabaseServerException.Because("FolderIsNotOurs", folder, Environment.UserName);
        }
    }

    /// <summary>The cluster appears under its name only when it is whole: a start killed half-way begins again.</summary>
    private async Task CreateIfMissingAsync(ILogger logger, CancellationToken cancellation)
    {
        var version = Path.Combine(_data, "PG_VERSION");
        if (File.Exists(version))
        {
            var found = (await File.ReadAllTextAsync(version, cancellation)).Trim();
            if (found != Major)
            {
                throw DatabaseServerException.Because("ClusterIsOfAnotherVersion", _data, found, Major);
            }

            return;
        }

        logger.LogInformation("Making a new PostgreSQL {Major} cluster in {Data}", Major, _data);
        var draft = _data + ".new";
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await File.WriteAllTextAsync(PasswordFile, password, cancellation);
        await _programs.HandOverAsync(PasswordFile, cancellation);
        var end = await _programs.RunAsync(
            "initdb",
            [
                "-D", draft, "-U", SuperUser, "--pwfile", PasswordFile, "--auth=scram-sha-256", "--encoding=UTF8",
                "--locale=C", "--locale-provider=icu", "--icu-locale=pl-PL", "--data-checksums", "--no-instructions",
            ],
            cancellation);
        if (end.ExitCode != 0)
        {
            throw DatabaseServerException.Because("ClusterCannotBeMade", _data, end.Output);
        }

        await File.AppendAllTextAsync(
            Path.Combine(draft, "postgresql.conf"), "\ninclude_if_exists = 'proces.conf'\n", cancellation);
        Directory.Move(draft, _data);
    }

    private async Task StopLeftoverAsync(ILogger logger, CancellationToken cancellation)
    {
        switch (LeftoverPostmaster(_data))
        {
            case Leftover.Running:
                logger.LogInformation("Stopping the PostgreSQL that an earlier run left behind");
                await StopAsync(cancellation);
                break;
            case Leftover.NumberTakenByAnother:
                File.Delete(Path.Combine(_data, "postmaster.pid"));
                break;
            case Leftover.None:
                break;
        }
    }

    /// <summary>
    /// Who bears the process number in postmaster.pid? Signals go only to a process that is called postgres and began when the
    /// file says: after a restart of the machine the number may be anybody's. A number nobody bears PostgreSQL clears itself.
    /// </summary>
    private static Leftover LeftoverPostmaster(string data)
    {
        var file = Path.Combine(data, "postmaster.pid");
        if (!File.Exists(file))
        {
            return Leftover.None;
        }

        var lines = File.ReadAllLines(file);
        if (lines.Length < 3
            || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var id)
            || !long.TryParse(lines[2], CultureInfo.InvariantCulture, out var began))
        {
            return Leftover.None;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            var apart = process.StartTime.ToUniversalTime() - DateTimeOffset.FromUnixTimeSeconds(began).UtcDateTime;
            return process.ProcessName == "postgres" && apart.Duration() < TimeSpan.FromMinutes(2) && !IsZombie(id)
                ? Leftover.Running
                : Leftover.NumberTakenByAnother;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or IOException)
        {
            return Leftover.None;
        }
    }

    /// <summary>A killed server whose end nobody has collected: containers without an init process keep such names for ever.</summary>
    private static bool IsZombie(int id) =>
        OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);

    private async Task RunAsync(IEnumerable<string> settings, CancellationToken cancellation)
    {
        var log = Path.Combine(Path.GetDirectoryName(_data)!, "start.log");
        // Another program may take the free port between our look and the server's bind: then another one is tried.
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            await WriteSettingsAsync(port, settings, cancellation);
            File.Delete(log);
            var end = await _programs.RunAsync(
                "pg_ctl", ["start", "-s", "-w", "-t", "60", "-D", _data, "-l", log], cancellation);
            if (end.ExitCode == 0)
            {
                _running = true;
                ConnectionString = new NpgsqlConnectionStringBuilder
                {
                    Host = "127.0.0.1",
                    Port = port,
                    Username = SuperUser,
                    Password = (await File.ReadAllTextAsync(PasswordFile, cancellation)).Trim(),
                    Database = "postgres",
                }.ConnectionString;
                return;
            }

            await StopAsync(cancellation);
            if (attempt == 3)
            {
                var said = File.Exists(log) ? await File.ReadAllTextAsync(log, cancellation) : "";
                throw DatabaseServerException.Because("ServerDoesNotStart", _data, end.Output + said);
            }
        }
    }

    /// <summary>Fast shutdown; where it takes longer than a minute, an immediate one, which loses nothing committed either.</summary>
    private async Task StopAsync(CancellationToken cancellation)
    {
        var end = await _programs.RunAsync(
            "pg_ctl", ["stop", "-s", "-D", _data, "-m", "fast", "-w", "-t", "60"], cancellation);
        if (end.ExitCode != 0 && LeftoverPostmaster(_data) is Leftover.Running)
        {
            await _programs.RunAsync(
                "pg_ctl", ["stop", "-s", "-D", _data, "-m", "immediate", "-w", "-t", "20"], cancellation);
        }
    }

    private async Task WriteSettingsAsync(int port, IEnumerable<string> settings, CancellationToken cancellation)
    {
        string[] ours =
        [
            "# Written at each start; edits are lost.",
            "listen_addresses = '127.0.0.1'",
            $"port = {port.ToString(CultureInfo.InvariantCulture)}",
            "unix_socket_directories = ''",
            "max_connections = 100",
            "fsync = on",
            "full_page_writes = on",
            "synchronous_commit = on",
            "timezone = 'UTC'",
            "log_timezone = 'UTC'",
            "logging_collector = on",
            "log_directory = '../log'",
            "log_filename = 'postgresql-%a.log'",
            "log_rotation_age = 1d",
            "log_truncate_on_rotation = on",
        ];
        var file = Path.Combine(_data, "proces.conf");
        await File.WriteAllLinesAsync(file, [.. ours, .. settings], cancellation);
        await _programs.HandOverAsync(file, cancellation);
    }

    private string PasswordFile => Path.Combine(Path.GetDirectoryName(_data)!, "password");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private enum Leftover
    {
        None,
        Running,
        NumberTakenByAnother,
    }
}
