using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines.Watch;

/// <summary>
/// „Strażnik ciszy”: one pass that compares what should have happened with what did, tells the administrators once about each
/// difference and notes when it is gone. It repairs nothing: what is late stays due and visible.
/// </summary>
public sealed class KeepWatch(IServiceScopeFactory scopes, NpgsqlDataSource dataSource, TimeProvider time, WatchGauges gauges)
{
    // Any constant will do; it only has to differ from other advisory locks of this database.
    private const long WatchLock = 7_203_415_220_141_132;

    /// <summary>How long a background duty may be silent before it counts as stopped.</summary>
    public static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(5);

    /// <summary>What a pass found new, what is gone since the last one, and what stands; null counts where another node watched.</summary>
    public readonly record struct Counts(int Found, int Gone, int Standing);

    /// <summary>Notes that every duty is expected to tick from now on, where it never did.</summary>
    public async Task ExpectPassesAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            "insert into pass_tick (pass, rang_at) select name, clock_timestamp() from unnest($1) as name on conflict do nothing");
        command.Parameters.Add(new NpgsqlParameter { Value = Passes.All.Select(pass => pass.Name).ToArray() });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A background duty ran. Written at most three times a minute.</summary>
    public static async Task TickAsync(NpgsqlDataSource dataSource, string pass, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            insert into pass_tick (pass, rang_at) values ($1, clock_timestamp())
            on conflict (pass) do update set rang_at = excluded.rang_at where pass_tick.rang_at < excluded.rang_at - interval '20 seconds'
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = pass });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<Counts> RunOnceAsync(CancellationToken cancellation)
    {
        await gauges.ReadAsync(dataSource, time.GetUtcNow(), cancellation);
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var work = services.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async db =>
            {
                if (!await RowLock.LockAsync(work, "select 1 where pg_try_advisory_xact_lock($1)", WatchLock, cancellation))
                {
                    return default;
                }

                var now = time.GetUtcNow();
                var missing = await services.GetRequiredService<FindSilence>().HandleAsync(now, SilentFor, cancellation);
                var standing = await db.Set<WatchFinding>().Where(finding => finding.GoneAt == null)
                    .ToDictionaryAsync(finding => finding.Key, cancellation);
                var gone = standing.Values.Where(finding => missing.All(row => row.Key != finding.Key)).ToList();
                gone.ForEach(finding => finding.End(now));
                var found = missing.Where(row => !standing.ContainsKey(row.Key)).Select(row => new WatchFinding
                {
                    Id = Guid.CreateVersion7(now),
                    Key = row.Key,
                    Kind = row.Kind,
                    Title = row.Title,
                    Path = row.Path,
                    Since = row.Since,
                    FoundAt = now,
                }).ToList();
                db.AddRange(found);
                if (found.Count > 0)
                {
                    services.GetRequiredService<AuditTrail>().Record(Subjects.Watch, "watch_alarm", Actor.System, new
                    {
                        count = found.Count,
                        findings = found.Select(finding => finding.Key),
                    });
                    await services.GetRequiredService<Outbox>().AddAsync(
                        new WatchAlarm(found[0].Id, [.. found.Select(finding => new WatchAlarm.Silence(finding.Kind, finding.Title, finding.Since))]),
                        await services.GetRequiredService<Audience>().FindAsync([Audience.Administrators], null, cancellation),
                        cancellation);
                }

                return new Counts(found.Count, gone.Count, missing.Count);
            },
            cancellation);
    }
}

/// <summary>
/// What operators measure: deadlines that are due and not fired, the age of the oldest mail that waits, and what the watch has
/// found. The values are those of the last pass; reading them asks no database.
/// </summary>
public sealed class WatchGauges : IDisposable
{
    /// <summary>The meter's name, for collectors.</summary>
    public const string MeterName = "ProcesStandardu.Watch";

    private readonly Meter meter = new(MeterName);
    private long unfired;
    private long oldestMailSeconds;
    private long standing;

    public WatchGauges()
    {
        meter.CreateObservableGauge("proces.deadlines.overdue_unfired", () => Interlocked.Read(ref unfired), "{deadline}");
        meter.CreateObservableGauge("proces.outbox.oldest_waiting", () => Interlocked.Read(ref oldestMailSeconds), "s");
        meter.CreateObservableGauge("proces.watch.findings", () => Interlocked.Read(ref standing), "{finding}");
    }

    internal async Task ReadAsync(NpgsqlDataSource dataSource, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            select (select count(*) from deadline where state = 'pending' and due_at <= $1),
              (select coalesce(extract(epoch from $1 - min(created_at))::bigint, 0) from outbox_message where next_attempt_at is not null),
              (select count(*) from watch_finding where gone_at is null)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = now.ToUniversalTime() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        Interlocked.Exchange(ref unfired, reader.GetInt64(0));
        Interlocked.Exchange(ref oldestMailSeconds, Math.Max(0, reader.GetInt64(1)));
        Interlocked.Exchange(ref standing, reader.GetInt64(2));
    }

    public void Dispose() => meter.Dispose();
}
