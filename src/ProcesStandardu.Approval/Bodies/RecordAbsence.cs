using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Bodies;

/// <summary>A member enters when he is away and who votes then, or says that he is back; the secretary may do it for him.</summary>
public sealed class RecordAbsence(UnitOfWork work, AuditTrail audit, Rights rights, TimeProvider time)
{
    /// <param name="MemberId">Who is away; the person himself, or any member for the secretary.</param>
    /// <param name="Mode">One of <see cref="AbsenceMode"/>.</param>
    public sealed record Command(
        Guid PersonId, Guid MemberId, DateOnly? StartsOn, DateOnly? EndsOn, string? Mode, string? FormKey = null);

    /// <summary>The member is back from now on.</summary>
    public sealed record EndCommand(Guid PersonId, Guid AbsenceId, string? FormKey = null);

    /// <returns>
    /// The absence's id, or <see cref="NotFoundOrNotYours"/>, <see cref="AbsenceNeedsDays"/>, <see cref="AbsenceNeedsAMode"/>,
    /// <see cref="AbsenceOverlaps"/>, <see cref="MemberHasNoAlternate"/>.
    /// </returns>
    public Task<Result<Guid>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Guid>(
        command.PersonId,
        command.FormKey,
        new { command.MemberId, command.StartsOn, command.EndsOn, command.Mode },
        async db =>
        {
            var now = time.GetUtcNow();
            var today = Warsaw.DateOf(now);
            var places = (await db.BodyMembers.AsNoTracking().Where(member => member.PersonId == command.MemberId).ToListAsync(cancellation))
                .Where(member => member.Votes && member.Covers(today)).ToList();
            var person = await rights.OfAsync(command.PersonId, cancellation);
            if (places.Count == 0 || !person.IsActive || (command.MemberId != command.PersonId && !person.IsSecretary))
            {
                return new NotFoundOrNotYours();
            }

            if (command.StartsOn is not { } from || command.EndsOn is not { } until || until < from || until < today)
            {
                return new AbsenceNeedsDays();
            }

            if (command.Mode is null || !AbsenceMode.All.Contains(command.Mode))
            {
                return new AbsenceNeedsAMode();
            }

            if (command.Mode == AbsenceMode.Alternate && places.TrueForAll(member => member.AlternateId is null))
            {
                return new MemberHasNoAlternate();
            }

            await RowLock.LockAsync(work, "select 1 from person where id = $1 for no key update", command.MemberId, cancellation);
            var others = await db.Absences.AsNoTracking().Where(absence => absence.PersonId == command.MemberId
                && absence.StartsOn <= until && absence.EndsOn >= from && absence.EndedAt == null).ToListAsync(cancellation);
            if (others is [var other, ..])
            {
                return new AbsenceOverlaps(other.StartsOn, other.EndsOn);
            }

            var id = Guid.CreateVersion7(now);
            db.Absences.Add(new Absence
            {
                Id = id,
                PersonId = command.MemberId,
                StartsOn = from,
                EndsOn = until,
                Mode = command.Mode,
                RecordedById = command.PersonId,
                RecordedAt = now,
            });
            audit.Record(
                Subjects.Body(places[0].BodyKey), "absence_recorded", ActorFor(command.PersonId, command.MemberId),
                new { member = command.MemberId, since = from, until, mode = command.Mode });
            return id;
        },
        cancellation);

    /// <returns>Done, also when he was back before; or <see cref="NotFoundOrNotYours"/>.</returns>
    public Task<Result<Done>> HandleAsync(EndCommand command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId,
        command.FormKey,
        new { command.AbsenceId },
        async db =>
        {
            var absence = await db.Absences.SingleOrDefaultAsync(candidate => candidate.Id == command.AbsenceId, cancellation);
            var person = await rights.OfAsync(command.PersonId, cancellation);
            if (absence is null || (absence.PersonId != command.PersonId && !person.IsSecretary))
            {
                return new NotFoundOrNotYours();
            }

            if (absence.EndedAt is null)
            {
                absence.End(time.GetUtcNow());
                var board = await db.BodyMembers.AsNoTracking().Where(member => member.PersonId == absence.PersonId)
                    .Select(member => member.BodyKey).FirstAsync(cancellation);
                audit.Record(
                    Subjects.Body(board), "absence_ended", ActorFor(command.PersonId, absence.PersonId), new { member = absence.PersonId });
            }

            return default(Done);
        },
        cancellation);

    private static Actor ActorFor(Guid personId, Guid memberId) => new(personId, personId == memberId ? null : memberId);
}

/// <summary>The days of an absence are missing, in the wrong order, or over.</summary>
public sealed record AbsenceNeedsDays : Refusal
{
    public override string Field => "EndsOn";
}

/// <summary>It was not said how the vote is cast meanwhile.</summary>
public sealed record AbsenceNeedsAMode : Refusal
{
    public override string Field => "Mode";
}

/// <summary>The member is entered as absent on some of these days already.</summary>
public sealed record AbsenceOverlaps(DateOnly StartsOn, DateOnly EndsOn) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [StartsOn, EndsOn];

    public override string Field => "StartsOn";
}

/// <summary>Nobody was named in advance to vote for the member.</summary>
public sealed record MemberHasNoAlternate : Refusal
{
    public override string Field => "Mode";
}
