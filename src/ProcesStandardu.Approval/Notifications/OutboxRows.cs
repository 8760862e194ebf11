using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// The statements that move a mail from state to state. Each says from which state it may move; a sender's statements
/// also name the claim's epoch, so one that was taken over changes nothing.
/// </summary>
/// <remarks>Leases are real time by the database's clock; every other instant is the programme's and comes as a parameter.</remarks>
internal static class OutboxRows
{
    /// <summary>How many mails are due, counted up to <paramref name="limit"/>.</summary>
    public static async Task<int> CountDueAsync(NpgsqlDataSource dataSource, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            "select count(*)::int from (select 1 from outbox_message where next_attempt_at <= $1 limit $2) as due");
        Add(command.Parameters, now, limit);
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Locks the earliest queued mail that is due and that nobody else looks at; null when there is none.</summary>
    /// <param name="closedDomains">Recipient domains, in lower case, that take no more for the moment.</param>
    public static async Task<Guid?> LockDueAsync(
        NpgsqlConnection connection, DateTimeOffset now, string[] closedDomains, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            closedDomains.Length == 0
                ? "select id from outbox_message where next_attempt_at <= $1 order by queue_no limit 1 for update skip locked"
                : """
                  select id from outbox_message
                  where next_attempt_at <= $1 and lower(substring(recipient_address from '[^@]*$')) <> all ($2)
                  order by queue_no limit 1 for update skip locked
                  """,
            connection);
        Add(command.Parameters, closedDomains.Length == 0 ? [now] : [now, closedDomains]);
        return (Guid?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>Gives a locked mail to the caller and returns the epoch that the caller's later statements must name.</summary>
    public static async Task<long> ClaimAsync(NpgsqlConnection connection, Guid id, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            update outbox_message set state = 'sending', attempts = attempts + 1, epoch = epoch + 1, next_attempt_at = null,
              lease_until = clock_timestamp() + $2
            where id = $1 returning epoch
            """,
            connection);
        Add(command.Parameters, id, lease);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Ends a locked mail that is not to be sent.</summary>
    public static Task SuppressAsync(NpgsqlConnection connection, Guid id, string reason, CancellationToken cancellation) =>
        ExecuteAsync(
            connection,
            "update outbox_message set state = 'suppressed', next_attempt_at = null, last_error = $2 where id = $1",
            cancellation,
            id, reason);

    /// <summary>Lets a locked mail wait without having tried it.</summary>
    public static Task PostponeAsync(
        NpgsqlConnection connection, Guid id, DateTimeOffset until, string reason, CancellationToken cancellation) =>
        ExecuteAsync(
            connection,
            "update outbox_message set next_attempt_at = $2, last_error = $3 where id = $1",
            cancellation,
            id, until, reason);

    /// <summary>Prolongs a sender's lease. False when the mail is no longer this sender's.</summary>
    public static async Task<bool> RenewAsync(
        NpgsqlDataSource dataSource, Guid id, long epoch, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            "update outbox_message set lease_until = clock_timestamp() + $3 where id = $1 and epoch = $2 and state = 'sending'");
        Add(command.Parameters, id, epoch, lease);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Notes that from now on the mail may have left. False when it is no longer this sender's.</summary>
    public static async Task<bool> MarkHandedOverAsync(
        NpgsqlDataSource dataSource, Guid id, long epoch, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            update outbox_message set handed_over = true, lease_until = clock_timestamp() + $3
            where id = $1 and epoch = $2 and state = 'sending'
            """);
        Add(command.Parameters, id, epoch, lease);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Writes how a sending ended. False when the mail is no longer this sender's.</summary>
    /// <param name="nextAttemptAt">Null when nothing more is to be tried by itself.</param>
    /// <param name="sentAt">Set for <see cref="MailState.Sent"/> alone.</param>
    /// <param name="ambiguousEnds">Uncertain ends so far, this one included.</param>
    public static async Task<bool> EndAsync(
        NpgsqlConnection connection, Guid id, long epoch, string state, DateTimeOffset? nextAttemptAt, DateTimeOffset? sentAt,
        int ambiguousEnds, string? lastError, CancellationToken cancellation) =>
        await ExecuteAsync(
            connection,
            """
            update outbox_message set state = $3, next_attempt_at = $4, sent_at = $5, ambiguous_ends = $6, last_error = $7,
              lease_until = null, handed_over = false
            where id = $1 and epoch = $2 and state = 'sending'
            """,
            cancellation,
            id, epoch, state, SqlValue.At(nextAttemptAt), SqlValue.At(sentAt), ambiguousEnds,
            new NpgsqlParameter { Value = (object?)lastError ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }) == 1;

    /// <summary>
    /// Takes mails back from senders that gave no sign of life. One that had not handed its mail over sent nothing: the
    /// mail is due again. Otherwise its end is uncertain, unless the transport's repeats are harmless.
    /// </summary>
    public static async Task<int> ReclaimAsync(
        NpgsqlDataSource dataSource, DateTimeOffset now, TimeSpan ambiguousPause, bool repeatsAreHarmless, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            with lost as (
              select id, handed_over and not $3 as is_uncertain from outbox_message
              where state = 'sending' and lease_until < clock_timestamp()
              for update skip locked
            )
            update outbox_message as mail set
              state = case when is_uncertain then 'ambiguous' else 'retry' end,
              ambiguous_ends = least(ambiguous_ends + is_uncertain::int, 2),
              next_attempt_at = case when not is_uncertain then $1 when ambiguous_ends = 0 then $1 + $2 end,
              last_error = $4, lease_until = null, handed_over = false
            from lost where mail.id = lost.id
            """);
        Add(command.Parameters, now, ambiguousPause, repeatsAreHarmless, MailReasons.SenderWasLost);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        Add(command.Parameters, parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static void Add(NpgsqlParameterCollection parameters, params object[] values)
    {
        foreach (var value in values)
        {
            parameters.Add(value switch
            {
                NpgsqlParameter made => made,
                DateTimeOffset instant => new NpgsqlParameter { Value = instant.ToUniversalTime() },
                _ => new NpgsqlParameter { Value = value },
            });
        }
    }
}
