using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
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
    [Trait("Fault", "S46")]
    [MemberData(nameof(EndlessScripts))]
    public async Task A_script_that_goes_too_far_faults_its_activity_and_nothing_else(string script)
    {
        var test = new TestEngine();

        var started = await test.StartAsync(Sequence(Activity("a", "Elsa.WriteLine", ("text", Js(script)))));

        started.Outcome.ShouldBe(StartOutcome.Started);
        test.Store.Incidents.ShouldHaveSingleItem().ActivityId.ShouldBe("a");
    }

    public static TheoryData<string> EndlessScripts() =>
    [
        "while (true) { }",
        "for (;;);",
        "do { } while (true)",
        "var i = 0; while (i < 1e9) i++",
        "(function f() { return f(); })()",
        "(function f() { [1].forEach(f); })()",
        "var o = { get a() { return this.a; } }; o.a",
        "var o = { toString: function () { return '' + this; } }; '' + o",
        "var o = { valueOf: function () { return +this; } }; +o",
        "var o = { toJSON: function () { return o; } }; o.o = o; JSON.stringify(o)",
        "var a = []; for (var i = 0; i < 9000; i++) a = [a]; String(a)",
        "var a = [1]; for (var i = 0; i < 40; i++) a = [a, a]; a",
        "var a = [1]; for (var i = 0; i < 40; i++) a = [a, a]; JSON.stringify(a)",
        "var a = [1]; for (var i = 0; i < 40; i++) a = [a, a]; String(a)",
        "var a = {}; for (var i = 0; i < 40; i++) a = { l: a, r: a }; setVariable('x', a); a",
        "var s = 'xxxxxxxx'; for (var i = 0; i < 40; i++) { s = s + s; } s",
        "var s = 'x'; for (var i = 0; i < 20; i++) s += s; new Array(10000).join(s)",
        "var s = 'x'; for (var i = 0; i < 20; i++) s += s; var a = []; for (i = 0; i < 9000; i++) a[i] = s; a.join('')",
        "var s = 'x'; for (var i = 0; i < 20; i++) s += s; var a = []; for (i = 0; i < 9000; i++) a[i] = s; ''.concat.apply('', a)",
        "var s = 'x'; for (var i = 0; i < 20; i++) s += s; s.replace(/x/g, s)",
        "var s = 'x'; for (var i = 0; i < 16; i++) s += s; s.replace(/x/g, \"$'$'\")",
        "var s = 'x'; for (var i = 0; i < 21; i++) s += s; s.split('')",
        "new Array(100000000).join('x')",
        "new Array(4294967295).join('x')",
        "new Array(4294967295).reverse()",
        "new Array(4294967295).sort()",
        "new Array(4294967295).indexOf(1)",
        "new Array(4294967295).forEach(function () { })",
        "new Array(4294967295).map(function () { })",
        "new Array(4294967295).slice()",
        "[].concat(new Array(4294967295))",
        "var a = []; a[4294967290] = 1; a.shift()",
        "Array.prototype.forEach.call({ length: 4294967295 }, function () { })",
        "var n = 0; Array.prototype.forEach.call({ get length() { return n++ ? 4294967295 : 1; } }, function () { })",
        "var n = 0; Array.prototype.join.call({ length: { valueOf: function () { return n++ ? 4294967295 : 1; } } })",
        "Math.max.apply(null, { length: 4294967295 })",
        "Math.max.apply(null, new Array(4294967295))",
        "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')",
        "/^(a+)+$/.exec('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.match('^(a+)+$')",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.search(/^(a|aa)+$/)",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.replace(/^(a+)+$/, '')",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.split(/^(a+)+$/)",
        "var r = new RegExp('^(a+)+$'); r.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')",
        "var f = function () { }; for (var i = 0; i < 15000; i++) f = f.bind(); while (true) f()",
        "var o = {}; for (var i = 0; i < 15000; i++) o = Object.create(o); while (true) o.x",
        "JSON.parse(new Array(9000).join('['))",
        "var a = {}; a.a = a; a",
        "throw new Error('zły')",
        "throw { toString: function () { while (true); } }",
        "brak()",
        "null.x",
    ];

    [Fact]
    [Trait("Fault", "S46")]
    public void Text_that_would_exhaust_the_stack_is_refused_before_it_is_read()
    {
        string[] scripts =
        [
            new string('(', 19_000), new string('[', 19_000), new string('{', 19_000), new string('!', 19_000) + "1",
            string.Concat(Enumerable.Repeat("- ", 9_000)) + "1", string.Concat(Enumerable.Repeat("a=", 9_000)) + "1",
            string.Concat(Enumerable.Repeat("a?b:", 4_900)) + "1", string.Concat(Enumerable.Repeat("if(1)", 3_900)) + "1",
            string.Concat(Enumerable.Repeat("new ", 4_900)) + "a", string.Join('+', Enumerable.Repeat("1", 9_000)),
            string.Join('.', Enumerable.Repeat("a", 9_000)), new string(' ', 20_001),
        ];

        foreach (var script in scripts)
        {
            new DefinitionReader(BuiltIn.AddTo(new ActivityRegistry()))
                .Read(Sequence(Activity("a", "Elsa.WriteLine", ("text", Js(script)))))
                .Problems.ShouldHaveSingleItem(script[..20]).ActivityId.ShouldBe("a");
        }
    }

    [Theory]
    [Trait("Fault", "S47")]
    [InlineData("typeof eval + typeof Function", "undefinedundefined")]
    [InlineData("String((function () { }).constructor)", "undefined")]
    [InlineData("String(getVariable.constructor) + String([].map.constructor)", "undefinedundefined")]
    [InlineData("typeof System + typeof importNamespace + typeof host + typeof clr + typeof require + typeof process", "undefinedundefinedundefinedundefinedundefinedundefined")]
    [InlineData("typeof getVariable.GetType + typeof ''.GetType + typeof (1).GetType", "undefinedundefinedundefined")]
    [InlineData("typeof __now + typeof __variables", "undefinedundefined")]
    [InlineData("Object.keys(this).join().indexOf('Assembly')", "-1")]
    public async Task A_script_finds_no_way_out(string script, string line)
    {
        var test = new TestEngine();

        await test.StartAsync(Sequence(Activity("a", "Elsa.WriteLine", ("text", Js("try { " + script + " } catch (e) { null }")))));

        test.Lines.ShouldBe([line]);
    }

    [Fact]
    [Trait("Fault", "S47")]
    public async Task What_one_run_changes_in_the_language_is_as_before_in_the_next()
    {
        var test = new TestEngine();

        await test.StartAsync(Sequence(
            Activity("a", "Elsa.WriteLine", ("text", Js("Array.prototype.join = Object.prototype.x = String.prototype.trim = function () { return 'zły'; }; isNullOrEmpty = null; /a/.y = 1; 'a'"))),
            Activity("b", "Elsa.WriteLine", ("text", Js("[1, 2].join() + {}.x + ' b '.trim() + isNullOrEmpty('') + /a/.y")))));

        test.Lines.ShouldBe(["a", "1,2undefinedbtrueundefined"]);
    }

    [Fact]
    [Trait("Fault", "S48")]
    public async Task Chance_is_the_same_when_an_execution_is_repeated_and_another_in_the_next()
    {
        var test = new TestEngine();
        var definition = test.Publish(Sequence(
            Activity("a", "Elsa.WriteLine", ("text", Js("Math.random() + ' ' + Math.random()"))),
            Activity("b", "Elsa.WriteLine", ("text", Js("Math.random()")))));
        var instance = Guid.CreateVersion7(test.Clock.GetUtcNow());
        await test.Engine.StartAsync(new StartWorkflow { DefinitionId = definition.DefinitionId, InstanceId = instance }, CancellationToken.None);

        var again = new TestEngine();
        again.Publish(definition.Source.ToJsonString());
        await again.Engine.StartAsync(new StartWorkflow { DefinitionId = definition.DefinitionId, InstanceId = instance }, CancellationToken.None);

        again.Lines.ShouldBe(test.Lines);
        test.Lines.SelectMany(line => line.Split(' ')).Distinct().Count().ShouldBe(3);
    }

    [Theory]
    [InlineData("'a-b-c'.split('-').reverse().join('+')", "c+b+a")]
    [InlineData("'zażółć'.replace(/ż/g, 'z')", "zazółć")]
    [InlineData("'a1b22'.match(/[0-9]+/g).join()", "1,22")]
    [InlineData("'a1b22'.search('b')", "2")]
    [InlineData("/(\\d+)-(\\d+)/.exec('12-34')[2]", "34")]
    [InlineData("'ab'.replace(/(.)/g, function (m) { return m + m; })", "aabb")]
    [InlineData("JSON.stringify(JSON.parse('{\"a\":[1,\"ż\",null]}'))", "{\"a\":[1,\"ż\",null]}")]
    [InlineData("Math.max.apply(null, [1, 5, 3])", "5")]
    [InlineData("[3, 1, 2].sort().concat([4, [5]]).toString()", "1,2,3,4,5")]
    [InlineData("var a = []; for (var i = 0; i < 300; i++) a.push(i); a.length", "300")]
    [InlineData("'a'.concat('b', 1)", "ab1")]
    [InlineData("isNullOrWhiteSpace(' \\t')", "True")]
    [InlineData("[1, 2, 3].map(function (x) { return x * 2; }).filter(function (x) { return x > 2; }).reduce(function (a, b) { return a + b; }, 0)", "10")]
    public async Task The_guards_leave_the_language_as_it_is(string script, string line)
    {
        var test = new TestEngine();

        await test.StartAsync(Sequence(Activity("a", "Elsa.WriteLine", ("text", Js(script)))));

        test.Store.Incidents.ShouldBeEmpty();
        test.Lines.ShouldBe([line]);
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
