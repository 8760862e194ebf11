using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Refusals;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class OutboxPagesTests
{
    [Fact]
    public async Task The_page_tells_how_the_mail_fares()
    {
        await using var room = await PostRoom.OpenAsync();
        var rafal = await AddAdministratorAsync(room);
        await room.QueueAsync(Some.Notice(), await room.AddPeopleAsync(3));
        room.Mailbox.Decide = (mail, _) => Task.FromResult<SendOutcome>(mail.Recipient.Value[..8] switch
        {
            "osoba-01" => new SendOutcome.Accepted(),
            "osoba-02" => new SendOutcome.PermanentFailure("550 No such mailbox"),
            _ => new SendOutcome.TemporaryFailure("450 later"),
        });
        await room.RunAsync();
        var sentAt = room.Clock.GetUtcNow();
        room.Clock.Advance(TimeSpan.FromMinutes(40));

        var view = (await ShowAsync(room, new ShowOutbox.Query(rafal))).Value;

        view.Counts.Where(count => count.Value > 0).ShouldBe(
            [new(MailState.Retry, 1), new(MailState.Dead, 1), new(MailState.Sent, 1)], ignoreOrder: true);
        view.Counts.Count.ShouldBe(MailState.All.Count);
        (view.Waiting, view.OldestWaitingFor, view.LastSentAt, view.WaitingBecause)
            .ShouldBe((1, TimeSpan.FromMinutes(40), sentAt, "450 later"));
        view.Rows.Select(row => row.Recipient).ShouldBe(["osoba-03", "osoba-02", "osoba-01"]);
        view.HasMore.ShouldBeFalse();

        (await ShowAsync(room, new ShowOutbox.Query(rafal, MailState.Dead))).Value.Rows.Single().LastError.ShouldBe("550 No such mailbox");
        (await ShowAsync(room, new ShowOutbox.Query(rafal, "no_such_state"))).Value.Rows.ShouldBeEmpty();
        (await ShowAsync(room, new ShowOutbox.Query(rafal, null, -5))).Value.Rows.Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_mails_are_for_those_who_keep_the_outbox()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        await room.QueueAsync(Some.Notice(), anna);
        var mail = await room.OnlyMailAsync();
        await using var work = room.Work();
        var rights = new Rights(work, room.Clock);
        var cancellation = TestContext.Current.CancellationToken;

        (await ShowAsync(room, new ShowOutbox.Query(anna))).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await new ShowMail(work, rights).HandleAsync(new ShowMail.Query(anna, mail.Id), cancellation)).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await room.RetryIn(work).HandleAsync(new RetryMail.Command(anna, mail.Id), cancellation)).Refusal.ShouldBe(new NotFoundOrNotYours());

        var rafal = await AddAdministratorAsync(room);
        var view = (await new ShowMail(work, rights).HandleAsync(new ShowMail.Query(rafal, mail.Id), cancellation)).Value;
        view.Headers.Select(header => header.Key).ShouldContain("Message-ID");
        view.Text.ShouldContain("Pierwszy akapit.");
        view.Html.ShouldContain("<p>Drugi akapit.</p>");
        view.MayRetry.ShouldBeFalse();
        (await new ShowMail(work, rights).HandleAsync(new ShowMail.Query(rafal, anna), cancellation)).Refusal.ShouldBe(new NotFoundOrNotYours());
    }

    [Fact]
    public async Task A_dead_mail_is_sent_again_on_request_once_and_the_history_says_who()
    {
        await using var room = await PostRoom.OpenAsync();
        var rafal = await AddAdministratorAsync(room);
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        room.Mailbox.AlwaysEndsWith(new SendOutcome.PermanentFailure("550"));
        await room.RunAsync();
        var mail = await room.OnlyMailAsync();

        (await RetryAsync(room, rafal, mail.Id, "form-1")).Value.ShouldBe(mail.Id);
        (await RetryAsync(room, rafal, mail.Id, "form-1")).Value.ShouldBe(mail.Id);
        (await RetryAsync(room, rafal, mail.Id, "form-2")).Value.ShouldBe(mail.Id);

        room.Mailbox.AlwaysEndsWith(new SendOutcome.Accepted());
        (await room.RunAsync()).Sent.ShouldBe(1);
        (await RetryAsync(room, rafal, mail.Id, "form-3")).Refusal.ShouldBe(new MailIsNotRetryable());
        (await room.HistoryAsync()).ShouldBe(["mail_died", "mail_retried", "mail_retried"], ignoreOrder: true);
        room.Mailbox.Received.Select(left => Convert.ToHexString(left.Bytes.Span)).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "S4")]
    public async Task A_bounced_mail_goes_to_the_corrected_address()
    {
        await using var room = await PostRoom.OpenAsync();
        var rafal = await AddAdministratorAsync(room);
        var adam = await room.AddPersonAsync("adam-lis");
        await room.QueueAsync(Some.Notice(), adam);
        room.Mailbox.AlwaysEndsWith(new SendOutcome.PermanentFailure("550 No such mailbox"));
        await room.RunAsync();
        var dead = await room.OnlyMailAsync();
        await room.ExecuteAsync("update person set email = 'lis@barka.example' where key = 'adam-lis'");
        room.Mailbox.AlwaysEndsWith(new SendOutcome.Accepted());

        var replacement = (await RetryAsync(room, rafal, dead.Id)).Value;

        replacement.ShouldNotBe(dead.Id);
        (await room.RunAsync()).ShouldBe(new DispatchCounts { Sent = 1 });
        room.Mailbox.Received[^1].Recipient.Value.ShouldBe("lis@barka.example");
        (await room.MailsAsync()).Select(mail => mail.State).ShouldBe([MailState.Suppressed, MailState.Sent]);
        (await room.HistoryAsync()).ShouldBe(["mail_died", "mail_readdressed"], ignoreOrder: true);

        await room.ExecuteAsync("update outbox_message set state = 'dead', sent_at = null, last_error = '550' where state = 'sent'");
        await room.ExecuteAsync("update person set email = 'lis@barka' || chr(10) where key = 'adam-lis'");
        (await RetryAsync(room, rafal, replacement)).Refusal.ShouldBe(new RecipientAddressIsUnusable());
        await room.ExecuteAsync("update person set is_active = false where key = 'adam-lis'");
        (await RetryAsync(room, rafal, replacement)).Refusal.ShouldBe(new RecipientHasLeft());
    }

    [Fact]
    public async Task A_mail_left_uncertain_twice_gets_one_more_try_on_request()
    {
        await using var room = await PostRoom.OpenAsync();
        var rafal = await AddAdministratorAsync(room);
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        room.Mailbox.AlwaysEndsWith(new SendOutcome.Ambiguous("cut"));
        await room.RunAsync();
        room.Clock.Advance(TimeSpan.FromHours(1));
        await room.RunAsync();
        var mail = await room.OnlyMailAsync();

        (await RetryAsync(room, rafal, mail.Id)).Succeeded.ShouldBeTrue();
        (await room.RunAsync()).Ambiguous.ShouldBe(1);
        room.Clock.Advance(TimeSpan.FromDays(2));
        (await room.RunAsync()).ShouldBe(default);

        (await room.OnlyMailAsync()).AmbiguousEnds.ShouldBe(2);
        room.Mailbox.Received.Count.ShouldBe(3);
    }

    private static async Task<Guid> AddAdministratorAsync(PostRoom room)
    {
        var id = await room.AddPersonAsync("rafal-zdun");
        await room.ExecuteAsync(
            "insert into role_assignment (person_id, role, scope, valid_from) values ($1, 'administrator', 'programme', '2009-01-01')", id);
        return id;
    }

    private static async Task<Result<ShowOutbox.View>> ShowAsync(PostRoom room, ShowOutbox.Query query)
    {
        await using var work = room.Work();
        return await new ShowOutbox(work, new Rights(work, room.Clock), room.Clock)
            .HandleAsync(query, TestContext.Current.CancellationToken);
    }

    private static async Task<Result<Guid>> RetryAsync(PostRoom room, Guid person, Guid mail, string? formKey = null)
    {
        await using var work = room.Work();
        return await room.RetryIn(work).HandleAsync(new RetryMail.Command(person, mail, formKey), TestContext.Current.CancellationToken);
    }
}
