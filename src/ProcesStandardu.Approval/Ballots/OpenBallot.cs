using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Puts the newest revision of a deliverable to a board: fixes the electorate and the term, gives notice.</summary>
public sealed class OpenBallot(UnitOfWork work, AuditTrail audit, BallotNotices notices, Rights rights, TimeProvider time)
{
    /// <param name="Title">What the board is asked; null takes the deliverable's title.</param>
    /// <param name="WorkingDays">The term; null takes the rules of procedure's.</param>
    /// <param name="ClosesWhenAllVoted">Null takes the rules of procedure's.</param>
    /// <param name="Actor">The system for a workflow; a person must be one whom the rules let open ballots.</param>
    /// <param name="Procedure">See <see cref="BallotProcedure"/>; null is the written one.</param>
    /// <param name="Secrecy">See <see cref="BallotSecrecy"/>; null takes the rules of procedure's.</param>
    /// <param name="FormKey">Made when the form was shown; null for workflows.</param>
    public sealed record Command(
        string DeliverableKey, string BodyKey, string? Title, int? WorkingDays, bool? ClosesWhenAllVoted, Actor Actor,
        string? Procedure = null, string? Secrecy = null, string? FormKey = null);

    /// <summary>The ballot as it was opened.</summary>
    /// <param name="DueOn">Null while silence is to be consent and the notices are not proven.</param>
    public sealed record Opened(Guid BallotId, string Number, DateOnly? DueOn);

    /// <summary>The ballot that a new one follows.</summary>
    internal sealed record Following(Ballot Ballot, string Relation, string Reason);

    /// <returns>
    /// The ballot, or <see cref="NothingToVoteOn"/>, <see cref="BallotIsOpenAlready"/>, <see cref="NoRulesInForce"/>,
    /// <see cref="ElectorateIsTooSmall"/>, <see cref="QuorumIsImpossible"/>, <see cref="NoticeIsTooShort"/>,
    /// <see cref="TacitApprovalIsNotAllowed"/>, <see cref="TacitBallotIsOpen"/>, <see cref="SecretBallotHasNoObjections"/>,
    /// <see cref="BallotOptionIsUnknown"/>, <see cref="ActIsNotYours"/>, <see cref="NotFoundOrNotYours"/>.
    /// </returns>
    public Task<Result<Opened>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Opened>(
        command.Actor.PersonId ?? Guid.Empty,
        command.FormKey,
        new { command.DeliverableKey, command.BodyKey, command.Title, command.WorkingDays, command.Procedure, command.Secrecy },
        async db =>
        {
            await work.LockDeliverableAsync(command.DeliverableKey, cancellation);
            return await OpenAsync(db, command, null, cancellation);
        },
        cancellation);

    /// <summary>Opens a ballot on a deliverable whose row the caller has locked.</summary>
    /// <param name="after">The ballot that it repeats or takes up again; null for a first one.</param>
    internal async Task<Result<Opened>> OpenAsync(
        ProcesDbContext db, Command command, Following? after, CancellationToken cancellation)
    {
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

        var running = await db.Ballots.Where(b => b.DeliverableKey == deliverable.Key && b.State != BallotState.Closed)
            .Select(b => b.Number).SingleOrDefaultAsync(cancellation);
        if (running is not null || deliverable.Status == DeliverableStatus.InBallot)
        {
            return new BallotIsOpenAlready(running ?? "");
        }

        var rules = await InForceAsync(db, command.BodyKey, today, cancellation);
        if (rules is null)
        {
            return new NoRulesInForce(today);
        }

        var terms = rules.Read();
        var procedure = command.Procedure ?? BallotProcedure.Written;
        var secrecy = command.Secrecy ?? terms.Secrecy;
        if (await MayOpenAsync(command, terms, cancellation) is { } notAllowed)
        {
            return notAllowed;
        }

        if (OptionRefusal(command, procedure, secrecy, revision, terms) is { } impossible)
        {
            return impossible;
        }

        var id = Guid.CreateVersion7(now);
        var electorate = await BallotElectorate.DrawUpAsync(db, id, command.BodyKey, deliverable, terms, now, cancellation);
        if (ElectorateRefusal(electorate.Count(elector => !elector.IsRecused), terms) is { } tooFew)
        {
            return tooFew;
        }

        var ballot = new Ballot(
            id,
            await work.NextBallotNumberAsync(command.BodyKey, today.Year, cancellation),
            rules,
            deliverable.Key,
            revision.Id,
            string.IsNullOrWhiteSpace(command.Title) ? deliverable.Title : command.Title.Trim(),
            now,
            DueOn(command, procedure, terms, today),
            command.ClosesWhenAllVoted ?? (terms.ClosesWhenAllVoted && procedure != BallotProcedure.Tacit),
            electorate)
        {
            Procedure = procedure,
            Secrecy = secrecy,
            Urn = secrecy == BallotSecrecy.Secret ? new BallotUrn { BallotId = id } : null,
            PredecessorId = after?.Ballot.Id,
            Relation = after?.Relation,
            AwaitedAsId = after?.Relation == BallotRelation.ReBallot ? after.Ballot.AwaitedAsId ?? after.Ballot.Id : null,
        };
        db.Ballots.Add(ballot);
        deliverable.EnterBallot(revision.Id);
        Record(ballot, revision, after, command.Actor);
        await db.SaveChangesAsync(cancellation);
        await notices.GiveAsync(db, ballot, revision, now, cancellation);
        return new Opened(id, ballot.Number, ballot.DueOn);
    }

    /// <summary>The version of the rules that new ballots of a board follow on a day; null when there is none.</summary>
    internal static Task<RulesOfProcedure?> InForceAsync(
        ProcesDbContext db, string bodyKey, DateOnly day, CancellationToken cancellation) =>
        db.RulesOfProcedure.Where(r => r.BodyKey == bodyKey && r.ValidFrom <= day)
            .OrderByDescending(r => r.Version).FirstOrDefaultAsync(cancellation);

    /// <summary>Why these members could never decide; null when they can.</summary>
    internal static Refusal? ElectorateRefusal(int entitled, RuleTerms terms) =>
        entitled < terms.MinimumElectorate ? new ElectorateIsTooSmall(entitled, terms.MinimumElectorate)
        : BallotTally.QuorumOf(entitled, terms) is var quorum && quorum > entitled ? new QuorumIsImpossible(entitled, quorum)
        : null;

    private static DateOnly? DueOn(Command command, string procedure, RuleTerms terms, DateOnly today) => procedure switch
    {
        BallotProcedure.Tacit => null,
        BallotProcedure.Sitting => today,
        _ => WorkingCalendar.AddWorkingDays(today, command.WorkingDays ?? terms.WrittenProcedureWorkingDays),
    };

    private static Refusal? OptionRefusal(Command command, string procedure, string secrecy, Revision revision, RuleTerms terms) =>
        !BallotProcedure.All.Contains(procedure) ? new BallotOptionIsUnknown(procedure)
        : !BallotSecrecy.All.Contains(secrecy) ? new BallotOptionIsUnknown(secrecy)
        : procedure == BallotProcedure.Tacit && secrecy == BallotSecrecy.Secret ? new TacitBallotIsOpen()
        : procedure == BallotProcedure.Tacit && (!terms.TacitApprovalForEditorial || revision.ChangeKind != ChangeKind.Editorial)
            ? new TacitApprovalIsNotAllowed()
        : secrecy == BallotSecrecy.Secret && terms.ObjectionsBlock ? new SecretBallotHasNoObjections()
        : procedure == BallotProcedure.Written && command.WorkingDays < terms.MinimumNoticeWorkingDays
            ? new NoticeIsTooShort(terms.MinimumNoticeWorkingDays)
        : null;

    private async Task<Refusal?> MayOpenAsync(Command command, RuleTerms terms, CancellationToken cancellation)
    {
        if (command.Actor.PersonId is not { } personId)
        {
            return null;
        }

        var person = await rights.OfAsync(personId, cancellation);
        return !person.Observes ? new NotFoundOrNotYours()
            : person.Positions.TryGetValue(command.BodyKey, out var place) && terms.MayOpen.Contains(place) ? null
            : new ActIsNotYours();
    }

    private void Record(Ballot ballot, Revision revision, Following? after, Actor actor)
    {
        audit.Record(
            Subjects.Ballot(ballot.Id),
            after is null ? "ballot_opened" : after.Relation == BallotRelation.ReBallot ? "ballot_repeated" : "ballot_reopened",
            actor,
            new
            {
                number = ballot.Number,
                deliverable = ballot.DeliverableKey,
                revision = revision.Number.ToString(),
                dueOn = ballot.DueOn,
                rulesVersion = ballot.RulesVersion,
                procedure = ballot.Procedure,
                secrecy = ballot.Secrecy,
                entitled = ballot.Electors.Count(elector => !elector.IsRecused),
                recused = ballot.Electors.Where(elector => elector.IsRecused).Select(elector => elector.PersonId),
                after = after?.Ballot.Number,
                words = after?.Reason,
            });
        audit.Record(Subjects.Deliverable(ballot.DeliverableKey), "put_to_ballot", actor, new
        {
            number = ballot.Number,
            revision = revision.Number.ToString(),
        });
    }
}
