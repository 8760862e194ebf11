using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Engine.Tests.Scenarios;

/// <summary>
/// Each file of this folder is a story: definitions (the last is started), steps, and after each step what was added to
/// the journals, which lines were written and how the instances stand.
/// </summary>
public sealed class ScenarioTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Scenarios");

    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_story_goes_as_it_is_told(string name)
    {
        var story = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, name + ".json"), TestContext.Current.CancellationToken))!;
        var test = new TestEngine();
        var definitions = story["definitions"]!.AsArray().Select(definition => test.Publish(definition!.ToJsonString())).ToList();
        var seen = new Dictionary<Guid, int>();
        var steps = story["steps"]!.AsArray();
        for (var index = 0; index < steps.Count; index++)
        {
            var step = steps[index]!;
            test.Lines.Clear();
            await PlayAsync(test, step, definitions[^1].DefinitionId);

            var where = $"{name}, step {index} ({step["do"]})";
            var instances = test.Store.Instances.OrderBy(instance => instance.ParentInstanceId is not null).ToList();
            var journal = instances.Select(instance =>
            {
                var entries = test.Store.JournalOf(instance.Id).Skip(seen.GetValueOrDefault(instance.Id)).ToList();
                seen[instance.Id] = test.Store.JournalOf(instance.Id).Count;
                return string.Join(' ', entries.Select(entry =>
                    $"{entry.Activity.Id}:{entry.Event}{string.Concat((entry.Outcomes ?? []).Select(outcome => $"[{outcome}]"))}"));
            });
            string.Join(" | ", journal).ShouldBe((string?)step["journal"] ?? "", where);
            test.Lines.ShouldBe((step["lines"] as JsonArray ?? []).Select(line => (string)line!), where);
            string.Join(' ', instances.Select(instance => instance.SubStatus)).ShouldBe((string?)step["status"] ?? "", where);
        }
    }

    private static async Task PlayAsync(TestEngine test, JsonNode step, string definitionId)
    {
        switch ((string?)step["do"])
        {
            case "start":
                await test.Engine.StartAsync(new StartWorkflow { DefinitionId = definitionId }, CancellationToken.None);
                break;
            case "event":
                await test.PublishEventAsync((string)step["name"]!, step["payload"]?.DeepClone());
                break;
            case "advance":
                test.Clock.Advance(TimeSpan.Parse((string)step["by"]!));
                await test.FireDueAsync();
                break;
            case "complete":
                await test.Engine.CompleteTaskAsync(
                    test.Store.OpenTasks.First(task => task.Name == (string?)step["task"]).Id, step["result"]?.DeepClone(), CancellationToken.None);
                break;
            case "retry":
                await test.Engine.RetryAsync(test.Only.Id, null, CancellationToken.None);
                break;
            default:
                throw new InvalidOperationException($"Unknown step {step["do"]}.");
        }
    }
}
