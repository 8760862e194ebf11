using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static ProcesStandardu.Engine.Tests.Definition;

namespace ProcesStandardu.Engine.Tests.Expressions;

public sealed class JavaScriptTests
{
    [Theory]
    [InlineData("1 + 1", "2")]
    [InlineData("return getInput('kwota') > 1000", "True")]
    [InlineData("getVariable('Stan') + '!'", "nowy!")]
    [InlineData("variables.Stan.length", "4")]
    [InlineData("getStan()", "nowy")]
    [InlineData("variables.Stan = 'inny'; getVariable('Stan')", "inny")]
    [InlineData("setVariable('Stan', 7); getVariable('Stan')", "7")]
    [InlineData("getInput('brak') === null", "True")]
    [InlineData("getInput('lista').map(function (x) { return x * 2; }).join('+')", "2+4")]
    [InlineData("toJson({ a: [1, null, true] })", "{\"a\":[1,null,true]}")]
    [InlineData("new Date().toISOString()", "2012-11-05T07:00:00.000Z")]
    [InlineData("Date.now()", "1352098800000")]
    [InlineData("new Date(2014, 3, 30).getDate()", "30")]
    [InlineData("getCorrelationId() === null && getWorkflowDefinitionId()", "test")]
    [InlineData("undefined", "<null>")]
    [InlineData("0/0", "<null>")]
    public async Task Scripts_see_variables_inputs_and_the_programme_clock(string script, string line)
    {
        var test = new TestEngine();

        await test.StartAsync(
            Of(Activity("a", "Elsa.WriteLine", ("text", Js(script))), variables: [Variable("Stan", "String", "nowy")]),
            ("kwota", 1500), ("lista", new JsonArray(1, 2)));

        test.Store.Incidents.ShouldBeEmpty();
        test.Lines.ShouldBe([line]);
    }

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("(function f() { return f(); })()")]
    [InlineData("var s = 'xxxxxxxx'; for (var i = 0; i < 40; i++) { s = s + s; } s")]
    [InlineData("new Array(100000000).join('x')")]
    [InlineData("var a = {}; a.a = a; a")]
    [InlineData("throw new Error('zły')")]
    [InlineData("brak()")]
    [InlineData("System.IO.File.ReadAllText('/etc/passwd')")]
    [InlineData("importNamespace('System')")]
    [InlineData("getVariable.constructor('return this')().process.exit()")]
    public async Task A_script_that_goes_too_far_faults_its_activity_and_nothing_else(string script)
    {
        var test = new TestEngine();

        var started = await test.StartAsync(Sequence(Activity("a", "Elsa.WriteLine", ("text", Js(script)))));

        started.Outcome.ShouldBe(StartOutcome.Started);
        test.Store.Incidents.ShouldHaveSingleItem().ActivityId.ShouldBe("a");
    }

    [Fact]
    public async Task One_evaluation_leaves_nothing_behind_for_the_next()
    {
        var test = new TestEngine();

        await test.StartAsync(Sequence(
            Activity("a", "Elsa.WriteLine", ("text", Js("shared = 1; 'a'"))),
            Activity("b", "Elsa.WriteLine", ("text", Js("typeof shared")))));

        test.Lines.ShouldBe(["a", "undefined"]);
    }

    [Fact]
    public async Task Outputs_of_earlier_activities_are_found_by_name_also_after_a_wait()
    {
        var test = new TestEngine();
        await test.StartAsync(Sequence(
            Event("decyzja", "d"), Event("druga", "e"),
            Activity("a", "Elsa.WriteLine", ("text", Js("getOutputFrom('decyzja', 'Result').wynik")))));

        await test.PublishEventAsync("d", new JsonObject { ["wynik"] = "tak" });
        await test.PublishEventAsync("e");

        test.Lines.ShouldBe(["tak"]);
    }
}
