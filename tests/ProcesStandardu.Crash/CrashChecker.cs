using Npgsql;

namespace ProcesStandardu.Crash;

/// <summary>What the checker found; everything but the number of acknowledged acts must be 0.</summary>
/// <param name="Lost">Acknowledged acts, or what follows from them, that are not there.</param>
/// <param name="Doubled">Acts, steps or mails that happened more often than once.</param>
/// <param name="Stuck">What waits for nothing, or is left over though nothing more will come.</param>
/// <param name="Broken">Journals with gaps, versions that changed without a word, histories that do not chain or were committed apart.</param>
public sealed record CrashFindings(int Acknowledged, int Lost, int Doubled, int Stuck, int Broken, IReadOnlyList<string> Examples)
{
    public bool AreClean => Lost + Doubled + Stuck + Broken == 0;
}

/// <summary>A mail as the server took it.</summary>
public sealed record TakenMail(string MessageId, string Recipient);

/// <summary>
/// Holds what the clients know against what the database says, after everything has come to rest. It shares no code with the
/// product: its own SQL, its own arithmetic.
/// </summary>
public sealed class CrashChecker(string connectionString, Ledger ledger, int voters, int recipients) : RecordChecker
{
    public async Task<CrashFindings> CheckAsync(IReadOnlyList<TakenMail> taken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var lost = await LostActsAsync(connection) + await LostVotesAsync(connection) + await LostMailsAsync(connection, taken);
        var doubled = await DoubledAsync(connection) + DoubledMails(await AmbiguousAsync(connection), taken)
            + Count("receipts", ledger.Acknowledged.Where(answers => answers.Value.Distinct().Count() > 1).Select(answers => answers.Key));
        var stuck = await StuckAsync(connection);
        var broken = await BrokenAsync(connection);
        return new CrashFindings(ledger.Acknowledged.Count, lost, doubled, stuck, broken, Examples);
    }

    // Each acknowledged act has its receipt and one entry in the history.
    private async Task<int> LostActsAsync(NpgsqlConnection connection)
    {
        var receipts = await SetAsync(connection, "select key from command_receipt where response is not null");
        var entries = await SetAsync(connection, "select details->>'key' from history_entry where kind = 'crash_act'");
        return Count("act without receipt", ledger.Acknowledged.Keys.Where(key => !receipts.Contains(key)))
            + Count("act without history", ledger.Acknowledged.Keys.Where(key => !entries.Contains(key)));
    }

    // Each acknowledged vote of an instance that exists has completed its voter's step with the voter's own choice.
    private async Task<int> LostVotesAsync(NpgsqlConnection connection)
    {
        var steps = await SetAsync(
            connection,
            """
            select replace(instance_id::text, '-', '') || ' ' || (inputs->>'EventName') || ' ' || (outputs->>'Result')
            from activity_execution where activity_id = 'vote' and status = 'completed'
            """);
        var instances = await SetAsync(connection, "select replace(id::text, '-', '') from workflow_instance");
        return Count("vote without its step", ledger.Acknowledged.Keys.Select(key => ledger.Intents[key])
                .Where(intent => intent.Voter > 0 && !steps.Contains($"{intent.Instance:N} vote-{intent.Voter} {intent.Choice}"))
                .Select(intent => intent.Key))
            + Count("start without instance", ledger.Acknowledged.Keys.Select(key => ledger.Intents[key])
                .Where(intent => intent.Voter == 0 && !instances.Contains(intent.Instance.ToString("N"))).Select(intent => intent.Key));
    }

    // Each instance that got to its end told everybody, and the server has what the outbox calls sent.
    private async Task<int> LostMailsAsync(NpgsqlConnection connection, IReadOnlyList<TakenMail> taken)
    {
        var untold = await ListAsync(
            connection,
            $"""
            select i.id::text from workflow_instance i where i.sub_status = 'finished' and {recipients} <>
              (select count(*) from outbox_message m where m.cause = 'workflow:' || i.id::text)
            """);
        var messages = taken.Select(mail => mail.MessageId).ToHashSet();
        var sent = await ListAsync(connection, "select message_id from outbox_message where state = 'sent'");
        return Count("mails that were not written", untold) + Count("mail that was not sent", sent.Where(id => !messages.Contains(id)));
    }

    private async Task<int> DoubledAsync(NpgsqlConnection connection) =>
        Count("history entry", await ListAsync(
            connection, "select details->>'key' from history_entry where kind = 'crash_act' group by 1 having count(*) > 1"))
        + Count("completion", await ListAsync(
            connection,
            """
            select instance_id || ' ' || activity_number from workflow_journal where event = 'Completed'
            group by instance_id, activity_number having count(*) > 1
            """))
        + Count("step", await ListAsync(
            connection,
            """
            select instance_id || ' ' || activity_id || ' ' || coalesce(inputs->>'EventName', '') from activity_execution
            where status = 'completed' group by instance_id, activity_id, coalesce(inputs->>'EventName', '') having count(*) > 1
            """))
        + Count("mail row", await ListAsync(
            connection, "select cause || recipient_address from outbox_message group by cause, recipient_address having count(*) > 1"));

    // A second copy is allowed only after an end that nobody could know, and must be the same message.
    private int DoubledMails(Dictionary<string, int> ambiguous, IReadOnlyList<TakenMail> taken) => Count(
        "mail",
        taken.GroupBy(mail => mail.MessageId)
            .Where(copies => copies.Count() - 1 > ambiguous.GetValueOrDefault(copies.Key)).Select(copies => copies.Key));

    private async Task<int> StuckAsync(NpgsqlConnection connection)
    {
        var complete = ledger.Intents.Values.GroupBy(intent => intent.Instance)
            .Where(intents => intents.Select(intent => intent.Voter).Distinct().Count() == voters + 1)
            .Where(intents => intents.All(intent => ledger.Acknowledged.ContainsKey(intent.Key)))
            .Select(intents => intents.Key.ToString("N"));
        var finished = await SetAsync(connection, "select replace(id::text, '-', '') from workflow_instance where sub_status = 'finished'");
        return Count("instance that everybody answered", complete.Where(id => !finished.Contains(id)))
            + Count("suspended without a wait", await ListAsync(
                connection,
                """
                select id::text from workflow_instance i
                where status = 'running' and not exists (select from workflow_bookmark b where b.instance_id = i.id)
                """))
            + Count("wait of a dead instance", await ListAsync(
                connection,
                "select b.id::text from workflow_bookmark b join workflow_instance i on i.id = b.instance_id where i.status = 'finished' and i.sub_status <> 'faulted'"))
            + Count("term that passed", await ListAsync(
                connection, "select b.id::text from workflow_bookmark b where b.due_at is not null"))
            + Count("kept delivery", await ListAsync(connection, "select id::text from kept_delivery"))
            + Count("note of a lost process", await ListAsync(connection, "select id::text from wake_attempt"))
            + Count("mail on its way", await ListAsync(
                connection, "select id::text from outbox_message where state not in ('sent', 'dead', 'suppressed') and next_attempt_at is not null or state = 'sending'"));
    }

    private async Task<int> BrokenAsync(NpgsqlConnection connection) =>
        Count("journal with a gap", await ListAsync(
            connection, "select instance_id::text from workflow_journal group by instance_id having count(*) <> max(seq) or min(seq) <> 1 or count(distinct seq) <> count(*)"))
        + Count("version changed without a word", await ListAsync(
            connection,
            """
            select i.id::text from workflow_instance i where i.definition_version_id <>
              (select d.version_id from workflow_definition d where d.definition_id = i.definition_id order by d.version limit 1)
              and not exists (select from workflow_journal j where j.instance_id = i.id and j.event = 'Migrated')
            """))
        + await HistoryBreaksAsync(connection)
        + Count("history committed apart from its act", await ListAsync(
            connection,
            """
            select r.key from command_receipt r join history_entry h on h.kind = 'crash_act' and h.details->>'key' = r.key
            where r.xmin <> h.xmin
            """))
        + Count("history without its act", await ListAsync(
            connection,
            """
            select h.details->>'key' from history_entry h where h.kind = 'crash_act'
              and not exists (select from command_receipt r where r.key = h.details->>'key')
            """));
}
