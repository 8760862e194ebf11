using Npgsql;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Web.Tests.Harness;

/// <summary>A print of every row of a database, to show that something changed none.</summary>
public static class DatabaseState
{
    /// <summary>Table by table: how many rows and a hash over them. Keys of cookies are left out; a first visit may make one.</summary>
    public static async Task<string> ReadAsync(TestDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        var tables = new List<string>();
        await using (var command = new NpgsqlCommand(
            "select quote_ident(tablename) from pg_tables where schemaname = 'public' and tablename <> 'data_protection_key' order by 1", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        var lines = new List<string>();
        foreach (var table in tables)
        {
            await using var command = new NpgsqlCommand(
                $"select count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') from {table} t", connection);
            lines.Add(table + " " + (string)(await command.ExecuteScalarAsync())!);
        }

        return string.Join('\n', lines);
    }
}
