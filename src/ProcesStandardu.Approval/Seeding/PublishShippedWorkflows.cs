using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>
/// Publishes the workflows that are shipped as files. Each text is published once: what a designer published since is
/// never taken back by a restart, and a newer shipped text becomes a newer version.
/// </summary>
public sealed class PublishShippedWorkflows(UnitOfWork work, PublishDefinition publish, TimeProvider time)
{
    /// <param name="Folder">Holds one JSON file for each workflow.</param>
    public sealed record Command(string Folder);

    /// <summary>The folder that lies beside the program.</summary>
    public static string ShippedFolder { get; } = Path.Combine(AppContext.BaseDirectory, "workflows");

    /// <returns>How many texts were published now.</returns>
    /// <exception cref="DataFileException">A file is no definition that the engine can run.</exception>
    public async Task<int> HandleAsync(Command command, CancellationToken cancellation)
    {
        var published = 0;
        foreach (var file in Directory.EnumerateFiles(command.Folder, "*.json").Order(StringComparer.Ordinal))
        {
            published += await PublishOnceAsync(Path.GetFileName(file), await File.ReadAllTextAsync(file, cancellation), cancellation)
                ? 1
                : 0;
        }

        return published;
    }

    private async Task<bool> PublishOnceAsync(string name, string json, CancellationToken cancellation)
    {
        var mark = "workflow:" + name + ":" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        var published = await work.RunAsync<bool>(
            async db =>
            {
                var isNew = await db.Database.ExecuteSqlAsync(
                    $"insert into seeding_mark (key, done_at) values ({mark}, {time.GetUtcNow()}) on conflict do nothing",
                    cancellation) == 1;
                if (!isNew)
                {
                    return false;
                }

                var outcome = await publish.HandleAsync(new PublishDefinition.Command(json, Actor.System, json), cancellation);
                return outcome.Refusal is { } refusal ? refusal : outcome.Value.IsNew;
            },
            cancellation);
        return published.Refusal is { } problem
            ? throw new DataFileException("workflows/" + name, "$", string.Join(' ', problem.Arguments))
            : published.Value;
    }
}
