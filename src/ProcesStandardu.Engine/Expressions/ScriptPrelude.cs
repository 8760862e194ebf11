using Jint.Parser;
using EsprimaProgram = Jint.Parser.Ast.Program;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>What runs before each script: the programme's clock, and names that definitions use.</summary>
internal static class ScriptPrelude
{
    // No literal stands here that the interpreter would keep between runs, such as a regular expression.
    private const string Source = """
        (function () {
            var RealDate = Date, now = __now;
            function ProgrammeDate(y, m, d, h, i, s, ms) {
                if (!(this instanceof ProgrammeDate)) { return new RealDate(now).toString(); }
                switch (arguments.length) {
                    case 0: return new RealDate(now);
                    case 1: return new RealDate(y);
                    default: return new RealDate(y, m, d === undefined ? 1 : d, h || 0, i || 0, s || 0, ms || 0);
                }
            }
            ProgrammeDate.prototype = RealDate.prototype;
            ProgrammeDate.now = function () { return now; };
            ProgrammeDate.UTC = RealDate.UTC;
            ProgrammeDate.parse = RealDate.parse;
            Date = ProgrammeDate;
            RealDate.prototype.constructor = ProgrammeDate;
        })();
        var variables = {};
        __variables.forEach(function (name) {
            Object.defineProperty(variables, name, {
                enumerable: true,
                get: function () { return getVariable(name); },
                set: function (value) { setVariable(name, value); }
            });
        });
        __now = __variables = undefined;
        function isNullOrEmpty(value) { return value === null || value === undefined || value === ''; }
        function isNullOrWhiteSpace(value) { return isNullOrEmpty(value) || String(value).trim() === ''; }
        function toJson(value) { return JSON.stringify(value); }
        function parseJson(text) { return JSON.parse(text); }
        """;

    public static EsprimaProgram Program { get; } = new JavaScriptParser().Parse(Source);
}
