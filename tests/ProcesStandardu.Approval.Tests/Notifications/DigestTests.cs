using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;
using BallotCase = ProcesStandardu.Approval.Tests.Ballots.BallotCase;

namespace ProcesStandardu.Approval.Tests.Notifications;

/// <summary>One mail a day for those who chose it: what waits for them and what happened, each line once and nothing stale.</summary>
public sealed class DigestTests
{
    [Fact]
    [Trait("Scenario", "S1")]
    public async Task A_member_with_a_digest_gets_one_mail_a_day_and_one_for_days_without_mail()
    {
        await using var ballot = await BallotCase.OpenAsync();
        var product = ballot.Product;
        var anna = await product.PersonAsync("anna-nowak");
        await ChooseAsync(product, anna, [MailKinds.BallotReminder, MailKinds.BallotNews, MailKinds.BallotClosed]);
        await product.Database.ExecuteAsync("update outbox_message set state = 'sent', sent_at = created_at, next_attempt_at = null");

        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 7, 0));
        await RunAsync(product);
        await RunAsync(product);
        var monday = await OfAsync(product, anna);
        monday.Count.ShouldBe(1);
        monday[0].Text.ShouldContain("Głosowanie G-2012/01");
        monday[0].Text.ShouldContain("wtorek, 6 listopada 2012, 23:59 (czasu polskiego); dni roboczych do końca: 1");
        monday[0].Text.ShouldContain("/glosowania/");
        (await ballot.CountAsync($"select count(*) from outbox_message where kind = 'ballot_reminder' and recipient_person_id = '{anna}'")).ShouldBe(0);
        await product.Database.ExecuteAsync("update outbox_message set state = 'sent', sent_at = created_at, next_attempt_at = null");

        await ballot.VoteAsync("anna-nowak", PositionKind.InFavour);
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 7, 0));
        await RunAsync(product);
        (await OfAsync(product, anna)).Count.ShouldBe(1, "nothing waits for her and nothing happened");

        // No mail leaves from Wednesday on; the result is there on Wednesday morning, and on Thursday one digest tells it.
        await product.Database.ExecuteAsync("update outbox_message set state = 'sent', sent_at = created_at, next_attempt_at = null");
        foreach (var person in new[] { "halina-zawadzka", "tomasz-brzeski", "jerzy-kalina", "ewa-gorna" })
        {
            await ballot.VoteAsync(person, PositionKind.InFavour);
        }

        foreach (var (day, hour) in new[] { (7, 0), (7, 7), (8, 7) })
        {
            product.Clock.SetTo(TestClock.InWarsaw(2012, 11, day, hour, 0));
            await RunAsync(product);
            var halina = await product.PersonAsync("halina-zawadzka");
            await product.RunAsync<AnnounceResult, Result<AnnounceResult.Announced>>(announce => announce.HandleAsync(
                new AnnounceResult.Command(ballot.BallotId, halina), CancellationToken.None));
        }

        var waiting = await OfAsync(product, anna, "and next_attempt_at is not null");
        waiting.Count.ShouldBe(1);
        waiting[0].Headers.ShouldContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
        (await ballot.CountAsync($"select count(*) from digest_item where person_id = '{anna}' and digest_key is null")).ShouldBe(0);
    }

    [Fact]
    public async Task A_digest_that_did_not_leave_gives_its_news_to_the_next()
    {
        await using var ballot = await BallotCase.OpenAsync();
        var product = ballot.Product;
        var lead = await product.PersonAsync("marek-pole");
        await ChooseAsync(product, lead, [MailKinds.CommentsDecided]);
        foreach (var (day, item) in new[] { (7, "d1"), (8, "d2") })
        {
            product.Clock.SetTo(TestClock.InWarsaw(2012, 11, day, 6, 0));
            await product.InUnitOfWorkAsync<Outbox, int>(outbox => outbox.AddAsync(
                new CommentsDecided(BallotCase.Deliverable, "Wnioski " + item, 3, item), [lead], CancellationToken.None));
            product.Clock.SetTo(TestClock.InWarsaw(2012, 11, day, 7, 0));
            await product.Services.GetRequiredService<SendDigests>().RunOnceAsync(CancellationToken.None);
        }

        var digests = await OfAsync(product, lead);
        digests.Count.ShouldBe(2);
        digests[0].State.ShouldBe(MailState.Suppressed);
        digests[1].State.ShouldBe(MailState.Pending);
        digests[1].Text.ShouldContain("Wnioski d2");
        digests[1].Text.IndexOf("Wnioski d2", StringComparison.Ordinal).ShouldBeLessThan(digests[1].Text.IndexOf("Wnioski d1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Roles_choose_for_those_who_chose_nothing_duties_cannot_be_chosen_and_one_press_ends_news()
    {
        await using var product = await TestProduct.CreateAsync();
        var joanna = await product.PersonAsync("joanna-cicha");
        var anna = await product.PersonAsync("anna-nowak");
        var marek = await product.PersonAsync("marek-pole");
        (await ChooseAsync(product, anna, new() { [MailKinds.CommentsDecided] = MailDelivery.None }, "member")).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
        (await ChooseAsync(product, joanna, new() { [MailKinds.BallotNotice] = MailDelivery.Digest }, "member")).Refusal.ShouldBeOfType<MailCannotBeChosen>();
        (await ChooseAsync(product, joanna, new() { [MailKinds.BallotReminder] = MailDelivery.None }, "member")).Refusal.ShouldBeOfType<MailCannotBeChosen>();
        (await ChooseAsync(product, joanna, new() { [MailKinds.CommentsDecided] = MailDelivery.None }, "member")).Succeeded.ShouldBeTrue();
        (await TellAsync(product, "d1", anna, marek)).ShouldBe(1, "the member does without, the lead chose nothing");
        (await ChooseAsync(product, anna, new() { [MailKinds.CommentsDecided] = MailDelivery.AtOnce }, null)).Succeeded.ShouldBeTrue();
        (await TellAsync(product, "d2", anna, marek)).ShouldBe(2, "what a person chooses goes before her role");

        var mail = await product.Database.ScalarAsync<Guid>(
            "select id from outbox_message where recipient_person_id = $1 and kind = 'comments_decided'", anna);
        (await product.RunAsync<MailChoices, Result<string>>(choices => choices.EndAsync(mail, CancellationToken.None))).Value.ShouldBe(MailKinds.CommentsDecided);
        (await TellAsync(product, "d3", anna, marek)).ShouldBe(1);
        (await product.RunAsync<MailChoices, Result<string>>(choices => choices.EndAsync(joanna, CancellationToken.None))).Refusal
            .ShouldBeOfType<NotFoundOrNotYours>();
    }

    private static Task<int> TellAsync(TestProduct product, string item, params Guid[] people) => product.InUnitOfWorkAsync<Outbox, int>(
        outbox => outbox.AddAsync(new CommentsDecided(BallotCase.Deliverable, "Wnioski", 3, item), people, CancellationToken.None));

    private static Task<Result<Done>> ChooseAsync(TestProduct product, Guid person, Dictionary<string, string?> deliveries, string? role) =>
        product.RunAsync<MailChoices, Result<Done>>(choices => choices.ChooseAsync(
            new MailChoices.Command(person, deliveries, role), CancellationToken.None));

    private static async Task ChooseAsync(TestProduct product, Guid person, string[] kinds) =>
        (await ChooseAsync(product, person, kinds.ToDictionary(kind => kind, _ => (string?)MailDelivery.Digest), null)).Succeeded.ShouldBeTrue();

    private static async Task<List<(string State, string Text, string Headers)>> OfAsync(TestProduct product, Guid person, string condition = "")
    {
        var ids = (await product.Database.ScalarAsync<Guid[]>(
            $"select coalesce(array_agg(id order by queue_no), '{{}}') from outbox_message where kind = 'daily_digest' and recipient_person_id = $1 {condition}", person))!;
        var found = new List<(string, string, string)>();
        foreach (var id in ids)
        {
            var bytes = await product.InUnitOfWorkAsync(db => Task.FromResult(db.OutboxMessages.Single(message => message.Id == id).Bytes));
            var mail = MimeReader.Read(bytes);
            found.Add((
                (await product.Database.ScalarAsync<string>("select state from outbox_message where id = $1", id))!, mail.Text,
                string.Join('\n', mail.Headers.Select(header => $"{header.Key}: {header.Value}"))));
        }

        return found;
    }

    private static async Task RunAsync(TestProduct product)
    {
        foreach (var pass in Passes.All.Where(pass => pass.Name != "dispatch_mail"))
        {
            await pass.RunAsync(product.Services, CancellationToken.None);
        }
    }
}
