namespace ProcesStandardu.Engine;

/// <summary>Limits and surroundings of the engine.</summary>
public sealed class EngineOptions
{
    /// <summary>Longest run of one JavaScript expression; default one second.</summary>
    public TimeSpan ScriptTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most statements one JavaScript expression may run; default 20,000.</summary>
    public int ScriptStatements { get; set; } = 20_000;

    /// <summary>Deepest recursion of one JavaScript expression; default 100 calls.</summary>
    public int ScriptRecursion { get; set; } = 100;

    /// <summary>Most bytes one JavaScript expression may allocate; default 32 MiB.</summary>
    public long ScriptBytes { get; set; } = 32L << 20;

    /// <summary>Most activities one burst may run before the instance faults as endless; default 100,000.</summary>
    public int ActivitiesPerBurst { get; set; } = 100_000;

    /// <summary>Deepest chain of workflows that start workflows; default 16.</summary>
    public int ChildDepth { get; set; } = 16;

    /// <summary>Counted attempts after which a stored delivery is parked; default 5.</summary>
    public int Attempts { get; set; } = 5;

    /// <summary>Zone in which dates and times without offset are read; default UTC.</summary>
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Receives what WriteLine activities write, inside the transaction; null drops it.</summary>
    public Action<Guid, string?>? WriteLine { get; set; }

    /// <summary>Told of each named place of <see cref="BurstPlaces"/> that is reached, for tests that fail there; null tells nobody.</summary>
    public Action<string>? Reached { get; set; }

    /// <summary>
    /// True for exceptions that are not an activity's own fault, such as those of the database: they undo the burst and
    /// it is repeated, instead of becoming an incident. Default: none but cancellation.
    /// </summary>
    public Func<Exception, bool> IsInfrastructureFailure { get; set; } = static _ => false;
}

/// <summary>Places of a burst at which a test may make the engine fail.</summary>
public static class BurstPlaces
{
    public const string BeforeLock = "instance.before-lock";
    public const string Locked = "instance.locked";
    public const string Loaded = "burst.loaded";
    public const string BeforeActivity = "activity.before";
    public const string AfterActivity = "activity.after";
    public const string BeforeWrite = "burst.before-write";
    public const string Written = "burst.written";
    public const string SignalKept = "signal.stored";

    /// <summary>All of them, in the order in which an act reaches them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [BeforeLock, Locked, Loaded, BeforeActivity, AfterActivity, BeforeWrite, Written, SignalKept];
}
