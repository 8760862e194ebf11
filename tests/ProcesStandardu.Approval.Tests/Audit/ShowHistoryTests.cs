using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Tests.Ballots;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Audit;

public sealed class ShowHistoryTests
{
    [Fact]
    public async Task A_member_reads_who_acted_and_when_and_an_observer_nothing_of_drafts_and_votes()
    {
        await using var ballot = await BallotCase.OpenAsync();
        (await ballot.VoteAsync("anna-nowak", PositionKind.Against)).Succeeded.ShouldBeTrue();

        var member = await ReadAsync(ballot, Subjects.Ballot(ballot.BallotId), "halina-zawadzka");
        var observer = await ReadAsync(ballot, Subjects.Ballot(ballot.BallotId), "krystyna-jasna");
        var observedPaper = await ReadAsync(ballot, Subjects.Deliverable(BallotCase.Deliverable), "krystyna-jasna");

        member.Entries.Select(entry => (entry.Kind, entry.Actor)).ShouldBe([("vote_cast", "Anna Nowak"), ("ballot_opened", null)]);
        member.Entries[0].Details.Values.ShouldNotContain("against");
        observer.Entries.ShouldHaveSingleItem().Kind.ShouldBe("ballot_opened");
        observedPaper.Entries.ShouldNotContain(entry => entry.Kind == "revision_submitted");
    }

    [Fact]
    public async Task Whoever_holds_no_role_reads_no_history()
    {
        await using var ballot = await BallotCase.OpenAsync();

        var view = await ballot.Product.RunAsync<ShowHistory, ShowHistory.View>(show =>
            show.HandleAsync(new ShowHistory.Query(Subjects.Ballot(ballot.BallotId), Guid.Empty), CancellationToken.None));

        view.Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_list_of_deliverables_tells_observers_of_no_draft()
    {
        await using var ballot = await BallotCase.OpenAsync();
        await ballot.SubmitAsync("Rozdział 1\n\n§ 1. Nowszy szkic.");

        var lead = await ListAsync(ballot, "marek-pole");
        var observer = await ListAsync(ballot, "krystyna-jasna");

        lead.Single(line => line.Key == BallotCase.Deliverable).NewestRevision.ShouldBe("2.0");
        observer.Single(line => line.Key == BallotCase.Deliverable).NewestRevision.ShouldBe("1.0");
    }

    private static async Task<ShowHistory.View> ReadAsync(BallotCase ballot, string subject, string person)
    {
        var id = await ballot.Product.PersonAsync(person);
        return await ballot.Product.RunAsync<ShowHistory, ShowHistory.View>(show =>
            show.HandleAsync(new ShowHistory.Query(subject, id), CancellationToken.None));
    }

    private static async Task<IReadOnlyList<ListDeliverables.Line>> ListAsync(BallotCase ballot, string person)
    {
        var id = await ballot.Product.PersonAsync(person);
        return await ballot.Product.RunAsync<ListDeliverables, IReadOnlyList<ListDeliverables.Line>>(list =>
            list.HandleAsync(new ListDeliverables.Query(id), CancellationToken.None));
    }
}
