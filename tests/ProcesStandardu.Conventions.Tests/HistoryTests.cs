using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Conventions.Tests;

/// <summary>Every act leaves its entry: whoever adds a use case with a command must say where its entry is written.</summary>
public sealed partial class HistoryTests
{
    private const string Slices = "src/ProcesStandardu.Approval";

    /// <summary>Commands that change nothing of the record, and why.</summary>
    private static readonly Dictionary<string, string> WithoutEntry = new()
    {
        ["ReadCommentTable"] = "keeps a table that was read until somebody takes it over; taking it over is recorded",
        ["PlayHistory"] = "plays the acts of others, each with its own entry",
        ["ReceiveHttpRequest"] = "hands a request to a workflow, whose journal keeps it",
    };

    public static TheoryData<string> UseCases() =>
        [.. RepositoryFiles.Below(Slices, ".cs").Where(file => NestedCommand().IsMatch(RepositoryFiles.Read(file))).Order()];

    [Theory]
    [MemberData(nameof(UseCases))]
    public void A_use_case_with_a_command_records_it_itself_or_through_what_it_is_made_of(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var code = RepositoryFiles.Read(file);
        if (WithoutEntry.ContainsKey(name))
        {
            Records(code).ShouldBeFalse($"{name} records after all: take it off the list");
            return;
        }

        var parts = Parameters(code, name).Select(type => RepositoryFiles.Below(Slices, $"{Path.DirectorySeparatorChar}{type}.cs").SingleOrDefault());
        (Records(code) || parts.OfType<string>().Any(part => Records(RepositoryFiles.Read(part))))
            .ShouldBeTrue($"{name} has a command and nothing that writes into the history");
    }

    [Fact]
    public void Only_the_unit_of_work_writes_entries()
    {
        var writers = RepositoryFiles.Below("src", ".cs")
            .Where(file => RepositoryFiles.Read(file).Contains("insert into history_entry", StringComparison.Ordinal));

        writers.ShouldBe([Path.Combine(Slices, "Audit", "AuditTrail.cs")]);
    }

    private static bool Records(string code) => code.Contains(".Record(", StringComparison.Ordinal);

    /// <summary>The types in a class's primary constructor.</summary>
    private static IEnumerable<string> Parameters(string code, string name)
    {
        var head = Regex.Match(code, $@"class {name}\s*\(([^)]*)\)", RegexOptions.Singleline).Groups[1].Value;
        return head.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(parameter => parameter.Split(' ')[0]);
    }

    [GeneratedRegex(@"^\s+public sealed record Command\b", RegexOptions.Multiline)]
    private static partial Regex NestedCommand();
}
