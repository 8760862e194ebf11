using Npgsql;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Deadlines.Watch;

namespace ProcesStandardu.Approval.Time;

/// <summary>
/// Moves the programme's clock forward as time itself would: it stops at every instant at which something is due and at
/// every morning of reminders, and lets the passes do that instant's work before it goes on.
/// </summary>
public sealed class TimeTravel(ProgrammeClock clock, NpgsqlDataSource dataSource, IServiceProvider services)
{
    /// <summary>What happened on the way.</summary>
    /// <param name="Stops">At how many instants the clock stopped.</param>
    /// <param name="Done">How many rows each pass moved on.</param>
    public sealed record Journey(DateTimeOffset From, DateTimeOffset To, int Stops, IReadOnlyDictionary<string, int> Done);

    /// <summary>Moves the clock to <paramref name="target"/>. A target in the past leaves the clock as it is.</summary>
    /// <param name="movedById">The person who moves it; null for the seeding.</param>
    public async Task<Journey> AdvanceToAsync(DateTimeOffset target, Guid? movedById, CancellationToken cancellation)
    {
        await clock.RefreshAsync(cancellation);
        var start = clock.GetUtcNow();
        var done = new Dictionary<string, int>();
        var stops = 0;
        for (var at = start; at < target;)
        {
            at = await NextStopAsync(at, cancellation) is { } stop && stop < target ? stop : target;
            await clock.SetToAsync(at, movedById, cancellation);
            foreach (var (pass, count) in await Passes.RunAllDueAsync(services, cancellation))
            {
                done[pass] = done.GetValueOrDefault(pass) + count;
            }

            stops++;
        }

        return new Journey(start, clock.GetUtcNow(), stops, done);
    }

    /// <summary>The next instant at which a ballot, a deadline, a workflow's wait or a held act is due; null when none is.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            select min(due_at) from (
              select due_at from ballot where state = 'open' and due_at > $1
              union all select due_at from deadline where state = 'pending' and due_at > $1
              union all select due_at from workflow_bookmark where due_at > $1
              union all select due_at from held_act where state = 'held' and due_at > $1
            ) as due
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = after.ToUniversalTime() });
        return await command.ExecuteScalarAsync(cancellation) is DateTime due
            ? new DateTimeOffset(DateTime.SpecifyKind(due, DateTimeKind.Utc))
            : null;
    }

    private async Task<DateTimeOffset?> NextStopAsync(DateTimeOffset after, CancellationToken cancellation)
    {
        var due = await NextDueAsync(after, cancellation);
        var morning = Earlier(await NextReminderAsync(after, cancellation), await NextDigestAsync(after, cancellation));
        return due is null || morning < due ? morning ?? due : due;
    }

    /// <summary>The next working morning, where anybody gets a digest; null where nobody does.</summary>
    private async Task<DateTimeOffset?> NextDigestAsync(DateTimeOffset after, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            "select exists (select from mail_choice where delivery = 'digest' union all select from mail_role_choice where delivery = 'digest')");
        if (!(bool)(await command.ExecuteScalarAsync(cancellation))!)
        {
            return null;
        }

        var day = Warsaw.DateOf(after);
        var today = Warsaw.At(day, SendReminders.Morning);
        return WorkingCalendar.IsWorkingDay(day) && after < today
            ? today
            : Warsaw.At(WorkingCalendar.AddWorkingDays(day, 1), SendReminders.Morning);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other ?? one : one;

    /// <summary>The next morning on which somebody is reminded of what runs now; null when nobody is.</summary>
    private async Task<DateTimeOffset?> NextReminderAsync(DateTimeOffset after, CancellationToken cancellation)
    {
        var plan = await ReminderSteps.ReadAsync(dataSource, cancellation);
        await using var command = dataSource.CreateCommand(
            """
            select due_on, true, false from ballot where state = 'open' and due_at > $1
            union all select due_on, false, false from deadline where state = 'pending' and due_at > $1
            union all select due_on, false, true from deadline where state = 'passed' and met_at is null and due_on > $1::date - 150
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = after.ToUniversalTime() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        DateTimeOffset? next = null;
        while (await reader.ReadAsync(cancellation))
        {
            var end = reader.GetFieldValue<DateOnly>(0);
            var days = reader.GetBoolean(2)
                ? plan.Escalation.Where(step => step > 0).Select(step => WorkingCalendar.AddWorkingDays(end, step))
                : (reader.GetBoolean(1) ? plan.Ballots : plan.Deadlines).Select(step => SendReminders.DayOf(end, step));
            foreach (var day in days)
            {
                var morning = Warsaw.At(day, SendReminders.Morning);
                if (morning > after && (next is null || morning < next))
                {
                    next = morning;
                }
            }
        }

        return next;
    }
}
