using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// Two questions from outside. <c>/health/live</c>: does the program answer at all — asks nothing else, or a database that is away
/// would restart every node. <c>/health/ready</c>: may it be sent people — schema current, data imported, database answering.
/// </summary>
public static class Health
{
    private static readonly string[] Asking = [HttpMethods.Get, HttpMethods.Head];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Answers 200 "ok" or 503 with a word that says what is missing and nothing about the inside.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapMethods("/health/live", Asking, () => Results.Text("ok")).AllowAnonymous().DisableHttpMetrics();
        app.MapMethods("/health/ready", Asking, ReadyAsync).AllowAnonymous().DisableHttpMetrics();
    }

    private static async Task<IResult> ReadyAsync(
        Readiness readiness, NpgsqlDataSource database, ILogger<Readiness> logger, CancellationToken cancellation)
    {
        if (!readiness.IsOpen)
        {
            return NotReady("starting or stopping");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            if (!await DatabaseMigrator.IsCurrentAsync(database, limit.Token))
            {
                return NotReady("schema");
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
