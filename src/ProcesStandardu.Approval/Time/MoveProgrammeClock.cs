using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Time;

/// <summary>An administrator of the demo moves the programme's clock forward; what is due on the way happens.</summary>
public sealed class MoveProgrammeClock(
    UnitOfWork work, AuditTrail audit, Rights rights, TimeTravel travel, TimeProvider time, DemoMode demo)
{
    /// <summary>Farther than this no deadline of the programme lies.</summary>
    private static readonly DateOnly LastDay = new(2019, 12, 31);

    /// <summary>Either a number of days, or a local date (its 9 o'clock), or neither: to just after the next thing that is due.</summary>
    public sealed record Command(Guid PersonId, int? Days, DateOnly? Date);

    /// <returns>The journey, or <see cref="ActIsNotYours"/>, <see cref="ClockOnlyMovesForward"/>, <see cref="NothingIsDue"/>.</returns>
    public async Task<Result<TimeTravel.Journey>> HandleAsync(Command command, CancellationToken cancellation)
    {
        if (!demo.IsOn || !(await rights.OfAsync(command.PersonId, cancellation)).Administers)
        {
            return new ActIsNotYours();
        }

        var now = time.GetUtcNow();
        DateTimeOffset? target = command switch
        {
            { Days: { } days } => now.AddDays(days),
            { Date: { } date } => Warsaw.At(date, new TimeOnly(9, 0)),
            _ => (await travel.NextDueAsync(now, cancellation))?.AddSeconds(1),
        };
        if (target is null)
        {
            return new NothingIsDue();
        }

        if (target <= now || Warsaw.DateOf(target.Value) > LastDay)
        {
            return new ClockOnlyMovesForward(LastDay);
        }

        var journey = await travel.AdvanceToAsync(target.Value, command.PersonId, cancellation);
        await work.RunAsync<bool>(
            _ =>
            {
                audit.Record(Subjects.Programme, "clock_moved", new Actor(command.PersonId), new { from = journey.From, to = journey.To });
                return Task.FromResult(true);
            },
            cancellation);
        return journey;
    }
}

/// <summary>The clock moves forward only, and not beyond the last day that the demo knows.</summary>
public sealed record ClockOnlyMovesForward(DateOnly LastDay) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [LastDay];

    public override string Field => "Date";
}

/// <summary>Nothing is due any more: there is no next deadline to move to.</summary>
public sealed record NothingIsDue : Refusal;

/// <summary>Names the resources that hold the slice's texts.</summary>
public sealed class TimeTexts;
