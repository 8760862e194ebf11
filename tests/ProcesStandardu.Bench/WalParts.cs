using Npgsql;

namespace ProcesStandardu.Bench;

/// <summary>What the write-ahead log of one round trip consists of: by table or index, and by kind of record.</summary>
internal static class WalParts
{
    /// <summary>Runs so many round trips and prints what each wrote, in bytes for one.</summary>
    public static async Task PrintAsync(BenchProduct product, int trips)
    {
        await product.ExecuteAsync("create extension if not exists pg_walinspect");
        for (var warm = 0; warm < 200; warm++)
        {
            await product.VoteAsync(await product.StartAsync());
        }

        var from = await product.ScalarAsync<string>("select pg_current_wal_insert_lsn()::text");
        for (var trip = 0; trip < trips; trip++)
        {
            await product.VoteAsync(await product.StartAsync());
        }

        // Only what is on the disk can be looked at; a session's own commit brings it there.
        await product.ExecuteAsync("create table if not exists bench_flushed (); drop table bench_flushed");
        var to = await product.ScalarAsync<string>("select pg_current_wal_flush_lsn()::text");
        await PrintAsync(
            product, trips,
            $"""
            select coalesce(c.relname, '(none)') || '  ' || w.record_type || case when sum(w.block_fpi_length) > 0 then ' with pages' else '' end,
              count(*), sum(w.record_length)
            from pg_get_wal_block_info('{from}', '{to}') w
            left join pg_class c on pg_relation_filenode(c.oid) = w.relfilenode
            where w.block_id = 0
            group by c.relname, w.record_type order by 3 desc limit 40
            """);
        await PrintAsync(
            product, trips,
            $"""
            select "resource_manager/record_type", count, combined_size::numeric from pg_get_wal_stats('{from}', '{to}', true)
            where count > 0 order by combined_size desc limit 20
            """);
    }

    private static async Task PrintAsync(BenchProduct product, int trips, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(product.ConnectionString) { Options = "", CommandTimeout = 0, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            Console.WriteLine($"{(double)reader.GetDecimal(2) / trips,9:0.0} bytes in {(double)reader.GetInt64(1) / trips,6:0.00} records: {reader.GetString(0)}");
        }

        Console.WriteLine();
    }
}
