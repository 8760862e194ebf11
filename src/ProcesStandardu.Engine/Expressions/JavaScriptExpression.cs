using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Jint.Parser;
using Jint.Runtime;
using Jint.Runtime.Debugger;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>
/// A JavaScript (ES5.1) expression or script, checked once and run in a fresh interpreter each time, on a thread of its own, limited
/// in time, statements, recursion and memory, without access to the CLR and with the programme clock for its dates.
/// </summary>
internal sealed class JavaScriptExpression : Expression
{
    /// <summary>Longest script, in characters.</summary>
    private const int MostCharacters = 20_000;

    /// <summary>Deepest nesting of brackets, and of expressions and statements, in a script.</summary>
    private const int MostNesting = 100;

    /// <summary>How much longer than its own limit a script is waited for, when it is inside the language's own functions.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly string _script;
    private readonly ValueShape _shape;

    private JavaScriptExpression(string script, ValueShape shape)
    {
        _script = script;
        _shape = shape;
    }

    /// <summary>Checks a script; a script with a top-level <c>return</c> is taken as a function body.</summary>
    public static JavaScriptExpression? TryParse(string script, ValueShape shape, out ExpressionProblem? problem)
    {
        problem = null;
        if (script.Length > MostCharacters || BracketDepth(script) > MostNesting)
        {
            problem = new ExpressionProblem("ScriptIsTooLarge", MostCharacters.ToString(CultureInfo.InvariantCulture));
            return null;
        }

        JavaScriptExpression? parsed = null;
        ExpressionProblem? found = null;
        if (!ScriptThreads.TryRun(() => parsed = Parse(script, shape, out found), TimeSpan.FromSeconds(5)))
        {
            found = new ExpressionProblem("ScriptIsTooLarge", MostCharacters.ToString(CultureInfo.InvariantCulture));
        }

        problem = found;
        return problem is null ? parsed : null;
    }

    public override JsonNode? Evaluate(ActivityContext context)
    {
        var limits = context.Options;
        JsonNode? result = null;
        var host = new ScriptHost(context);
        try
        {
            if (!ScriptThreads.TryRun(() => result = Run(host, limits), limits.ScriptTimeout + Grace))
            {
                // It may go on, but with nothing in its hands.
                host.Abandon();
                throw new TimeoutException();
            }

            return ValueConversion.To(result, _shape);
        }
        catch (Exception exception) when (exception is not ExpressionException)
        {
            var message = exception is JavaScriptException thrown ? thrown.Message : exception.Message;
            throw new ExpressionException(EngineTexts.Get("ScriptFailed", message), exception);
        }
    }

    private static JavaScriptExpression? Parse(string script, ValueShape shape, out ExpressionProblem? problem)
    {
        problem = null;
        foreach (var form in new[] { script, "(function () {\n" + script + "\n})()" })
        {
            try
            {
                if (ScriptNesting.DepthOf(new JavaScriptParser().Parse(form)) > MostNesting)
                {
                    problem = new ExpressionProblem("ScriptIsTooLarge", MostCharacters.ToString(CultureInfo.InvariantCulture));
                    return null;
                }

                problem = null;
                return new JavaScriptExpression(form, shape);
            }
            catch (Exception exception) when (exception is ParserException or ArgumentException)
            {
                problem ??= new ExpressionProblem("ScriptIsMalformed", exception.Message);
            }
        }

        return null;
    }

    private static int BracketDepth(string script)
    {
        int depth = 0, deepest = 0;
        foreach (var sign in script)
        {
            depth += sign is '(' or '[' or '{' ? 1 : sign is ')' or ']' or '}' ? -1 : 0;
            deepest = Math.Max(deepest, depth);
        }

        return deepest;
    }

    // Parsed anew each time: the interpreter keeps values in the parsed script, and no run may see another's.
    private JsonNode? Run(ScriptHost host, EngineOptions limits)
    {
        var engine = new Jint.Engine(options =>
        {
            options.TimeoutInterval(limits.ScriptTimeout);
            options.MaxStatements(limits.ScriptStatements);
            options.LimitRecursion(limits.ScriptRecursion);
            options.Culture(CultureInfo.InvariantCulture);
            options.LocalTimeZone(limits.TimeZone);
            options.DebugMode();
        });
        host.Define(engine);
        ScriptGuards.Apply(engine, host.Random);
        engine.Execute(ScriptPrelude.Program);

        var program = new JavaScriptParser().Parse(_script);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        engine.Step += (_, _) =>
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            return GC.GetAllocatedBytesForCurrentThread() - allocated > limits.ScriptBytes
                ? throw new ExpressionException(EngineTexts.Get("ScriptTookTooMuchMemory"))
                : StepMode.Into;
        };
        return ScriptValues.ToJson(engine.Execute(program).GetCompletionValue());
    }
}
