using Npgsql;
using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// Three questions from outside. <c>/health/live</c>: does the program answer at all — asks nothing else, or a database that is away
/// would restart every node. <c>/health/start</c>: has it once been ready to work — no more is asked about a slow start after that.
/// <c>/health/ready</c>: may it be sent people — schema understood, data imported, database answering.
/// </summary>
public static class Health
{
    private static readonly string[] Asking = [HttpMethods.Get, HttpMethods.Head];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Answers 200 "ok" or 503 with a word that says what is missing and nothing about the inside.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapMethods("/health/live", Asking, () => Results.Text("ok")).AllowAnonymous().DisableHttpMetrics();
        app.MapMethods("/health/start", Asking, (Readiness readiness) => readiness.HasOpened ? Results.Text("ok") : NotReady("starting"))
            .AllowAnonymous().DisableHttpMetrics();
        app.MapMethods("/health/ready", Asking, ReadyAsync).AllowAnonymous().DisableHttpMetrics();
    }

    private static async Task<IResult> ReadyAsync(
        Readiness readiness,
        // Not the requests' connections: a node whose pool is used up is slow, not broken.
        [FromKeyedServices(Heartbeat.ConnectionsOfItsOwn)] NpgsqlDataSource database,
        ILogger<Readiness> logger,
        CancellationToken cancellation)
    {
        if (!readiness.IsOpen)
        {
            return NotReady("starting or stopping");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            var fit = await DatabaseMigrator.FitAsync(database, limit.Token);
            if (fit != SchemaFit.Fits)
            {
                return NotReady(fit == SchemaFit.Ahead ? "schema is newer" : "schema");
            }

            await using var imported = database.CreateCommand("select exists (select from programme)");
            return (bool)(await imported.ExecuteScalarAsync(limit.Token))! ? Results.Text("ok") : NotReady("data");
        }
        catch (Exception away) when (away is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            logger.LogWarning(away, "The database does not answer");
            return NotReady("database");
        }
    }

    private static IResult NotReady(string missing) =>
        Results.Text(missing, statusCode: StatusCodes.Status503ServiceUnavailable);
}
