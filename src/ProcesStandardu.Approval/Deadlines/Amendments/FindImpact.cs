using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>Works out what an amendment would do from what the database says now, inside the transaction that runs.</summary>
public sealed class FindImpact(UnitOfWork work, Audience audience, Outbox outbox, ReminderSteps steps)
{
    /// <summary>The effects, the mails included; or why the amendment cannot be.</summary>
    public async Task<Result<ImpactPreview>> HandleAsync(
        Guid amendmentId, string number, DateOnly datedOn, IReadOnlyDictionary<string, DateOnly> changes, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var impact = Impact.Of(await FactsAsync(now, cancellation), changes);
        if (!impact.Succeeded)
        {
            return impact;
        }

        var mail = MailOf(amendmentId, number, datedOn, impact.Value);
        var people = await RecipientsAsync(cancellation);
        return impact.Value with
        {
            Mails = [.. people.Select(person => outbox.Finish(mail, person, now) is var message
                ? new ImpactPreview.MailRow(person.Id, person.DisplayName, message.Subject, MimeReader.Read(message.Bytes).Text)
                : null!)],
        };
    }

    /// <summary>The one mail that each person gets, with all changes.</summary>
    internal static DatesMoved MailOf(Guid amendmentId, string number, DateOnly datedOn, ImpactPreview impact) =>
        new(amendmentId, number, datedOn, [.. impact.Deadlines.Select(row => new DatesMoved.Move(row.Key, row.Title, row.From, row.To, row.Moves))]);

    /// <summary>An amendment concerns the whole agreement: every lead, the board's chairs, its secretary, administrators and observers.</summary>
    private async Task<IReadOnlyList<MailRecipient>> RecipientsAsync(CancellationToken cancellation)
    {
        var ids = await audience.FindAsync(
            [Audience.TaskLead, Audience.Chair, Audience.ViceChair, Audience.Secretary, Audience.Administrators, Audience.Observers],
            null, cancellation);
        return await work.Db.People.AsNoTracking().Where(person => ids.Contains(person.Id)).OrderBy(person => person.Key)
            .Select(person => new MailRecipient(person.Id, person.DisplayName, person.Email, person.Language)).ToListAsync(cancellation);
    }

    private async Task<ImpactFacts> FactsAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var db = work.Db;
        var today = Warsaw.DateOf(now);
        var rules = await db.RulesOfProcedure.AsNoTracking().Where(version => version.ValidFrom <= today)
            .OrderByDescending(version => version.Version).FirstOrDefaultAsync(cancellation);
        return new ImpactFacts(
            Warsaw.Local(now).DateTime,
            await db.Programmes.Select(programme => programme.EndsOn).FirstAsync(cancellation),
            await db.Deadlines.AsNoTracking().ToDictionaryAsync(deadline => deadline.Key, cancellation),
            await db.Phases.AsNoTracking().ToDictionaryAsync(phase => phase.Key, cancellation),
            await db.Deliverables.AsNoTracking().ToDictionaryAsync(item => item.Key, item => item.Title, cancellation),
            rules?.Read().WrittenProcedureWorkingDays,
            (await steps.ReadAsync(cancellation)).Deadlines,
            await db.DeadlineDates.GroupBy(date => date.DeadlineKey)
                .ToDictionaryAsync(dates => dates.Key, dates => dates.Count(), cancellation));
    }
}
