using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Time;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Programme;

public sealed class ProgrammeEndingTests
{
    private static readonly DateOnly LastDay = new(2014, 4, 30);
    private static readonly DateTimeOffset TooLateFrom = Warsaw.FirstInstantAfter(LastDay);
    private static readonly DateTimeOffset Morning = Warsaw.StartOf(LastDay);

    [Fact]
    public void The_last_second_of_the_last_day_is_on_time_and_the_next_is_not()
    {
        var lastSecond = Warsaw.EndOf(LastDay);

        With(lastSecond, now: lastSecond).Status.ShouldBe(ProgrammeStatus.ConcludedOnTime);
        With(TooLateFrom, now: TooLateFrom).Status.ShouldBe(ProgrammeStatus.ConcludedLate);
    }

    [Fact]
    public void What_counts_is_when_the_last_thing_came_not_when_somebody_looked()
    {
        var ending = With(Morning, now: TooLateFrom.AddDays(3));

        ending.Status.ShouldBe(ProgrammeStatus.ConcludedOnTime);
        ending.ConcludedAt.ShouldBe(Morning);
    }

    [Fact]
    public void Something_missing_leaves_it_running_until_the_last_day_is_over()
    {
        With(null, now: TooLateFrom.AddTicks(-1)).Status.ShouldBe(ProgrammeStatus.Running);
        With(null, now: TooLateFrom).Status.ShouldBe(ProgrammeStatus.Overdue);
    }

    [Fact]
    public void The_list_names_every_missing_thing_with_the_task_that_owes_it()
    {
        var ending = ProgrammeEnding.Evaluate(
            [new RequiredDeliverable("raport", "Raport", "zadanie-3", null), new RequiredDeliverable("plan", "Plan", "zadanie-3", Morning)],
            [new RequiredPhase("faza", "Faza", "zadanie-2", null)],
            [new RequiredIndicator("osoby", "Osoby", null, 2999, 3000, null)],
            TooLateFrom,
            Morning);

        ending.Missing.ShouldBe(
        [
            new MissingThing(MissingKind.Deliverable, "raport", "Raport", "zadanie-3"),
            new MissingThing(MissingKind.Phase, "faza", "Faza", "zadanie-2"),
            new MissingThing(MissingKind.Indicator, "osoby", "Osoby", null, 2999, 3000),
        ]);
        ending.ConcludedAt.ShouldBeNull();
    }

    private static ProgrammeEnding With(DateTimeOffset? adoptedAt, DateTimeOffset now) => ProgrammeEnding.Evaluate(
        [new RequiredDeliverable("raport", "Raport", "zadanie-3", adoptedAt)],
        [new RequiredPhase("faza", "Faza", "zadanie-3", Morning.AddDays(-1))],
        [new RequiredIndicator("osoby", "Osoby", null, 3000, 3000, Morning.AddDays(-2))],
        TooLateFrom,
        now);
}
