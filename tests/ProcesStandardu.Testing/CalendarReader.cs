using System.Diagnostics;
using System.Text.Json;

namespace ProcesStandardu.Testing;

/// <summary>Reads calendar files with ical.js, which knows nothing of how they were written.</summary>
public static class CalendarReader
{
    /// <summary>What ical.js found.</summary>
    public sealed record ReadCalendar(string Method, IReadOnlyList<string> Zones, IReadOnlyList<ReadEvent> Events);

    /// <param name="At">The start as an instant, by the zone's rules in the file itself.</param>
    public sealed record ReadEvent(string Uid, string Title, string Zone, DateTimeOffset At, int Sequence, string Status);

    /// <exception cref="InvalidOperationException">The file cannot be read, or the tests' npm packages are missing.</exception>
    public static async Task<ReadCalendar> ReadAsync(string file, CancellationToken cancellation)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ProcesStandardu.sln")))
        {
            folder = folder.Parent;
        }

        using var node = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { Path.Combine(folder!.FullName, "tests", "ProcesStandardu.Testing", "calendar", "read.mjs") },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await node.StandardInput.WriteAsync(file.AsMemory(), cancellation);
        node.StandardInput.Close();
        var errors = node.StandardError.ReadToEndAsync(cancellation);
        var answer = await node.StandardOutput.ReadToEndAsync(cancellation);
        await node.WaitForExitAsync(cancellation);
        return node.ExitCode == 0
            ? JsonSerializer.Deserialize<ReadCalendar>(answer, JsonSerializerOptions.Web)!
            : throw new InvalidOperationException($"ical.js did not read the file (make test-needs?): {await errors}");
    }
}
