using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Engine.Activities;

/// <summary>One type of step a workflow can take; stateless, shared by all instances.</summary>
/// <remarks>
/// An activity changes rows through <see cref="ActivityContext.Services"/> inside the caller's transaction and
/// performs no outside effect. One that returns without waiting, completing or failing completes with <c>Done</c>.
/// When it throws, everything its burst changed is undone, the burst is run again and the throw is recorded as an incident.
/// </remarks>
public abstract class Activity
{
    public abstract ActivityDescriptor Descriptor { get; }

    public abstract ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation);

    /// <summary>Called when one of the activity's waits fires; by default the activity completes.</summary>
    public virtual ValueTask ResumeAsync(
        ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        context.Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Called when a waiting activity is cancelled, to withdraw what it asked for; by default does nothing.</summary>
    public virtual ValueTask CancelAsync(ActivityContext context, CancellationToken cancellation) =>
        ValueTask.CompletedTask;

    /// <summary>
    /// The ways by which the activity with this JSON can be left, in the order in which they are drawn: as declared, or as
    /// named in an input whose editor makes outcomes. None when nothing can follow; null when only running it tells.
    /// </summary>
    public virtual IReadOnlyList<string>? OutcomesOf(JsonObject source)
    {
        if (Descriptor.Inputs.FirstOrDefault(input => input.UiHint == "dynamic-outcomes") is not { } naming)
        {
            return Outcomes.Declared(Descriptor);
        }

        return Outcomes.Written(source, naming) is { } named
            ? [.. named.Concat(Outcomes.Declared(Descriptor).Where(port => named.Count == 0 || port != "Done")).Distinct()]
            : null;
    }

    /// <summary>The stimulus that starts a workflow whose start this activity is; null when it is no trigger.</summary>
    /// <remarks>Asked once, when a definition is published; only inputs may be read from the context.</remarks>
    public virtual TriggerStimulus? GetTrigger(ActivityContext context) => null;

    /// <summary>The same for a trigger that several stimuli fire, each on its own.</summary>
    public virtual IEnumerable<TriggerStimulus> GetTriggers(ActivityContext context) =>
        GetTrigger(context) is { } trigger ? [trigger] : [];
}

/// <summary>
/// What starts a workflow: a stimulus of this name and payload, or, when <paramref name="DueAt"/> is given, the clock.
/// </summary>
public sealed record TriggerStimulus(string Name, object? Payload, DateTimeOffset? DueAt = null);
