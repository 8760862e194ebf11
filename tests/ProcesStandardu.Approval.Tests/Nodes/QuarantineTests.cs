using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Nodes;

/// <summary>A database that is not the one it was neither fires nor sends until a person has decided.</summary>
[Trait("Fault", "S18")]
public sealed class QuarantineTests
{
    private static readonly DatabaseIdentity Here = new("7", 16384, "00000001");
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void What_the_database_is_decides_with_what_the_node_has_seen()
    {
        (DatabaseIdentity, long)? witness = (Here, 10);

        QuarantineReason.Find(null, Here, 0, null).ShouldBeNull("the first heartbeat of all");
        QuarantineReason.Find(Here, Here, 10, null).ShouldBeNull("a node that starts");
        QuarantineReason.Find(Here, Here, 10, witness).ShouldBeNull("a node that goes on");
        QuarantineReason.Find(Here, Here, 12, witness).ShouldBeNull("others beat as well");
        QuarantineReason.Find(Here, Here with { System = "8" }, 10, null).ShouldBe(QuarantineReason.Copied, "a dump in a new cluster");
        QuarantineReason.Find(Here, Here with { Database = 16999 }, 10, null).ShouldBe(QuarantineReason.Copied, "a copy beside the first");
        QuarantineReason.Find(Here, Here with { Database = 16999 }, 10, witness).ShouldBe(QuarantineReason.Copied, "also for a witness");
        QuarantineReason.Find(Here, Here with { Timeline = "00000002" }, 10, null).ShouldBe(QuarantineReason.Recovered, "nobody was there");
        QuarantineReason.Find(Here, Here with { Timeline = "00000002" }, 10, witness).ShouldBeNull("a failover that lost nothing");
        QuarantineReason.Find(Here, Here with { Timeline = "00000002" }, 9, witness).ShouldBe(QuarantineReason.WentBack, "a failover that lost something");
        QuarantineReason.Find(Here, Here, 9, witness).ShouldBe(QuarantineReason.WentBack, "an older volume");
    }

    [Fact]
    public async Task A_copy_fires_nothing_and_sends_nothing_until_it_is_released()
    {
        await using var product = await TestProduct.CreateAsync();
        await using var connections = NpgsqlDataSource.Create(product.Database.ConnectionString);
        var gate = new PassGate(connections);
        (await gate.IsOpenAsync(Cancellation)).ShouldBeFalse("nobody has beaten yet");

        (await Beats(connections).RunOnceAsync(NodeState.Serving, Cancellation)).ShouldBeNull();

        (await gate.IsOpenAsync(Cancellation)).ShouldBeTrue();

        // As after a restore into another database: what is noted is of the one before.
        await product.Database.ExecuteAsync("update database_identity set database_oid = 1");
        (await gate.IsOpenAsync(Cancellation)).ShouldBeFalse("even before the next heartbeat");
        var node = Beats(connections);
        (await node.RunOnceAsync(NodeState.Serving, Cancellation)).ShouldBe(QuarantineReason.Copied);
        (await node.RunOnceAsync(NodeState.Serving, Cancellation)).ShouldBe(QuarantineReason.Copied, "it stands until a person ends it");
        (await product.Database.ScalarAsync<bool>("select remembers_until < quarantined_at from database_identity")).ShouldBeTrue();
        (await gate.IsOpenAsync(Cancellation)).ShouldBeFalse();

        var administrator = await product.Database.ScalarAsync<Guid>("select id from person where key = 'rafal-zdun'");
        (await ReleaseAsync(product, administrator, null)).Refusal.ShouldBeOfType<WayOnIsMissing>();
        var member = await product.Database.ScalarAsync<Guid>("select id from person where key = 'anna-nowak'");
        (await ReleaseAsync(product, member, ReleaseQuarantine.Send)).Refusal.ShouldBeOfType<ActIsNotYours>();
        (await ReleaseAsync(product, administrator, ReleaseQuarantine.Send)).Value.ShouldBe(0);

        (await gate.IsOpenAsync(Cancellation)).ShouldBeTrue();
        (await node.RunOnceAsync(NodeState.Serving, Cancellation)).ShouldBeNull();
        (await ReleaseAsync(product, administrator, ReleaseQuarantine.Send)).Refusal.ShouldBeOfType<NothingIsQuarantined>();
        (await product.Database.ScalarAsync<long>("select count(*) from history_entry where kind = 'quarantine_ended'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_database_that_remembers_less_than_a_node_has_seen_is_found_while_the_node_runs()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var connections = NpgsqlDataSource.Create(database.ConnectionString);
        var node = Beats(connections);
        (await node.RunOnceAsync(NodeState.Serving, Cancellation)).ShouldBeNull();
        (await node.RunOnceAsync(NodeState.Serving, Cancellation)).ShouldBeNull();

        await database.ExecuteAsync("update database_identity set beats = beats - 1");

        (await node.RunOnceAsync(NodeState.Serving, Cancellation)).ShouldBe(QuarantineReason.WentBack);
    }

    [Fact]
    public async Task Mail_that_waited_in_the_backup_is_held_and_mail_written_since_leaves()
    {
        await using var product = await TestProduct.CreateAsync();
        await using var connections = NpgsqlDataSource.Create(product.Database.ConnectionString);
        await product.Database.ExecuteAsync(
            "update programme_clock set offset_microseconds = extract(epoch from $1 - clock_timestamp()) * 1000000", product.Clock.GetUtcNow().ToUniversalTime());
        var before = await QueueAsync(product, "przed");
        (await BeginQuarantine.HandleAsync(product.Database.ConnectionString, Cancellation)).ShouldBeTrue();
        (await BeginQuarantine.HandleAsync(product.Database.ConnectionString, Cancellation)).ShouldBeFalse();
        product.Clock.Advance(TimeSpan.FromMinutes(10));
        var after = await QueueAsync(product, "po");

        var node = Beats(connections);
        (await node.RunOnceAsync(NodeState.Serving, Cancellation)).ShouldBe(QuarantineReason.Asked);
        var administrator = await product.Database.ScalarAsync<Guid>("select id from person where key = 'rafal-zdun'");
        (await ReleaseAsync(product, administrator, ReleaseQuarantine.Hold)).Value.ShouldBe((int)before);

        (await product.Database.ScalarAsync<long>(
            "select count(*) from outbox_message where state = 'ambiguous' and next_attempt_at is null and last_error = 'database_restored'"))
            .ShouldBe(before);
        var counts = await product.RunAsync<OutboxDispatcher, DispatchCounts>(outbox => outbox.RunOnceAsync(Cancellation));
        ((long)counts.Sent).ShouldBe(after);
    }

    private static Heartbeat Beats(NpgsqlDataSource connections) =>
        new(connections, new ThisNode(), new NodeGauges(), NullLogger<Heartbeat>.Instance);

    private static Task<Result<int>> ReleaseAsync(TestProduct product, Guid person, string? mail) =>
        product.RunAsync<ReleaseQuarantine, Result<int>>(release =>
            release.HandleAsync(new ReleaseQuarantine.Command(person, mail, null), Cancellation));

    /// <summary>Queues a mail for each administrator; how many there are.</summary>
    private static async Task<long> QueueAsync(TestProduct product, string occasion)
    {
        var before = await product.Database.ScalarAsync<long>("select count(*) from outbox_message");
        await product.InUnitOfWorkAsync<IServiceProvider, bool>(async services =>
        {
            var to = await services.GetRequiredService<Approval.People.Audience>().FindAsync([Approval.People.Audience.Administrators], null, Cancellation);
            await services.GetRequiredService<Outbox>().AddAsync(new WatchAlarm(Guid.CreateVersion7(product.Clock.GetUtcNow()), [new WatchAlarm.Silence("pass_silent", occasion, product.Clock.GetUtcNow())]), to, Cancellation);
            return true;
        });
        return await product.Database.ScalarAsync<long>("select count(*) from outbox_message") - before;
    }
}
