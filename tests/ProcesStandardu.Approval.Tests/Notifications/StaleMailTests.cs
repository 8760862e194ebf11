using ProcesStandardu.Approval.Notifications;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

/// <summary>Mails that stop being true between the moment they are queued and the moment they would leave.</summary>
[Trait("Fault", "S45")]
public sealed class StaleMailTests
{
    private static readonly Guid Ballot = Guid.Parse("0198c5a0-0000-7000-8000-000000000001");

    [Fact]
    public async Task A_reminder_does_not_reach_one_who_has_voted_meanwhile()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        var jerzy = await room.AddPersonAsync("jerzy-kalina");
        await OpenBallotAsync(room, anna, jerzy);
        await room.QueueAsync(new BallotReminder(Some.Ballot(Ballot), "T-2"), anna, jerzy);
        await VoteAsync(room, anna);

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Sent = 1, Suppressed = 1 });

        room.Mailbox.Received.Single().Recipient.Value.ShouldBe("jerzy-kalina@forum.example");
        var mails = await room.MailsAsync();
        (mails[0].State, mails[0].LastError).ShouldBe((MailState.Suppressed, MailReasons.RecipientHasVoted));
    }

    [Fact]
    public async Task A_reminder_waiting_for_another_try_is_asked_again()
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        await OpenBallotAsync(room, anna);
        await room.QueueAsync(new BallotReminder(Some.Ballot(Ballot), "T-2"), anna);
        room.Mailbox.AlwaysEndsWith(new SendOutcome.TemporaryFailure("450"));
        await room.RunAsync();
        await VoteAsync(room, anna);
        room.Clock.Advance(TimeSpan.FromHours(1));

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Suppressed = 1 });
        room.Mailbox.Received.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("update ballot set state = 'closed', outcome = 'inquorate', close_reason = 'deadline', closed_at = due_at")]
    [InlineData("update ballot set due_at = noticed_at + interval '1 second'")]
    [InlineData("delete from ballot")]
    [Trait("Fault", "S44")]
    public async Task A_notice_or_reminder_of_a_ballot_that_is_over_does_not_leave(string change)
    {
        await using var room = await PostRoom.OpenAsync();
        var anna = await room.AddPersonAsync("anna-nowak");
        await OpenBallotAsync(room, anna);
        await room.QueueAsync(new BallotReminder(Some.Ballot(Ballot), "T-1"), anna);
        await room.QueueAsync(new BallotNotice(Some.Ballot(Ballot)), anna);
        await WithoutForeignKeysAsync(room, change);
        room.Clock.Advance(TimeSpan.FromMinutes(1));

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Suppressed = 2 });
        (await room.MailsAsync()).ShouldAllBe(mail => mail.LastError == MailReasons.BallotIsClosed);
    }

    [Fact]
    public async Task A_deliverable_that_came_in_is_not_asked_for()
    {
        await using var room = await PostRoom.OpenAsync();
        var marek = await room.AddPersonAsync("marek-pole");
        await WithoutForeignKeysAsync(
            room,
            """
            insert into deliverable (key, title, task_key, kind, expected_file_kinds)
            values ('osl-prawo', 'Propozycje', 'osl', 'legal_proposals', '{docx}')
            """);
        await room.QueueAsync(new DeliverableRequested("osl-prawo", "Propozycje", null, "w1"), marek);
        (await room.RunAsync()).Sent.ShouldBe(1);

        await room.QueueAsync(new DeliverableRequested("osl-prawo", "Propozycje", null, "w2"), marek);
        room.Clock.Advance(TimeSpan.FromMinutes(1));
        await WithoutForeignKeysAsync(
            room,
            $"""
            insert into revision (id, deliverable_key, major, minor, status, change_kind, summary, change_list, submitted_by_id, submitted_at, file_id)
            values ('{Ballot}', 'osl-prawo', 0, 1, 'submitted', 'material', 'opis', 'wykaz', '{marek}', '{room.Clock.GetUtcNow():O}', '{Ballot}')
            """);
        (await room.RunAsync()).ShouldBe(new DispatchCounts { Suppressed = 1 });

        // Asked for again after that revision, for example because the board did not adopt it.
        room.Clock.Advance(TimeSpan.FromMinutes(1));
        await room.QueueAsync(new DeliverableRequested("osl-prawo", "Propozycje", null, "w3"), marek);
        (await room.RunAsync()).ShouldBe(new DispatchCounts { Sent = 1 });
    }

    [Theory]
    [InlineData("select 1", true)]
    [InlineData("update deadline set state = 'met', met_at = now()", false)]
    [InlineData("update deadline set due_on = '2012-12-14', due_at = '2012-12-14T23:00:00Z'", false)]
    [Trait("Fault", "S44")]
    public async Task A_reminder_leaves_only_while_its_deadline_runs_on_that_date(string change, bool leaves)
    {
        await using var room = await PostRoom.OpenAsync();
        var marek = await room.AddPersonAsync("marek-pole");
        await WithoutForeignKeysAsync(
            room,
            """
            insert into deadline (key, title, subject, due_on, precision, zone, due_at, source, state, is_demo)
            values ('osl-prawo', 'Propozycje', 'deliverable:osl-prawo', '2012-11-30', 'day', 'Europe/Warsaw', '2012-11-30T23:00:00Z', 'S002', 'pending', false)
            """);
        var deadline = new DeadlineCase(
            "osl-prawo", "Propozycje", "deliverable:osl-prawo", new DateOnly(2012, 11, 30), SitePaths.Deliverable("osl-prawo"));
        await room.QueueAsync(new DeadlineReminder(deadline, "T-14"), marek);
        await WithoutForeignKeysAsync(room, change);

        (await room.RunAsync()).ShouldBe(leaves ? new DispatchCounts { Sent = 1 } : new DispatchCounts { Suppressed = 1 });
    }

    [Fact]
    public async Task A_person_who_left_gets_no_more_mail()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        await room.ExecuteAsync("update person set is_active = false");

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Suppressed = 1 });
        (await room.OnlyMailAsync()).LastError.ShouldBe(MailReasons.RecipientHasLeft);
    }

    [Fact]
    public async Task A_person_who_moved_gets_the_mail_at_the_new_address_and_only_there()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        await room.ExecuteAsync("update person set email = 'nowa@forum.example'");

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Sent = 1, Suppressed = 1 });

        var left = room.Mailbox.Received.Single();
        left.Recipient.Value.ShouldBe("nowa@forum.example");
        var mails = await room.MailsAsync();
        mails.Select(mail => (mail.State, mail.LastError)).ShouldBe(
            [(MailState.Suppressed, MailReasons.AddressHasChanged), (MailState.Sent, null)]);
        var (old, now) = (MimeReader.Read(mails[0].Bytes), MimeReader.Read(mails[1].Bytes));
        (now.Text, now.Html, now.Header("References")).ShouldBe((old.Text, old.Html, old.Header("References")));
        mails[1].MessageId.ShouldNotBe(mails[0].MessageId);
    }

    [Fact]
    public async Task After_an_uncertain_end_the_same_bytes_go_to_the_same_address()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        room.Mailbox.AlwaysEndsWith(new SendOutcome.Ambiguous("cut"));
        await room.RunAsync();
        await room.ExecuteAsync("update person set email = 'nowa@forum.example'");
        room.Clock.Advance(room.Options.AmbiguousPause);

        await room.RunAsync();

        room.Mailbox.Received.Select(left => left.Recipient.Value).ShouldBe(["anna-nowak@forum.example", "anna-nowak@forum.example"]);
    }

    private static async Task OpenBallotAsync(PostRoom room, params Guid[] electors)
    {
        await WithoutForeignKeysAsync(
            room,
            $"""
            insert into ballot (id, number, body_key, rules_version, deliverable_key, revision_id, title, state, closes_when_all_voted, noticed_at, due_on, due_at)
            values ('{Ballot}', 'G-2012/08', 'zd', 1, 'osl-prawo', '{Ballot}', 'Propozycje', 'open', false, '2012-11-05T08:00:00+01', '2012-11-12', '2012-11-13T00:00:00+01')
            """);
        foreach (var elector in electors)
        {
            await WithoutForeignKeysAsync(
                room,
                $"insert into ballot_elector (ballot_id, person_id, position, ordinal) values ('{Ballot}', '{elector}', 'member', 1)");
        }
    }

    private static Task VoteAsync(PostRoom room, Guid elector) => WithoutForeignKeysAsync(
        room,
        $"""
        insert into ballot_position (id, ballot_id, elector_id, cast_by_id, kind, revision_id, content_hash, cast_at)
        values ('{Guid.CreateVersion7(room.Clock.GetUtcNow())}', '{Ballot}', '{elector}', '{elector}', 'in_favour', '{Ballot}', sha256(''), '2012-11-06T08:00:00+01')
        """);

    /// <summary>The rows around a ballot do not matter here; its own checks still hold.</summary>
    private static Task WithoutForeignKeysAsync(PostRoom room, string sql) =>
        room.ExecuteAsync($"do $do$ begin set local session_replication_role = replica; {(sql.StartsWith("select", StringComparison.Ordinal) ? "perform 1" : sql)}; end $do$");
}
