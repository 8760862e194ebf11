using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Audit;

/// <summary>Whatever the owner of the database does to the record is found, and its first bad row is named.</summary>
[Trait("Fault", "S61")]
public sealed class VerifyHistoryTests : IAsyncLifetime
{
    private const string First = "deliverable:pierwszy";
    private const string Second = "deliverable:drugi";
    private TestProduct product = null!;
    private HistoryForger forger = null!;

    /// <summary>Two documents with eight entries each, sealed after the fourth and after the eighth.</summary>
    public async ValueTask InitializeAsync()
    {
        product = await TestProduct.CreateAsync();
        forger = new HistoryForger(product.Database);
        for (var number = 1; number <= 8; number++)
        {
            await RecordAsync(First, number);
            await RecordAsync(Second, number);
            product.Clock.Advance(TimeSpan.FromMinutes(7));
            if (number % 4 == 0)
            {
                await SealAsync();
            }
        }
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task An_untouched_history_agrees_and_tells_how_much_is_not_sealed_yet()
    {
        await RecordAsync(First, 9);

        var report = await VerifyAsync();

        report.Findings.ShouldBeEmpty();
        report.SealsAreFromOutside.ShouldBeTrue();
        report.Seals.ShouldBe(2);
        report.Unsealed.ShouldBe(1);
        report.Entries.ShouldBe(await product.Database.ScalarAsync<long>("select count(*) from history_entry"));
    }

    [Fact]
    public async Task Nobody_changes_or_takes_away_an_entry_by_an_ordinary_statement()
    {
        foreach (var sql in new[]
        {
            "update history_entry set kind = 'x'", "delete from history_entry", "truncate history_entry", "delete from history_seal",
        })
        {
            (await Should.ThrowAsync<PostgresException>(() => product.Database.ExecuteAsync(sql))).SqlState.ShouldBe("PS010");
        }
    }

    [Fact]
    public async Task An_edited_entry_is_named()
    {
        await forger.ExecuteAsync($$"""update history_entry set details = '{"number":33}' where subject = '{{First}}' and seq = 3""");

        (await FoundAsync()).ShouldBe([new HistoryFinding(HistoryFindings.RowChanged, First, 3)]);
    }

    [Theory]
    [InlineData("actor_id = null")]
    [InlineData("at = at + interval '1 microsecond'")]
    [InlineData("kind = 'inny'")]
    [InlineData("id = '0193a000-0000-7000-8000-00000000000a'")]
    public async Task Every_field_of_an_entry_counts(string change)
    {
        await forger.ExecuteAsync($"update history_entry set {change} where subject = '{Second}' and seq = 2");

        (await FoundAsync()).ShouldBe([new HistoryFinding(HistoryFindings.RowChanged, Second, 2)]);
    }

    [Fact]
    public async Task An_edit_with_every_hash_after_it_made_anew_is_named_by_the_seal()
    {
        var rows = await forger.ReadAsync(First);
        rows[4] = rows[4] with { Details = """{"number":55}""" };
        await forger.ReplaceAsync(First, rows);

        (await FoundAsync()).ShouldBe([new HistoryFinding(HistoryFindings.DiffersFromSeal, First, 5)]);
        (await VerifyHistoryAsync(null)).Findings.ShouldBe([new HistoryFinding(HistoryFindings.DiffersFromSeal, First, 5)]);
    }

    [Fact]
    public async Task A_deleted_entry_is_named()
    {
        await forger.ExecuteAsync($"delete from history_entry where subject = '{First}' and seq = 4");

        (await FoundAsync()).ShouldBe([new HistoryFinding(HistoryFindings.RowMissing, First, 4)]);
    }

    [Fact]
    public async Task A_deletion_with_the_chain_made_anew_is_named()
    {
        var rows = await forger.ReadAsync(First);
        rows.RemoveAt(5);
        await forger.ReplaceAsync(First, rows);

        (await FoundAsync()).ShouldBe([new HistoryFinding(HistoryFindings.DiffersFromSeal, First, 6)]);
    }

    [Fact]
    public async Task Two_entries_in_each_others_place_are_named()
    {
        await forger.ExecuteAsync(
            $"update history_entry set seq = 100 where subject = '{First}' and seq = 2; update history_entry set seq = 2 where subject = '{First}' and seq = 3; "
            + $"update history_entry set seq = 3 where subject = '{First}' and seq = 100");
        (await FoundAsync()).ShouldBe([new HistoryFinding(HistoryFindings.RowChanged, First, 2)]);

        var rows = await forger.ReadAsync(Second);
        (rows[5], rows[6]) = (rows[6], rows[5]);
        await forger.ReplaceAsync(Second, rows);
        (await FoundAsync()).ShouldContain(new HistoryFinding(HistoryFindings.DiffersFromSeal, Second, 6));
    }

    [Fact]
    public async Task An_entry_slipped_in_backwards_is_named_in_the_middle_and_at_the_end()
    {
        var rows = await forger.ReadAsync(First);
        rows.Insert(2, rows[2] with { Id = Guid.CreateVersion7(rows[2].At) });
        await forger.ReplaceAsync(First, rows);

        var others = await forger.ReadAsync(Second);
        others.Add(others[^1] with { Id = Guid.CreateVersion7(others[^1].At), At = others[1].At });
        await forger.ReplaceAsync(Second, others);

        (await FoundAsync()).ShouldBe(
            [new HistoryFinding(HistoryFindings.BackDated, Second, 9), new HistoryFinding(HistoryFindings.DiffersFromSeal, First, 3)]);
    }

    [Fact]
    public async Task A_tail_cut_off_with_the_chains_end_corrected_is_named_by_the_seal_outside()
    {
        await forger.ReplaceAsync(First, (await forger.ReadAsync(First)).Take(6));

        (await FoundAsync()).ShouldBe([new HistoryFinding(HistoryFindings.TailCut, First, 7)]);
    }

    [Fact]
    public async Task A_chain_taken_out_whole_is_named()
    {
        await forger.ReplaceAsync(Second, []);

        (await FoundAsync()).ShouldBe([new HistoryFinding(HistoryFindings.RowMissing, Second, 1)]);
    }

    [Fact]
    public async Task Two_documents_with_each_others_history_are_both_named()
    {
        var (one, other) = (await forger.ReadAsync(First), await forger.ReadAsync(Second));
        await forger.ReplaceAsync(Second, []);
        await forger.ReplaceAsync(First, other);
        await forger.ReplaceAsync(Second, one);

        (await FoundAsync()).ShouldBe(
            [new HistoryFinding(HistoryFindings.DiffersFromSeal, Second, 1), new HistoryFinding(HistoryFindings.DiffersFromSeal, First, 1)]);
    }

    [Fact]
    public async Task Yesterdays_database_put_back_is_named_with_all_that_is_missing()
    {
        foreach (var subject in new[] { First, Second })
        {
            await forger.ReplaceAsync(subject, (await forger.ReadAsync(subject)).Take(4));
        }

        await forger.ExecuteAsync("delete from history_seal where number > 1");

        (await FoundAsync()).ShouldBe(
        [
            new HistoryFinding(HistoryFindings.SealsMissingInDatabase, "", 2),
            new HistoryFinding(HistoryFindings.TailCut, Second, 5),
            new HistoryFinding(HistoryFindings.TailCut, First, 5),
        ]);
    }

    [Fact]
    public async Task Seals_made_anew_inside_do_not_agree_with_those_outside()
    {
        var outside = Folder.Read();
        await forger.ReplaceAsync(First, (await forger.ReadAsync(First)).Take(6));
        await forger.ExecuteAsync("delete from history_seal; delete from history_sealed");
        product.Clock.Advance(TimeSpan.FromHours(1));
        await SealAsync();

        Folder.Read().ShouldBe(outside);
        (await FoundAsync()).ShouldBe(
            [new HistoryFinding(HistoryFindings.SealDiffers, "", 1), new HistoryFinding(HistoryFindings.TailCut, First, 7)]);
    }

    [Fact]
    public async Task A_changed_a_shortened_and_a_rearranged_file_of_seals_are_found()
    {
        var lines = Folder.Read();

        (await VerifyHistoryAsync([lines[0], lines[1].Replace("\"number\":2", "\"number\":2 ", StringComparison.Ordinal)])).Findings
            .ShouldContain(new HistoryFinding(HistoryFindings.SealDiffers, "", 2));
        (await VerifyHistoryAsync([lines[0].Replace(First, "deliverable:inny", StringComparison.Ordinal), lines[1]])).Findings
            .ShouldContain(new HistoryFinding(HistoryFindings.SealBroken, "", 2));
        (await VerifyHistoryAsync([lines[1], lines[0]])).Findings.ShouldContain(new HistoryFinding(HistoryFindings.SealBroken, "", 1));
        (await VerifyHistoryAsync([lines[0]])).Findings.ShouldContain(new HistoryFinding(HistoryFindings.SealsMissingInFolder, "", 2));
        (await VerifyHistoryAsync(["nic", lines[1]])).Findings.ShouldContain(new HistoryFinding(HistoryFindings.SealBroken, "", 1));
    }

    [Fact]
    public async Task A_line_that_a_dying_process_left_unfinished_harms_nothing()
    {
        var file = Path.Combine(Folder.Path, "history-seals.jsonl");
        var whole = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, whole[..^40], TestContext.Current.CancellationToken);

        // As the next process would: this one remembers what it has copied.
        await ActivatorUtilities.CreateInstance<SealHistory>(product.Services).RunOnceAsync(CancellationToken.None);

        (await FoundAsync()).ShouldBeEmpty();
        Folder.Read().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_seal_is_made_each_ten_minutes_when_something_is_new_and_each_hour_otherwise()
    {
        (await SealAsync()).ShouldBe(0);
        await RecordAsync(First, 9);
        (await SealAsync()).ShouldBe(0);
        product.Clock.Advance(SealHistory.Every);
        (await SealAsync()).ShouldBe(1);
        product.Clock.Advance(SealHistory.Every);
        (await SealAsync()).ShouldBe(0);
        Folder.Read().Count.ShouldBe(3);
        product.Clock.Advance(SealHistory.AtLeastEvery);
        (await SealAsync()).ShouldBe(0);

        Folder.Read().Count.ShouldBe(4);
        (await FoundAsync()).ShouldBeEmpty();
    }

    private SealFolder Folder => product.Services.GetRequiredService<SealFolder>();

    private Task<int> SealAsync() => product.Services.GetRequiredService<SealHistory>().RunOnceAsync(CancellationToken.None);

    private Task<HistoryReport> VerifyHistoryAsync(IReadOnlyList<string>? lines) =>
        product.Services.GetRequiredService<VerifyHistory>().HandleAsync(lines, CancellationToken.None);

    private Task<HistoryReport> VerifyAsync() => VerifyHistoryAsync(Folder.Read());

    private async Task<IReadOnlyList<HistoryFinding>> FoundAsync() => (await VerifyAsync()).Findings;

    private async Task RecordAsync(string subject, int number)
    {
        var actor = await product.PersonAsync("anna-nowak");
        await product.InUnitOfWorkAsync<AuditTrail, int>(audit =>
        {
            audit.Record(subject, "revision_submitted", new Actor(actor), new { number });
            return Task.FromResult(0);
        });
    }
}
