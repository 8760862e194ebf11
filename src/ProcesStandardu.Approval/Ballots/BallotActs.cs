using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// What every act on a ballot has in common: one form once, the locks in their order, the rows read behind them, and who
/// acts. Whoever may not know of the ballot finds none.
/// </summary>
public sealed class BallotActs(UnitOfWork work, Rights rights, TimeProvider time)
{
    /// <summary>A ballot, locked, with all that an act on it needs.</summary>
    /// <param name="Rules">The version that the ballot is bound to.</param>
    /// <param name="Revision">The revision under ballot.</param>
    public sealed record Scene(
        ProcesDbContext Db, Ballot Ballot, RuleTerms Rules, Revision Revision, PersonRights Person, DateTimeOffset Now)
    {
        public Actor Actor => Person == PersonRights.OfSystem ? Actor.System : new Actor(Person.PersonId);

        public string Subject => Subjects.Ballot(Ballot.Id);

        public BallotCase Case => BallotCases.Of(Ballot, Revision);

        /// <summary>True when the person holds one of these places in the ballot's board.</summary>
        public bool Holds(params IReadOnlyList<string> places) =>
            Person.IsActive && Person.Positions.TryGetValue(Ballot.BodyKey, out var place) && places.Contains(place);

        /// <summary>The people in these places today.</summary>
        public async Task<List<Guid>> HoldersAsync(IReadOnlyCollection<string> places, CancellationToken cancellation)
        {
            var today = Warsaw.DateOf(Now);
            var members = await Db.BodyMembers.AsNoTracking().Where(member => member.BodyKey == Ballot.BodyKey).ToListAsync(cancellation);
            return [.. members.Where(member => member.Covers(today) && places.Contains(member.Position)).Select(member => member.PersonId)];
        }
    }

    /// <summary>Runs an act once for a form.</summary>
    /// <param name="request">What was asked, to recognise the same key with other contents.</param>
    public Task<Result<T>> RunAsync<T>(
        Guid ballotId, Guid personId, string? formKey, object request, Func<Scene, Task<Result<T>>> act, CancellationToken cancellation)
    {
        // An act counts by the moment it arrives, not by the moment the ballot's lock is free for it.
        var arrivedAt = time.GetUtcNow();
        return work.OnceAsync<T>(
            personId,
            formKey,
            request,
            async db =>
            {
                var deliverableKey = await db.Ballots.Where(b => b.Id == ballotId).Select(b => b.DeliverableKey)
                    .SingleOrDefaultAsync(cancellation);
                var person = await rights.OfAsync(personId, cancellation);
                if (deliverableKey is null || !person.Observes)
                {
                    return new NotFoundOrNotYours();
                }

                await work.LockDeliverableAsync(deliverableKey, cancellation);
                return await act(await LockedAsync(db, ballotId, person, arrivedAt, cancellation));
            },
            cancellation);
    }

    /// <summary>Locks and reads a ballot for the system itself; the caller has locked its deliverable.</summary>
    internal Task<Scene> LockedAsync(ProcesDbContext db, Guid ballotId, DateTimeOffset now, CancellationToken cancellation) =>
        LockedAsync(db, ballotId, PersonRights.OfSystem, now, cancellation);

    /// <summary>Locks and reads a ballot whose deliverable the caller has locked.</summary>
    internal async Task<Scene> LockedAsync(
        ProcesDbContext db, Guid ballotId, PersonRights person, DateTimeOffset now, CancellationToken cancellation)
    {
        await work.LockBallotAsync(ballotId, cancellation);

        // One trip, and standing positions only: what was superseded decides nothing, and there may be any number of it.
        var ballot = await db.Ballots.Include(b => b.Electors).Include(b => b.Positions.Where(p => p.SupersededById == null)).Include(b => b.Urn)
            .AsSingleQuery().SingleAsync(b => b.Id == ballotId, cancellation);
        var rules = await db.RulesOfProcedure.SingleAsync(
            r => r.BodyKey == ballot.BodyKey && r.Version == ballot.RulesVersion, cancellation);
        var revision = await db.Revisions.SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
        return new Scene(db, ballot, rules.Read(), revision, person, now);
    }
}
