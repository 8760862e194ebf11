using System.Text.RegularExpressions;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Nodes;

/// <summary>Programs of two versions run side by side on one database while an installation is renewed.</summary>
[Trait("Fault", "S35")]
public sealed partial class SchemaTests
{
    /// <summary>Before it no installation had two versions side by side.</summary>
    private const string FirstUnderTheRule = "0041_nodes.sql";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_migration_that_takes_something_away_says_so_in_its_first_line()
    {
        var assembly = typeof(DatabaseMigrator).Assembly;
        foreach (var name in DatabaseMigrator.Names.Where(name => string.CompareOrdinal(name, FirstUnderTheRule) >= 0))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream("Migrations/" + name)!);
            var sql = reader.ReadToEnd();
            if (TakesAway().IsMatch(sql))
            {
                sql.ShouldStartWith(DatabaseMigrator.ContractLine, customMessage: name);
            }
        }

        foreach (var (sql, takesAway) in new[]
        {
            ("drop table deadline;", true), ("alter table ballot drop column note;", true), ("alter table ballot rename column a to b;", true),
            ("ALTER TABLE ballot\n  ALTER COLUMN note TYPE int;", true), ("alter table ballot rename to vote;", true),
            ("alter table ballot add column note text;", false), ("create index ballot_note on ballot (note);", false),
            ("alter table ballot drop constraint ballot_check;", false),
        })
        {
            TakesAway().IsMatch(sql).ShouldBe(takesAway, sql);
        }
    }

    [Fact]
    public async Task A_schema_may_have_more_than_a_program_knows_but_not_less_and_not_something_taken_away()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var connections = NpgsqlDataSource.Create(database.ConnectionString);

        (await DatabaseMigrator.FitAsync(connections, Cancellation)).ShouldBe(SchemaFit.Fits);

        await database.ExecuteAsync("insert into schema_migration (name) values ('9001_adds.sql')");
        (await DatabaseMigrator.FitAsync(connections, Cancellation)).ShouldBe(SchemaFit.Fits);

        await database.ExecuteAsync("insert into schema_migration (name, contract) values ('9002_takes_away.sql', true)");
        (await DatabaseMigrator.FitAsync(connections, Cancellation)).ShouldBe(SchemaFit.Ahead);

        await database.ExecuteAsync("delete from schema_migration where name = $1", DatabaseMigrator.Names[0]);
        (await DatabaseMigrator.FitAsync(connections, Cancellation)).ShouldBe(SchemaFit.Behind);
    }

    /// <summary>As after a migration by a program that knew of no such rule.</summary>
    [Fact]
    public async Task A_database_from_before_the_rule_is_taken_over()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var connections = NpgsqlDataSource.Create(database.ConnectionString);
        await database.ExecuteAsync("alter table schema_migration drop column contract");

        (await DatabaseMigrator.FitAsync(connections, Cancellation)).ShouldBe(SchemaFit.Fits);
        (await DatabaseMigrator.MigrateAsync(database.ConnectionString, Cancellation)).ShouldBeEmpty();
        (await database.ScalarAsync<long>("select count(*) from schema_migration where contract")).ShouldBe(0);
    }

    [Fact]
    public async Task The_programme_clock_is_the_databases_and_not_the_machines()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var connections = NpgsqlDataSource.Create(database.ConnectionString);
        var clock = new ProgrammeClock(connections);
        await clock.SetToAsync(new DateTimeOffset(2012, 11, 5, 9, 0, 0, TimeSpan.Zero), null, Cancellation);
        var other = new ProgrammeClock(connections);
        await other.RefreshAsync(Cancellation);

        foreach (var one in new[] { clock, other })
        {
            var before = await InstantAsync(database);
            await one.RefreshAsync(Cancellation);
            var shown = one.GetUtcNow();
            var after = await InstantAsync(database);

            shown.ShouldBeGreaterThanOrEqualTo(before - TimeSpan.FromMilliseconds(1));
            shown.ShouldBeLessThanOrEqualTo(after + TimeSpan.FromMilliseconds(5));
        }
    }

    private static async Task<DateTimeOffset> InstantAsync(TestDatabase database) => new(await database.ScalarAsync<DateTime>(
        "select clock_timestamp() + offset_microseconds * interval '1 microsecond' from programme_clock"));

    [GeneratedRegex(@"\bdrop\s+(table|column)\b|\brename\s+(to|column)\b|\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b", RegexOptions.IgnoreCase)]
    private static partial Regex TakesAway();
}
