using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

/// <summary>The shipped workflow that carries one deliverable from its request to the register, on the real engine.</summary>
public sealed class ApprovalOfADeliverableTests
{
    private const string Key = "osl-wnioski-1";

    private static readonly string[] Entitled =
        ["halina-zawadzka", "tomasz-brzeski", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis", "zofia-mak"];

    [Fact]
    public async Task A_submitted_revision_is_put_to_the_ballot_and_the_last_vote_enters_it_into_the_register()
    {
        await using var product = await StartedAsync(closesWhenAllVoted: true);
        (await product.Database.ScalarAsync<long>("select count(*) from outbox_message where kind = 'deliverable_requested'")).ShouldBe(1);

        await SubmitAsync(product, "Rozdział 1\n§ 1. Wnioski.");
        (await product.Database.ScalarAsync<string>("select state from ballot")).ShouldBe("open");
        foreach (var person in Entitled)
        {
            await VoteAsync(product, person, PositionKind.InFavour);
        }

        (await product.Database.ScalarAsync<string>("select outcome from ballot")).ShouldBe(BallotOutcome.Adopted);
        (await product.Database.ScalarAsync<bool>("select published_at is not null from deliverable where key = $1", Key)).ShouldBeTrue();
        (await product.Database.ScalarAsync<string>(
            "select status from workflow_instance where definition_id = 'zatwierdzanie-produktu'")).ShouldBe("finished");
        (await product.Database.ScalarAsync<string>(
            "select output ->> 'Wynik' from workflow_instance where definition_id = 'zatwierdzanie-produktu'")).ShouldBe("przyjęto");
    }

    [Fact]
    public async Task A_vote_and_the_steps_it_causes_are_one_transaction()
    {
        await using var product = await StartedAsync(closesWhenAllVoted: true);
        await SubmitAsync(product, "Rozdział 1\n§ 1. Wnioski.");
        foreach (var person in Entitled)
        {
            await VoteAsync(product, person, PositionKind.InFavour);
        }

        // Every history entry of the last vote and of what followed carries the id of one and the same transaction.
        (await product.Database.ScalarAsync<long>(
            """
            select count(distinct transaction_id::text) from history_entry
            where kind in ('ballot_closed', 'published')
               or (kind = 'vote_cast' and at = (select max(at) from history_entry where kind = 'vote_cast'))
            """)).ShouldBe(1);
    }

    [Theory]
    [InlineData(Failpoints.BallotClosed)]
    [InlineData(Failpoints.BeforeCommit)]
    [Trait("Fault", "S02")]
    public async Task A_last_vote_that_fails_moves_neither_the_document_nor_the_workflow_nor_the_mail(string failpoint)
    {
        await using var product = await StartedAsync(closesWhenAllVoted: true);
        await SubmitAsync(product, "Rozdział 1\n§ 1. Wnioski.");
        foreach (var person in Entitled[..^1])
        {
            await VoteAsync(product, person, PositionKind.InFavour);
        }

        const string Everything =
            """
            select concat_ws('/', (select count(*) from ballot_position), (select count(*) from history_entry),
              (select count(*) from outbox_message), (select count(*) from workflow_journal), (select count(*) from workflow_bookmark),
              (select string_agg(status, ',') from workflow_instance), (select string_agg(state, ',') from ballot),
              (select status from deliverable where key = 'osl-wnioski-1'))
            """;
        var before = await product.Database.ScalarAsync<string>(Everything);
        Failpoints.OnReached = name =>
        {
            if (name == failpoint)
            {
                throw new TimeoutException("on purpose");
            }
        };
        await Should.ThrowAsync<TimeoutException>(() => VoteAsync(product, Entitled[^1], PositionKind.InFavour));
        Failpoints.OnReached = null;

        (await product.Database.ScalarAsync<string>(Everything)).ShouldBe(before);
        await VoteAsync(product, Entitled[^1], PositionKind.InFavour);
        (await product.Database.ScalarAsync<bool>("select published_at is not null from deliverable where key = $1", Key)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_rejected_revision_goes_back_to_the_lead_and_only_a_new_one_is_voted_on()
    {
        await using var product = await StartedAsync(closesWhenAllVoted: true);
        await SubmitAsync(product, "Rozdział 1\n§ 1. Pierwsza wersja.");
        foreach (var person in Entitled)
        {
            await VoteAsync(product, person, PositionKind.Against);
        }

        (await product.Database.ScalarAsync<long>("select count(*) from ballot where state = 'open'")).ShouldBe(0);
        (await product.Database.ScalarAsync<long>(
            "select count(*) from workflow_bookmark where name = 'ProcesStandardu.RequestDeliverable'")).ShouldBe(1);

        await SubmitAsync(product, "Rozdział 1\n§ 1. Druga wersja.");

        (await product.Database.ScalarAsync<long>("select count(*) from ballot")).ShouldBe(2);
        (await product.Database.ScalarAsync<string>("select number from ballot where state = 'open'")).ShouldBe("G-2012/02");
    }

    [Theory]
    [InlineData("Ponów głosowanie", 2, 1)]
    [InlineData("Zwróć liderowi", 1, 0)]
    [Trait("Scenario", "S8")]
    public async Task After_a_ballot_without_a_quorum_the_chair_decides_what_follows(string choice, long ballots, long open)
    {
        await using var product = await StartedAsync(closesWhenAllVoted: false);
        await SubmitAsync(product, "Rozdział 1\n§ 1. Wnioski.");
        product.Clock.Advance(TimeSpan.FromDays(14));
        await Passes.RunAllDueAsync(product.Services, CancellationToken.None);
        (await product.Database.ScalarAsync<string>("select outcome from ballot")).ShouldBe(BallotOutcome.Inquorate);

        var chair = await product.PersonAsync("halina-zawadzka");
        var member = await product.PersonAsync("anna-nowak");
        var request = (await product.RunAsync<DecisionRequests, IReadOnlyList<DecisionRequests.DecisionView>>(
            requests => requests.OfAsync(chair, CancellationToken.None))).ShouldHaveSingleItem();
        (await DecideAsync(product, member, request.Id, choice)).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
        (await DecideAsync(product, chair, request.Id, "Coś innego")).Refusal.ShouldBeOfType<ChoiceIsMissing>();

        (await DecideAsync(product, chair, request.Id, choice)).Succeeded.ShouldBeTrue();
        (await DecideAsync(product, chair, request.Id, choice)).Refusal.ShouldBeOfType<DecisionWasTaken>();

        (await product.Database.ScalarAsync<long>("select count(*) from ballot")).ShouldBe(ballots);
        (await product.Database.ScalarAsync<long>("select count(*) from ballot where state = 'open'")).ShouldBe(open);
    }

    [Fact]
    public async Task A_passed_deadline_is_marked_once_and_those_who_wait_learn_of_it()
    {
        await using var product = await StartedAsync(closesWhenAllVoted: true);
        var deadline = await product.Database.ScalarAsync<string>("select due_deadline_key from deliverable where key = $1", Key);
        await product.Database.ExecuteAsync(
            "update deadline set due_on = '2012-11-09', due_at = '2012-11-09T23:00:00Z' where key = $1", deadline!);
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 9, 23, 59, 59));
        await Passes.RunAllDueAsync(product.Services, CancellationToken.None);
        (await product.Database.ScalarAsync<string>("select state from deadline where key = $1", deadline!)).ShouldBe("pending");

        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 10, 0, 0, 1));
        await Passes.RunAllDueAsync(product.Services, CancellationToken.None);
        await Passes.RunAllDueAsync(product.Services, CancellationToken.None);

        (await product.Database.ScalarAsync<long>(
            "select count(*) from history_entry where kind = 'deadline_passed' and details ->> 'deadline' = $1", deadline!)).ShouldBe(1);
        (await product.Database.ScalarAsync<long>(
            "select count(*) from workflow_journal where activity_id = 'po-terminie' and event = 'Completed'")).ShouldBe(1);

        await SubmitAsync(product, "Rozdział 1\n§ 1. Spóźnione wnioski.");
        (await product.Database.ScalarAsync<long>("select count(*) from ballot where state = 'open'")).ShouldBe(1);
        (await product.Database.ScalarAsync<bool>(
            "select state = 'passed' and met_at > due_at from deadline where key = $1", deadline!)).ShouldBeTrue();
    }

    private static async Task<TestProduct> StartedAsync(bool closesWhenAllVoted)
    {
        var product = await TestProduct.CreateAsync();
        foreach (var definition in new[] { "zatwierdzanie-produktu", "czuwanie-nad-terminem" })
        {
            await product.PublishAsync(await File.ReadAllTextAsync(
                Path.Combine(AppContext.BaseDirectory, "workflows", definition + ".json")));
        }

        var deadline = await product.Database.ScalarAsync<string>("select due_deadline_key from deliverable where key = $1", Key);
        var started = await product.StartWorkflowAsync(new StartWorkflow
        {
            DefinitionId = "zatwierdzanie-produktu",
            CorrelationId = "osl",
            Input = new Dictionary<string, JsonNode?>
            {
                ["DeliverableKey"] = Key,
                ["BodyKey"] = "zespol-doradczy",
                ["DeadlineKey"] = deadline,
                ["ClosesWhenAllVoted"] = closesWhenAllVoted,
            },
        });
        started.Outcome.ShouldBe(StartOutcome.Started);
        return product;
    }

    private static async Task SubmitAsync(TestProduct product, string text)
    {
        using var file = new MemoryStream(DocxFromText.Write("Wnioski", text));
        var submitted = await product.RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(async submit => await submit.HandleAsync(
            new SubmitRevision.Command(
                Key, await product.PersonAsync("marek-pole"), file, "wnioski.docx", "Wnioski z pilotażu", "Zmieniono § 1",
                ChangeKind.Material, RevisionStep.NextMajor, null, null),
            CancellationToken.None));
        submitted.Succeeded.ShouldBeTrue(submitted.Refusal?.ToString());
        product.Clock.Advance(TimeSpan.FromMinutes(1));
    }

    private static async Task VoteAsync(TestProduct product, string person, string position)
    {
        product.Clock.Advance(TimeSpan.FromMinutes(1));
        var id = await product.PersonAsync(person);
        var ballot = (await product.RunAsync<ListBallots, IReadOnlyList<ShowBallot.BallotView>>(
            list => list.HandleAsync(new ListBallots.Query(id, OnlyToVoteOn: true), CancellationToken.None))).ShouldHaveSingleItem();
        var cast = await product.RunAsync<CastVote, Result<CastVote.Receipt>>(vote => vote.HandleAsync(
            new CastVote.Command(ballot.Id, id, position, null, ballot.ContentHash, null), CancellationToken.None));
        cast.Succeeded.ShouldBeTrue(cast.Refusal?.ToString());
    }

    private static Task<Result<Decide.Decision>> DecideAsync(TestProduct product, Guid person, Guid request, string choice) =>
        product.RunAsync<Decide, Result<Decide.Decision>>(decide =>
            decide.HandleAsync(new Decide.Command(request, person, choice, null), CancellationToken.None));
}
