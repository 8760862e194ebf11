using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Meetings;
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
public sealed class BallotActs(UnitOfWork work, Rights rights, BallotTurns turns, TimeProvider time)
{
    /// <summary>A ballot, locked, with all that an act on it needs.</summary>
    /// <param name="Rules">The version that the ballot is bound to.</param>
    /// <param name="Revision">The revision under ballot.</param>
    /// <param name="ContentHash">SHA-256 of that revision's file.</param>
    public sealed record Scene(
        ProcesDbContext Db, Ballot Ballot, RuleTerms Rules, Revision Revision, byte[] ContentHash, PersonRights Person, DateTimeOffset Now)
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

    /// <summary>
    /// Runs an act once for a form. Whoever has to wait for others on the same ballot waits without a connection, and not for ever:
    /// then the act is refused with <see cref="TooManyActAtOnce"/>.
    /// </summary>
    /// <param name="request">What was asked, to recognise the same key with other contents.</param>
    public async Task<Result<T>> RunAsync<T>(
        Guid ballotId, Guid personId, string? formKey, object request, Func<Scene, Task<Result<T>>> act, CancellationToken cancellation)
    {
        // An act counts by the moment it arrives, not by the moment the ballot's lock is free for it.
        var arrivedAt = time.GetUtcNow();

        // Inside another act's transaction the connection is taken already, and perhaps the locks.
        using var turn = work.IsActive ? BallotTurns.Turn.None : await turns.TakeAsync(ballotId, cancellation);
        return turn is null
            ? new TooManyActAtOnce()
            : await work.OnceAsync<T>(
                personId, formKey, request, db => ActAsync(db, ballotId, personId, arrivedAt, act, cancellation), cancellation);
    }

    /// <summary>Locks and reads a ballot for the system itself; the caller has locked its deliverable.</summary>
    internal async Task<Scene> LockedAsync(ProcesDbContext db, Guid ballotId, DateTimeOffset now, CancellationToken cancellation)
    {
        var ground = await GroundAsync(db, ballotId, cancellation);
        await work.LockBallotAsync(ballotId, cancellation);
        return await ReadAsync(db, ballotId, ground!, PersonRights.OfSystem, now, cancellation);
    }

    private async Task<Result<T>> ActAsync<T>(
        ProcesDbContext db, Guid ballotId, Guid personId, DateTimeOffset now, Func<Scene, Task<Result<T>>> act,
        CancellationToken cancellation)
    {
        var ground = await GroundAsync(db, ballotId, cancellation);
        var person = await rights.OfAsync(personId, cancellation);
        if (ground is null || !person.Observes)
        {
            return new NotFoundOrNotYours();
        }

        // From here to the commit everybody else on this document waits: as few trips as can be.
        await work.LockBallotAndItsDeliverableAsync(ground.DeliverableKey, ballotId, cancellation);
        return await act(await ReadAsync(db, ballotId, ground, person, now, cancellation));
    }

    /// <summary>What stands still and is therefore read before the locks; null when there is no such ballot.</summary>
    private static Task<Ground?> GroundAsync(ProcesDbContext db, Guid ballotId, CancellationToken cancellation) => (
        from ballot in db.Ballots
        where ballot.Id == ballotId
        join rules in db.RulesOfProcedure on new { ballot.BodyKey, Version = ballot.RulesVersion } equals new { rules.BodyKey, rules.Version }
        join revision in db.Revisions on ballot.RevisionId equals revision.Id
        join file in db.StoredFiles on revision.FileId equals file.Id
        select new Ground(ballot.DeliverableKey, rules.Terms, revision, file.Sha256)).SingleOrDefaultAsync(cancellation);

    private static async Task<Scene> ReadAsync(
        ProcesDbContext db, Guid ballotId, Ground ground, PersonRights person, DateTimeOffset now, CancellationToken cancellation)
    {
        // One trip, and standing positions only: what was superseded decides nothing, and there may be any number of it.
        var ballot = await db.Ballots.Include(b => b.Electors).Include(b => b.Positions.Where(p => p.SupersededById == null)).Include(b => b.Urn)
            .AsSingleQuery().SingleAsync(b => b.Id == ballotId, cancellation);
        if (ballot.RevisionId != ground.Revision.Id)
        {
            // An editorial change was confirmed between the two questions.
            ground = (await GroundAsync(db, ballotId, cancellation))!;
        }

        var terms = RuleTerms.Parse(ground.Terms);
        if (ballot is { Procedure: BallotProcedure.Sitting, IsOpen: true })
        {
            ballot.Attend((await SittingAttendance.OfBallotAsync(db, ballot, cancellation))?.Members);
        }

        return new Scene(db, ballot, terms, ground.Revision, ground.ContentHash, person, now);
    }

    private sealed record Ground(string DeliverableKey, string Terms, Revision Revision, byte[] ContentHash);
}
