using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Deadlines.Amendments;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Deadlines;

/// <summary>S10: on 25 November 2013 „Aneks nr 3” moves the indicator of Task 2 from the end of 2013 to the end of March 2014.</summary>
public sealed class AmendmentTests : IAsyncLifetime
{
    private const string Indicator = "z2-przeszkoleni-termin";
    private const string Report = "z2-sprawozdanie-koncowe-termin";

    private const string Waiting =
        """
        {"id":"wait-v1","definitionId":"wait","version":1,"name":"wait","root":{"id":"flow","type":"Elsa.Sequence","version":1,"activities":[
          {"id":"day","type":"ProcesStandardu.WaitForDate","version":1,"deadlineKey":"z2-przeszkoleni-termin","moment":"end_of_day"},
          {"id":"over","type":"ProcesStandardu.WatchDeadline","version":1,"deadlineKey":"z2-sprawozdanie-koncowe-termin"}]}}
        """;

    private TestProduct product = null!;

    public async ValueTask InitializeAsync()
    {
        product = await TestProduct.CreateAsync();
        product.Clock.SetTo(TestClock.InWarsaw(2013, 11, 25, 10));

        // It follows from the indicator backwards, ended last Friday and is over.
        await product.Database.ExecuteAsync(
            """
            insert into deadline (key, title, subject, due_on, precision, due_at, source, is_demo, rule_base_key, rule_days)
            values ('z2-lista-szkolen', 'Lista szkoleń', 'deliverable:z2-sprawozdanie-koncowe', '2013-11-22', 'day', '2013-11-22T23:00:00Z',
              'R000', true, 'z2-przeszkoleni-termin', -26)
            """);
        await DrainAsync();
        await product.Database.ExecuteAsync("delete from outbox_message");
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    [Trait("Scenario", "S10")]
    public async Task A_deadline_moves_by_a_document_a_preview_and_a_second_person()
    {
        await product.PublishAsync(Waiting);
        var instance = (await product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "wait" })).InstanceId;
        var id = (await DraftAsync(new DateOnly(2014, 3, 31))).Value;
        var shown = await ShowAsync(id, "joanna-cicha");

        shown.Preview.Deadlines.Select(row => (row.Key, row.From, row.To)).ShouldBe(
        [
            (Indicator, new DateOnly(2013, 12, 31), new DateOnly(2014, 3, 31)),
            ("z2-upowszechniania-koniec", new DateOnly(2013, 12, 31), new DateOnly(2014, 3, 31)),
            (Report, new DateOnly(2014, 1, 16), new DateOnly(2014, 4, 14)),
        ]);
        shown.Preview.Phases.ShouldHaveSingleItem().ShouldBe(
            new("z2-upowszechniania", shown.Preview.Phases[0].Title, new DateOnly(2013, 12, 31), new DateOnly(2014, 3, 31)));
        shown.Preview.Ballots.ShouldHaveSingleItem().LatestNotice.ShouldBe(new DateOnly(2014, 4, 23));
        shown.Preview.Ballots[0].ClosesOn.ShouldBe(new DateOnly(2014, 4, 30));
        shown.Preview.Warnings.ShouldContain(row => row.Kind == "days_left" && row.Days == 11);
        shown.Preview.Warnings.ShouldContain(row => row.Kind == "stays_passed" && row.Title == "Lista szkoleń");
        shown.Preview.Reminders.Count(row => row.DeadlineKey == Report && row.IsNew).ShouldBe(4);
        shown.Preview.Reminders.Count(row => row.DeadlineKey == Report && !row.IsNew).ShouldBe(4);
        shown.Preview.Mails.Count.ShouldBe(7);
        (await CountAsync("select count(*) from outbox_message")).ShouldBe(0);
        (await DecideAsync("rafal-zdun", id)).Refusal.ShouldBeOfType<AmendmentIsNotOpen>();

        await product.RunAsync<ProposeAmendment, Result<Done>>(async propose =>
            await propose.HandleAsync(new(await product.PersonAsync("joanna-cicha"), id, "p"), CancellationToken.None));
        (await DecideAsync("joanna-cicha", id)).Refusal.ShouldBeOfType<SecondPersonIsNeeded>();
        (await CountAsync("select count(*) from outbox_message")).ShouldBe(0);

        var approved = await DecideAsync("rafal-zdun", id);
        approved.Value.ShouldBe(new ApproveAmendment.Approved(3, 7, 1));
        (await DecideAsync("rafal-zdun", id)).Value.ShouldBe(approved.Value);

        var sent = await MailsAsync();
        sent.OrderBy(mail => mail.PersonId).ShouldBe(shown.Preview.Mails.OrderBy(mail => mail.PersonId)
            .Select(mail => (mail.PersonId, mail.Subject, mail.Text)));

        // They reach a real server that is busy, greylists and cuts after the final dot: each person has the previewed mail.
        await using (var post = await Notifications.RealPost.OpenAsync(product))
        {
            await post.Sink.BehaveAsync(new SinkBehaviour { Busy = 1, Greylist = 3, CutAfterDot = 2 });
            await post.DrainAsync();
            await post.ProveAsync();
            (await post.Sink.MailsAsync()).Select(mail => mail.Recipients.Single()).Distinct().Count().ShouldBe(7);
        }

        // Nothing was run, nothing that is over came back; both waits know the new time.
        (await product.Database.ScalarAsync<DateTime>("select due_at from workflow_bookmark where instance_id = $1", instance))
            .ShouldBe(new DateTime(2014, 3, 31, 22, 0, 0, DateTimeKind.Utc));
        (await product.Database.ScalarAsync<string>("select state from deadline where key = 'z2-lista-szkolen'")).ShouldBe("passed");
        (await ShowDeadlineAsync(Indicator, new DateOnly(2013, 11, 20))).AsOf!.DueOn.ShouldBe(new DateOnly(2013, 12, 31));
        var chain = (await ShowDeadlineAsync(Indicator, null)).Chain;
        chain.Select(link => (link.Source, link.AmendmentNumber)).ShouldBe([("S003", null), ("S003", "3")]);

        // The next import finds the programme's files and leaves what the agreement says now.
        await product.RunAsync<ImportProgramme, ImportCounts>(import =>
            import.HandleAsync(new ImportProgramme.Command(DataFolder.Shipped, IncludesDemo: true), CancellationToken.None));
        (await CountAsync("select count(*) from deadline where key = 'z2-przeszkoleni-termin' and due_on = '2014-03-31'")).ShouldBe(1);
        (await CountAsync("select count(*) from phase where key = 'z2-upowszechniania' and ends_on = '2014-03-31'")).ShouldBe(1);

        await AtAsync(2014, 1, 1);
        await AtAsync(2014, 3, 31, 23, 59, 59);
        (await CountAsync("select count(*) from deadline where key = 'z2-przeszkoleni-termin' and state = 'pending'")).ShouldBe(1);
        await AtAsync(2014, 4, 1);
        (await CountAsync("select count(*) from deadline where key = 'z2-przeszkoleni-termin' and state = 'passed'")).ShouldBe(1);
        await AtAsync(2014, 4, 15);
        (await CountAsync("select count(*) from workflow_instance where definition_id = 'wait' and status = 'finished'")).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "S10")]
    public async Task A_date_after_the_programmes_end_is_not_allowed_without_changing_that_end()
    {
        var refused = (await DraftAsync(new DateOnly(2014, 5, 15))).Refusal.ShouldBeOfType<ProgrammeEndExceeded>();
        refused.End.ShouldBe(new DateOnly(2014, 4, 30));
        (await CountAsync("select count(*) from agreement_amendment")).ShouldBe(0);

        var both = await DraftAsync(new DateOnly(2014, 5, 15), ("program-koniec", new DateOnly(2014, 6, 30)));
        (await ShowAsync(both.Value, "joanna-cicha")).Preview.Deadlines.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Without_its_document_no_date_is_changed()
    {
        (await DraftAsync(new DateOnly(2014, 3, 31), file: null)).Refusal.ShouldBeOfType<AmendmentNeedsItsDocument>();
        (await DraftAsync(new DateOnly(2014, 3, 31), person: "beata-rzeka")).Refusal.ShouldBeOfType<ActIsNotYours>();
        (await DraftAsync(new DateOnly(2013, 11, 24))).Refusal.ShouldBeOfType<NewDateIsOver>();
    }

    [Fact]
    public async Task When_something_changed_since_the_preview_nothing_happens_and_the_difference_is_said()
    {
        var id = (await DraftAsync(new DateOnly(2014, 3, 31))).Value;
        await product.RunAsync<ProposeAmendment, Result<Done>>(async propose =>
            await propose.HandleAsync(new(await product.PersonAsync("joanna-cicha"), id, "p"), CancellationToken.None));
        await product.Database.ExecuteAsync(
            "update person set is_active = false where key = 'krystyna-jasna'");
        var refused = (await DecideAsync("rafal-zdun", id)).Refusal.ShouldBeOfType<ImpactHasChanged>();
        refused.Differences.ShouldStartWith("− Krystyna Jasna");
        (await CountAsync("select count(*) from outbox_message")).ShouldBe(0);
        (await CountAsync("select count(*) from deadline where key = 'z2-przeszkoleni-termin' and due_on = '2013-12-31'")).ShouldBe(1);

        (await product.RunAsync<RejectAmendment, Result<Done>>(async reject =>
            await reject.HandleAsync(new(await product.PersonAsync("rafal-zdun"), id, "r"), CancellationToken.None))).Succeeded.ShouldBeTrue();
        (await DecideAsync("rafal-zdun", id, "again")).Refusal.ShouldBeOfType<AmendmentIsNotOpen>();
    }

    [Fact]
    public async Task No_statement_changes_a_date_without_leaving_the_one_before()
    {
        await product.Database.ExecuteAsync("update deadline set due_on = '2014-02-03', due_at = '2014-02-03T23:00:00Z' where key = 'z2-rekomendacje-termin'");
        (await ShowDeadlineAsync("z2-rekomendacje-termin", null)).Chain.Select(link => link.DueOn)
            .ShouldBe([new DateOnly(2014, 2, 28), new DateOnly(2014, 2, 3)]);
        await Should.ThrowAsync<Npgsql.PostgresException>(() => product.Database.ExecuteAsync("update deadline_date set due_on = '2014-01-01'"));
    }

    private async Task<Result<Guid>> DraftAsync(
        DateOnly to, (string Key, DateOnly To)? more = null, string? file = "aneks-3.docx", string person = "joanna-cicha")
    {
        var id = await product.PersonAsync(person);
        await using var content = new MemoryStream(TestFiles.Docx("Aneks nr 3"));
        return await product.RunAsync<DraftAmendment, Result<Guid>>(draft => draft.HandleAsync(
            new DraftAmendment.Command(
                id, "3", new DateOnly(2013, 11, 22), file is null ? null : content, file, null,
                [new(Indicator, to), .. more is { } other ? [new KeyValuePair<string, DateOnly>(other.Key, other.To)] : Array.Empty<KeyValuePair<string, DateOnly>>()],
                null),
            CancellationToken.None));
    }

    private async Task<Result<ApproveAmendment.Approved>> DecideAsync(string person, Guid amendment, string key = "d")
    {
        var id = await product.PersonAsync(person);
        return await product.RunAsync<ApproveAmendment, Result<ApproveAmendment.Approved>>(approve =>
            approve.HandleAsync(new(id, amendment, key), CancellationToken.None));
    }

    private async Task<ShowAmendment.View> ShowAsync(Guid id, string person)
    {
        var who = await product.PersonAsync(person);
        return (await product.RunAsync<ShowAmendment, Result<ShowAmendment.View>>(show =>
            show.HandleAsync(new(id, who), CancellationToken.None))).Value;
    }

    private async Task<ShowDeadline.View> ShowDeadlineAsync(string key, DateOnly? asOf)
    {
        var who = await product.PersonAsync("krystyna-jasna");
        return (await product.RunAsync<ShowDeadline, Result<ShowDeadline.View>>(show =>
            show.HandleAsync(new(key, who, asOf), CancellationToken.None))).Value;
    }

    private async Task<List<(Guid PersonId, string Subject, string Text)>> MailsAsync() =>
        await product.InUnitOfWorkAsync(db => Task.FromResult(db.OutboxMessages.ToList()
            .Select(mail => (mail.RecipientPersonId, mail.Subject, MimeReader.Read(mail.Bytes).Text)).ToList()));

    private Task<long> CountAsync(string sql) => product.Database.ScalarAsync<long>(sql);

    private async Task AtAsync(int year, int month, int day, int hour = 0, int minute = 0, int second = 0)
    {
        product.Clock.SetTo(TestClock.InWarsaw(year, month, day, hour, minute, second));
        await DrainAsync();
    }

    private async Task DrainAsync() => await Approval.Time.Passes.RunAllDueAsync(product.Services, CancellationToken.None);
}
