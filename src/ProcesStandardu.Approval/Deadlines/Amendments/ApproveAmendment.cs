using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows.Activities;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>
/// A second person approves an amendment. Its effects are worked out again with the dates locked; if they are not the ones that were
/// shown, nothing happens and the difference is said. Otherwise dates, phases, the waits of running workflows and exactly
/// the previewed mails are one transaction.
/// </summary>
public sealed class ApproveAmendment(
    UnitOfWork work, Rights rights, FindImpact impact, Outbox outbox, AuditTrail audit, TimeProvider time)
{
    public sealed record Command(Guid PersonId, Guid AmendmentId, string? FormKey);

    /// <summary>What the approval did.</summary>
    /// <param name="Waits">How many waits of running workflows got another time.</param>
    public sealed record Approved(int Deadlines, int Mails, int Waits);

    public Task<Result<Approved>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Approved>(
        command.PersonId, command.FormKey, new { command.AmendmentId, Act = "approve" },
        db => ApproveAsync(db, command, cancellation),
        cancellation);

    private async Task<Result<Approved>> ApproveAsync(ProcesDbContext db, Command command, CancellationToken cancellation)
    {
        await work.LockAmendmentAsync(command.AmendmentId, cancellation);
        await LockDatesAsync(cancellation);
        var amendment = await db.Amendments.Include(a => a.Changes).SingleOrDefaultAsync(a => a.Id == command.AmendmentId, cancellation);
        if (amendment is null || !(await rights.OfAsync(command.PersonId, cancellation)).KeepsOutbox)
        {
            return new NotFoundOrNotYours();
        }

        if (amendment.State != AmendmentState.Proposed)
        {
            return new AmendmentIsNotOpen();
        }

        if (amendment.ProposedById == command.PersonId)
        {
            return new SecondPersonIsNeeded();
        }

        var now = time.GetUtcNow();
        var found = await impact.HandleAsync(
            amendment.Id, amendment.Number, amendment.DatedOn,
            amendment.Changes.ToDictionary(change => change.DeadlineKey, change => change.ToDueOn), now, cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        var preview = found.Value;
        if (preview.DifferenceFrom(ImpactPreview.Parse(amendment.Preview)) is { Count: > 0 } differences)
        {
            return new ImpactHasChanged(string.Join("; ", differences));
        }

        var waits = await MoveAsync(db, amendment, preview, now, cancellation);
        amendment.Approve(command.PersonId, now);
        await db.SaveChangesAsync(cancellation);
        var mails = await outbox.AddAsync(
            FindImpact.MailOf(amendment.Id, amendment.Number, amendment.DatedOn, preview),
            [.. preview.Mails.Select(mail => mail.PersonId)], cancellation);
        audit.Record(Subjects.Amendment(amendment.Id), "amendment_approved", new Actor(command.PersonId), new
        {
            number = amendment.Number,
            datedOn = amendment.DatedOn,
            dates = preview.Deadlines.Select(row => new { deadline = row.Key, from = row.From, to = row.To }),
            mails,
            waits,
        });
        return new Approved(preview.Deadlines.Count, mails, waits);
    }

    /// <summary>Until the commit no date moves, passes or is met, and no workflow begins to wait for one.</summary>
    private async Task LockDatesAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select 1 from deadline where state = 'pending' order by key for no key update", work.Connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<int> MoveAsync(
        ProcesDbContext db, AgreementAmendment amendment, ImpactPreview preview, DateTimeOffset now, CancellationToken cancellation)
    {
        var keys = preview.Deadlines.Select(row => row.Key).ToList();
        var deadlines = await db.Deadlines.Where(deadline => keys.Contains(deadline.Key))
            .ToDictionaryAsync(deadline => deadline.Key, cancellation);
        var waits = 0;
        foreach (var row in preview.Deadlines)
        {
            var deadline = deadlines[row.Key];
            deadline.MoveTo(row.To, amendment.Id, now);
            waits += await MoveWaitsAsync(deadline, cancellation);
            if (deadline.Subject.StartsWith("programme:", StringComparison.Ordinal))
            {
                (await db.Programmes.SingleAsync(cancellation)).MoveEndTo(row.To);
            }
        }

        foreach (var row in preview.Phases)
        {
            (await db.Phases.SingleAsync(phase => phase.Key == row.Key, cancellation)).MoveEndTo(row.To);
        }

        return waits;
    }

    /// <summary>
    /// Waits that know their instant get the new one; those that wait for the deadline's own word need nothing. The workflows are not
    /// run: they only sleep longer or shorter.
    /// </summary>
    private async Task<int> MoveWaitsAsync(Deadline deadline, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            update workflow_bookmark
            set due_at = case payload::jsonb ->> 'moment' when $2 then $3::timestamptz else $4::timestamptz end
            where name = $5 and due_at is not null and payload::jsonb ->> 'deadlineKey' = $1
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = deadline.Key });
        command.Parameters.Add(new NpgsqlParameter { Value = WaitForDate.StartOfDay });
        command.Parameters.Add(new NpgsqlParameter { Value = Warsaw.StartOf(deadline.DueOn) });
        command.Parameters.Add(new NpgsqlParameter { Value = deadline.DueAt });
        command.Parameters.Add(new NpgsqlParameter { Value = WaitForDate.TypeName });
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
