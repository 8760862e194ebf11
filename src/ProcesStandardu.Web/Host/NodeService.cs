using Microsoft.Extensions.Options;
using Npgsql;
using ProcesStandardu.Approval.Nodes;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// A node's life: signs of life from start to end, on connections of their own, and at the end the time in which balancers turn away.
/// The heartbeat outlives the drain, so that others see the node leave and not vanish.
/// </summary>
internal sealed class NodeService(
    Heartbeat heartbeat, Readiness readiness, IOptions<ShutdownOptions> shutdown, ILogger<NodeService> logger)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before anything is stopped: readiness is closed already, requests that still come are served.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await BeatAsync(NodeState.Draining, cancellationToken);
        await Task.Delay(shutdown.Value.Drain, cancellationToken);
    }

    /// <summary>After the last request and the last pass.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => BeatAsync(NodeState.Stopped, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        do
        {
            if (readiness.HasOpened)
            {
                await BeatAsync(readiness.IsOpen ? NodeState.Serving : NodeState.Draining, stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task BeatAsync(string state, CancellationToken cancellation)
    {
        try
        {
            await heartbeat.RunOnceAsync(state, cancellation);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException)
        {
            // Readiness says that the database is away; a heartbeat that is missing convicts nobody.
            logger.LogWarning("The heartbeat was not written: {Reason}", away.Message);
        }
        catch (ObjectDisposedException)
        {
            // The program is gone but for this word.
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The stop took longer than it may.
        }
    }
}

/// <summary>Section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Shutdown";

    /// <summary>How long requests may take to end after the drain; longer than any may take.</summary>
    public static readonly TimeSpan LastRequests = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a node that was told to stop says "not ready" and still serves, until balancers have turned away. None to a minute;
    /// none unless set, as nobody balances a program that runs alone.
    /// </summary>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:00:00", "00:01:00", ConvertValueInInvariantCulture = true, ParseLimitsInInvariantCulture = true)]
    public TimeSpan Drain { get; set; } = TimeSpan.Zero;
}
