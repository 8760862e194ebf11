using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>What an amendment's effects depend on, as it stands now.</summary>
/// <param name="Now">The local instant of the question: reminders before it are not counted.</param>
/// <param name="BallotWorkingDays">The term of a written ballot by the rules in force; null where there are none.</param>
/// <param name="ReminderSteps">Working days before an end on which those who owe are reminded.</param>
/// <param name="DateCounts">How many dates each deadline has had.</param>
public sealed record ImpactFacts(
    DateTime Now, DateOnly ProgrammeEnd, IReadOnlyDictionary<string, Deadline> Deadlines, IReadOnlyDictionary<string, Phase> Phases,
    IReadOnlyDictionary<string, string> DeliverableTitles, int? BallotWorkingDays, IReadOnlyCollection<int> ReminderSteps,
    IReadOnlyDictionary<string, int> DateCounts);

/// <summary>The arithmetic of an amendment: which dates move, and what follows from it. Pure.</summary>
public static class Impact
{
    /// <summary>Fewer working days than this between a deliverable and the programme's end are worth a warning.</summary>
    public const int TightBelow = 20;

    private const string ProgrammePrefix = "programme:";

    /// <summary>All effects but the mails; or the refusal that says why the amendment cannot be.</summary>
    /// <param name="changes">The new date of each deadline that the document names.</param>
    public static Result<ImpactPreview> Of(ImpactFacts facts, IReadOnlyDictionary<string, DateOnly> changes)
    {
        if (WhyNot(facts, changes) is { } refusal)
        {
            return refusal;
        }

        var moved = Moved(facts, changes);
        var end = moved.Where(to => facts.Deadlines[to.Key].Subject.StartsWith(ProgrammePrefix, StringComparison.Ordinal))
            .Select(to => (DateOnly?)to.Value).FirstOrDefault() ?? facts.ProgrammeEnd;
        var rows = moved.Select(to => (Deadline: facts.Deadlines[to.Key], To: to.Value))
            .OrderBy(row => row.To).ThenBy(row => row.Deadline.Key, StringComparer.Ordinal).ToList();
        if (rows.FirstOrDefault(row => row.To > end) is { Deadline: { } late } beyond)
        {
            return new ProgrammeEndExceeded(late.Title, beyond.To, end);
        }

        var phases = Phases(facts, rows);
        if (phases.FirstOrDefault(row => facts.Phases[row.Key].StartsOn > row.To) is { } before)
        {
            return new PhaseWouldEndBeforeItsStart(before.Title, before.To);
        }

        var deliverables = rows.Where(row => KindOf(row.Deadline) == "deliverable").Select(row =>
            new ImpactPreview.DeliverableRow(
                KeyOf(row.Deadline), facts.DeliverableTitles[KeyOf(row.Deadline)], row.Deadline.DueOn, row.To)).ToList();
        var ballots = Ballots(facts, deliverables, end);
        return new ImpactPreview(
            [.. rows.Select(row => RowOf(facts, changes, row.Deadline, row.To))],
            phases,
            deliverables,
            ballots,
            [.. rows.SelectMany(row => Reminders(facts, row.Deadline, row.To))],
            [.. Warnings(facts, changes, deliverables, ballots, end)],
            []);
    }

    /// <summary>The dates that the document gives, and those that follow from them through any number of rules.</summary>
    private static Dictionary<string, DateOnly> Moved(ImpactFacts facts, IReadOnlyDictionary<string, DateOnly> changes)
    {
        var moved = new Dictionary<string, DateOnly>(changes);
        for (var grew = true; grew;)
        {
            grew = false;
            foreach (var deadline in facts.Deadlines.Values)
            {
                if (deadline is { State: DeadlineState.Pending, RuleBaseKey: { } basis, RuleDays: { } days }
                    && !moved.ContainsKey(deadline.Key)
                    && moved.TryGetValue(basis, out var to)
                    && WorkingCalendar.AddWorkingDays(to, days) is var follows
                    && follows != deadline.DueOn)
                {
                    moved[deadline.Key] = follows;
                    grew = true;
                }
            }
        }

        return moved;
    }

    private static Refusal? WhyNot(ImpactFacts facts, IReadOnlyDictionary<string, DateOnly> changes)
    {
        foreach (var (key, to) in changes)
        {
            if (!facts.Deadlines.TryGetValue(key, out var deadline))
            {
                return new NotFoundOrNotYours();
            }

            if (deadline.State != DeadlineState.Pending)
            {
                return new DeadlineIsOver(deadline.Title);
            }

            if (to < DateOnly.FromDateTime(facts.Now))
            {
                return new NewDateIsOver(to);
            }

            if (to == deadline.DueOn)
            {
                return new DateIsTheSame(deadline.Title, to);
            }
        }

        return null;
    }

    private static List<ImpactPreview.PhaseRow> Phases(ImpactFacts facts, IEnumerable<(Deadline Deadline, DateOnly To)> rows) =>
        [.. rows.Where(row => KindOf(row.Deadline) == "phase" && facts.Phases.ContainsKey(KeyOf(row.Deadline)))
            .Select(row => facts.Phases[KeyOf(row.Deadline)] is var phase
                ? new ImpactPreview.PhaseRow(phase.Key, phase.Title, phase.EndsOn, row.To) : null!)];

    private static ImpactPreview.DeadlineRow RowOf(
        ImpactFacts facts, IReadOnlyDictionary<string, DateOnly> changes, Deadline deadline, DateOnly to) =>
        changes.ContainsKey(deadline.Key)
            ? new(deadline.Key, deadline.Title, deadline.DueOn, to, null, null, facts.DateCounts[deadline.Key])
            : new(deadline.Key, deadline.Title, deadline.DueOn, to, facts.Deadlines[deadline.RuleBaseKey!].Title, deadline.RuleDays,
                facts.DateCounts[deadline.Key]);

    private static List<ImpactPreview.BallotRow> Ballots(
        ImpactFacts facts, IEnumerable<ImpactPreview.DeliverableRow> deliverables, DateOnly end) =>
        facts.BallotWorkingDays is not { } term ? [] :
        [.. deliverables.Select(row => (row, Latest: WorkingCalendar.AddWorkingDays(end, -term))).Select(pair =>
            new ImpactPreview.BallotRow(pair.row.Key, pair.row.Title, pair.Latest, end, term, pair.row.To <= pair.Latest))];

    private static IEnumerable<ImpactPreview.ReminderRow> Reminders(ImpactFacts facts, Deadline deadline, DateOnly to) =>
        [.. Mornings(facts, deadline, deadline.DueOn, isNew: false), .. Mornings(facts, deadline, to, isNew: true)];

    private static IEnumerable<ImpactPreview.ReminderRow> Mornings(ImpactFacts facts, Deadline deadline, DateOnly end, bool isNew) =>
        facts.ReminderSteps.OrderDescending().Select(step => (Step: $"T-{step}", Day: SendReminders.DayOf(end, step)))
            .Where(reminder => reminder.Day.ToDateTime(SendReminders.Morning) > facts.Now)
            .Select(reminder => new ImpactPreview.ReminderRow(deadline.Key, deadline.Title, reminder.Step, reminder.Day, isNew));

    private static IEnumerable<ImpactPreview.WarningRow> Warnings(
        ImpactFacts facts, IReadOnlyDictionary<string, DateOnly> changes, IReadOnlyList<ImpactPreview.DeliverableRow> deliverables,
        IEnumerable<ImpactPreview.BallotRow> ballots, DateOnly end)
    {
        foreach (var row in deliverables)
        {
            var left = WorkingCalendar.WorkingDaysBetween(row.To, end);
            if (left < TightBelow)
            {
                yield return new("days_left", row.Title, left, end);
            }
        }

        foreach (var row in ballots.Where(row => !row.Fits))
        {
            yield return new("term_breaks", row.Title, row.WorkingDays, row.LatestNotice);
        }

        foreach (var stays in facts.Deadlines.Values.Where(deadline => deadline.State is DeadlineState.Passed or DeadlineState.Met
            && deadline.RuleBaseKey is { } basis && changes.ContainsKey(basis)).OrderBy(deadline => deadline.Key, StringComparer.Ordinal))
        {
            yield return new("stays_" + stays.State, stays.Title, 0, stays.DueOn);
        }

        foreach (var (key, to) in changes.Where(change => !WorkingCalendar.IsWorkingDay(change.Value)))
        {
            yield return new("day_off", facts.Deadlines[key].Title, 0, to);
        }
    }

    private static string KindOf(Deadline deadline) => DeadlinePeople.Split(deadline.Subject).Kind;

    private static string KeyOf(Deadline deadline) => DeadlinePeople.Split(deadline.Subject).Key;
}
