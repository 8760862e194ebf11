using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

public sealed class BallotTurnsTests
{
    [Fact]
    public async Task A_few_get_through_some_wait_and_one_too_many_is_told_at_once()
    {
        var queue = new BallotTurns(new TestClock());
        var (ballot, none) = (Guid.CreateVersion7(), CancellationToken.None);
        var through = new List<BallotTurns.Turn>();
        for (var number = 0; number < BallotTurns.Through; number++)
        {
            through.Add((await queue.TakeAsync(ballot, none)).ShouldNotBeNull());
        }

        var waiting = Enumerable.Range(0, BallotTurns.Waiting).Select(_ => queue.TakeAsync(ballot, none)).ToList();
        waiting.ShouldAllBe(turn => !turn.IsCompleted);

        (await queue.TakeAsync(ballot, none)).ShouldBeNull();
        (await queue.TakeAsync(Guid.CreateVersion7(), none)).ShouldNotBeNull("another ballot has a line of its own");

        // Each turn that is given back lets the next through, to the last of them.
        foreach (var turn in through)
        {
            turn.Dispose();
            turn.Dispose();
        }

        foreach (var turn in waiting)
        {
            (await turn).ShouldNotBeNull().Dispose();
        }

        (await queue.TakeAsync(ballot, none)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Whoever_goes_away_leaves_no_gap_behind()
    {
        var queue = new BallotTurns(new TestClock());
        var ballot = Guid.CreateVersion7();
        var through = await Task.WhenAll(Enumerable.Range(0, BallotTurns.Through).Select(_ => queue.TakeAsync(ballot, CancellationToken.None)));
        using var gone = new CancellationTokenSource();
        var impatient = queue.TakeAsync(ballot, gone.Token);
        var next = queue.TakeAsync(ballot, CancellationToken.None);

        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient);
        through[0]!.Dispose();

        (await next).ShouldNotBeNull();
    }
}
