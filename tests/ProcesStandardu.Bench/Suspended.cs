using System.Diagnostics;
using Npgsql;

namespace ProcesStandardu.Bench;

/// <summary>Is a resume slower when very many instances are suspended? Two databases on one server, asked alternately.</summary>
internal static class Suspended
{
    /// <summary>The milliseconds of each resume with few and with many suspended instances, sorted.</summary>
    public static async Task<(double[] Few, double[] Many)> MeasureAsync(
        BenchProduct few, int fewCount, BenchProduct many, int manyCount, int rounds, int perRound)
    {
        var ids = await LoadAsync(many, manyCount);
        List<double> fewTook = [], manyTook = [];
        var random = new Random(7);
        random.Shuffle(ids);
        var next = 0;
        for (var round = -1; round < rounds; round++)
        {
            // Few stay few: what was resumed is replaced.
            var small = await LoadAsync(few, fewCount);
            random.Shuffle(small);
            await few.ExecuteAsync("checkpoint");
            for (var number = 0; number < perRound; number++)
            {
                // One of each in turn: what disturbs the machine disturbs both.
                var one = await TimeAsync(() => few.VoteAsync(small[number]));
                var other = await TimeAsync(() => many.VoteAsync(ids[next++]));
                if (round >= 0)
                {
                    fewTook.Add(one);
                    manyTook.Add(other);
                }
            }

            await few.ExecuteAsync("truncate workflow_burst, workflow_bookmark; truncate workflow_instance cascade");
        }

        return ([.. fewTook.Order()], [.. manyTook.Order()]);
    }

    private static async Task<double> TimeAsync(Func<Task> act)
    {
        var began = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>Copies so many suspended instances in, each like one that the engine started.</summary>
    private static async Task<Guid[]> LoadAsync(BenchProduct product, int count)
    {
        var pattern = await product.StartAsync();
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(product.ConnectionString) { Options = "", CommandTimeout = 0, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        var now = TimeProvider.System.GetUtcNow();
        var ids = new Guid[count];
        for (var index = 0; index < count; index++)
        {
            // A day of starts, so that the keys are spread as they would be.
            ids[index] = Guid.CreateVersion7(now.AddMilliseconds(-86_400_000.0 * (count - index) / count));
        }

        await CopyAsync(connection, "workflow_instance", "id", pattern, ids, null);
        await CopyAsync(connection, "workflow_bookmark", "instance_id", pattern, ids, "id");
        await CopyAsync(connection, "workflow_burst", "instance_id", pattern, ids, null);
        await product.ExecuteAsync("vacuum analyze workflow_instance, workflow_bookmark, workflow_burst");
        await product.ExecuteAsync("checkpoint");
        return ids;
    }

    /// <summary>The one column that the database makes itself.</summary>
    private const string Generated = "deliverable_key";

    private static async Task CopyAsync(
        NpgsqlConnection connection, string table, string key, Guid pattern, Guid[] ids, string? ownId)
    {
        string[] names;
        string?[] values;
        await using (var command = new NpgsqlCommand($"select * from {table} where {key} = $1", connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = pattern });
            command.AllResultTypesAreUnknown = true;
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            var fields = Enumerable.Range(0, reader.FieldCount).Where(field => reader.GetName(field) != Generated).ToList();
            names = [.. fields.Select(reader.GetName)];
            values = [.. fields.Select(field => reader.IsDBNull(field) ? null : reader.GetString(field))];
        }

        var keyPlace = Array.IndexOf(names, key);
        var ownPlace = ownId is null ? -1 : Array.IndexOf(names, ownId);
        var now = TimeProvider.System.GetUtcNow();

        // Text, since one row's text is every row's but for the keys.
        await using var copy = await connection.BeginTextImportAsync($"copy {table} ({string.Join(", ", names)}) from stdin");
        var cells = values.Select(value => value is null ? "\\N" : value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal)).ToArray();
        foreach (var id in ids)
        {
            for (var place = 0; place < cells.Length; place++)
            {
                if (place > 0)
                {
                    await copy.WriteAsync('\t');
                }

                await copy.WriteAsync(
                    place == keyPlace ? id.ToString() : place == ownPlace ? Guid.CreateVersion7(now).ToString() : cells[place]);
            }

            await copy.WriteAsync('\n');
        }
    }
}
