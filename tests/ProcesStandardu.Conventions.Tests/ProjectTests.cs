using Shouldly;
using Xunit;

namespace ProcesStandardu.Conventions.Tests;

public sealed class ProjectTests
{
    private static readonly string[] InOrder = ["Engine", "Approval", "ElsaApi", "Web"];

    [Fact]
    public void References_point_one_way_from_Web_to_Engine()
    {
        foreach (var project in RepositoryFiles.Below("src", ".csproj"))
        {
            var name = Short(project);
            InOrder.ShouldContain(name, $"{project}: a new project needs its place in the order");
            foreach (var reference in References(project))
            {
                Array.IndexOf(InOrder, reference)
                    .ShouldBeInRange(0, Array.IndexOf(InOrder, name) - 1, $"{project} refers to {reference}");
            }
        }
    }

    [Fact]
    public void The_engine_knows_no_database_no_web_and_no_documents()
    {
        string[] strangers = ["Npgsql", "EntityFrameworkCore", "AspNetCore", "OpenXml"];

        var engine = RepositoryFiles.Read("src/ProcesStandardu.Engine/ProcesStandardu.Engine.csproj");

        strangers.ShouldAllBe(stranger => !engine.Contains(stranger));
    }

    [Fact]
    public void Package_versions_stand_in_one_place()
    {
        var offenders =
            from project in RepositoryFiles.Projects()
            from reference in RepositoryFiles.ReadXml(project).Descendants("PackageReference")
            where reference.Attribute("Version") is not null
                || reference.Attribute("VersionOverride") is not null
                || reference.Element("Version") is not null
            select $"{project}: {reference}";

        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void Pinned_packages_stand_in_alphabetical_order()
    {
        var pinned = RepositoryFiles.ReadXml("Directory.Packages.props").Descendants("PackageVersion")
            .Select(version => version.Attribute("Include")!.Value)
            .ToList();

        pinned.ShouldBe(pinned.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = RepositoryFiles.Read("ProcesStandardu.sln");

        RepositoryFiles.Projects().ShouldNotBeEmpty();
        RepositoryFiles.Projects().Where(project => !solution.Contains(project.Replace('/', '\\'))).ShouldBeEmpty();
    }

    [Fact]
    public void The_wall_clock_and_sleeping_stay_banned()
    {
        var banned = RepositoryFiles.Read("BannedSymbols.txt");

        foreach (var symbol in new[] { "DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.UtcNow", "Guid.NewGuid", "Thread.Sleep" })
        {
            banned.ShouldContain(symbol);
        }

        RepositoryFiles.Projects().ShouldAllBe(project => !RepositoryFiles.Read(project).Contains("RS0030"));
    }

    private static string Short(string project) => Path.GetFileNameWithoutExtension(project)["ProcesStandardu.".Length..];

    private static IEnumerable<string> References(string project) =>
        RepositoryFiles.ReadXml(project).Descendants("ProjectReference")
            .Select(reference => Short(reference.Attribute("Include")!.Value.Replace('\\', '/')));
}
