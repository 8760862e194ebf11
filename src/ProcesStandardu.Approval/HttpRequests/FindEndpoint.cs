using System.Text.Json;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>Finds the endpoint that a request means among those at which workflows wait or start.</summary>
public sealed class FindEndpoint(UnitOfWork work)
{
    private static readonly JsonSerializerOptions AsStored = new();

    /// <param name="Path">The path below the prefix, decoded, without slashes at its ends.</param>
    public sealed record Query(string Path, string Method);

    /// <param name="Endpoint">Null when none takes this method at this path.</param>
    /// <param name="Payload">What the endpoint's waits and triggers are compared by.</param>
    /// <param name="OtherMethods">Methods that are taken at this path, when this one is not.</param>
    public sealed record Answer(
        HttpEndpointRules? Endpoint, string? Payload, IReadOnlyDictionary<string, string> Route, IReadOnlyList<string> OtherMethods);

    public Task<Answer> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async _ =>
        {
            var segments = query.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var matches = new List<(HttpEndpointRules Rules, string Payload, Dictionary<string, string> Route, int Rank)>();
            foreach (var payload in await CandidatesAsync(query.Path, cancellation))
            {
                var rules = JsonSerializer.Deserialize<HttpEndpointRules>(payload, AsStored)!;
                if (PathTemplate.Match(rules.Path, segments) is var (values, rank))
                {
                    matches.Add((rules, payload, values, rank));
                }
            }

            // The most exact path; of equal ones always the same.
            var found = matches.Where(match => match.Rules.Method == query.Method)
                .OrderByDescending(match => match.Rank).ThenBy(match => match.Payload, StringComparer.Ordinal).FirstOrDefault();
            return found.Rules is null
                ? new Answer(null, null, new Dictionary<string, string>(), [.. matches.Select(match => match.Rules.Method).Distinct().Order(StringComparer.Ordinal)])
                : new Answer(found.Rules, found.Payload, found.Route, []);
        },
        cancellation);

    private async Task<List<string>> CandidatesAsync(string path, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select payload from workflow_trigger where name = 'Elsa.HttpEndpoint'
            union
            select b.payload from workflow_bookmark b join workflow_instance i on i.id = b.instance_id and i.status = 'running'
            where b.name = 'Elsa.HttpEndpoint' and lower((b.payload::jsonb) ->> 'Path') = lower($1)
            union
            select b.payload from workflow_bookmark b join workflow_instance i on i.id = b.instance_id and i.status = 'running'
            where b.name = 'Elsa.HttpEndpoint' and (b.payload::jsonb) ->> 'Path' like '%{%'
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = path });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var payloads = new List<string>();
        while (await rows.ReadAsync(cancellation))
        {
            payloads.Add(rows.GetString(0));
        }

        return payloads;
    }
}
