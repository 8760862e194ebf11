using System.Text.Json;
using Microsoft.Playwright;

namespace ProcesStandardu.Web.Tests.Harness;

/// <summary>axe-core's judgement of a page.</summary>
public static class Accessibility
{
    private const string Run =
        """
        async () => {
          const found = await axe.run(document, { resultTypes: ['violations'] });
          return JSON.stringify(found.violations.map(v => ({ id: v.id, help: v.help, at: v.nodes.map(n => n.target.join(' ') + ' ' + n.html) })));
        }
        """;

    /// <summary>
    /// Every violation axe-core finds on the page as it stands, one line each: the rule, what it asks, and where. Empty is what we want.
    /// Works on pages of <see cref="Browser.NewPageAsync"/> with JavaScript.
    /// </summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(IPage page)
    {
        var answer = await page.EvaluateAsync<string>(Run);
        return
        [
            .. JsonDocument.Parse(answer).RootElement.EnumerateArray().Select(violation =>
                $"{violation.GetProperty("id").GetString()}: {violation.GetProperty("help").GetString()}\n    "
                + string.Join("\n    ", violation.GetProperty("at").EnumerateArray().Select(at => at.GetString()))),
        ];
    }

    /// <summary>Puts axe-core beside each page from outside, so that the page's own security policy stays as people get it.</summary>
    internal static Task PrepareAsync(IBrowserContext context) =>
        context.AddInitScriptAsync(scriptPath: Path.Combine(Repository.Root, "tests", "node_modules", "axe-core", "axe.min.js"));
}
