using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Migration;

namespace ProcesStandardu.Engine.Activities;

/// <summary>An activity of the engine itself: it changes nothing but its instance, so that its fault needs no undoing.</summary>
internal abstract class BuiltInActivity : Activity
{
    public override ActivityDescriptor Descriptor => field ??= Describe();

    protected abstract ActivityDescriptor Describe();
}

/// <summary>A built-in activity that runs children and goes on when they complete; it never completes by itself.</summary>
internal abstract class ControlActivity : BuiltInActivity
{
    /// <summary>Reads what the type needs from its own JSON: children beyond the declared ports, cases, connections.</summary>
    public virtual void Prepare(NodeReader reader)
    {
    }

    public abstract ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation);

    public virtual JsonNode? SaveState(ActivityContext context) => null;

    public virtual void LoadState(ActivityContext context, JsonNode? saved)
    {
    }

    /// <summary>Carries the state of a living execution over to the same activity of another version; see <see cref="InstanceMove"/>.</summary>
    public virtual void MoveState(ActivityContext from, ActivityContext to, InstanceMove move) => LoadState(to, SaveState(from));

    protected static bool EndsContainer(ActivityContext context, ActivityContext child) =>
        context.IsEnding || child.Node.Descriptor.IsTerminal;

    protected static ValueTask Nothing => ValueTask.CompletedTask;
}
