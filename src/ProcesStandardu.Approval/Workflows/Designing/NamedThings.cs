using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>The programme's things that a step of a workflow may name by key: what designers choose from, and what must exist.</summary>
public sealed class NamedThings(UnitOfWork work, DefinitionCheck check, TimeProvider time)
{
    /// <summary>Choices by the name of the input that takes them, each list by its texts.</summary>
    public Task<IReadOnlyDictionary<string, IReadOnlyList<InputOption>>> ListAsync(CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyDictionary<string, IReadOnlyList<InputOption>>>(
            async db => new Dictionary<string, IReadOnlyList<InputOption>>
            {
                ["DeliverableKey"] = Options(await db.Deliverables.AsNoTracking()
                    .Select(thing => new { thing.Title, thing.Key }).ToListAsync(cancellation), thing => (thing.Title, thing.Key)),
                ["BodyKey"] = Options(await db.Bodies.AsNoTracking()
                    .Select(thing => new { thing.Name, thing.Key }).ToListAsync(cancellation), thing => (thing.Name, thing.Key)),
                ["DeadlineKey"] = Options(await db.Deadlines.AsNoTracking()
                    .Select(thing => new { thing.Title, thing.Key }).ToListAsync(cancellation), thing => (thing.Title, thing.Key)),
                ["IndicatorKey"] = Options(await db.Indicators.AsNoTracking()
                    .Select(thing => new { thing.Title, thing.Key }).ToListAsync(cancellation), thing => (thing.Title, thing.Key)),
                ["PhaseKey"] = Options(await db.Phases.AsNoTracking()
                    .Select(thing => new { thing.Title, thing.Key }).ToListAsync(cancellation), thing => (thing.Title, thing.Key)),
                ["StandardKey"] = Options(await db.StandardWorks.AsNoTracking()
                    .Select(thing => new { thing.Title, thing.Key }).ToListAsync(cancellation), thing => (thing.Title, thing.Key)),
            },
            cancellation);

    /// <summary>
    /// Keys written in a definition that name nothing, and waits for deadlines that are over. A step that stood like this in
    /// <paramref name="published"/> is left alone: its day may have passed since.
    /// </summary>
    public async Task<IReadOnlyList<DesignProblem>> CheckAsync(JsonObject definition, JsonObject? published, CancellationToken cancellation)
    {
        var things = await ListAsync(cancellation);
        var today = Warsaw.DateOf(time.GetUtcNow());
        var over = await work.RunAsync(
            async db => await db.Deadlines.AsNoTracking().Where(deadline => deadline.DueOn < today)
                .ToDictionaryAsync(deadline => deadline.Key, deadline => deadline.DueOn, cancellation),
            cancellation);
        var before = DefinitionJson.Activities(published?["root"]).DistinctBy(activity => activity["id"]?.ToString())
            .ToDictionary(activity => activity["id"]!.ToString());
        var problems = new List<DesignProblem>();
        foreach (var activity in DefinitionJson.Activities(definition["root"]))
        {
            var type = DefinitionJson.Text(activity["type"])!;
            if (!type.StartsWith("ProcesStandardu.", StringComparison.Ordinal))
            {
                continue;
            }

            var id = DefinitionJson.Text(activity["id"])!;
            foreach (var (input, options) in things)
            {
                var property = JsonNamingPolicy.CamelCase.ConvertName(input);
                if (Literal(activity[property]) is not { Length: > 0 } key
                    || (before.TryGetValue(id, out var old) && Literal(old[property]) == key))
                {
                    continue;
                }

                if (options.All(option => option.Value != key))
                {
                    problems.Add(new DesignProblem("NamedThingDoesNotExist", id, check.NameOf(activity), key));
                }
                else if (input == "DeadlineKey" && over.TryGetValue(key, out var day))
                {
                    problems.Add(new DesignProblem("DeadlineIsOver", id, check.NameOf(activity), key, day.ToString("d.MM.yyyy", System.Globalization.CultureInfo.InvariantCulture)));
                }
            }

            if (Literal(activity["date"]) is { Length: > 0 } date && !before.ContainsKey(id)
                && (!DateOnly.TryParseExact(date, "yyyy-MM-dd", out var on) || on < today))
            {
                problems.Add(new DesignProblem("DeadlineIsOver", id, check.NameOf(activity), date, date));
            }
        }

        return problems;
    }

    private static string? Literal(JsonNode? input) =>
        input is JsonObject wrapper && (DefinitionJson.Text(wrapper["expression"]?["type"]) ?? "Literal") == "Literal"
            ? DefinitionJson.Text(wrapper["expression"]?["value"])
            : null;

    private static List<InputOption> Options<T>(List<T> things, Func<T, (string Title, string Key)> of) =>
        [.. things.Select(of).Select(thing => new InputOption($"{thing.Title} ({thing.Key})", thing.Key))
            .OrderBy(option => option.Text, StringComparer.Create(System.Globalization.CultureInfo.GetCultureInfo("pl"), ignoreCase: true))];
}
