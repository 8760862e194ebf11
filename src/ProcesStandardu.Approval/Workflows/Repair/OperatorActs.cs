using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>What every act on a running workflow has in common: who may, why, once per form, one entry in the history.</summary>
public sealed class OperatorActs(UnitOfWork work, Rights rights, AuditTrail audit)
{
    /// <summary>The longest reason that is kept.</summary>
    public const int ReasonLength = 2000;

    /// <param name="PersonId">Who acts: an administrator.</param>
    /// <param name="Reason">Why, for the history; it must be given.</param>
    /// <param name="FormKey">Made when the form was shown: pressing twice is once.</param>
    public sealed record By(Guid PersonId, string? Reason, string? FormKey = null);

    /// <summary>Carries out one act in one transaction, with its entry in the history of the instance.</summary>
    /// <param name="kind">Name of the entry's kind.</param>
    /// <param name="details">Facts of the act, which are also what makes two forms the same.</param>
    /// <param name="act">Null when it was done; otherwise why not.</param>
    internal async Task<Result<Done>> DoAsync(
        By by, Guid instanceId, string kind, Dictionary<string, object?> details, Func<Task<Refusal?>> act, CancellationToken cancellation)
    {
        var reason = by.Reason?.Trim();
        if (string.IsNullOrEmpty(reason))
        {
            return new FieldIsEmpty("Reason");
        }

        if (reason.Length > ReasonLength)
        {
            return new ReasonIsTooLong(ReasonLength);
        }

        return await work.OnceAsync<Done>(
            by.PersonId,
            by.FormKey,
            new { instanceId, kind, details, reason },
            async _ =>
            {
                if (!(await rights.OfAsync(by.PersonId, cancellation)).Administers)
                {
                    return new NotFoundOrNotYours();
                }

                if (await act() is { } refusal)
                {
                    return refusal;
                }

                audit.Record(
                    Subjects.Workflow(instanceId.ToString("D")), kind, new Actor(by.PersonId),
                    new Dictionary<string, object?>(details) { ["why"] = reason });
                return default(Done);
            },
            cancellation);
    }

    internal static Refusal? RefusalOf(RepairOutcome outcome) => outcome switch
    {
        RepairOutcome.Done => null,
        RepairOutcome.InstanceIsUnknown => new NotFoundOrNotYours(),
        _ => new RepairIsRefused(outcome),
    };
}

/// <summary>The instance cannot be repaired in this way, or is no longer as the form showed it; the outcome's name says why.</summary>
public sealed record RepairIsRefused(RepairOutcome Outcome) : Refusal
{
    public override string Key => Outcome.ToString();

    public override string? Field => Outcome switch
    {
        RepairOutcome.OutcomeIsUnknown => "Outcome",
        RepairOutcome.TargetIsElsewhere or RepairOutcome.TargetRunsAlready => "Target",
        RepairOutcome.VariableIsUnknown => "Name",
        RepairOutcome.ValueDoesNotFit => "Value",
        _ => null,
    };
}

/// <summary>The reason is longer than what is kept.</summary>
public sealed record ReasonIsTooLong(int Limit) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Limit];

    public override string Field => "Reason";
}

/// <summary>Nothing of the instance is faulted, or parked, any more.</summary>
public sealed record NothingIsToBeRetried : Refusal;

/// <summary>No date, or one that cannot be read.</summary>
public sealed record DueDateIsMissing : Refusal
{
    public override string Field => "DueAt";
}

/// <summary>Names the resources that hold the texts of repairs.</summary>
public sealed class RepairTexts;
