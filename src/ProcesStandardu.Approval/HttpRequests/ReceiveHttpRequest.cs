using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>The request that is being answered in this scope; workflows write their answer here.</summary>
public sealed class HttpExchange : IHttpExchange
{
    public bool IsOpen { get; private set; }

    internal HttpAnswer? Given { get; private set; }

    public void Answer(HttpAnswer answer) => Given ??= answer;

    internal void Open() => (IsOpen, Given) = (true, null);

    internal void Close() => IsOpen = false;
}

/// <summary>
/// Brings one HTTP request to the workflows that wait for it, or starts those that begin with it. All of it is one transaction;
/// the answer is given when that is committed.
/// </summary>
public sealed class ReceiveHttpRequest(UnitOfWork work, WorkflowEngine engine, HttpExchange exchange)
{
    /// <param name="Payload">From <see cref="FindEndpoint"/>.</param>
    /// <param name="Request">What workflows get: <c>{method, path, route, query, headers, content, files, outcome}</c>.</param>
    /// <param name="CorrelationId">Limits the request to instances with it and is given to those it starts; null does not limit.</param>
    /// <param name="Key">The caller's key: a second request with the same one is taken for the first; null when he sent none.</param>
    public sealed record Command(string Payload, JsonObject Request, string? CorrelationId, string? Key);

    /// <returns>What the caller gets: the workflow's answer, 202 when it gave none, 404 when nobody waits any more, 500 when it failed.</returns>
    public async Task<HttpAnswer> HandleAsync(Command command, CancellationToken cancellation)
    {
        try
        {
            return await work.RunAsync(
                async _ =>
                {
                    exchange.Open();
                    var sent = await engine.SendAsync(
                        new Stimulus(HttpEndpointRules.StimulusName, JsonNode.Parse(command.Payload))
                        {
                            Input = command.Request,
                            CorrelationId = command.CorrelationId,
                            Id = command.Key is null ? null : $"http:{command.Payload}:{command.Key}",
                            KeepWhenUnmatched = false,
                        },
                        cancellation);
                    return sent switch
                    {
                        { IsRepeated: true } => Plain(202),
                        // What was undone is repeated later, when nobody waits for its answer.
                        { Deferred: > 0 } => Plain(202),
                        { Runs: 0 } => Plain(404),
                        _ => exchange.Given ?? Plain(await HasFailedAsync([.. sent.Started, .. sent.Resumed], cancellation) ? 500 : 202),
                    };
                },
                cancellation);
        }
        finally
        {
            exchange.Close();
        }
    }

    private async Task<bool> HasFailedAsync(Guid[] instances, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select exists (select from workflow_instance where id = any($1) and sub_status = 'faulted')", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = instances });
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static HttpAnswer Plain(int statusCode) => new(statusCode, []);
}
