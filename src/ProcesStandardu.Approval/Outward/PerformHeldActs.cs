using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Outward;

/// <summary>
/// One pass that performs what was held and can no longer be taken back: the act, its mails and the end of its being held are one
/// transaction. Whom the rules refuse by then gets a mail that says why.
/// </summary>
public sealed class PerformHeldActs(IServiceScopeFactory scopes, TimeProvider time, ILogger<PerformHeldActs> logger)
{
    /// <summary>Reached when an act is performed and nothing is committed.</summary>
    public const string Performed = "held_act.performed";

    /// <returns>How many acts were performed or refused.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var ended = 0;
        var failed = new HashSet<Guid>();
        while (await NextAsync(failed, cancellation) is { } act)
        {
            try
            {
                ended += await PerformAsync(act, cancellation) ? 1 : 0;
            }
            catch (Exception error) when (error is not OperationCanceledException and (not NpgsqlException or PostgresException))
            {
                // It stays held, now beyond taking back, and is tried with the next pass; the others do not wait for it.
                logger.LogError(error, "The held act {Id} ({Kind}) failed", act.Id, act.Kind);
                failed.Add(act.Id);
            }
        }

        return ended;
    }

    private async Task<HeldAct?> NextAsync(HashSet<Guid> except, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async () =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    select id, kind, subject, title, command::text, person_id, asked_at, due_at from held_act
                    where state = 'held' and due_at <= $1 and id <> all($2) order by due_at, id limit 1
                    """,
                    work.Connection);
                command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
                command.Parameters.Add(new NpgsqlParameter { Value = except.ToArray() });
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                return await reader.ReadAsync(cancellation)
                    ? new HeldAct(
                        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                        reader.GetGuid(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7))
                    : null;
            },
            cancellation);
    }

    private async Task<bool> PerformAsync(HeldAct act, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var work = services.GetRequiredService<UnitOfWork>();
        var done = await work.RunAsync<bool>(
            async _ =>
            {
                // Another node has it, or it was taken back meanwhile.
                if (!await RowLock.LockAsync(
                    work, "select 1 from held_act where id = $1 and state = 'held' for update skip locked", act.Id, cancellation))
                {
                    return false;
                }

                if (await services.GetRequiredService<OutwardActs>().PerformAsync(act.Kind, act.Command, act.PersonId, cancellation) is { } refusal)
                {
                    return refusal;
                }

                await EndAsync(work, act.Id, "done", null, cancellation);
                Failpoints.Reach(Performed);
                return true;
            },
            cancellation);
        return done.Refusal is { } met ? await RefuseAsync(act, met, cancellation) : done.Value;
    }

    private async Task<bool> RefuseAsync(HeldAct act, Refusal refusal, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var work = services.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async () =>
            {
                if (await EndAsync(work, act.Id, "refused", refusal.Key, cancellation) == 0)
                {
                    return false;
                }

                services.GetRequiredService<AuditTrail>().Record(
                    act.Subject, "act_refused", Actor.System, new { act = act.Kind, person = act.PersonId, refusal = refusal.Key });
                await services.GetRequiredService<Outbox>().AddAsync(
                    new ActWasRefused(act.Id, act.Kind, act.Title, act.Subject, OutwardActs.PathOf(act.Subject)), act.PersonId, cancellation);
                return true;
            },
            cancellation);
    }

    private async Task<int> EndAsync(UnitOfWork work, Guid id, string state, string? refusal, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "update held_act set state = $2, ended_at = $3, refusal = $4 where id = $1 and state = 'held'", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        command.Parameters.Add(new NpgsqlParameter { Value = state });
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)refusal ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
