using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.Workflows.Procedures;

/// <summary>„Regulamin z obiegu”: a version of a definition in words, and which versions there were.</summary>
public sealed class ShowProcedure(UnitOfWork work, ActivityRegistry registry, ProcedureWords words)
{
    /// <param name="Version">Null asks for the published version, or the newest that was published when none is.</param>
    public sealed record Query(string DefinitionId, int? Version);

    /// <param name="Versions">Every version that is or was published, newest first.</param>
    public sealed record View(Procedure Procedure, bool IsPublished, IReadOnlyList<VersionView> Versions);

    /// <param name="ChangeDescription">What it changed; null where nobody was asked.</param>
    public sealed record VersionView(
        int Version, string VersionId, DateTimeOffset PublishedAt, bool IsPublished, string? ChangeDescription);

    /// <summary>Null when there is no such definition or version, or when it was never published.</summary>
    public Task<View?> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var versions = await VersionsAsync(query.DefinitionId, cancellation);
            var asked = query.Version is { } number
                ? versions.Find(version => version.Version == number)
                : versions.Find(version => version.IsPublished) ?? versions.FirstOrDefault();
            return asked is null
                ? null
                : new View(await WriteAsync(db, asked.VersionId, cancellation), asked.IsPublished, versions);
        },
        cancellation);

    /// <summary>The words of one stored version; inside the caller's transaction.</summary>
    internal async Task<Procedure> WriteAsync(ProcesDbContext db, string versionId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select source from workflow_definition where version_id = $1", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = versionId });
        var definition = JsonNode.Parse((string)(await command.ExecuteScalarAsync(cancellation))!)!.AsObject();
        return words.Write(definition, registry, await NamesAsync(db, definition, cancellation));
    }

    /// <summary>The names behind the keys that a definition holds; inside the caller's transaction.</summary>
    public async Task<ProcedureNames> NamesAsync(ProcesDbContext db, JsonObject definition, CancellationToken cancellation)
    {
        var steps = ProcedureOutline.Of(definition, registry).SelectMany(step => step.WithChildren()).ToList();
        var names = new Dictionary<(string Input, string Key), string>();
        var dueDates = new Dictionary<string, DateOnly>(StringComparer.Ordinal);
        if (Keys("DeliverableKey") is { Length: > 0 } deliverables)
        {
            foreach (var found in await (
                from deliverable in db.Deliverables.Where(d => deliverables.Contains(d.Key))
                join deadline in db.Deadlines on deliverable.DueDeadlineKey equals deadline.Key into deadlines
                from due in deadlines.DefaultIfEmpty()
                select new { deliverable.Key, deliverable.Title, DueOn = (DateOnly?)due.DueOn }).ToListAsync(cancellation))
            {
                names[("DeliverableKey", found.Key)] = found.Title;
                if (found.DueOn is { } day)
                {
                    dueDates[found.Key] = day;
                }
            }
        }

        await AddAsync("PhaseKey", keys => db.Phases.Where(p => keys.Contains(p.Key)).Select(p => new Name(p.Key, p.Title)));
        await AddAsync("BodyKey", keys => db.Bodies.Where(b => keys.Contains(b.Key)).Select(b => new Name(b.Key, b.Name)));
        await AddAsync("DeadlineKey", keys => db.Deadlines.Where(d => keys.Contains(d.Key)).Select(d => new Name(d.Key, d.Title)));
        await AddAsync("IndicatorKey", keys => db.Indicators.Where(i => keys.Contains(i.Key)).Select(i => new Name(i.Key, i.Title)));
        await AddAsync("WorkflowDefinitionId", keys => db.Database.SqlQuery<Name>(
            $"select definition_id as key, name as title from workflow_definition where is_latest and definition_id = any({keys})"));
        return new ProcedureNames(names, dueDates);

        string[] Keys(string input) =>
            [.. steps.Select(step => ProcedureWords.Literal(step, input)).OfType<string>().Distinct(StringComparer.Ordinal)];

        async Task AddAsync(string input, Func<string[], IQueryable<Name>> ask)
        {
            if (Keys(input) is { Length: > 0 } keys)
            {
                foreach (var name in await ask(keys).ToListAsync(cancellation))
                {
                    names[(input, name.Key)] = name.Title;
                }
            }
        }
    }

    internal async Task<List<VersionView>> VersionsAsync(string definitionId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select version, version_id, published_at, is_published, change_description from workflow_definition
            where definition_id = $1 and published_at is not null order by version desc
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = definitionId });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var versions = new List<VersionView>();
        while (await rows.ReadAsync(cancellation))
        {
            versions.Add(new VersionView(
                rows.GetInt32(0), rows.GetString(1), rows.GetFieldValue<DateTimeOffset>(2), rows.GetBoolean(3),
                StoredInstances.OrNull(rows, 4)));
        }

        return versions;
    }

    private sealed record Name(string Key, string Title);
}
