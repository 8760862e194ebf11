using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Deadlines.Watch;

/// <summary>When people are reminded and when others are told that nothing came, all in working days.</summary>
/// <param name="Ballots">Before the end of a voting; 0 is its last day.</param>
/// <param name="Deadlines">Before a deadline's day; 0 is the day itself.</param>
/// <param name="Escalation">After a deadline's day: to the lead, to the secretary, to the chair. Exactly three.</param>
public sealed record StepPlan(IReadOnlyList<int> Ballots, IReadOnlyList<int> Deadlines, IReadOnlyList<int> Escalation)
{
    /// <summary>What holds until somebody sets it otherwise: T-2, T-1 and the day for votes; T-14, T-7, T-2, T-1 for deadlines.</summary>
    public static StepPlan Default { get; } = new([0, 1, 2], [1, 2, 7, 14], [1, 3, 5]);

    internal static StepPlan From(IReadOnlyDictionary<string, int[]> set) => new(
        set.GetValueOrDefault(ReminderSetting.BallotKind) ?? Default.Ballots,
        set.GetValueOrDefault(ReminderSetting.DeadlineKind) ?? Default.Deadlines,
        set.GetValueOrDefault(ReminderSetting.EscalationKind) ?? Default.Escalation);
}

/// <summary>Steps of one kind as somebody set them.</summary>
public sealed class ReminderSetting
{
    public const string BallotKind = "ballot";
    public const string DeadlineKind = "deadline";
    public const string EscalationKind = "escalation";

    public required string Kind { get; init; }

    public required int[] Steps { get; set; }

    public required DateTimeOffset ChangedAt { get; set; }

    public required Guid ChangedById { get; set; }
}

/// <summary>Reads the steps that hold now.</summary>
public sealed class ReminderSteps(UnitOfWork work)
{
    public Task<StepPlan> ReadAsync(CancellationToken cancellation) => work.RunAsync(
        async db => StepPlan.From(await db.Set<ReminderSetting>().AsNoTracking()
            .ToDictionaryAsync(setting => setting.Kind, setting => setting.Steps, cancellation)),
        cancellation);

    /// <summary>The same outside a unit of work.</summary>
    internal static async Task<StepPlan> ReadAsync(NpgsqlDataSource dataSource, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand("select kind, steps from reminder_setting");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var set = new Dictionary<string, int[]>();
        while (await reader.ReadAsync(cancellation))
        {
            set[reader.GetString(0)] = reader.GetFieldValue<int[]>(1);
        }

        return StepPlan.From(set);
    }
}
