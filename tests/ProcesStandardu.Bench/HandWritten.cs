using Npgsql;
using NpgsqlTypes;

namespace ProcesStandardu.Bench;

/// <summary>
/// The limit: the rows that one round trip of the engine writes, written by hand with as few statements and trips as
/// there can be. Start is one pipelined batch; resume is one that locks and reads, and one that writes and commits.
/// </summary>
internal sealed class HandWritten : IDisposable
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly Row _started;
    private readonly Row _finished;
    private readonly Row _bookmark;
    private readonly Row _firstBurst;
    private readonly Row _secondBurst;
    private readonly Row _letter;

    private HandWritten(NpgsqlDataSource dataSource, Row started, Row bookmark, Row firstBurst, Row finished, Row secondBurst, Row letter)
    {
        _dataSource = dataSource;
        _started = started;
        _bookmark = bookmark;
        _firstBurst = firstBurst;
        _finished = finished;
        _secondBurst = secondBurst;
        _letter = letter;
    }

    /// <summary>Lets the engine make one round trip and takes its rows as the pattern.</summary>
    public static async Task<HandWritten> LikeAsync(BenchProduct product)
    {
        var id = await product.StartAsync();
        var started = await Row.ReadAsync(product, "workflow_instance", $"id = '{id}'");
        var bookmark = await Row.ReadAsync(product, "workflow_bookmark", $"instance_id = '{id}'");
        var first = await Row.ReadAsync(product, "workflow_burst", $"instance_id = '{id}'");
        await product.VoteAsync(id);
        return new HandWritten(
            NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(product.ConnectionString) { ApplicationName = "by hand" }.ConnectionString),
            started,
            bookmark,
            first,
            await Row.ReadAsync(product, "workflow_instance", $"id = '{id}'"),
            await Row.ReadAsync(product, "workflow_burst", $"instance_id = '{id}' and burst = 2"),
            (await Row.ReadAsync(product, "outbox_message", $"cause = 'workflow:{id:D}'")).Without("queue_no"));
    }

    public async Task<(Guid Instance, Guid Bookmark)> StartAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var (instance, bookmark) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
        await using var connection = await _dataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(_started.Insert(("id", instance)));
        batch.BatchCommands.Add(_bookmark.Insert(("id", bookmark), ("instance_id", instance)));
        batch.BatchCommands.Add(_firstBurst.Insert(("instance_id", instance)));
        await batch.ExecuteNonQueryAsync();
        return (instance, bookmark);
    }

    public async Task VoteAsync(Guid instance)
    {
        await using var connection = await _dataSource.OpenConnectionAsync();
        Guid bookmark;
        await using (var read = new NpgsqlBatch(connection))
        {
            read.BatchCommands.Add(new NpgsqlBatchCommand("begin"));
            read.BatchCommands.Add(Keyed("select status, definition_version_id, state from workflow_instance where id = $1 for no key update", instance));
            read.BatchCommands.Add(Keyed("select id, activity_number, name, hash from workflow_bookmark where instance_id = $1", instance));
            await using var reader = await read.ExecuteReaderAsync();
            await reader.ReadAsync();
            _ = reader.GetString(2);
            await reader.NextResultAsync();
            await reader.ReadAsync();
            bookmark = reader.GetGuid(0);
        }

        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using var write = new NpgsqlBatch(connection);
        write.BatchCommands.Add(_finished.Update(instance));
        write.BatchCommands.Add(Keyed("delete from workflow_bookmark where id = $1", bookmark));
        write.BatchCommands.Add(_secondBurst.Insert(("instance_id", instance)));
        write.BatchCommands.Add(_letter.Insert(("id", id), ("mail_key", $"workflow_notice/workflow:{id:D}/{instance:N}-7/{BenchProduct.Recipient:D}"),
            ("message_id", $"<{id:N}@procesy.example>"), ("cause", $"workflow:{instance:D}")));
        write.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        await write.ExecuteNonQueryAsync();
    }

    public void Dispose() => _dataSource.Dispose();

    private static NpgsqlBatchCommand Keyed(string sql, Guid key)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key });
        return command;
    }

    /// <summary>One row of a table as it was read, and the statements that write others like it.</summary>
    private sealed class Row
    {
        private readonly string[] _names;
        private readonly object[] _values;
        private readonly NpgsqlDbType[] _types;
        private readonly string _insert;
        private readonly string _update;

        private Row(string table, string[] names, object[] values, NpgsqlDbType[] types)
        {
            Table = table;
            _names = names;
            _values = values;
            _types = types;
            _insert = $"insert into {table} ({string.Join(", ", names)}) values ({string.Join(", ", names.Select((_, place) => $"${place + 1}"))})";
            string[] changing = ["status", "sub_status", "updated_at", "finished_at", "state", "output"];
            Changing = [.. changing.Select(name => Array.IndexOf(names, name)).Where(place => place >= 0)];
            _update = $"update {table} set {string.Join(", ", Changing.Select((place, number) => $"{names[place]} = ${number + 2}"))} where id = $1";
        }

        private string Table { get; }

        private int[] Changing { get; }

        public static async Task<Row> ReadAsync(BenchProduct product, string table, string where)
        {
            // What the database makes itself is nobody's to write.
            await using var columns = product.DataSource.CreateCommand(
                $"select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''");
            await using var command = product.DataSource.CreateCommand($"select {await columns.ExecuteScalarAsync()} from {table} where {where}");
            await using var reader = await command.ExecuteReaderAsync();
            if (!await reader.ReadAsync())
            {
                throw new InvalidOperationException($"The round trip left no row in {table}.");
            }

            var fields = Enumerable.Range(0, reader.FieldCount);
            return new Row(
                table,
                [.. fields.Select(reader.GetName)],
                [.. fields.Select(reader.GetValue)],
                [.. fields.Select(field => TypeOf(reader.GetDataTypeName(field)))]);
        }

        public Row Without(string column)
        {
            var rest = Enumerable.Range(0, _names.Length).Where(place => _names[place] != column).ToList();
            return new Row(Table, [.. rest.Select(place => _names[place])], [.. rest.Select(place => _values[place])], [.. rest.Select(place => _types[place])]);
        }

        public NpgsqlBatchCommand Insert(params ReadOnlySpan<(string Name, object Value)> own)
        {
            var command = new NpgsqlBatchCommand(_insert);
            for (var place = 0; place < _names.Length; place++)
            {
                var value = _values[place];
                foreach (var (name, other) in own)
                {
                    value = name == _names[place] ? other : value;
                }

                command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = _types[place] });
            }

            return command;
        }

        public NpgsqlBatchCommand Update(Guid id)
        {
            var command = new NpgsqlBatchCommand(_update);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            foreach (var place in Changing)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = _values[place], NpgsqlDbType = _types[place] });
            }

            return command;
        }

        private static NpgsqlDbType TypeOf(string name) => name switch
        {
            "uuid" => NpgsqlDbType.Uuid,
            "text" => NpgsqlDbType.Text,
            "integer" => NpgsqlDbType.Integer,
            "bigint" => NpgsqlDbType.Bigint,
            "boolean" => NpgsqlDbType.Boolean,
            "timestamp with time zone" => NpgsqlDbType.TimestampTz,
            "jsonb" => NpgsqlDbType.Jsonb,
            "json" => NpgsqlDbType.Json,
            "bytea" => NpgsqlDbType.Bytea,
            _ => throw new NotSupportedException($"No row of the bench has a column of type {name}."),
        };
    }
}
