using Npgsql;
using NpgsqlTypes;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>Parameters that may be null: PostgreSQL must be told their type, since null has none.</summary>
internal static class SqlValue
{
    public static NpgsqlParameter Id(Guid? id) => Of(id, NpgsqlDbType.Uuid);

    public static NpgsqlParameter At(DateTimeOffset? at) => Of(at?.ToUniversalTime(), NpgsqlDbType.TimestampTz);

    private static NpgsqlParameter Of(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
