using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Persistence;

public sealed class ModelTests
{
    /// <summary>The schema is written by hand and the model beside it: every mapped column must be there as the model takes it to be.</summary>
    [Fact]
    public async Task The_model_says_what_the_migrated_database_has()
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var db = new ProcesDbContext(
            new DbContextOptionsBuilder<ProcesDbContext>().UseNpgsql(database.ConnectionString).Options);
        var columns = await ColumnsAsync(database);

        var wrong = new List<string>();
        var seen = 0;
        foreach (var table in db.Model.GetRelationalModel().Tables)
        {
            foreach (var column in table.Columns)
            {
                seen++;
                var expected = $"{column.StoreType}{(column.IsNullable ? "" : " not null")}";
                var found = columns.GetValueOrDefault((table.Name, column.Name), "missing");
                if (found != expected)
                {
                    wrong.Add($"{table.Name}.{column.Name}: the model says {expected}, the database {found}");
                }
            }

            var key = string.Join(", ", table.PrimaryKey!.Columns.Select(column => column.Name).Order(StringComparer.Ordinal));
            var stored = await database.ScalarAsync<string>(
                """
                select string_agg(a.attname, ', ' order by a.attname collate "C") from pg_index i
                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
                where i.indisprimary and i.indrelid = to_regclass($1)
                """,
                table.Name);
            if (stored != key)
            {
                wrong.Add($"{table.Name}: the model's key is {key}, the database's {stored}");
            }
        }

        seen.ShouldBeGreaterThan(100);
        wrong.ShouldBeEmpty();
    }

    private static async Task<Dictionary<(string Table, string Column), string>> ColumnsAsync(TestDatabase database)
    {
        var columns = new Dictionary<(string, string), string>();
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(
            """
            select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
            from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            columns[(reader.GetString(0), reader.GetString(1))] = reader.GetString(2);
        }

        return columns;
    }
}
