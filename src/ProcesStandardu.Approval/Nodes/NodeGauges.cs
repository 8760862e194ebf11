using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ProcesStandardu.Approval.Nodes;

/// <summary>What operators measure of a node itself; reading it asks no database.</summary>
public sealed class NodeGauges : IDisposable
{
    /// <summary>The name of the meter and of the source of traces, for collectors.</summary>
    public const string Name = "ProcesStandardu.Nodes";

    private readonly Meter meter = new(Name);
    private readonly Histogram<double> passes;
    private readonly Counter<long> moved;
    private readonly Counter<long> failures;
    private long clockAheadTicks;
    private volatile bool isQuarantined;

    public NodeGauges()
    {
        passes = meter.CreateHistogram<double>("proces.pass.duration", "s");
        moved = meter.CreateCounter<long>("proces.pass.moved", "{row}");
        failures = meter.CreateCounter<long>("proces.pass.failures", "{pass}");
        meter.CreateObservableGauge("proces.node.clock_ahead", () => ClockAhead.TotalSeconds, "s");
        meter.CreateObservableGauge("proces.database.quarantined", () => isQuarantined ? 1 : 0);
    }

    /// <summary>Where a background duty's run is one span.</summary>
    public ActivitySource Traces { get; } = new(Name);

    /// <summary>How far the machine's clock is ahead of the database's at the last heartbeat.</summary>
    public TimeSpan ClockAhead
    {
        get => new(Interlocked.Read(ref clockAheadTicks));
        internal set => Interlocked.Exchange(ref clockAheadTicks, value.Ticks);
    }

    /// <summary>As the last heartbeat found it.</summary>
    public bool IsQuarantined
    {
        get => isQuarantined;
        internal set => isQuarantined = value;
    }

    public void PassRan(string pass, TimeSpan took, int rows)
    {
        var tag = new KeyValuePair<string, object?>("pass", pass);
        passes.Record(took.TotalSeconds, tag);
        moved.Add(rows, tag);
    }

    public void PassFailed(string pass) => failures.Add(1, new KeyValuePair<string, object?>("pass", pass));

    public void Dispose()
    {
        meter.Dispose();
        Traces.Dispose();
    }
}
