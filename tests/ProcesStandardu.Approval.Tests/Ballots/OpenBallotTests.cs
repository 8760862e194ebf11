using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

[Trait("Scenario", "S7")]
public sealed class OpenBallotTests
{
    [Fact]
    public async Task Members_whose_organisation_wrote_the_document_are_recused_and_the_quorum_follows()
    {
        await using var ballot = await BallotCase.OpenAsync();

        var view = (await ballot.ShowAsync("halina-zawadzka"))!;

        view.Electors.Where(elector => elector.RecusalBasis == RecusalBasis.OrganisationIsAuthor).Select(elector => elector.Name)
            .ShouldBe(["Maria Dolna", "Piotr Sęk"], ignoreOrder: true);
        (view.WhatMustHappen.Entitled, view.WhatMustHappen.Quorum).ShouldBe((7, 4));
        (await ballot.CountAsync(
            "select jsonb_array_length(details -> 'recused')::bigint from history_entry where kind = 'ballot_opened'")).ShouldBe(2);
    }

    [Fact]
    public async Task Too_few_who_may_vote_open_no_ballot()
    {
        await using var ballot = await BallotCase.SubmittedAsync();
        await ballot.Product.Database.ExecuteAsync(
            """
            update deliverable set author_organisation_keys = (
              select array_agg(distinct organisation_key) from person where organisation_key is not null)
            where key = $1
            """,
            BallotCase.Deliverable);

        var refused = (await ballot.OpenAgainAsync()).Refusal.ShouldBeOfType<ElectorateIsTooSmall>();

        refused.Minimum.ShouldBe(3);
        refused.Entitled.ShouldBeLessThan(3);
        (await ballot.CountAsync("select count(*) from ballot")).ShouldBe(0);
        (await ballot.CountAsync("select count(*) from body_counter")).ShouldBe(0);
    }

    [Fact]
    public async Task A_document_is_under_one_ballot_at_a_time()
    {
        await using var ballot = await BallotCase.OpenAsync();

        (await ballot.OpenAgainAsync()).Refusal.ShouldBeOfType<BallotIsOpenAlready>().Number.ShouldBe("G-2012/01");
    }

    [Fact]
    public async Task Two_who_open_at_once_open_one_ballot()
    {
        await using var ballot = await BallotCase.SubmittedAsync();

        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ballot.OpenAgainAsync()));

        opened.Count(result => result.Succeeded).ShouldBe(1);
        opened.Where(result => !result.Succeeded).ShouldAllBe(result => result.Refusal is BallotIsOpenAlready);
        (await ballot.CountAsync("select count(*) from ballot")).ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_revision_there_is_nothing_to_vote_on()
    {
        await using var product = await TestProduct.CreateAsync();

        var refused = await product.RunAsync<OpenBallot, Result<OpenBallot.Opened>>(open => open.HandleAsync(
            new OpenBallot.Command("osl-raport-koncowy", BallotCase.Board, null, null, null, Actor.System), CancellationToken.None));

        refused.Refusal.ShouldBeOfType<NothingToVoteOn>();
    }

    [Fact]
    public async Task Who_is_recused_reads_only_comments_of_his_own_where_the_rules_say_so()
    {
        await using var ballot = await BallotCase.OpenAsync(rule: "comments_hidden_from_recused");
        var (anna, maria, lead) = (
            await ballot.Product.PersonAsync("anna-nowak"), await ballot.Product.PersonAsync("maria-dolna"), await ballot.Product.PersonAsync("marek-pole"));
        var foreign = await CommentAsync(ballot, anna);
        var own = await CommentAsync(ballot, maria);

        (await ReadableAsync(ballot, anna)).ShouldBe([foreign, own], ignoreOrder: true);
        (await ReadableAsync(ballot, lead)).ShouldBe([foreign, own], ignoreOrder: true);
        (await ReadableAsync(ballot, maria)).ShouldBe([own]);
        (await ShowCommentAsync(ballot, foreign, maria)).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
        (await ShowCommentAsync(ballot, own, maria)).Succeeded.ShouldBeTrue();

        await using var elsewhere = await BallotCase.OpenAsync();
        var comment = await CommentAsync(elsewhere, await elsewhere.Product.PersonAsync("anna-nowak"));
        (await ReadableAsync(elsewhere, await elsewhere.Product.PersonAsync("maria-dolna"))).ShouldBe([comment], "the demo's rules keep nothing back");
    }

    private static async Task<Guid> CommentAsync(BallotCase ballot, Guid person)
    {
        var revision = (await ballot.ShowAsync("anna-nowak"))!.RevisionId;
        return (await ballot.Product.RunAsync<SubmitComment, Result<SubmitComment.Submitted>>(act => act.HandleAsync(
            new SubmitComment.Command(revision, person, "§ 1", CommentKind.Technical, "Za rzadko.", "", "", null), CancellationToken.None))).Value.CommentId;
    }

    private static async Task<IEnumerable<Guid>> ReadableAsync(BallotCase ballot, Guid person) =>
        (await ballot.Product.RunAsync<ListComments, Result<ListComments.View>>(list => list.HandleAsync(
            new ListComments.Query(BallotCase.Deliverable, person), CancellationToken.None))).Value.Rows.Select(row => row.Id);

    private static Task<Result<ShowComment.View>> ShowCommentAsync(BallotCase ballot, Guid comment, Guid person) =>
        ballot.Product.RunAsync<ShowComment, Result<ShowComment.View>>(show => show.HandleAsync(
            new ShowComment.Query(comment, person), CancellationToken.None));
}
