using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Seeding;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Seeding;

public sealed class ImportProgrammeTests
{
    private static readonly string[] FactKeys =
    [
        .. Numbered("P", 11), .. Numbered("O", 18), .. Numbered("T", 9), .. Numbered("D", 9), .. Numbered("M", 6),
        .. Numbered("L", 10), .. Numbered("I", 10), .. Numbered("R", 7), .. Numbered("B", 10), .. Numbered("X", 8),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_fact_of_the_sources_is_there_once_with_at_least_one_source()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);

        var facts = await imported.InUnitOfWorkAsync(db => db.Facts.AsNoTracking().OrderBy(fact => fact.Ordinal).ToListAsync(Cancellation), Cancellation);

        facts.Select(fact => fact.Key).ShouldBe(FactKeys);
        facts.ShouldAllBe(fact => fact.Sources.Count > 0);
        facts.Where(fact => fact.IsExternal).Select(fact => fact.Key).ShouldBe(Numbered("X", 8));
    }

    [Fact]
    public async Task Every_conflict_shows_its_readings_and_who_chose_one()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);

        var conflicts = await imported.InUnitOfWorkAsync(
            db => db.Conflicts.AsNoTracking().OrderBy(conflict => conflict.Ordinal).ToListAsync(Cancellation), Cancellation);

        conflicts.Select(conflict => conflict.Key).ShouldBe(Numbered("C", 21));
        conflicts.ShouldAllBe(conflict => conflict.ChosenBy == "redakcja danych programu");
        conflicts.ShouldAllBe(conflict => conflict.Readings.Any(reading => reading.IsChosen));
    }

    [Fact]
    public async Task The_same_files_again_change_nothing_and_leave_no_trace()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation, import: false);

        var first = await imported.ImportAsync(Cancellation);
        var second = await imported.ImportAsync(Cancellation);

        first.Added.ShouldBeGreaterThan(200);
        (first.Changed, first.Removed, first.Unchanged).ShouldBe((0, 0, 0));
        second.ShouldBe(new ImportCounts(0, 0, 0, first.Added));
        (await imported.Database.ScalarAsync<long>("select count(*) from history_entry where kind = 'programme_imported'")).ShouldBe(1);
    }

    [Fact]
    public async Task The_registers_hold_what_the_files_say()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);

        (await Count("organisation_role where role = 'partner'")).ShouldBe(11);
        (await Count("programme_task")).ShouldBe(6);
        (await Count("phase where path = 'osl'")).ShouldBe(4);
        (await Count("phase where path = 'zadanie-2'")).ShouldBe(6);
        (await Count("indicator where target = 3000")).ShouldBe(2);
        (await Count("body_member where position <> 'secretary'")).ShouldBe(9);
        (await Count("person where is_demo")).ShouldBe(16);
        (await Count("deliverable where due_deadline_key is null")).ShouldBe(0);
        (await Count("deadline where not is_demo and key = 'osl-przeszkoleni-termin' and precision = 'month' and due_on = '2014-04-30'")).ShouldBe(1);

        async Task<long> Count(string from) => await imported.Database.ScalarAsync<long>("select count(*) from " + from);
    }

    [Fact]
    public async Task Another_import_leaves_what_people_did()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);
        await imported.Database.ExecuteAsync(
            "update phase set status = 'running', started_at = '2009-03-02T07:00:00Z', title = 'zmieniony' where key = 'osl-opracowanie'");
        await imported.Database.ExecuteAsync("update person set email = 'nowy@demo.example' where key = 'adam-lis'");
        await imported.Database.ExecuteAsync("update deliverable set status = 'submitted' where key = 'osl-wnioski-1'");

        var counts = await imported.ImportAsync(Cancellation);

        counts.Changed.ShouldBe(1);
        (await imported.Database.ScalarAsync<string>("select status || ' ' || title from phase where key = 'osl-opracowanie'"))
            .ShouldBe("running Opracowanie");
        (await imported.Database.ScalarAsync<string>("select email from person where key = 'adam-lis'")).ShouldBe("nowy@demo.example");
        (await imported.Database.ScalarAsync<string>("select status from deliverable where key = 'osl-wnioski-1'")).ShouldBe("submitted");
    }

    [Fact]
    public async Task A_deadline_that_has_passed_keeps_its_date()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);
        await imported.InUnitOfWorkAsync(
            async db =>
            {
                var deadline = await db.Deadlines.SingleAsync(d => d.Key == "osl-projekt-standardu-termin", Cancellation);
                deadline.Pass(deadline.DueAt);
                return deadline;
            },
            Cancellation);
        await imported.Database.ExecuteAsync("update deadline set due_on = '2011-04-28' where key = 'osl-projekt-standardu-termin'");

        (await imported.ImportAsync(Cancellation)).ChangedNothing.ShouldBeTrue();
        (await imported.Database.ScalarAsync<string>("select state from deadline where key = 'osl-projekt-standardu-termin'"))
            .ShouldBe(DeadlineState.Passed);
    }

    [Fact]
    public async Task Without_the_demo_there_are_no_invented_people_rules_or_dates()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation, import: false);

        await imported.ImportAsync(Cancellation, includesDemo: false);

        (await imported.Database.ScalarAsync<long>(
            "select (select count(*) from person) + (select count(*) from rules_of_procedure) + (select count(*) from deadline where is_demo)"))
            .ShouldBe(0);
    }

    [Theory]
    [InlineData("programme/facts", "\"certainty\"", "\"pewnosc\"", "$.facts[0].pewnosc")]
    [InlineData("programme/sources", "\"S000\"", "\"S001\"", "S001")]
    [InlineData("programme/phases", "\"path\": \"osl\",", "", "$.phases[0]")]
    [InlineData("programme/phases", "\"work\": \"osl\"", "\"work\": \"osll\"", "osl-opracowanie")]
    [InlineData("programme/works", "\"service_standard\"", "\"standard\"", "$.works[0].kind")]
    [InlineData("demo/people", "\"demo\": true", "\"demo\": false", "$.demo")]
    [InlineData("demo/board", "\"majority\"", "\"wiekszosc\"", "rules")]
    public async Task A_file_that_says_something_unknown_or_too_little_is_named_with_the_place_and_nothing_is_taken_over(
        string file, string words, string instead, string place)
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation, import: false);
        using var copy = new FolderCopy(DataFolder.Shipped.Path);
        copy.ReplaceFirst(file + ".json", words, instead);

        var error = await Should.ThrowAsync<DataFileException>(
            () => imported.ImportAsync(Cancellation, new DataFolder(copy.Path)));

        (error.File, error.Place).ShouldBe((file + ".json", place));
        (await imported.Database.ScalarAsync<long>("select count(*) from source")).ShouldBe(0);
    }

    private static string[] Numbered(string letter, int last) =>
        [.. Enumerable.Range(1, last).Select(number => $"{letter}{number}")];

    private sealed class FolderCopy : IDisposable
    {
        public FolderCopy(string original)
        {
            Path = Directory.CreateTempSubdirectory("programme-data-").FullName;
            foreach (var file in Directory.EnumerateFiles(original, "*", SearchOption.AllDirectories))
            {
                var target = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(original, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        public string Path { get; }

        public void ReplaceFirst(string file, string words, string instead)
        {
            var full = System.IO.Path.Combine(Path, file);
            var text = File.ReadAllText(full);
            var at = text.IndexOf(words, StringComparison.Ordinal);
            at.ShouldBeGreaterThanOrEqualTo(0);
            File.WriteAllText(full, text[..at] + instead + text[(at + words.Length)..]);
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
