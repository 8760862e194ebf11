using System.Data.Common;
using Npgsql;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// How every connection of the product behaves: it gives up rather than hold others up, notices a dead peer, and does not spend
/// round trips on tidying. What a connection string says itself stands.
/// </summary>
public static class ConnectionPolicy
{
    // PostgreSQL's own defaults are "wait for ever". A command's limit is below a transaction's, so that the refusal names the command.
    private const string Limits =
        "-c statement_timeout=5s -c lock_timeout=5s -c idle_in_transaction_session_timeout=15s -c transaction_timeout=30s"
        + " -c tcp_user_timeout=30s -c tcp_keepalives_idle=30";

    /// <summary>For people's requests and background passes: a statement may take 5 s, a transaction 30 s.</summary>
    public static string Apply(string connectionString) => Apply(connectionString, Limits, "ProcesStandardu");

    /// <summary>For migrations and seeding, which may take as long as they need but never wait long for a lock.</summary>
    public static string ApplyForMigration(string connectionString) =>
        Apply(connectionString, "-c lock_timeout=5s -c statement_timeout=0 -c transaction_timeout=0", "ProcesStandardu migration");

    private static string Apply(string connectionString, string limits, string applicationName)
    {
        var asked = new NpgsqlConnectionStringBuilder(connectionString);
        // Npgsql's builder knows every keyword; the plain one knows only those that were written, under their canonical names.
        var written = new DbConnectionStringBuilder { ConnectionString = asked.ConnectionString };
        var ours = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // DISCARD ALL at each return to the pool would be a statement of its own; nothing of ours outlives its transaction.
            NoResetOnClose = true,
            ApplicationName = applicationName,
            Options = IsOurs(asked.Options) ? limits : asked.Options,
        };
        if (asked.Host?.Contains(',') == true)
        {
            // Of several servers only the one that takes writes will do: a standby may show commits in another order.
            Default("Target Session Attributes", "primary");
        }

        Default("Maximum Pool Size", 30);
        Default("Max Auto Prepare", 100);
        Default("Auto Prepare Min Usages", 2);
        Default("Tcp Keepalive", true);
        Default("Command Timeout", 30);
        return ours.ConnectionString;

        void Default(string keyword, object value)
        {
            if (!written.ContainsKey(keyword))
            {
                ours[keyword] = value;
            }
        }
    }

    private static bool IsOurs(string? options) => string.IsNullOrEmpty(options) || options == Limits;
}
