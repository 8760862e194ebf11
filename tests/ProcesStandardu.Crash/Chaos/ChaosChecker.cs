using Npgsql;

namespace ProcesStandardu.Crash.Chaos;

/// <summary>What was found once everything had come to rest; everything but the latenesses must be 0.</summary>
/// <param name="Early">Deadlines or waits that fired before their instant.</param>
public sealed record ChaosFindings(
    int Lost, int Doubled, int Stuck, int Early, int Broken, IReadOnlyList<(DateTimeOffset DueAt, TimeSpan Late)> Lateness, IReadOnlyList<string> Examples)
{
    public bool AreClean => Lost + Doubled + Stuck + Early + Broken == 0;
}

/// <summary>
/// Holds what clients and mail server know against what the database says, by SQL and arithmetic of its own; it shares no code
/// with the product.
/// </summary>
public sealed class ChaosChecker(string connectionString, Ledger ledger, Voters voters, Guid ballot, IReadOnlyDictionary<Guid, int> workflows) : RecordChecker
{
    public async Task<ChaosFindings> CheckAsync(IReadOnlyList<TakenMail> taken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var lost = 0;
        var doubled = 0;

        var receipts = await SetAsync(connection, "select key from command_receipt where response is not null");
        lost += Count("vote without receipt", ledger.Acknowledged.Keys.Where(key => !receipts.Contains(key)));
        foreach (var (person, (choice, count)) in voters.Standing)
        {
            var stored = await ListAsync(
                connection,
                $"""
                select v.kind from ballot_position v join person p on p.id = v.elector_id
                where v.ballot_id = '{ballot}' and p.key = '{person}' order by v.cast_at, v.id
                """);
            var standing = await ListAsync(
                connection,
                $"""
                select v.kind from ballot_position v join person p on p.id = v.elector_id
                where v.ballot_id = '{ballot}' and p.key = '{person}' and v.superseded_by_id is null
                """);
            lost += Count("votes lost", Enumerable.Repeat($"{person} {stored.Count} of {count}", Math.Max(0, count - stored.Count)));
            doubled += Count("votes doubled", Enumerable.Repeat($"{person} {stored.Count} for {count}", Math.Max(0, stored.Count - count)));
            lost += Count("standing vote", standing.Count == 1 && standing[0] == choice ? [] : [$"{person} {string.Join(',', standing)}, not {choice}"]);
        }

        lost += Count("vote without history", await ListAsync(
            connection,
            $"""
            select 'positions ' || p.count || ', entries ' || h.count from
              (select count(*) from ballot_position where ballot_id = '{ballot}') as p,
              (select count(*) from history_entry where kind in ('vote_cast', 'vote_changed') and subject = 'ballot:{ballot}') as h
            where p.count <> h.count
            """));

        doubled += Count("deadline fired twice", await ListAsync(
            connection, "select subject from history_entry where kind = 'deadline_passed' and subject like 'deliverable:chaos-%' group by 1 having count(*) > 1"));
        lost += Count("deadline that passed without an entry", await ListAsync(
            connection,
            """
            select d.key from deadline d where d.key like 'chaos-%' and d.state = 'passed'
              and not exists (select from history_entry h where h.kind = 'deadline_passed' and h.subject = d.subject)
            """));
        doubled += Count("step", await ListAsync(
            connection, "select instance_id || activity_id from activity_execution where status = 'completed' group by instance_id, activity_id having count(*) > 1"));
        doubled += Count("mail row", await ListAsync(connection, "select mail_key from outbox_message group by 1 having count(*) > 1"));
        doubled += DoubledMails(await AmbiguousAsync(connection), taken);

        var messages = taken.Select(mail => mail.MessageId).ToHashSet();
        lost += Count("mail", (await ListAsync(connection, "select message_id from outbox_message where state = 'sent'")).Where(id => !messages.Contains(id)));
        var known = await SetAsync(connection, "select message_id || ' ' || recipient_address from outbox_message");
        doubled += Count("mail without its row", taken.Where(mail => !known.Contains($"{mail.MessageId} {mail.Recipient}")).Select(mail => mail.MessageId));

        var instances = await InstancesAsync(connection);
        lost += Count("workflow", workflows.Keys.Where(id => !instances.ContainsKey(id)).Select(id => id.ToString()));
        var broken = Count("workflow of another version", workflows.Where(started => instances.TryGetValue(started.Key, out var version) && version != started.Value)
            .Select(started => started.Key.ToString()));
        return new ChaosFindings(
            lost, doubled, await StuckAsync(connection), await EarlyAsync(connection), broken + await BrokenAsync(connection),
            await LatenessAsync(connection), Examples);
    }

    private int DoubledMails(Dictionary<string, int> ambiguous, IReadOnlyList<TakenMail> taken) => Count(
        "mail", taken.GroupBy(mail => mail.MessageId).Where(copies => copies.Count() - 1 > ambiguous.GetValueOrDefault(copies.Key)).Select(copies => copies.Key));

    private async Task<int> StuckAsync(NpgsqlConnection connection) =>
        Count("deadline that did not fire", await ListAsync(
            connection,
            """
            select key from deadline, programme_clock
            where state = 'pending' and due_at < clock_timestamp() + offset_microseconds * interval '1 microsecond' - interval '5 seconds'
            """))
        + Count("workflow that waits for nothing", await ListAsync(
            connection,
            "select id::text from workflow_instance i where status = 'running' and not exists (select from workflow_bookmark b where b.instance_id = i.id)"))
        + Count("workflow not at its end", await ListAsync(
            connection, "select id::text from workflow_instance where definition_id = 'chaos-wait' and sub_status <> 'finished'"))
        + Count("note of a lost process", await ListAsync(connection, "select id::text from wake_attempt"))
        + Count("delivery", await ListAsync(connection, "select id::text from kept_delivery"))
        + Count("mail on its way", await ListAsync(
            connection, "select id::text from outbox_message where state in ('pending', 'sending', 'retry') or state = 'ambiguous' and next_attempt_at is not null"))
        + Count("vote that nobody answered", ledger.Intents.Keys.Where(key => !ledger.Acknowledged.ContainsKey(key)));

    private async Task<int> EarlyAsync(NpgsqlConnection connection) =>
        Count("early deadline", await ListAsync(connection, "select key from deadline where key like 'chaos-%' and passed_at < due_at"))
        + Count("early wait", await ListAsync(
            connection, $"select id::text from workflow_instance where definition_id = 'chaos-wait' and finished_at < created_at + interval '{ChaosCluster.Wait:c}'"));

    private async Task<int> BrokenAsync(NpgsqlConnection connection) =>
        Count("journal with a gap", await ListAsync(
            connection, "select instance_id::text from workflow_journal group by instance_id having count(*) <> max(seq) or min(seq) <> 1"))
        + await HistoryBreaksAsync(connection)
        + Count("quarantine", await ListAsync(connection, "select quarantine_reason from database_identity where quarantined_at is not null"));

    private static async Task<List<(DateTimeOffset DueAt, TimeSpan Late)>> LatenessAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select due_at - offset_microseconds * interval '1 microsecond', late from programme_clock, (
              select due_at, passed_at - due_at as late from deadline where key like 'chaos-%' and passed_at is not null
              union all
              select created_at + interval '{ChaosCluster.Wait:c}', finished_at - created_at - interval '{ChaosCluster.Wait:c}'
              from workflow_instance where definition_id = 'chaos-wait' and finished_at is not null) as fired
            """,
            connection);
        await using var rows = await command.ExecuteReaderAsync();
        var all = new List<(DateTimeOffset, TimeSpan)>();
        while (await rows.ReadAsync())
        {
            all.Add((rows.GetFieldValue<DateTimeOffset>(0), rows.GetTimeSpan(1)));
        }

        return all;
    }

    private static async Task<Dictionary<Guid, int>> InstancesAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            """
            select i.id, d.version from workflow_instance i join workflow_definition d on d.version_id = i.definition_version_id
            where i.definition_id = 'chaos-wait'
            """,
            connection);
        await using var rows = await command.ExecuteReaderAsync();
        var versions = new Dictionary<Guid, int>();
        while (await rows.ReadAsync())
        {
            versions[rows.GetGuid(0)] = rows.GetInt32(1);
        }

        return versions;
    }
}
