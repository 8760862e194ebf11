using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// Makes ballots ready to be rendered for one reader: however many there are, the same few questions to the database. What the
/// reader may not know is left out here and nowhere else.
/// </summary>
public sealed class BallotViews(TimeProvider time)
{
    /// <summary>The ballots of a query, in its order.</summary>
    internal async Task<IReadOnlyList<ShowBallot.BallotView>> OfAsync(
        ProcesDbContext db, IQueryable<Ballot> query, PersonRights person, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var ballots = await query.Include(b => b.Electors).Include(b => b.Positions.Where(p => p.SupersededById == null)).Include(b => b.Urn).AsSplitQuery()
            .ToListAsync(cancellation);
        if (ballots.Count == 0)
        {
            return [];
        }

        var known = await Surroundings.ReadAsync(db, ballots, person.PersonId, now, cancellation);
        return [.. ballots.Select(ballot => View(ballot, known, person, now))];
    }

    /// <summary>
    /// Who voted how is shown once there is a result that holds; an open ballot of a board that hides results, a secret one, and one
    /// that ended without a result show it to nobody.
    /// </summary>
    private static bool Reveals(Ballot ballot, RuleTerms terms, bool mayAnnounce) =>
        ballot.IsOpen ? !terms.ResultHiddenUntilClosed && !ballot.IsSecret
        : ballot.HasResult && (ballot.AnnouncedAt is not null || mayAnnounce);

    private static ShowBallot.BallotView View(Ballot ballot, Surroundings known, PersonRights person, DateTimeOffset now)
    {
        var terms = known.Rules[(ballot.BodyKey, ballot.RulesVersion)];
        var revision = known.Revisions[ballot.RevisionId];
        var file = known.Files[revision.FileId];
        var place = person.IsActive ? person.Positions.GetValueOrDefault(ballot.BodyKey) : null;
        var mayAnnounce = place is not null && terms.MayAnnounce.Contains(place);
        var awaits = ballot.HasResult && ballot.AnnouncedAt is null;
        var revealed = Reveals(ballot, terms, mayAnnounce);
        var takes = ballot.TakesPositions(now);
        ballot.Attend(known.Attendance.GetValueOrDefault(ballot.Id));
        var voters = ballot.Voters();
        var tally = ballot.Count(terms);
        var cast = ballot.Electors.Count(candidate => !candidate.IsRecused && ballot.HasVoted(candidate.PersonId));
        var elector = ballot.Electors.SingleOrDefault(candidate => candidate.PersonId == person.PersonId);
        var hasVoted = ballot.HasVoted(person.PersonId);
        var missing = Math.Max(0, tally.Quorum - cast - tally.PresentSilent);
        var newer = known.Newest.GetValueOrDefault(ballot.DeliverableKey) is { } newest && newest.Number.CompareTo(revision.Number) > 0
            ? newest.Number.ToString()
            : null;
        return new ShowBallot.BallotView(
            ballot.Id, ballot.Number, ballot.Title, ballot.BodyKey, known.Bodies[ballot.BodyKey], ballot.DeliverableKey, ballot.RevisionId,
            revision.Number.ToString(), Convert.ToHexStringLower(file.Sha256), file.FileName, file.Length,
            awaits ? ShowBallot.BallotView.AwaitsAnnouncement : ballot.State, ballot.Procedure, ballot.Secrecy,
            ballot.NoticedAt, ballot.DueOn, ballot.DueAt, takes, ballot.ClosedAt,
            awaits && !mayAnnounce ? null : ballot.Outcome, ballot.CloseReason, ballot.AnnouncedAt, ballot.ResolutionNumber,
            ballot.RulesVersion, terms, ballot.ClosesWhenAllVoted, terms.ResultHiddenUntilClosed || ballot.IsSecret,
            new ShowBallot.WhatMustHappen(
                cast, tally.Entitled, tally.Quorum, missing,
                takes && elector is { IsRecused: false } && !hasVoted && missing == 1 && known.Attendance.GetValueOrDefault(ballot.Id)?.Contains(person.PersonId) != true,
                ballot.PresentCount(), tally.PresentSilent),
            ballot.IsOpen ? revealed ? PassConditions.Of(voters, terms) : PassConditions.OfNobody(voters, WithoutNames(ballot, terms)) : null,
            ballot.DueOn is { } due ? WorkingCalendar.WorkingDaysBetween(Warsaw.DateOf(now), due) : 0,
            elector is { IsRecused: false }, elector?.RecusalBasis,
            Own(ballot, known, person.PersonId), hasVoted,
            [.. ballot.Electors.OrderBy(other => other.Ordinal).Select(other => Of(other, ballot, known, revealed))],
            ballot is { InFavourCount: { } inFavour, AgainstCount: { } against, AbstainCount: { } abstain } && revealed
                ? new ShowBallot.Result(
                    inFavour, against, abstain, ballot.CastingVoteById is { } by ? known.People[by].DisplayName : null,
                    ballot.SilentCount ?? 0, ballot.BlockingCount ?? 0)
                : null,
            Acts(ballot, terms, place, elector, newer, known, now),
            ballot.DecisionDueOn, ballot.Extensions,
            ballot.PredecessorId is { } before ? known.Related.GetValueOrDefault(before) is { } earlier ? earlier with { Relation = ballot.Relation! } : null : null,
            known.Successors.GetValueOrDefault(ballot.Id),
            takes && !ballot.IsSecret && ballot is { Relation: BallotRelation.ReBallot, PredecessorId: { } repeated }
                && elector is { IsRecused: false } && !hasVoted ? known.ToUphold.GetValueOrDefault(repeated) : null,
            StandsInFor(ballot, known, person.PersonId, terms, takes),
            newer,
            ballot.HasResult ? FileDissent.Until(ballot.AnnouncedAt, terms.DissentWorkingDays) : null,
            [.. known.Dissents.Where(opinion => opinion.BallotId == ballot.Id).OrderBy(opinion => opinion.FiledAt)
                .Select(opinion => new ShowBallot.Dissent(known.People[opinion.PersonId].DisplayName, opinion.Text, opinion.FiledAt))],
            place is BodyPosition.Secretary or BodyPosition.Chair or BodyPosition.ViceChair ? Notices(ballot, known) : [],
            [.. known.Changes.Where(change => change.BallotId == ballot.Id).OrderBy(change => change.ConfirmedAt).Select(change => new ShowBallot.Editorial(
                change.RevisionId, known.Revisions[change.RevisionId].Number.ToString(), change.BeforeId,
                known.Revisions[change.BeforeId].Number.ToString(), Convert.ToHexStringLower(known.Files[known.Revisions[change.BeforeId].FileId].Sha256),
                change.ConfirmedAt, change.Reason, change.Until, change.RevisionId == ballot.RevisionId && ballot.MayBeContested(now),
                change.ContestedById is { } by ? known.People[by].DisplayName : null, change.Contest))]);
    }

    /// <summary>In a secret ballot nobody can settle a tie.</summary>
    private static RuleTerms WithoutNames(Ballot ballot, RuleTerms terms) => ballot.IsSecret ? terms with { CastingVote = [] } : terms;

    private static ShowBallot.OwnPosition? Own(Ballot ballot, Surroundings known, Guid personId) =>
        ballot.StandingOf(personId) is { } own
            ? new ShowBallot.OwnPosition(
                own.Id, own.Kind, own.Reason, own.CastAt, Convert.ToHexStringLower(own.ContentHash), own.Capacity,
                own.CastById == personId ? null : known.People[own.CastById].DisplayName, own.Objection)
            : null;

    private static ShowBallot.ElectorView Of(Elector elector, Ballot ballot, Surroundings known, bool revealed)
    {
        var person = known.People[elector.PersonId];
        var standing = revealed && !elector.IsRecused ? ballot.StandingOf(person.Id) : null;
        return new ShowBallot.ElectorView(
            person.Id, person.DisplayName, elector.Position,
            person.OrganisationKey is { } key ? known.Organisations.GetValueOrDefault(key, key) : null,
            elector.RecusalBasis, standing?.Kind, standing?.Reason, elector.RecusalReason,
            standing is not null && standing.CastById != person.Id ? known.People[standing.CastById].DisplayName : null,
            standing?.Objection, elector.ConflictBasis, elector.Declaration, elector.DeclarationText, elector.AwaitsDecision,
            elector.AlternateId is { } alternate ? known.People[alternate].DisplayName : null, elector.AlternateBarredBasis,
            ballot.IsOpen ? known.Absent.GetValueOrDefault(person.Id) : null);
    }

    private static List<ShowBallot.StandIn> StandsInFor(
        Ballot ballot, Surroundings known, Guid personId, RuleTerms terms, bool takes) =>
        [.. ballot.Electors.Where(elector => elector.AlternateId == personId && !ballot.IsSecret)
            .Select(elector => new ShowBallot.StandIn(
                elector.PersonId, known.People[elector.PersonId].DisplayName,
                ballot.StandingOf(elector.PersonId) is { } standing && standing.CastById == personId ? standing.Kind : null,
                takes && BallotElectorate.IsStoodInFor(elector, known.Absent, terms)
                    && ballot.StandingOf(elector.PersonId) is null or { Capacity: CastingCapacity.Alternate },
                elector.AlternateBarredBasis ?? elector.RecusalBasis))];

    private static List<ShowBallot.Notice> Notices(Ballot ballot, Surroundings known)
    {
        if (ballot.Procedure != BallotProcedure.Tacit || !ballot.IsOpen)
        {
            return [];
        }

        var subject = Subjects.Ballot(ballot.Id);
        return [.. ballot.Electors.Where(elector => !elector.IsRecused).OrderBy(elector => elector.Ordinal).Select(elector =>
        {
            var mails = known.Notices.Where(mail => mail.Cause == subject && mail.RecipientPersonId == elector.PersonId).ToList();
            DateTimeOffset?[] proofs =
                [elector.NoticeConfirmedAt, mails.Where(mail => mail.State == MailState.Sent && !(mail.SentAt <= elector.NoticeBouncedAt)).Min(mail => mail.SentAt)];
            var proven = proofs.Min();
            return new ShowBallot.Notice(
                elector.PersonId, known.People[elector.PersonId].DisplayName, proven,
                proven is not null ? null
                    : elector.NoticeBouncedAt is not null ? "bounced"
                    : mails.LastOrDefault()?.State);
        })];
    }

    private static HashSet<string> Acts(
        Ballot ballot, RuleTerms terms, string? place, Elector? elector, string? newer, Surroundings known, DateTimeOffset now)
    {
        var takes = ballot.TakesPositions(now);
        var opens = place is not null && terms.MayOpen.Contains(place);
        var chairs = place is BodyPosition.Chair or BodyPosition.ViceChair;
        var may = new HashSet<string>(StringComparer.Ordinal);
        Add(BallotAct.Extend, opens && (takes || ballot.State == BallotState.Undecided) && ballot.DueOn is not null && ballot.Extensions < terms.Extensions);
        Add(BallotAct.DecideInquorate, chairs && ballot.State == BallotState.Undecided);
        Add(BallotAct.Close, place is not null && terms.MayClose.Contains(place) && takes
            && (ballot.Procedure == BallotProcedure.Sitting || !ballot.Missing().Any()));
        Add(BallotAct.Discontinue, opens && takes);
        Add(BallotAct.Repeat, opens && takes && newer is not null);
        Add(BallotAct.ConfirmEditorial, chairs && takes && newer is not null && ballot.Procedure != BallotProcedure.Tacit
            && known.Newest[ballot.DeliverableKey].ChangeKind == ChangeKind.Editorial);
        Add(BallotAct.ContestEditorial, elector is { IsRecused: false } && ballot.MayBeContested(now));
        Add(BallotAct.Announce, place is not null && terms.MayAnnounce.Contains(place) && ballot.HasResult && ballot.AnnouncedAt is null);
        Add(BallotAct.Reopen, opens && ballot is { State: BallotState.Closed, Outcome: not BallotOutcome.Adopted }
            && (!ballot.HasResult || ballot.AnnouncedAt is not null) && !known.Successors.ContainsKey(ballot.Id));
        Add(BallotAct.Recuse, takes && elector is { IsRecused: false, VotedSecretly: false });
        Add(BallotAct.DecideRecusal, takes && chairs && ballot.Electors.Any(other => !other.IsRecused));
        Add(BallotAct.EnterVote, takes && place == BodyPosition.Secretary && terms.SecretaryEntersPositions && !ballot.IsSecret);
        Add(BallotAct.ProveNotice, takes && place == BodyPosition.Secretary && ballot.Procedure == BallotProcedure.Tacit);
        Add(BallotAct.Dissent, elector is { IsRecused: false } && ballot.HasResult
            && FileDissent.Until(ballot.AnnouncedAt, terms.DissentWorkingDays) is { } until && now < Warsaw.FirstInstantAfter(until)
            && !known.Dissents.Any(opinion => opinion.BallotId == ballot.Id && opinion.PersonId == elector.PersonId));
        return may;

        void Add(string act, bool isOpen)
        {
            if (isOpen)
            {
                may.Add(act);
            }
        }
    }

    /// <summary>What the views say besides the ballots' own rows.</summary>
    private sealed record Surroundings(
        IReadOnlyDictionary<(string, int), RuleTerms> Rules, IReadOnlyDictionary<string, string> Bodies,
        IReadOnlyDictionary<Guid, Revision> Revisions, IReadOnlyDictionary<Guid, StoredFile> Files,
        IReadOnlyDictionary<Guid, Person> People, IReadOnlyDictionary<string, string> Organisations,
        IReadOnlyDictionary<Guid, string> Absent, IReadOnlyDictionary<string, Revision> Newest,
        IReadOnlyDictionary<Guid, ShowBallot.Related> Related, IReadOnlyDictionary<Guid, ShowBallot.Related> Successors,
        IReadOnlyDictionary<Guid, ShowBallot.Upholding> ToUphold, IReadOnlyList<DissentingOpinion> Dissents,
        IReadOnlyList<OutboxMessage> Notices, IReadOnlyList<EditorialChange> Changes, IReadOnlyDictionary<Guid, IReadOnlySet<Guid>> Attendance)
    {
        public static async Task<Surroundings> ReadAsync(
            ProcesDbContext db, List<Ballot> ballots, Guid readerId, DateTimeOffset now, CancellationToken cancellation)
        {
            var ids = ballots.Select(ballot => ballot.Id).ToList();
            var before = ballots.Select(ballot => ballot.PredecessorId).OfType<Guid>().ToList();
            var neighbours = await db.Ballots.AsNoTracking()
                .Where(b => before.Contains(b.Id) || (b.PredecessorId != null && ids.Contains(b.PredecessorId.Value)))
                .Select(b => new { b.Id, b.Number, b.PredecessorId, b.Relation, b.RevisionId }).ToListAsync(cancellation);
            var running = ballots.Where(ballot => ballot.State != BallotState.Closed).ToList();
            var documents = running.Select(ballot => ballot.DeliverableKey).ToList();
            var changes = ballots.All(ballot => ballot.EditorialUntil is null) && before.Count == 0 ? [] : await db.EditorialChanges.AsNoTracking()
                .Where(change => ids.Contains(change.BallotId) || before.Contains(change.BallotId)).ToListAsync(cancellation);
            var revisionIds = ballots.Select(ballot => ballot.RevisionId).Concat(neighbours.Select(n => n.RevisionId))
                .Concat(changes.Select(change => change.BeforeId)).ToList();
            var revisions = await db.Revisions.AsNoTracking()
                .Where(r => revisionIds.Contains(r.Id) || (documents.Contains(r.DeliverableKey) && r.Status == RevisionStatus.Submitted))
                .ToListAsync(cancellation);
            var byId = revisions.ToDictionary(revision => revision.Id);
            var fileIds = ballots.Select(ballot => byId[ballot.RevisionId].FileId)
                .Concat(changes.Select(change => byId[change.BeforeId].FileId)).ToList();
            var files = await db.StoredFiles.AsNoTracking().Where(f => fileIds.Contains(f.Id)).ToDictionaryAsync(f => f.Id, cancellation);
            var personIds = ballots.SelectMany(ballot => ballot.Electors
                    .SelectMany(elector => new[] { elector.PersonId, elector.AlternateId ?? elector.PersonId })
                    .Concat(ballot.Positions.Select(position => position.CastById)))
                .Concat(changes.Select(change => change.ContestedById).OfType<Guid>()).Distinct().ToList();
            var related = neighbours.ToDictionary(
                n => n.Id,
                n => new ShowBallot.Related(n.Id, n.Number, n.Relation ?? "", n.RevisionId, byId[n.RevisionId].Number.ToString()));
            var upheld = before.Count == 0 ? [] : await db.Set<BallotPosition>().AsNoTracking()
                .Where(p => before.Contains(p.BallotId) && p.ElectorId == readerId && p.SupersededById == null).ToListAsync(cancellation);
            var tacit = running.Where(ballot => ballot.Procedure == BallotProcedure.Tacit).Select(ballot => Subjects.Ballot(ballot.Id)).ToList();
            return new Surroundings(
                (await db.RulesOfProcedure.AsNoTracking().ToListAsync(cancellation)).ToDictionary(r => (r.BodyKey, r.Version), r => r.Read()),
                await db.Bodies.AsNoTracking().ToDictionaryAsync(b => b.Key, b => b.Name, cancellation),
                byId, files,
                await db.People.AsNoTracking().Where(p => personIds.Contains(p.Id)).ToDictionaryAsync(p => p.Id, cancellation),
                await db.Organisations.AsNoTracking().ToDictionaryAsync(o => o.Key, o => o.Name, cancellation),
                await BallotElectorate.AbsentAsync(db, running.SelectMany(ballot => ballot.Electors), now, cancellation),
                revisions.Where(r => r.Status == RevisionStatus.Submitted).GroupBy(r => r.DeliverableKey)
                    .ToDictionary(group => group.Key, group => group.MaxBy(r => r.Number)!),
                related,
                neighbours.Where(n => n.PredecessorId is not null && ids.Contains(n.PredecessorId.Value))
                    .ToDictionary(n => n.PredecessorId!.Value, n => related[n.Id]),
                upheld.ToDictionary(
                    p => p.BallotId,
                    p => new ShowBallot.Upholding(
                        p.Kind, p.Reason, p.Objection, related[p.BallotId].Number, p.RevisionId, byId[p.RevisionId].Number.ToString())),
                await db.DissentingOpinions.AsNoTracking().Where(opinion => ids.Contains(opinion.BallotId)).ToListAsync(cancellation),
                tacit.Count == 0 ? [] : await db.OutboxMessages.AsNoTracking()
                    .Where(mail => tacit.Contains(mail.Cause) && mail.Kind == MailKinds.BallotNotice).OrderBy(mail => mail.QueueNo).ToListAsync(cancellation),
                changes, await AttendanceAsync(db, ballots, cancellation));
        }

        private static async Task<Dictionary<Guid, IReadOnlySet<Guid>>> AttendanceAsync(
            ProcesDbContext db, List<Ballot> ballots, CancellationToken cancellation)
        {
            var there = new Dictionary<Guid, IReadOnlySet<Guid>>();
            foreach (var ballot in ballots.Where(ballot => ballot is { IsOpen: true, Procedure: BallotProcedure.Sitting }))
            {
                if (await SittingAttendance.OfBallotAsync(db, ballot, cancellation) is { } attendance)
                {
                    there[ballot.Id] = attendance.Members;
                }
            }

            return there;
        }
    }
}
