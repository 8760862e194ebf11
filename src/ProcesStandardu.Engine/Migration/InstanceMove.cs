using System.Globalization;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Migration;

/// <summary>Works out where the living activities of one instance go in another version, and builds the instance anew there.</summary>
/// <remarks>
/// Prediction and move are the same work on the instance in memory, so that a prediction cannot promise what the move
/// does not keep. Nothing here runs an activity, asks a clock or changes the old instance.
/// </remarks>
internal sealed class InstanceMove
{
    private static readonly HashSet<string> Markers = ["Elsa.Start", "Elsa.FlowJoin", "Elsa.FlowFork"];

    private readonly Burst _old;
    private readonly Burst _new;
    private readonly WorkflowDefinition _from;
    private readonly WorkflowDefinition _to;
    private readonly MigrationPlan _plan;
    private readonly List<MigrationReason> _reasons = [];
    private readonly List<MigrationReason> _notes = [];
    private readonly List<ActivityMove> _activities = [];
    private readonly List<(ActivityContext Old, ActivityContext Container, ActivityNode Target)> _begun = [];
    private readonly Dictionary<ActivityNode, (ActivityNode? Image, ActivityMapping? Mapping, IReadOnlyList<string> Candidates)> _images = [];

    private InstanceMove(Burst old, WorkflowDefinition to, MigrationPlan plan)
    {
        _old = old;
        _from = old.Definition;
        _to = to;
        _plan = plan;
        _new = old.Under(to);
    }

    /// <summary>What would become of the instance; changes nothing.</summary>
    public static MigrationForecast Predict(Burst old, WorkflowDefinition to, MigrationPlan plan) =>
        new InstanceMove(old, to, plan).Plan();

    /// <summary>Predicts, and where the forecast allows it carries the instance over and lets begin what begins anew.</summary>
    /// <returns>The instance under the new version; null when it was not moved.</returns>
    public static async ValueTask<(MigrationForecast Forecast, Burst? Moved)> ApplyAsync(
        Burst old, WorkflowDefinition to, MigrationPlan plan, CancellationToken cancellation)
    {
        var move = new InstanceMove(old, to, plan);
        var forecast = move.Plan();
        if (forecast.Fate != MigrationFate.CanMove)
        {
            return (forecast, null);
        }

        foreach (var (withdrawn, _, _) in move._begun)
        {
            await old.WithdrawAsync(withdrawn, cancellation);
        }

        await move._new.TakeOverAsync(
            old, $"{old.Definition.VersionId} → {to.VersionId}",
            move._begun, cancellation);
        return (forecast, move._new);
    }

    /// <summary>What an activity of the old version became in the new one; null when it has no single place there.</summary>
    public ActivityNode? ImageOf(ActivityNode node) => Find(node).Image;

    /// <summary>Activities of a container that begin in the stead of living ones.</summary>
    public IEnumerable<ActivityNode> BegunIn(ActivityContext container) =>
        _begun.Where(begun => begun.Container == container).Select(begun => begun.Target);

    /// <summary>Says that a new activity lies behind the place where the instance stands and would never run.</summary>
    public void Skips(ActivityNode added)
    {
        if (Markers.Contains(added.Type))
        {
            return;
        }

        var fate = _plan.AllowsSkipping ? MigrationFate.CanMove : MigrationFate.Stays;
        (_plan.AllowsSkipping ? _notes : _reasons).Add(new MigrationReason("NewStepLiesBehind", fate, added.Id, [NameOf(added)]));
    }

    /// <summary>Says that an activity that was passed lies ahead in the new version.</summary>
    public void MeetsAgain(ActivityNode passed) => Report("PassedStepLiesAhead", MigrationFate.MustNotMove, passed.Id, NameOf(passed));

    private MigrationForecast Plan()
    {
        if (_from.VersionId == _to.VersionId)
        {
            Report("VersionIsTheSame", MigrationFate.Stays, null, Version(_to));
        }
        else if (_from.DefinitionId != _to.DefinitionId)
        {
            Report("DefinitionIsAnother", MigrationFate.MustNotMove, null, _to.Name);
        }
        else if (_old is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted })
        {
            Report("InstanceIsFinished", MigrationFate.Stays, null);
        }
        else
        {
            _new.Root = Move(_old.Root, null, _to.Workflow)!;
            foreach (var (activity, outputs) in _old.Remembered)
            {
                _new.Remembered[_from.FindActivity(activity) is { } node && ImageOf(node) is { } image ? image.Id : activity] = outputs;
            }
        }

        var fate = _reasons.Count == 0 ? MigrationFate.CanMove : _reasons.Max(reason => reason.Fate);
        return new MigrationForecast(
            _old.InstanceId, _from.VersionId, _from.Version, _to.VersionId, _to.Version, _old.LastSequence, fate, _reasons, _notes, _activities);
    }

    private ActivityContext? Move(ActivityContext old, ActivityContext? container, ActivityNode node)
    {
        var moved = new ActivityContext(_new, node, container, old.Number);
        moved.TakeOver(old);
        if (old.State is WorkflowScope scope)
        {
            var definition = container is null ? _to : node.Definition;
            moved.State = new WorkflowScope(definition, scope.Inputs) { Outputs = scope.Outputs, Outcomes = scope.Outcomes };
            MoveVariables(old, moved, scope.Definition.Variables, definition.Variables);
        }
        else
        {
            MoveVariables(old, moved, old.Node.Variables, node.Variables);
        }

        foreach (var child in old.Children ?? [])
        {
            MoveChild(child, moved);
        }

        if (node.Activity is ControlActivity control && old.State is not null and not WorkflowScope && _reasons.TrueForAll(IsNoMustNot))
        {
            control.MoveState(old, moved, this);
        }

        return moved;
    }

    private void MoveChild(ActivityContext child, ActivityContext container)
    {
        var node = child.Node;
        var (image, mapping, candidates) = Find(node);
        var isWaiting = child.Waits > 0;
        var change = image is null ? candidates.Count > 1 ? ActivityChange.Ambiguous : ActivityChange.Removed
            : mapping is { BeginsAnew: true } ? ActivityChange.BegunAnew
            : image.Id == node.Id ? ActivityChange.Same : ActivityChange.Renamed;
        _activities.Add(new ActivityMove(
            child.Number, node.Id, NameOf(node), image?.Id, image is null ? null : NameOf(image), change, isWaiting,
            image is null ? [.. container.Node.Children.Select(candidate => candidate.Id)] : []));
        if (node.Descriptor.IsCommitted && isWaiting)
        {
            Report("ActivityIsCommitted", MigrationFate.Stays, node.Id, NameOf(node));
        }

        if (image is null)
        {
            Report(
                mapping is not null ? "MappingLeadsNowhere" : change == ActivityChange.Ambiguous ? "ActivityIsAmbiguous" : "ActivityIsRemoved",
                MigrationFate.MustNotMove, node.Id, NameOf(node), mapping?.To ?? "");
        }
        else if (image.Parent != container.Node)
        {
            Report("ContainerIsAnother", MigrationFate.MustNotMove, node.Id, NameOf(node));
        }
        else if (change == ActivityChange.BegunAnew)
        {
            _begun.Add((child, container, image));
        }
        else if (image.Type != node.Type)
        {
            Report("TypeIsAnother", MigrationFate.MustNotMove, node.Id, NameOf(node), node.Descriptor.DisplayName, image.Descriptor.DisplayName);
        }
        else
        {
            foreach (var due in _old.Bookmarks.Where(wait => wait.ActivityNumber == child.Number).Select(wait => wait.DueAt).OfType<DateTimeOffset>())
            {
                _notes.Add(new MigrationReason("TermStays", MigrationFate.CanMove, node.Id, [
                    NameOf(node), TimeZoneInfo.ConvertTime(due, _old.Options.TimeZone).ToString("d.MM.yyyy HH:mm", CultureInfo.InvariantCulture)]));
            }

            if (Move(child, container, image) is { } moved)
            {
                (container.Children ??= []).Add(moved);
                _new.Rename(child.Number, image);
            }
        }
    }

    // A variable is found by its id, then by its name; values of loops have no declaration and go along.
    private void MoveVariables(
        ActivityContext old, ActivityContext moved, IReadOnlyList<VariableDefinition> before, IReadOnlyList<VariableDefinition> after)
    {
        foreach (var (id, value) in old.Variables ?? [])
        {
            var declared = before.FirstOrDefault(variable => variable.Id == id);
            var target = after.FirstOrDefault(variable => variable.Id == id)
                ?? after.FirstOrDefault(variable => declared is not null && variable.Name == declared.Name);
            if (declared is null || target is not null)
            {
                (moved.Variables ??= [])[target?.Id ?? id] = target is null ? value : ValueConversion.To(value, target.Shape);
            }
            else
            {
                _notes.Add(new MigrationReason("VariableIsDropped", MigrationFate.CanMove, null, [declared.Name]));
            }
        }

        moved.DeclareVariables(after);
    }

    private (ActivityNode? Image, ActivityMapping? Mapping, IReadOnlyList<string> Candidates) Find(ActivityNode node)
    {
        if (_images.TryGetValue(node, out var known))
        {
            return known;
        }

        var mapping = _plan.Mappings.FirstOrDefault(candidate => candidate.From == node.Id || candidate.From == node.NodeId);
        var same = _to.Nodes.Values.Where(candidate => candidate.Id == node.Id).ToList();
        ActivityNode? image;
        if (mapping is not null)
        {
            image = _to.FindActivity(mapping.To);
        }
        else if (node == _from.Workflow)
        {
            image = _to.Workflow;
        }
        else if (_to.Nodes.GetValueOrDefault(node.NodeId) is { } there)
        {
            image = there;
        }
        else if (same.Count == 0 && node.Parent == _from.Workflow && _to.Workflow.Children is [var root] && root.Type == node.Type)
        {
            // The outermost container is the same whatever a designer calls it.
            image = root;
        }
        else
        {
            // Its container may have got another name: then its place is the one with its id in that container.
            var container = node.Parent is { } parent ? ImageOf(parent) : null;
            var inside = same.Where(candidate => candidate.Parent == container).ToList();
            image = inside is [var only] ? only : same is [var single] ? single : null;
        }

        return _images[node] = (image, mapping, [.. same.Select(candidate => candidate.NodeId)]);
    }

    private static bool IsNoMustNot(MigrationReason reason) => reason.Fate != MigrationFate.MustNotMove;

    private static string NameOf(ActivityNode node) => node.Name is { Length: > 0 } name ? name : node.Id;

    private static string Version(WorkflowDefinition definition) => definition.Version.ToString(CultureInfo.InvariantCulture);

    private void Report(string key, MigrationFate fate, string? activityId, params string[] arguments) =>
        _reasons.Add(new MigrationReason(key, fate, activityId, arguments));
}
