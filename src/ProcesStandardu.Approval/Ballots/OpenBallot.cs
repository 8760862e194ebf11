using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Puts the newest revision of a deliverable to a board: fixes the electorate and the term, gives notice.</summary>
public sealed class OpenBallot(UnitOfWork work, AuditTrail audit, Outbox outbox, TimeProvider time)
{
    /// <param name="Title">What the board is asked; null takes the deliverable's title.</param>
    /// <param name="WorkingDays">The term; null takes the rules of procedure's. At least 1.</param>
    /// <param name="ClosesWhenAllVoted">Null takes the rules of procedure's.</param>
    public sealed record Command(
        string DeliverableKey, string BodyKey, string? Title, int? WorkingDays, bool? ClosesWhenAllVoted, Actor Actor);

    /// <summary>The ballot as it was opened.</summary>
    public sealed record Opened(Guid BallotId, string Number, DateOnly DueOn);

    /// <returns>
    /// The ballot, or <see cref="NothingToVoteOn"/>, <see cref="BallotIsOpenAlready"/>, <see cref="NoRulesInForce"/>,
    /// <see cref="ElectorateIsTooSmall"/>.
    /// </returns>
    public Task<Result<Opened>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Opened>(
        async db =>
        {
            await work.LockDeliverableAsync(command.DeliverableKey, cancellation);
            var now = time.GetUtcNow();
            var today = Warsaw.DateOf(now);

            var deliverable = await db.Deliverables.SingleOrDefaultAsync(d => d.Key == command.DeliverableKey, cancellation);
            var revision = await db.Revisions
                .Where(r => r.DeliverableKey == command.DeliverableKey && r.Status == RevisionStatus.Submitted)
                .OrderByDescending(r => r.Major).ThenByDescending(r => r.Minor)
                .FirstOrDefaultAsync(cancellation);
            if (deliverable is null || revision is null || deliverable.Status == DeliverableStatus.Adopted)
            {
                return new NothingToVoteOn();
            }

            var running = await db.Ballots.Where(b => b.DeliverableKey == deliverable.Key && b.State == BallotState.Open)
                .Select(b => b.Number).SingleOrDefaultAsync(cancellation);
            if (running is not null)
            {
                return new BallotIsOpenAlready(running);
            }

            var rules = await db.RulesOfProcedure.Where(r => r.BodyKey == command.BodyKey && r.ValidFrom <= today)
                .OrderByDescending(r => r.Version).FirstOrDefaultAsync(cancellation);
            if (rules is null)
            {
                return new NoRulesInForce(today);
            }

            var terms = rules.Read();
            var id = Guid.CreateVersion7(now);
            var electorate = await ElectorateAsync(db, id, command.BodyKey, deliverable, today, cancellation);
            var entitled = electorate.Count(elector => !elector.IsRecused);
            if (entitled < terms.MinimumElectorate)
            {
                return new ElectorateIsTooSmall(entitled, terms.MinimumElectorate);
            }

            var ballot = new Ballot(
                id,
                await work.NextBallotNumberAsync(command.BodyKey, today.Year, cancellation),
                rules,
                deliverable.Key,
                revision.Id,
                string.IsNullOrWhiteSpace(command.Title) ? deliverable.Title : command.Title.Trim(),
                now,
                WorkingCalendar.AddWorkingDays(today, Math.Max(1, command.WorkingDays ?? terms.WrittenProcedureWorkingDays)),
                command.ClosesWhenAllVoted ?? terms.ClosesWhenAllVoted,
                electorate);
            db.Ballots.Add(ballot);
            deliverable.EnterBallot(revision.Id);

            audit.Record(Subjects.Ballot(id), "ballot_opened", command.Actor, new
            {
                number = ballot.Number,
                deliverable = deliverable.Key,
                revision = revision.Number.ToString(),
                dueOn = ballot.DueOn,
                rulesVersion = rules.Version,
                entitled,
                recused = electorate.Where(elector => elector.IsRecused).Select(elector => elector.PersonId),
            });
            audit.Record(Subjects.Deliverable(deliverable.Key), "put_to_ballot", command.Actor, new
            {
                number = ballot.Number,
                revision = revision.Number.ToString(),
            });

            await db.SaveChangesAsync(cancellation);
            await outbox.AddAsync(
                new BallotNotice(BallotCases.Of(ballot, revision)),
                [.. electorate.Where(elector => !elector.IsRecused).Select(elector => elector.PersonId)],
                cancellation);
            return new Opened(id, ballot.Number, ballot.DueOn);
        },
        cancellation);

    /// <summary>
    /// The board's voting members of this day. A member whose organisation wrote the deliverable is recused; the record
    /// names him and the ground.
    /// </summary>
    private static async Task<List<Elector>> ElectorateAsync(
        ProcesDbContext db, Guid ballotId, string bodyKey, Deliverable deliverable, DateOnly today, CancellationToken cancellation)
    {
        var members = await db.BodyMembers.AsNoTracking().Where(member => member.BodyKey == bodyKey).ToListAsync(cancellation);
        var sitting = members.Where(member => member.Covers(today) && member.Votes).OrderBy(member => member.Ordinal).ToList();
        var ids = sitting.Select(member => member.PersonId).ToList();
        var people = await db.People.AsNoTracking().Where(person => ids.Contains(person.Id) && person.IsActive)
            .ToDictionaryAsync(person => person.Id, cancellation);

        return [.. sitting.Where(member => people.ContainsKey(member.PersonId)).Select(member => new Elector
        {
            BallotId = ballotId,
            PersonId = member.PersonId,
            Position = member.Position,
            Ordinal = member.Ordinal,
            RecusalBasis = people[member.PersonId].OrganisationKey is { } organisation
                && deliverable.AuthorOrganisationKeys.Contains(organisation)
                ? RecusalBasis.OrganisationIsAuthor
                : null,
        })];
    }
}
