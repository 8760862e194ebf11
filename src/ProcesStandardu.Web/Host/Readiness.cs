namespace ProcesStandardu.Web.Host;

/// <summary>
/// Whether this node may be sent requests: opened when the data are there, closed as soon as it is told to stop, so that a balancer
/// turns away before the last requests end.
/// </summary>
public sealed class Readiness
{
    private volatile bool _open;
    private volatile bool _hasOpened;

    /// <summary>A node starts closed.</summary>
    public Readiness(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(() => _open = false);

    /// <summary>True between the end of preparation and the beginning of the stop.</summary>
    public bool IsOpen => _open;

    /// <summary>True from the end of preparation on, also while stopping.</summary>
    public bool HasOpened => _hasOpened;

    /// <summary>Says that schema and data are in place.</summary>
    public void Open()
    {
        _open = true;
        _hasOpened = true;
    }
}
