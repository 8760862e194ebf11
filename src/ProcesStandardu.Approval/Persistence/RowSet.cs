using Npgsql;
using NpgsqlTypes;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>A column of a <see cref="RowSet{TRow}"/>: its name, its type and how a row's value becomes a parameter.</summary>
internal sealed record RowColumn<TRow>(
    string Name, NpgsqlDbType Type, Func<TRow, NpgsqlParameter> One, Func<IReadOnlyList<TRow>, NpgsqlParameter> Many);

/// <summary>
/// Statements over some columns of one table, for one row with plain values or for many rows with an array for each
/// column: however many rows, one statement whose text never varies, so that it is prepared once.
/// </summary>
/// <param name="Table">The table's name.</param>
/// <param name="Columns">The first is the key that updates go by.</param>
/// <param name="OnConflict">What an insertion does about rows that are there already; empty fails.</param>
internal sealed record RowSet<TRow>(string Table, IReadOnlyList<RowColumn<TRow>> Columns, string OnConflict = "")
{
    private readonly string insertOne =
        $"insert into {Table} ({Names(Columns)}) values ({string.Join(", ", Columns.Select((_, place) => $"${place + 1}"))}) {OnConflict}";

    private readonly string insertMany = $"insert into {Table} ({Names(Columns)}) select * from {Arrays(Columns)} {OnConflict}";

    private readonly string updateOne =
        $"update {Table} set {string.Join(", ", Columns.Skip(1).Select((column, place) => $"{column.Name} = ${place + 2}"))} where {Columns[0].Name} = $1";

    private readonly string updateMany =
        $"""
        update {Table} set {string.Join(", ", Columns.Skip(1).Select(column => $"{column.Name} = changed.{column.Name}"))}
        from {Arrays(Columns)} as changed ({Names(Columns)}) where {Table}.{Columns[0].Name} = changed.{Columns[0].Name}
        """;

    /// <summary>Adds the insertion of the rows, of which there may be none.</summary>
    public void Insert(NpgsqlBatch batch, IReadOnlyList<TRow> rows) => Add(batch, rows, insertOne, insertMany);

    /// <summary>Adds the update of the rows, each at most once.</summary>
    public void Update(NpgsqlBatch batch, IReadOnlyList<TRow> rows) => Add(batch, rows, updateOne, updateMany);

    private void Add(NpgsqlBatch batch, IReadOnlyList<TRow> rows, string one, string many)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var command = new NpgsqlBatchCommand(rows.Count == 1 ? one : many);
        for (var place = 0; place < Columns.Count; place++)
        {
            command.Parameters.Add(rows.Count == 1 ? Columns[place].One(rows[0]) : Columns[place].Many(rows));
        }

        batch.BatchCommands.Add(command);
    }

    private static string Names(IEnumerable<RowColumn<TRow>> columns) => string.Join(", ", columns.Select(column => column.Name));

    private static string Arrays(IEnumerable<RowColumn<TRow>> columns) =>
        $"unnest({string.Join(", ", columns.Select((column, place) => $"${place + 1}::{SqlName(column.Type)}[]"))})";

    private static string SqlName(NpgsqlDbType type) => type switch
    {
        NpgsqlDbType.TimestampTz => "timestamptz",
        NpgsqlDbType.Integer => "int",
        _ => type.ToString().ToLowerInvariant(),
    };
}

/// <summary>Makes columns.</summary>
internal static class RowColumn
{
    /// <summary>A column of values that are never null.</summary>
    public static RowColumn<TRow> Of<TRow, T>(string name, NpgsqlDbType type, Func<TRow, T> value)
        where T : notnull => new(
            name,
            type,
            row => new NpgsqlParameter<T> { TypedValue = value(row), NpgsqlDbType = type },
            rows => Array(type, rows, value));

    /// <summary>A column of values that may be null.</summary>
    public static RowColumn<TRow> OrNull<TRow, T>(string name, NpgsqlDbType type, Func<TRow, T?> value) => new(
        name,
        type,
        row => new NpgsqlParameter { Value = (object?)value(row) ?? DBNull.Value, NpgsqlDbType = type },
        rows => Array(type, rows, value));

    private static NpgsqlParameter Array<TRow, T>(NpgsqlDbType type, IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = value(rows[index]);
        }

        return new NpgsqlParameter { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
