using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Crash;

/// <summary>How large a run is.</summary>
/// <param name="Places">Where nodes are killed; each as often as <paramref name="KillsEach"/> says.</param>
/// <param name="Instances">Started for each kill; more when the place was not reached by their work.</param>
public sealed record CrashPlan(IReadOnlyList<string> Places, int KillsEach, int Voters, int Instances, int Seed, bool AcknowledgesEarly = false)
{
    /// <summary>Every place of an act, of a burst, of the firing of terms and of the sending of mail.</summary>
    public static IReadOnlyList<string> EveryPlace { get; } =
    [
        Failpoints.Begun, .. BurstPlaces.All, Failpoints.BeforeCommit, Failpoints.AfterCommit, CrashNode.BeforeReply,
        Failpoints.TimersClaimed, Failpoints.TimerLocked, Failpoints.TimerFired, Failpoints.AttemptCounted, .. MailFailpoints.Smtp,
    ];
}

/// <summary>What a run did and what the checker found.</summary>
/// <param name="Unreached">Places at which nothing was killed in any round, because no work reached them.</param>
public sealed record CrashReport(int Places, int Kills, IReadOnlyList<string> Unreached, int Unknown, CrashFindings Findings);

/// <summary>
/// Kills nodes at every place of their work while clients send votes through them, starts them again, lets everything come to
/// rest and has the checker look.
/// </summary>
public static class CrashRun
{
    private static readonly DateTimeOffset Monday = new(2012, 11, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(8);

    public static async Task<int> MainAsync(string[] counts)
    {
        int Number(int index, int otherwise) => counts.Length > index ? int.Parse(counts[index], CultureInfo.InvariantCulture) : otherwise;
        var plan = new CrashPlan(CrashPlan.EveryPlace, Number(0, 5), Number(1, 15), 2, Number(2, 1));
        var report = await RunAsync(plan, Console.WriteLine);
        foreach (var example in report.Findings.Examples)
        {
            Console.WriteLine(example);
        }

        foreach (var (name, value) in new[]
        {
            ("failpoints", report.Places - report.Unreached.Count), ("unreached", report.Unreached.Count), ("kills", report.Kills), ("unknown", report.Unknown),
            ("acknowledged", report.Findings.Acknowledged), ("broken", report.Findings.Broken), ("lost", report.Findings.Lost),
            ("doubled", report.Findings.Doubled), ("stuck", report.Findings.Stuck),
        })
        {
            Console.WriteLine($"{name}: {value.ToString(CultureInfo.InvariantCulture)}");
        }

        return report.Findings.AreClean && report.Unreached.Count == 0 ? 0 : 1;
    }

    public static async Task<CrashReport> RunAsync(CrashPlan plan, Action<string>? say = null)
    {
        await using var database = await TestDatabase.CreateAsync("programme_imported", TestProduct.ImportAsync);
        await using var sink = await SmtpSink.StartAsync();
        var path = Path.Combine(Path.GetTempPath(), $"proces-crash-{Environment.ProcessId}-{plan.Seed}.ledger");
        using var ledger = new Ledger(path);
        var random = new Random(plan.Seed);
        var settings = new NodeSettings(
            database.ConnectionString, sink.Port, Monday, TimeProvider.System.GetUtcNow(),
            await database.ScalarAsync<Guid>("select id from person where key = 'rafal-zdun'"), plan.AcknowledgesEarly);
        await PublishAsync(database.ConnectionString, plan.Voters);

        var pending = new ConcurrentQueue<Intent>();
        var unreached = plan.Places.ToHashSet(StringComparer.Ordinal);
        var kills = 0;
        for (var round = 0; round < plan.KillsEach; round++)
        {
            foreach (var place in plan.Places)
            {
                // What the node before left half done is what this one finds: its leases are over by now.
                await ExpireLeasesAsync(database.ConnectionString);
                var times = IsRare(place) ? 1 : random.Next(1, round == 0 ? 3 : IsOfMail(place) ? 6 : 2 * plan.Voters);
                var failpoint = $"{place}:{times.ToString(CultureInfo.InvariantCulture)}";
                await using var node = await NodeProcess.StartAsync(settings, failpoint);

                // Every fourth time a second node works beside it: then somebody goes on at once, else only after the restart.
                await using var other = kills % 4 == 3 ? await NodeProcess.StartAsync(settings, null) : null;
                for (var batch = 0; batch < 4 && !node.IsGone; batch++)
                {
                    Draw(pending, plan, random);
                    await SendAsync(pending, ledger, other is null ? [node] : [node, other]);
                    await Task.WhenAny(node.Gone, AtRestAsync(database.ConnectionString, ShortPatience));
                }

                if (node.IsGone)
                {
                    kills++;
                    unreached.Remove(place);
                }

                say?.Invoke($"{kills,4} {failpoint} {(node.IsGone ? "killed" : "not reached")} {(TimeProvider.System.GetUtcNow() - settings.RealStart).TotalSeconds:0.0}");
            }
        }

        await using (var last = await NodeProcess.StartAsync(settings with { AcknowledgesEarly = false }, null))
        {
            // An hour later, so that whatever was put off is due; leases are of real time, and theirs is over as well.
            await SendAsync(pending, ledger, [last]);
        }

        await ExpireLeasesAsync(database.ConnectionString);
        await using (var later = await NodeProcess.StartAsync(settings with { StartedAt = Monday.AddHours(1), AcknowledgesEarly = false }, null))
        {
            await AtRestAsync(database.ConnectionString, Patience);
        }

        var taken = (await sink.MailsAsync()).SelectMany(mail => mail.Recipients.Select(to => new TakenMail(MessageIdOf(mail.Bytes), to))).ToList();
        var recipients = (int)await database.ScalarAsync<long>(
            "select count(distinct recipient_person_id) from outbox_message where cause like 'workflow:%'");
        var findings = await new CrashChecker(database.ConnectionString, ledger, plan.Voters, Math.Max(recipients, 1)).CheckAsync(taken);
        File.Delete(path);
        return new CrashReport(plan.Places.Count, kills, [.. unreached], ledger.Unknown.Count, findings);
    }

    // Reached once for each batch of terms, or only after another kill.
    private static bool IsRare(string place) =>
        place is Failpoints.TimersClaimed or Failpoints.TimerLocked or Failpoints.TimerFired or Failpoints.AttemptCounted;

    // Reached once for each mail of an instance that is over: there are fewer of them than votes.
    private static bool IsOfMail(string place) => MailFailpoints.Smtp.Contains(place);

    // Some votes come before the start of what they belong to, some come twice.
    private static void Draw(ConcurrentQueue<Intent> pending, CrashPlan plan, Random random)
    {
        var drawn = new List<Intent>();
        for (var instance = 0; instance < plan.Instances; instance++)
        {
            var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
            for (var voter = 0; voter <= plan.Voters; voter++)
            {
                var intent = new Intent($"{id:N}-{voter}", id, voter, voter == 0 ? "start" : random.Next(3) switch { 0 => "za", 1 => "przeciw", _ => "wstrzymuje" });
                drawn.Add(intent);
                if (random.Next(10) == 0)
                {
                    drawn.Add(intent);
                }
            }
        }

        var order = drawn.ToArray();
        random.Shuffle(order);
        Array.ForEach(order, pending.Enqueue);
    }

    private static async Task SendAsync(ConcurrentQueue<Intent> pending, Ledger ledger, IReadOnlyList<NodeProcess> nodes)
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(client => Task.Run(async () =>
        {
            var turn = client;
            while (nodes.Any(node => !node.IsGone) && pending.TryDequeue(out var intent))
            {
                ledger.Intend(intent);
                var node = nodes[turn++ % nodes.Count];
                if (node.IsGone)
                {
                    pending.Enqueue(intent);
                    continue;
                }

                if (await node.AskAsync(new CrashRequest(0, intent.Key, intent.Instance, intent.Voter, intent.Choice)) is { Receipt: { } receipt })
                {
                    ledger.Acknowledge(intent.Key, receipt);
                }
                else
                {
                    // Nobody knows whether it was done: the same act again, with the same key.
                    ledger.Lose(intent.Key);
                    pending.Enqueue(intent);
                }
            }
        })));
    }

    /// <summary>Ends when nothing waits for a term, for mail or for another attempt, or when patience does.</summary>
    private static async Task AtRestAsync(string connectionString, TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        while (!patience.IsCancellationRequested)
        {
            await using var command = new NpgsqlCommand(
                """
                select exists (select from workflow_bookmark where due_at is not null)
                  or exists (select from kept_delivery where next_attempt_at is not null)
                  or exists (select from wake_attempt)
                  or exists (select from outbox_message where state = 'sending' or next_attempt_at is not null)
                """,
                connection);
            if (await command.ExecuteScalarAsync(CancellationToken.None) is false)
            {
                return;
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static async Task ExpireLeasesAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            update wake_attempt set lease_until = clock_timestamp() - interval '1 second';
            update outbox_message set lease_until = clock_timestamp() - interval '1 second' where lease_until is not null;
            """,
            connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task PublishAsync(string connectionString, int voters)
    {
        await using var services = TestProduct.Compose(connectionString, new TestClock(), Path.GetTempPath());
        await using var scope = services.CreateAsyncScope();
        var published = await scope.ServiceProvider.GetRequiredService<PublishDefinition>().HandleAsync(
            new PublishDefinition.Command(CrashWorkflow.Json(voters), Actor.System), CancellationToken.None);
        _ = published.Succeeded ? published.Value : throw new InvalidOperationException(string.Join('\n', published.Refusal!.Arguments));
    }

    internal static string MessageIdOf(byte[] bytes)
    {
        var text = System.Text.Encoding.Latin1.GetString(bytes);
        var line = text.Split("\r\n").First(header => header.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase));
        return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
