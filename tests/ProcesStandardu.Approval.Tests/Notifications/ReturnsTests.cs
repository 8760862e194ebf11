using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Notifications.Bounces;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

/// <summary>Mails that come back: read from a mailbox file, one task for the secretary, and sent again where the address is corrected.</summary>
[Trait("Fault", "S43")]
public sealed class ReturnsTests
{
    [Theory]
    [InlineData("failed", "5.1.1", true)]
    [InlineData("Failed", "4.4.7", true)]
    [InlineData("delayed", "4.4.1", false)]
    [InlineData("delivered", "2.0.0", false)]
    public void A_report_says_whether_the_mail_will_arrive(string action, string status, bool isFailure)
    {
        var report = DeliveryReports.Read(Encoding.ASCII.GetBytes(Report("<a1@rada.example>", action, status))).ShouldHaveSingleItem();
        (report.MessageId, report.Recipient, report.Status, report.IsFailure).ShouldBe(("<a1@rada.example>", "adam@forum.example", status, isFailure));
        report.Words.ShouldBe("550 5.1.1 No such user here");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Subject: Poza biurem\nAuto-Submitted: auto-replied\n\nWracam w poniedziałek.\n")]
    [InlineData("Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: text/plain\n\nAction: failed\n--x--\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=\"\n\n--\n--\n--\n")]
    [InlineData("\n\n\n--")]
    public void What_is_no_report_is_none(string message) =>
        DeliveryReports.Read(Encoding.UTF8.GetBytes(message)).ShouldBeEmpty();

    [Theory]
    [InlineData("mbox")]
    [InlineData("maildir")]
    public async Task A_mail_that_came_back_is_a_task_once_and_goes_to_the_corrected_address(string form)
    {
        var folder = Directory.CreateTempSubdirectory("returns-");
        await using var product = await TestProduct.CreateAsync();
        try
        {
            var adam = await product.PersonAsync("adam-lis");
            var anna = await product.PersonAsync("anna-nowak");
            await product.InUnitOfWorkAsync<Outbox, int>(outbox => outbox.AddAsync(Some.Notice(), [adam, anna], CancellationToken.None));
            await product.Services.GetRequiredService<OutboxDispatcher>().RunOnceAsync(CancellationToken.None);
            var id = await product.Database.ScalarAsync<Guid>("select id from outbox_message where recipient_person_id = $1", adam);
            var messageId = (await product.Database.ScalarAsync<string>("select message_id from outbox_message where id = $1", id))!;
            string[] messages =
            [
                Report(messageId, "delayed", "4.4.1"), Report(messageId, "failed", "5.1.1"), Report(messageId, "failed", "5.1.1") + "\nznowu\n",
                Report("<unknown@rada.example>", "failed", "5.1.1"), "Subject: Nie ma mnie\nAuto-Submitted: auto-replied\n\nWracam jutro.\n",
            ];
            var path = Path.Combine(folder.FullName, "returns");
            if (form == "mbox")
            {
                await File.WriteAllTextAsync(path, string.Concat(messages.Select(message => $"From MAILER-DAEMON Mon Nov  5 08:00:00 2012\n{message}\n")));
            }
            else
            {
                Directory.CreateDirectory(Path.Combine(path, "new"));
                for (var number = 0; number < messages.Length; number++)
                {
                    await File.WriteAllTextAsync(Path.Combine(path, "new", $"135.{number}.host"), messages[number]);
                }
            }

            await using var services = TestProduct.Compose(
                product.Database.ConnectionString, product.Clock, folder.FullName, new Dictionary<string, string?> { ["Mail:ReturnsMailbox"] = "returns" });
            var read = services.GetRequiredService<ReadReturns>();
            (await read.RunOnceAsync(CancellationToken.None)).ShouldBe(1);
            if (form == "maildir")
            {
                Directory.Move(Path.Combine(path, "new"), Path.Combine(path, "cur"));
            }

            (await read.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
            (await product.Database.ScalarAsync<long>("select count(*) from bounce_message")).ShouldBe(5);
            (await product.Database.ScalarAsync<long>("select count(*) from history_entry where kind = 'mail_bounced'")).ShouldBe(1);
            (await product.Database.ScalarAsync<string>("select state from outbox_message where id = $1", id))
                .ShouldBe(MailState.Sent, "what the transport said of it stands");

            var joanna = await product.PersonAsync("joanna-cicha");
            var task = (await product.RunAsync<ShowOutbox, Result<IReadOnlyList<ShowOutbox.UndeliveredRow>>>(show =>
                show.UndeliveredAsync(joanna, CancellationToken.None))).Value.ShouldHaveSingleItem();
            (task.Id, task.Why).ShouldBe((id, "5.1.1 <adam@forum.example> 550 5.1.1 No such user here"));
            (await CorrectAsync(product, anna, id, "a@b.example")).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
            (await CorrectAsync(product, joanna, id, "to nie adres")).Refusal.ShouldBeOfType<AddressIsNoAddress>();

            (await CorrectAsync(product, joanna, id, " adam.lis.nowy@example.org ")).Value.ShouldBe(1);
            (await CorrectAsync(product, joanna, id, "adam.lis.nowy@example.org")).Refusal.ShouldBeOfType<MailIsNotUndelivered>();
            (await product.Services.GetRequiredService<OutboxDispatcher>().RunOnceAsync(CancellationToken.None)).Sent.ShouldBe(1);
            (await product.Database.ScalarAsync<long>(
                "select count(*) from outbox_message where recipient_address = 'adam.lis.nowy@example.org' and state = 'sent'")).ShouldBe(1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_mail_refused_for_good_is_seen_to_by_word_and_a_return_may_be_entered_by_hand()
    {
        await using var product = await TestProduct.CreateAsync();
        var (anna, joanna) = (await product.PersonAsync("anna-nowak"), await product.PersonAsync("joanna-cicha"));
        await product.InUnitOfWorkAsync<Outbox, int>(outbox => outbox.AddAsync(Some.Notice(), [anna], CancellationToken.None));
        var id = await product.Database.ScalarAsync<Guid>("select id from outbox_message");
        (await SeeToAsync(product, seeTo => seeTo.ReturnAsync(new(joanna, id, "550"), CancellationToken.None))).Refusal.ShouldBeOfType<MailHasNotComeBack>();
        await product.Services.GetRequiredService<OutboxDispatcher>().RunOnceAsync(CancellationToken.None);

        (await SeeToAsync(product, seeTo => seeTo.SettleAsync(new(joanna, id, "kurier"), CancellationToken.None))).Refusal.ShouldBeOfType<MailIsNotUndelivered>();
        (await SeeToAsync(product, seeTo => seeTo.ReturnAsync(new(joanna, id, " "), CancellationToken.None))).Refusal.ShouldBeOfType<WordsAreMissing>();
        (await SeeToAsync(product, seeTo => seeTo.ReturnAsync(new(joanna, id, "550 nie ma takiej skrzynki"), CancellationToken.None))).Succeeded.ShouldBeTrue();
        (await SeeToAsync(product, seeTo => seeTo.SettleAsync(new(joanna, id, "Wręczono osobiście"), CancellationToken.None))).Succeeded.ShouldBeTrue();
        (await product.RunAsync<ShowOutbox, Result<IReadOnlyList<ShowOutbox.UndeliveredRow>>>(show =>
            show.UndeliveredAsync(joanna, CancellationToken.None))).Value.ShouldBeEmpty();
    }

    private static Task<Result<Done>> SeeToAsync(TestProduct product, Func<SeeToUndelivered, Task<Result<Done>>> act) => product.RunAsync(act);

    private static Task<Result<int>> CorrectAsync(TestProduct product, Guid person, Guid mail, string address) =>
        product.RunAsync<SeeToUndelivered, Result<int>>(seeTo => seeTo.CorrectAsync(new(person, mail, address), CancellationToken.None));

    private static string Report(string messageId, string action, string status) =>
        $"""
        From: MAILER-DAEMON@mx.example
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
         boundary="B8F.135/mx.example"

        --B8F.135/mx.example
        Content-Type: text/plain

        I'm sorry to have to inform you.

        --B8F.135/mx.example
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example

        Final-Recipient: rfc822; adam@forum.example
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; 550 5.1.1
          No such user here

        --B8F.135/mx.example
        Content-Type: text/rfc822-headers

        From: ProcesStandardu <rada@rada.example>
        Message-ID: {messageId}
        Subject: x

        --B8F.135/mx.example--

        """;
}
