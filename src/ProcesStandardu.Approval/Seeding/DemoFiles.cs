using System.Text.Json;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>The files under <c>data/demo</c>: invented people, rules and deadlines for trying the product out. Each says that it is demo.</summary>
public sealed record DemoFiles(
    DemoPeopleFile People, DemoBoardFile Board, DemoDeliverablesFile Deliverables, DemoDeadlinesFile Deadlines)
{
    /// <summary>Reads the files and checks what they mention against the programme's.</summary>
    /// <exception cref="DataFileException">A file cannot be read, does not say that it is demo, or mentions an unknown key.</exception>
    public static async Task<DemoFiles> ReadAsync(DataFolder folder, ProgrammeFiles programme, CancellationToken cancellation)
    {
        var files = new DemoFiles(
            await folder.ReadAsync<DemoPeopleFile>("demo/people", cancellation),
            await folder.ReadAsync<DemoBoardFile>("demo/board", cancellation),
            await folder.ReadAsync<DemoDeliverablesFile>("demo/deliverables", cancellation),
            await folder.ReadAsync<DemoDeadlinesFile>("demo/deadlines", cancellation));
        RequireMark("demo/people", files.People.Demo);
        RequireMark("demo/board", files.Board.Demo);
        RequireMark("demo/deliverables", files.Deliverables.Demo);
        RequireMark("demo/deadlines", files.Deadlines.Demo);
        files.Check(new ProgrammeReferences(programme));
        return files;
    }

    /// <exception cref="DataFileException">The file's mark is missing: invented data must never pass for real ones.</exception>
    internal static void RequireMark(string file, bool mark)
    {
        if (!mark)
        {
            throw new DataFileException(file + ".json", "$.demo", "Demo data must say „demo”: true.");
        }
    }

    private void Check(ProgrammeReferences references)
    {
        var people = People.People.Select(person => person.Key).ToHashSet();
        foreach (var person in People.People)
        {
            Require(
                person.Organisation is null || references.Knows("organisation:" + person.Organisation),
                "demo/people", person.Key, person.Organisation);
        }

        foreach (var role in People.Roles)
        {
            Require(people.Contains(role.Person), "demo/people", role.Role, role.Person);
            Require(role.Scope == "programme" || references.Knows(role.Scope), "demo/people", role.Person, role.Scope);
        }

        foreach (var member in Board.Members)
        {
            Require(references.Knows("body:" + member.Body), "demo/board", member.Person, member.Body);
            Require(people.Contains(member.Person), "demo/board", member.Body, member.Person);
            Require(member.Alternate is null || people.Contains(member.Alternate), "demo/board", member.Person, member.Alternate);
        }

        foreach (var rules in Board.Rules)
        {
            Require(references.Knows("body:" + rules.Body), "demo/board", "rules", rules.Body);
        }

        references.DeclareDeliverables("demo/deliverables", Deliverables.Deliverables);
        references.CheckDeadlines("demo/deadlines", Deadlines.Deadlines);
    }

    private static void Require(bool isKnown, string file, string place, string? key)
    {
        if (!isKnown)
        {
            throw new DataFileException(file + ".json", place, $"Nothing declares „{key}”.");
        }
    }
}

public sealed record DemoPeopleFile(
    bool Demo, string About, IReadOnlyList<DemoPerson> People, IReadOnlyList<DemoRole> Roles);

public sealed record DemoPerson(
    Guid Id, string Key, string DisplayName, string Email, string? Organisation, string Language);

public sealed record DemoRole(string Person, string Role, string Scope, DateOnly ValidFrom);

public sealed record DemoBoardFile(
    bool Demo, string About, IReadOnlyList<DemoMember> Members, IReadOnlyList<DemoRules> Rules);

public sealed record DemoMember(
    string Body, string Person, string Position, string? Alternate, int Ordinal, DateOnly ValidFrom);

/// <param name="Terms">The terms as the rules of procedure store them; read strictly by them.</param>
public sealed record DemoRules(string Body, int Version, DateOnly ValidFrom, JsonElement Terms);

public sealed record DemoDeliverablesFile(bool Demo, string About, IReadOnlyList<DeliverableItem> Deliverables);

public sealed record DemoDeadlinesFile(bool Demo, string About, IReadOnlyList<DeadlineItem> Deadlines);
