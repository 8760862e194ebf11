using Npgsql;

namespace ProcesStandardu.Testing;

/// <summary>
/// A PostgreSQL database for one test class (or one test), cloned from the migrated template in a fraction of a second and dropped
/// at the end: <c>await using var db = await TestDatabase.CreateAsync();</c>
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresFixture _server;

    private TestDatabase(PostgresFixture server, string connectionString)
    {
        _server = server;
        ConnectionString = connectionString;
    }

    /// <summary>Connects to this database as the product would.</summary>
    public string ConnectionString { get; }

    /// <summary>A database with the product's schema and no rows.</summary>
    public static async Task<TestDatabase> CreateAsync(CancellationToken cancellation = default)
    {
        var server = await PostgresFixture.Started;
        return new TestDatabase(server, await server.CloneAsync(cancellation));
    }

    /// <summary>A database cloned from a template that the first who asks prepares, for example with the programme imported.</summary>
    /// <param name="template">A lower_snake name; the same name is the same template.</param>
    public static async Task<TestDatabase> CreateAsync(string template, Func<string, Task> prepare, CancellationToken cancellation = default)
    {
        var server = await PostgresFixture.Started;
        return new TestDatabase(server, await server.CloneAsync(template, prepare, cancellation));
    }

    /// <summary>A database with nothing in it, for tests of the migrations themselves.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync(CancellationToken cancellation = default)
    {
        var server = await PostgresFixture.Started;
        return new TestDatabase(server, await server.CreateEmptyAsync(cancellation));
    }

    /// <summary>The first column of the first row, converted; for exact counts: <c>await db.ScalarAsync&lt;long&gt;("select count(*) …")</c>.</summary>
    public async Task<T?> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync() is { } value and not DBNull ? (T)value : default;
    }

    /// <summary>Runs a statement and says how many rows it touched; parameters are $1, $2 ….</summary>
    public async Task<int> ExecuteAsync(string sql, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Closes every connection to the database and drops it.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var connection = new NpgsqlConnection(ConnectionString))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        await _server.DropAsync(ConnectionString);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
