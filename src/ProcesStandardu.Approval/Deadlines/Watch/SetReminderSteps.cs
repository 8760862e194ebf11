using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Deadlines.Watch;

/// <summary>The secretary or an administrator says when people are reminded and when others are told. It holds from the next morning's pass.</summary>
public sealed class SetReminderSteps(UnitOfWork work, Rights rights, AuditTrail audit, TimeProvider time)
{
    private const int MostSteps = 10;
    private const int Farthest = 60;

    public sealed record Command(Guid PersonId, StepPlan Plan, string? FormKey);

    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId, command.FormKey, command.Plan,
        async db =>
        {
            if (!(await rights.OfAsync(command.PersonId, cancellation)).KeepsOutbox)
            {
                return new ActIsNotYours();
            }

            var plan = command.Plan;
            if (!IsSound(plan.Ballots) || !IsSound(plan.Deadlines))
            {
                return new StepsAreUnsound(IsSound(plan.Ballots) ? "Deadlines" : "Ballots", MostSteps, Farthest);
            }

            if (plan.Escalation is not [> 0, _, _] || !IsSound(plan.Escalation)
                || plan.Escalation[0] >= plan.Escalation[1] || plan.Escalation[1] >= plan.Escalation[2])
            {
                return new EscalationIsUnsound();
            }

            await SetAsync(db, ReminderSetting.BallotKind, [.. plan.Ballots.Distinct().Order()], command.PersonId, cancellation);
            await SetAsync(db, ReminderSetting.DeadlineKind, [.. plan.Deadlines.Distinct().Order()], command.PersonId, cancellation);
            await SetAsync(db, ReminderSetting.EscalationKind, [.. plan.Escalation], command.PersonId, cancellation);
            audit.Record(Subjects.Programme, "reminders_set", new Actor(command.PersonId), new
            {
                ballots = plan.Ballots,
                deadlines = plan.Deadlines,
                escalation = plan.Escalation,
            });
            return default(Done);
        },
        cancellation);

    private static bool IsSound(IReadOnlyList<int> steps) => steps.Count <= MostSteps && steps.All(step => step is >= 0 and <= Farthest);

    private async Task SetAsync(ProcesDbContext db, string kind, int[] steps, Guid personId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (await db.Set<ReminderSetting>().SingleOrDefaultAsync(setting => setting.Kind == kind, cancellation) is { } setting)
        {
            (setting.Steps, setting.ChangedAt, setting.ChangedById) = (steps, now, personId);
        }
        else
        {
            db.Add(new ReminderSetting { Kind = kind, Steps = steps, ChangedAt = now, ChangedById = personId });
        }
    }
}

/// <summary>Too many steps, or one that is no number of working days that can be counted.</summary>
public sealed record StepsAreUnsound(string FieldName, int Most, int Farthest) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Most, Farthest];

    public override string Field => FieldName;
}

/// <summary>The escalation is not three growing numbers of working days.</summary>
public sealed record EscalationIsUnsound : Refusal
{
    public override string Field => "Escalation";
}

/// <summary>Names the resources with the texts of the slice's refusals.</summary>
public sealed class WatchTexts;
