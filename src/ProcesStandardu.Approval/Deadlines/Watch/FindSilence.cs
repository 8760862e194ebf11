using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines.Watch;

/// <summary>
/// Derives from the data alone what should have happened by now. It asks none of the duties that should have done it, and
/// changes nothing.
/// </summary>
public sealed class FindSilence(UnitOfWork work, ReminderSteps steps)
{
    /// <summary>How late something may be before it is a finding, by the programme's clock.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>How long a mail may wait to leave.</summary>
    public static readonly TimeSpan MailPatience = TimeSpan.FromHours(1);

    /// <summary>How long after the hour of reminders they must be there.</summary>
    private static readonly TimeSpan ReminderPatience = TimeSpan.FromMinutes(30);

    /// <summary>Rows told of each kind: where thousands are late, a hundred say it as well.</summary>
    private const int Most = 100;

    /// <summary>Something missing, before it is a finding.</summary>
    public sealed record Missing(string Key, string Kind, string Title, string? Path, DateTimeOffset Since);

    /// <param name="silentFor">How long a background duty may be silent, by the database's clock.</param>
    public async Task<IReadOnlyList<Missing>> HandleAsync(DateTimeOffset now, TimeSpan silentFor, CancellationToken cancellation) =>
    [
        .. await RowsAsync(
            WatchKind.DeadlineNotFired,
            "select key, title, '/terminy/' || key, due_at from deadline where state = 'pending' and due_at < $1 order by due_at, key limit $2",
            now - Patience, cancellation),
        .. await RowsAsync(
            WatchKind.BallotNotClosed,
            """
            select id::text, number || ': ' || title, '/glosowania/' || id, due_at from ballot
            where state = 'open' and due_at < $1 order by due_at, number limit $2
            """,
            now - Patience, cancellation),
        .. await RowsAsync(
            WatchKind.WaitNotFired,
            """
            select b.id::text, coalesce(i.name, i.definition_id) || ', ' || b.activity_id, null, b.due_at
            from workflow_bookmark b join workflow_instance i on i.id = b.instance_id
            where b.due_at < $1 and i.status = 'running' and not exists (select from kept_delivery k where k.bookmark_id = b.id)
            order by b.due_at, b.id limit $2
            """,
            now - Patience, cancellation),
        .. await RowsAsync(
            WatchKind.MailTooOld,
            """
            select 'outbox', count(*) || '', '/poczta', min(created_at) from outbox_message
            where state in ('pending', 'retry', 'sending') and created_at < $1 having count(*) > 0 limit $2
            """,
            now - MailPatience, cancellation),
        .. await RowsAsync(
            WatchKind.PassSilent,
            "select pass, pass, null, rang_at from pass_tick where rang_at < clock_timestamp() - $1::interval order by pass limit $2",
            silentFor, cancellation),
        .. await RemindersAsync(now, cancellation),
    ];

    private async Task<List<Missing>> RowsAsync(string kind, string sql, object bound, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = bound is DateTimeOffset at ? at.ToUniversalTime() : bound });
        command.Parameters.Add(new NpgsqlParameter { Value = Most });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<Missing>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new Missing(
                $"{kind}:{reader.GetString(0)}", kind, reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return rows;
    }

    /// <summary>A deadline at one of its steps, and no mail about it: also when there is nobody who could be reminded.</summary>
    private async Task<List<Missing>> RemindersAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var today = Warsaw.DateOf(now);
        var morning = Warsaw.At(today, SendReminders.Morning);
        if (now < morning + ReminderPatience || !WorkingCalendar.IsWorkingDay(today))
        {
            return [];
        }

        var plan = (await steps.ReadAsync(cancellation)).Deadlines;
        var missing = new List<Missing>();
        foreach (var deadline in await work.Db.Deadlines.AsNoTracking()
            .Where(d => d.State == DeadlineState.Pending && d.DueAt > now && d.DueOn <= today.AddDays((plan.DefaultIfEmpty().Max() * 2) + 7))
            .OrderBy(d => d.DueAt).Take(Most).ToListAsync(cancellation))
        {
            if (SendReminders.StepOn(today, deadline.DueOn, plan) is not { } step)
            {
                continue;
            }

            var cause = MailKinds.DeadlineCause(deadline.Key);
            var start = $"{MailKinds.DeadlineReminder}/{cause}/{step}@{deadline.DueOn:yyyy-MM-dd}/";
            if (!await work.Db.OutboxMessages.AnyAsync(
                mail => mail.Cause == cause && mail.Kind == MailKinds.DeadlineReminder && mail.MailKey.StartsWith(start), cancellation))
            {
                missing.Add(new Missing(
                    $"{WatchKind.ReminderNotSent}:{deadline.Key}:{step}@{deadline.DueOn:yyyy-MM-dd}", WatchKind.ReminderNotSent, deadline.Title,
                    SitePaths.Deadline(deadline.Key), morning));
            }
        }

        return missing;
    }
}
