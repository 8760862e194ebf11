using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Outward;

/// <summary>The same act waits to be performed already.</summary>
public sealed record ActIsHeldAlready(DateTimeOffset DueAt) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [DueAt];
}

/// <summary>
/// Asks for an act that others learn of. It is tried first, in a transaction that is undone, so that whatever stands in its way
/// is said at once; then it is held, and <see cref="PerformHeldActs"/> performs it when its time to be taken back is over.
/// </summary>
public sealed class HoldAct(UnitOfWork work, OutwardActs acts, AuditTrail audit, TimeProvider time, IOptions<OutwardOptions> options)
{
    public sealed record Command(Guid PersonId, OutwardActs.Outward Act, string? FormKey = null);

    /// <param name="DueAt">When it will be performed; null when it was at once.</param>
    public sealed record Held(Guid? Id, DateTimeOffset? DueAt);

    /// <returns>Held or done, the act's own refusal, or <see cref="ActIsHeldAlready"/>.</returns>
    public async Task<Result<Held>> HandleAsync(Command command, CancellationToken cancellation)
    {
        var json = OutwardActs.ToJson(command.Act);
        var window = options.Value.UndoSeconds is { } seconds
            ? TimeSpan.FromSeconds(seconds)
            : await work.RunAsync(db => OutwardActs.WindowAsync(db, command.Act, Warsaw.DateOf(time.GetUtcNow()), cancellation), cancellation);
        if (window == TimeSpan.Zero)
        {
            return await work.OnceAsync<Held>(
                command.PersonId, command.FormKey, Request(command, json),
                async _ => await acts.PerformAsync(command.Act.Kind, json, command.PersonId, cancellation) is { } refusal
                    ? refusal
                    : new Held(null, null),
                cancellation);
        }

        var obstacle = await work.RunAsync<Held>(
            async _ => await acts.PerformAsync(command.Act.Kind, json, command.PersonId, cancellation) ?? new TrialIsOver(), cancellation);
        if (obstacle.Refusal is not TrialIsOver)
        {
            // A form sent twice is answered from its receipt, whatever stands in the way by now.
            return await AnsweredAsync(command, json, obstacle.Refusal!, cancellation);
        }

        return await work.OnceAsync<Held>(
            command.PersonId, command.FormKey, Request(command, json), _ => KeepAsync(command, json, window, cancellation), cancellation);
    }

    private Task<Result<Held>> AnsweredAsync(Command command, string json, Refusal refusal, CancellationToken cancellation) =>
        work.OnceAsync<Held>(
            command.PersonId, command.FormKey, Request(command, json), _ => Task.FromResult<Result<Held>>(refusal), cancellation);

    private async Task<Result<Held>> KeepAsync(Command command, string json, TimeSpan window, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var held = new Held(Guid.CreateVersion7(now), now + window);
        await using var insert = new NpgsqlCommand(
            """
            insert into held_act (id, kind, subject, title, command, person_id, asked_at, due_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (kind, subject) where state = 'held' do nothing
            """,
            work.Connection);
        foreach (var value in new object[] { held.Id!, command.Act.Kind, command.Act.Subject, command.Act.Title })
        {
            insert.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        insert.Parameters.Add(new NpgsqlParameter { Value = json, NpgsqlDbType = NpgsqlDbType.Jsonb });
        foreach (var value in new object[] { command.PersonId, now, held.DueAt! })
        {
            insert.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        if (await insert.ExecuteNonQueryAsync(cancellation) == 0)
        {
            return new ActIsHeldAlready(held.DueAt!.Value);
        }

        audit.Record(
            command.Act.Subject, "act_held", new Actor(command.PersonId), new { act = command.Act.Kind, until = held.DueAt });
        return held;
    }

    private static object Request(Command command, string json) => new { command.Act.Kind, command.Act.Subject, json };

    /// <summary>Nothing stood in the way of the act that was tried; the unit of work undoes it.</summary>
    private sealed record TrialIsOver : Refusal;
}
