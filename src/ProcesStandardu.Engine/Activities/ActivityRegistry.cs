using System.Collections.Frozen;

namespace ProcesStandardu.Engine.Activities;

/// <summary>The activity types this process can run, filled explicitly at start-up.</summary>
public sealed class ActivityRegistry
{
    private readonly Dictionary<(string Type, int Version), Activity> _activities = [];
    private FrozenDictionary<(string Type, int Version), Activity>? _frozen;

    /// <summary>Adds one type.</summary>
    /// <exception cref="ArgumentException">The same type and version is already there.</exception>
    public ActivityRegistry Add(Activity activity)
    {
        var key = (activity.Descriptor.TypeName, activity.Descriptor.Version);
        if (!_activities.TryAdd(key, activity))
        {
            throw new ArgumentException($"Activity {key.TypeName} version {key.Version} is registered twice.");
        }

        _frozen = null;
        return this;
    }

    /// <summary>All descriptors, by type name and version.</summary>
    public IEnumerable<ActivityDescriptor> Descriptors =>
        _activities.Values.Select(activity => activity.Descriptor)
            .OrderBy(descriptor => descriptor.TypeName, StringComparer.Ordinal).ThenBy(descriptor => descriptor.Version);

    /// <summary>The activity of this exact version; without a version the newest; null when unknown.</summary>
    public Activity? Find(string typeName, int? version = null)
    {
        var activities = _frozen ??= _activities.ToFrozenDictionary();
        if (version is { } exact)
        {
            return activities.GetValueOrDefault((typeName, exact));
        }

        Activity? newest = null;
        foreach (var (key, activity) in activities)
        {
            if (key.Type == typeName && (newest is null || newest.Descriptor.Version < key.Version))
            {
                newest = activity;
            }
        }

        return newest;
    }
}
