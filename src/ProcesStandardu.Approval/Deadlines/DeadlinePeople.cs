using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>Who owes what a deadline asks for, who watches it, and what they are told.</summary>
public sealed class DeadlinePeople(UnitOfWork work, Outbox outbox, Letters letters, Audience audience)
{
    /// <summary>Reminds those who still owe; the same step is sent once.</summary>
    /// <param name="step">For example <c>T-7</c>.</param>
    public async Task RemindAsync(Deadline deadline, string step, CancellationToken cancellation)
    {
        var taskKey = await TaskOfAsync(deadline.Subject, cancellation);
        await outbox.QueueAsync(
            new DeadlineReminder(
                CaseOf(deadline) with
                {
                    Moves = await work.Db.DeadlineDates.CountAsync(date => date.DeadlineKey == deadline.Key, cancellation) - 1,
                },
                step),
            await audience.FindAsync([Audience.TaskLead], taskKey, cancellation),
            cancellation);
    }

    /// <summary>Tells those who owed, the secretary and the chair that deadlines ran out; however many, in a few statements: their mails are written after.</summary>
    public async Task TellPassedAsync(IReadOnlyCollection<Deadline> deadlines, CancellationToken cancellation)
    {
        var owed = await OwedAsync([.. deadlines.Select(deadline => deadline.Subject).Distinct()], cancellation);
        var told = new Dictionary<string, IReadOnlyList<Guid>>();
        var mails = new List<(OutboundMail Mail, IReadOnlyCollection<Guid> Recipients)>();
        foreach (var deadline in deadlines)
        {
            var (task, title) = owed.GetValueOrDefault(deadline.Subject);
            if (!told.TryGetValue(task ?? "", out var people))
            {
                people = told[task ?? ""] =
                    await audience.FindAsync([Audience.TaskLead, Audience.Secretary, Audience.Chair], task, cancellation);
            }

            mails.Add((new DeadlinePassed(CaseOf(deadline), title ?? Split(deadline.Subject).Key), people));
        }

        await letters.AddAsync(mails, cancellation);
    }

    /// <summary>The task and the title of each thing that is owed, by subject; the whole programme has no task.</summary>
    private async Task<Dictionary<string, (string? Task, string? Title)>> OwedAsync(string[] subjects, CancellationToken cancellation)
    {
        var db = work.Db;
        var rows = new List<(string Subject, string? Task, string? Title)>();
        if (Keys("deliverable") is { Length: > 0 } deliverables)
        {
            rows.AddRange((await db.Deliverables.Where(d => deliverables.Contains(d.Key)).Select(d => new { d.Key, d.TaskKey, d.Title })
                .ToListAsync(cancellation)).Select(d => ("deliverable:" + d.Key, (string?)d.TaskKey, (string?)d.Title)));
        }

        if (Keys("phase") is { Length: > 0 } phases)
        {
            rows.AddRange((await db.Phases.Where(p => phases.Contains(p.Key)).Select(p => new { p.Key, p.TaskKey, p.Title })
                .ToListAsync(cancellation)).Select(p => ("phase:" + p.Key, (string?)p.TaskKey, (string?)p.Title)));
        }

        if (Keys("indicator") is { Length: > 0 } indicators)
        {
            rows.AddRange((await db.Indicators.Where(i => indicators.Contains(i.Key)).Select(i => new { i.Key, i.TaskKey, i.Title })
                .ToListAsync(cancellation)).Select(i => ("indicator:" + i.Key, i.TaskKey, (string?)i.Title)));
        }

        if (Keys("programme") is { Length: > 0 })
        {
            rows.AddRange((await db.Programmes.Select(p => new { p.Key, p.Title }).ToListAsync(cancellation))
                .Select(p => ("programme:" + p.Key, (string?)null, (string?)p.Title)));
        }

        return rows.ToDictionary(row => row.Subject, row => (row.Task, row.Title));

        string[] Keys(string kind) =>
            [.. subjects.Select(Split).Where(subject => subject.Kind == kind).Select(subject => subject.Key)];
    }

    /// <summary>Tells the next one above those who owe that nothing has come; each level is told once about one end.</summary>
    /// <param name="level">0 the lead, 1 the secretary, 2 the chair.</param>
    /// <param name="workingDaysLate">Working days since the end.</param>
    /// <returns>How many mails are queued now.</returns>
    public async Task<int> EscalateAsync(Deadline deadline, int level, int workingDaysLate, CancellationToken cancellation) =>
        await outbox.AddAsync(
            new DeadlineEscalation(CaseOf(deadline), await AwaitedAsync(deadline.Subject, cancellation), level, workingDaysLate),
            await audience.FindAsync([Levels[level]], await TaskOfAsync(deadline.Subject, cancellation), cancellation),
            cancellation);

    private static readonly string[] Levels = [Audience.TaskLead, Audience.Secretary, Audience.Chair];

    private static DeadlineCase CaseOf(Deadline deadline)
    {
        var (kind, key) = Split(deadline.Subject);
        return new DeadlineCase(
            deadline.Key, deadline.Title, deadline.Subject, deadline.DueOn,
            kind == "deliverable" ? SitePaths.Deliverable(key) : SitePaths.Deadline(deadline.Key));
    }

    /// <summary>The task that owes it; null when the whole programme does.</summary>
    private async Task<string?> TaskOfAsync(string subject, CancellationToken cancellation)
    {
        var (kind, key) = Split(subject);
        return kind switch
        {
            "deliverable" => await work.Db.Deliverables.Where(d => d.Key == key).Select(d => d.TaskKey).SingleOrDefaultAsync(cancellation),
            "phase" => await work.Db.Phases.Where(p => p.Key == key).Select(p => p.TaskKey).SingleOrDefaultAsync(cancellation),
            "indicator" => await work.Db.Indicators.Where(i => i.Key == key).Select(i => i.TaskKey).SingleOrDefaultAsync(cancellation),
            _ => null,
        };
    }

    /// <summary>What is still awaited, by its title.</summary>
    private async Task<string> AwaitedAsync(string subject, CancellationToken cancellation)
    {
        var (kind, key) = Split(subject);
        return kind switch
        {
            "deliverable" => await work.Db.Deliverables.Where(d => d.Key == key).Select(d => d.Title).SingleOrDefaultAsync(cancellation),
            "phase" => await work.Db.Phases.Where(p => p.Key == key).Select(p => p.Title).SingleOrDefaultAsync(cancellation),
            "indicator" => await work.Db.Indicators.Where(i => i.Key == key).Select(i => i.Title).SingleOrDefaultAsync(cancellation),
            _ => await work.Db.Programmes.Select(p => p.Title).FirstOrDefaultAsync(cancellation),
        } ?? key;
    }

    internal static (string Kind, string Key) Split(string subject)
    {
        var colon = subject.IndexOf(':', StringComparison.Ordinal);
        return (subject[..colon], subject[(colon + 1)..]);
    }
}
