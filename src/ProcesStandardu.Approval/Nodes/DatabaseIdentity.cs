using Npgsql;

namespace ProcesStandardu.Approval.Nodes;

/// <summary>Which database this is, as far as the server can tell.</summary>
/// <param name="System">Of the cluster; another one after a restore from a dump into a new cluster.</param>
/// <param name="Database">The database's number in its cluster; another one for a copy.</param>
/// <param name="Timeline">Another one after a recovery to a point in time, and after a standby was promoted.</param>
public sealed record DatabaseIdentity(string System, long Database, string Timeline)
{
    /// <summary>The three parts of the present database, in the order of the constructor.</summary>
    internal const string Present =
        """
        (select system_identifier::text from pg_control_system()) as system_identifier,
        (select oid::bigint from pg_database where datname = current_database()) as database_oid,
        substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline
        """;

    /// <summary>Reads the parts from three columns; null where no heartbeat has noted them yet.</summary>
    internal static DatabaseIdentity? Read(NpgsqlDataReader reader, int column) => reader.IsDBNull(column)
        ? null
        : new DatabaseIdentity(reader.GetString(column), reader.GetInt64(column + 1), reader.GetString(column + 2));
}

/// <summary>Why nothing runs by itself; stored.</summary>
public static class QuarantineReason
{
    /// <summary>The data are in another database than the one in which they were written last.</summary>
    public const string Copied = "copied";

    /// <summary>The server was recovered or promoted, and no node was there that could say that nothing is missing.</summary>
    public const string Recovered = "recovered";

    /// <summary>A node has seen more than the database remembers.</summary>
    public const string WentBack = "went_back";

    /// <summary>An operator asked for it.</summary>
    public const string Asked = "asked";

    /// <summary>Decides from what stands in the database, what the server is, and what this node has seen before.</summary>
    /// <param name="noted">Null before the first heartbeat: then this database becomes the one.</param>
    /// <param name="beats">As the database remembers them.</param>
    /// <param name="seen">What this process saw at its own last heartbeat; null at its first.</param>
    /// <returns>A reason, or null when everything may run.</returns>
    public static string? Find(DatabaseIdentity? noted, DatabaseIdentity present, long beats, (DatabaseIdentity Identity, long Beats)? seen)
    {
        if (noted is null)
        {
            return null;
        }

        if (noted.System != present.System || noted.Database != present.Database)
        {
            return Copied;
        }

        if (seen is { } own && own.Identity.System == present.System && own.Identity.Database == present.Database)
        {
            // A witness: whoever was there before a failover knows whether something is missing after it.
            return own.Beats > beats ? WentBack : null;
        }

        return noted.Timeline == present.Timeline ? null : Recovered;
    }
}
