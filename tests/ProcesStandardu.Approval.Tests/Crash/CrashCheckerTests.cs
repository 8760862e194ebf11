using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Crash;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Crash;

/// <summary>The checker must see each kind of damage, or its zeros say nothing.</summary>
public sealed class CrashCheckerTests : IAsyncLifetime
{
    private const int Voters = 2;

    private readonly string _path = Path.GetTempFileName();
    private TestDatabase _database = null!;
    private Ledger _ledger = null!;
    private List<TakenMail> _taken = [];
    private int _recipients;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("programme_imported", TestProduct.ImportAsync);
        _ledger = new Ledger(_path);
        var clock = new TestClock();
        var folder = Directory.CreateTempSubdirectory("proces-checker-").FullName;
        await using var services = TestProduct.Compose(_database.ConnectionString, clock, folder);
        await using (var scope = services.CreateAsyncScope())
        {
            (await scope.ServiceProvider.GetRequiredService<PublishDefinition>().HandleAsync(
                new PublishDefinition.Command(CrashWorkflow.Json(Voters), Actor.System), CancellationToken.None)).Succeeded.ShouldBeTrue();
        }

        var actor = await _database.ScalarAsync<Guid>("select id from person where key = 'rafal-zdun'");
        for (var number = 0; number < 2; number++)
        {
            var instance = Guid.CreateVersion7(clock.GetUtcNow());
            for (var voter = 0; voter <= Voters; voter++)
            {
                var intent = new Intent($"{instance:N}-{voter}", instance, voter, "za");
                _ledger.Intend(intent);
                await using var scope = services.CreateAsyncScope();
                var receipt = await CrashNode.ActAsync(scope.ServiceProvider, actor, new CrashRequest(0, intent.Key, instance, voter, intent.Choice));
                _ledger.Acknowledge(intent.Key, receipt.Value);
            }
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        await services.GetRequiredService<WakeDueWorkflows>().RunOnceAsync(CancellationToken.None);
        await services.GetRequiredService<OutboxDispatcher>().RunOnceAsync(CancellationToken.None);
        Directory.Delete(folder, recursive: true);
        var ids = await _database.ScalarAsync<string>("select string_agg(message_id, ' ') from outbox_message");
        _taken = [.. ids!.Split(' ').Select(id => new TakenMail(id, "somebody"))];
        _recipients = _taken.Count / 2;
    }

    public async ValueTask DisposeAsync()
    {
        _ledger.Dispose();
        File.Delete(_path);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_is_whole_is_clean()
    {
        var findings = await CheckAsync();

        findings.Examples.ShouldBeEmpty();
        findings.AreClean.ShouldBeTrue();
        findings.Acknowledged.ShouldBe(2 * (Voters + 1));
    }

    [Fact]
    public async Task What_was_acknowledged_and_is_not_there_is_lost()
    {
        var (key, instance) = (_ledger.Intents.Keys.First(), _ledger.Intents.Values.First().Instance);
        await new HistoryForger(_database).ExecuteAsync($"delete from history_entry where details->>'key' = '{key}'");
        (await CheckAsync()).Lost.ShouldBe(1);

        await _database.ExecuteAsync("delete from command_receipt where key = $1", key);
        (await CheckAsync()).Lost.ShouldBe(2);

        _ledger.Intend(new Intent("never", instance, 1, "przeciw"));
        _ledger.Acknowledge("never", "receipt");
        (await CheckAsync()).Lost.ShouldBe(5, "its receipt, its entry and its step");

        _taken.RemoveAt(0);
        (await CheckAsync()).Lost.ShouldBe(6);
    }

    [Fact]
    public async Task What_happened_twice_is_doubled()
    {
        await _database.ExecuteAsync(
            """
            insert into workflow_burst (instance_id, burst, first_seq, at, executions, entries)
            select instance_id, burst + 1, (select max(seq) + 1 from workflow_journal j where j.instance_id = b.instance_id), at, executions, entries
            from workflow_burst b order by instance_id, burst desc limit 1
            """);
        (await CheckAsync()).Doubled.ShouldBeGreaterThan(0);
        var before = (await CheckAsync()).Doubled;

        _taken.Add(_taken[0]);
        (await CheckAsync()).Doubled.ShouldBe(before + 1, "a second copy without an uncertain end before it");
        await _database.ExecuteAsync("update outbox_message set ambiguous_ends = 1 where message_id = $1", _taken[0].MessageId);
        (await CheckAsync()).Doubled.ShouldBe(before);

        _ledger.Acknowledge(_ledger.Intents.Keys.First(), "another receipt");
        (await CheckAsync()).Doubled.ShouldBe(before + 1);
    }

    [Fact]
    public async Task What_waits_for_nothing_is_stuck()
    {
        var id = _ledger.Intents.Values.First().Instance;
        await _database.ExecuteAsync(
            "update workflow_instance set status = 'running', sub_status = 'suspended', finished_at = null where id = $1", id);
        (await CheckAsync()).Stuck.ShouldBe(2, "it is not finished, and it has no wait");

        await _database.ExecuteAsync("insert into wake_attempt values (gen_random_uuid(), '{}', clock_timestamp())");
        (await CheckAsync()).Stuck.ShouldBe(3);

        await _database.ExecuteAsync("update outbox_message set state = 'retry', next_attempt_at = now(), sent_at = null where message_id = $1", _taken[0].MessageId);
        (await CheckAsync()).Stuck.ShouldBe(4);
    }

    [Fact]
    public async Task A_record_that_does_not_hold_together_is_broken()
    {
        await new HistoryForger(_database).ExecuteAsync("update history_entry set previous_hash = 'x' where seq = 2 and kind = 'crash_act' and subject = (select min(subject) from history_entry where kind = 'crash_act')");
        (await CheckAsync()).Broken.ShouldBe(2, "it no longer chains, and was written by another transaction than its act");

        await _database.ExecuteAsync("update workflow_burst set first_seq = first_seq + 1 where burst = 2 and instance_id = (select min(instance_id::text)::uuid from workflow_burst)");
        (await CheckAsync()).Broken.ShouldBeGreaterThan(2);

        var broken = (await CheckAsync()).Broken;
        await _database.ExecuteAsync("set session_replication_role = replica; update workflow_instance set definition_version_id = 'another' where id = (select min(id::text)::uuid from workflow_instance)");
        (await CheckAsync()).Broken.ShouldBe(broken + 1);
    }

    private Task<CrashFindings> CheckAsync() =>
        new CrashChecker(_database.ConnectionString, _ledger, Voters, _recipients).CheckAsync(_taken);
}
