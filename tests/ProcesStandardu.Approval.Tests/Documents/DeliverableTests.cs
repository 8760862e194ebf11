using ProcesStandardu.Approval.Documents;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

public sealed class DeliverableTests
{
    private static readonly DateTimeOffset Now = new(2012, 11, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly Guid First = Guid.CreateVersion7(Now);
    private static readonly Guid Second = Guid.CreateVersion7(Now.AddHours(1));

    [Fact]
    public void A_deliverable_goes_from_awaited_over_the_ballot_to_the_register()
    {
        var deliverable = New();
        deliverable.NoteSubmission();
        deliverable.HasForTheBoard(First).ShouldBeTrue();
        deliverable.EnterBallot(First);
        deliverable.HasForTheBoard(Second).ShouldBeFalse();
        deliverable.MarkAdopted(Now);

        deliverable.Publish(Now.AddDays(1)).ShouldBeTrue();
        deliverable.Publish(Now.AddDays(2)).ShouldBeFalse();

        (deliverable.Status, deliverable.AdoptedRevisionId, deliverable.AdoptedAt, deliverable.PublishedAt)
            .ShouldBe((DeliverableStatus.Adopted, First, Now, Now.AddDays(1)));
        deliverable.AcceptsRevisions.ShouldBeFalse();
    }

    [Fact]
    public void A_revision_that_comes_while_the_board_votes_waits_for_the_outcome()
    {
        var deliverable = New();
        deliverable.NoteSubmission();
        deliverable.EnterBallot(First);
        deliverable.NoteSubmission();
        (deliverable.Status, deliverable.BallotRevisionId).ShouldBe((DeliverableStatus.InBallot, First));

        deliverable.MarkNotAdopted();

        deliverable.HasForTheBoard(First).ShouldBeFalse();
        deliverable.HasForTheBoard(Second).ShouldBeTrue();
    }

    [Fact]
    public void After_a_ballot_without_outcome_only_another_revision_is_new_to_the_board()
    {
        var deliverable = New();
        deliverable.NoteSubmission();
        deliverable.EnterBallot(First);
        deliverable.LeaveBallot();

        deliverable.HasForTheBoard(First).ShouldBeFalse();
        deliverable.HasForTheBoard(Second).ShouldBeTrue();
    }

    [Fact]
    public void What_makes_no_sense_throws()
    {
        Should.Throw<InvalidOperationException>(() => New().EnterBallot(First));
        Should.Throw<InvalidOperationException>(() => New().MarkAdopted(Now));
        Should.Throw<InvalidOperationException>(() => New().Publish(Now));
    }

    private static Deliverable New() => new() { Key = "a", Title = "A", TaskKey = "t", Kind = "conclusions" };
}
