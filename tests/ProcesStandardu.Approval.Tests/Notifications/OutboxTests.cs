using ProcesStandardu.Approval.Notifications;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class OutboxTests
{
    [Fact]
    public async Task A_mail_is_finished_when_it_is_queued()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak", name: "Anna Nowak");

        (await room.QueueAsync(new BallotNotice(Some.Ballot(Guid.Parse("0198c5a0-0000-7000-8000-000000000001"))), anna)).ShouldBe(1);

        var mail = await room.OnlyMailAsync();
        mail.State.ShouldBe(MailState.Pending);
        mail.NextAttemptAt.ShouldBe(room.Clock.GetUtcNow());
        mail.MessageId.ShouldBe($"<{mail.Id:N}@rada.example>");
        mail.Subject.ShouldBe("Zagłosuj do 12.11 23:59: G-2012/08 Propozycje rozwiązań pra…");
        var read = MimeReader.Read(mail.Bytes);
        read.Header("To").ShouldBe("Anna Nowak <anna-nowak@forum.example>");
        read.Header("Subject").ShouldBe(mail.Subject);
        read.Header("Message-ID").ShouldBe(mail.MessageId);
        read.Header("Date").ShouldBe("Mon, 05 Nov 2012 08:00:00 +0100");
        read.Text.ShouldContain("Koniec głosowania: poniedziałek, 12 listopada 2012, 23:59 (czasu polskiego)");
        read.Text.ShouldContain("https://proces.example/glosowania/0198c5a0-0000-7000-8000-000000000001");
        read.Html.ShouldContain("<html lang=\"pl\">");
        read.Html.ShouldContain("href=\"https://proces.example/glosowania/0198c5a0-0000-7000-8000-000000000001\"");
    }

    [Fact]
    public async Task Each_recipient_reads_his_own_language()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        var john = await room.AddPersonAsync("john", language: "en");

        await room.QueueAsync(new BallotNotice(Some.Ballot(Guid.CreateVersion7(room.Clock.GetUtcNow()))), anna, john);

        var mails = await room.MailsAsync();
        MimeReader.Read(mails.Single(mail => mail.RecipientPersonId == anna).Bytes).Text.ShouldContain("Zawiadomienie o głosowaniu");
        var english = MimeReader.Read(mails.Single(mail => mail.RecipientPersonId == john).Bytes);
        english.Header("Content-Language").ShouldBe("en");
        english.Text.ShouldContain("Voting ends: Monday, 12 November 2012, 23:59 (Polish time)");
        english.Header("Subject")!.ShouldStartWith("Vote by 12 Nov 23:59: G-2012/08");
    }

    [Fact]
    [Trait("Fault", "S42")]
    public async Task The_same_mail_is_queued_once_for_a_person_however_often_it_is_added()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        var jerzy = await room.AddPersonAsync("jerzy-kalina");

        (await room.QueueAsync(Some.Notice(), anna, anna)).ShouldBe(1);
        (await room.QueueAsync(Some.Notice(), anna, jerzy)).ShouldBe(1);
        (await room.QueueAsync(Some.Notice("2"), anna)).ShouldBe(1);

        (await room.MailsAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Twenty_transactions_that_add_the_same_mail_at_once_add_one()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");

        var added = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => room.QueueAsync(Some.Notice(), anna)));

        added.Sum().ShouldBe(1);
        (await room.MailsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_act_that_is_not_committed_sends_nothing()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        await using var work = room.Work();

        await Should.ThrowAsync<InvalidOperationException>(() => work.RunAsync<int>(
            async _ =>
            {
                await room.OutboxIn(work).AddAsync(Some.Notice(), anna, TestContext.Current.CancellationToken);
                throw new InvalidOperationException("The act fails.");
            },
            TestContext.Current.CancellationToken));

        (await room.MailsAsync()).ShouldBeEmpty();
        await Should.ThrowAsync<InvalidOperationException>(
            () => room.OutboxIn(work).AddAsync(Some.Notice(), anna, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_who_has_left_gets_nothing()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        await room.ExecuteAsync("update person set is_active = false");

        (await room.QueueAsync(Some.Notice(), anna, Guid.CreateVersion7(room.Clock.GetUtcNow()))).ShouldBe(0);
        (await room.QueueAsync(Some.Notice())).ShouldBe(0);
    }

    [Fact]
    public async Task An_address_that_cannot_be_used_does_not_stop_the_act_and_is_seen()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak", "anna@example.org\r\nRCPT TO:<x@example.org>");

        (await room.QueueAsync(Some.Notice(), anna)).ShouldBe(1);

        var mail = await room.OnlyMailAsync();
        (mail.State, mail.LastError).ShouldBe((MailState.Dead, MailReasons.AddressIsUnusable));
        MimeReader.Read(mail.Bytes).Header("To").ShouldBe("undisclosed-recipients:;");
        (await room.RunAsync()).ShouldBe(default);
        room.Mailbox.Received.ShouldBeEmpty();
    }
}
