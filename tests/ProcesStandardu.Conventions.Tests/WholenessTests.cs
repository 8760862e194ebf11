using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Conventions.Tests;

public sealed partial class WholenessTests
{
    [Fact]
    public void Nothing_is_left_unfinished()
    {
        var offenders =
            from file in RepositoryFiles.Below("src", ".cs", ".razor").Concat(RepositoryFiles.Below("tests", ".cs"))
            where !file.EndsWith("WholenessTests.cs", StringComparison.Ordinal)
            from line in RepositoryFiles.Read(file).Split('\n')
            where Unfinished().IsMatch(line)
            select $"{file}: {line.Trim()}";

        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void The_lock_files_of_npm_name_no_download_address()
    {
        foreach (var file in new[] { "src/ProcesStandardu.Web/package-lock.json", "tests/package-lock.json" })
        {
            RepositoryFiles.Read(file).ShouldNotContain("\"resolved\"");
        }
    }

    [Fact]
    public void Every_slice_with_pages_or_rules_of_its_own_is_a_folder_named_for_its_subject()
    {
        string[] kinds = ["Models", "Enums", "Extensions", "Helpers", "Utils", "Common", "Contracts", "Dtos", "Services", "Interfaces"];

        var offenders = RepositoryFiles.Below("src", ".cs", ".razor")
            .SelectMany(file => file.Split('/'))
            .Where(kinds.Contains)
            .Distinct();

        offenders.ShouldBeEmpty();
    }

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|Skip\s*=\s*""")]
    private static partial Regex Unfinished();
}
