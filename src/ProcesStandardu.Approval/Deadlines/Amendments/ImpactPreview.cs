using System.Globalization;
using System.Text.Json;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>
/// „Skutki zmiany”: everything that an amendment would do, a row each, down to the words of each mail. What its author was shown is
/// stored; the approval computes it again and refuses when anything differs.
/// </summary>
/// <param name="Warnings">What is allowed and yet worth a second look.</param>
public sealed record ImpactPreview(
    IReadOnlyList<ImpactPreview.DeadlineRow> Deadlines,
    IReadOnlyList<ImpactPreview.PhaseRow> Phases,
    IReadOnlyList<ImpactPreview.DeliverableRow> Deliverables,
    IReadOnlyList<ImpactPreview.BallotRow> Ballots,
    IReadOnlyList<ImpactPreview.ReminderRow> Reminders,
    IReadOnlyList<ImpactPreview.WarningRow> Warnings,
    IReadOnlyList<ImpactPreview.MailRow> Mails)
{
    /// <summary>A deadline that gets another date.</summary>
    /// <param name="BaseTitle">The deadline whose date it follows; null where the amendment itself names it.</param>
    /// <param name="WorkingDays">By how many working days it follows; null like <paramref name="BaseTitle"/>.</param>
    /// <param name="Moves">How often its date will have been moved, this time included.</param>
    public sealed record DeadlineRow(
        string Key, string Title, DateOnly From, DateOnly To, string? BaseTitle, int? WorkingDays, int Moves);

    public sealed record PhaseRow(string Key, string Title, DateOnly? From, DateOnly To);

    public sealed record DeliverableRow(string Key, string Title, DateOnly From, DateOnly To);

    /// <summary>The last day on which a written ballot on a deliverable can be noticed so that it closes with the programme.</summary>
    /// <param name="Fits">False when the deliverable is due only after that day.</param>
    public sealed record BallotRow(string DeliverableKey, string Title, DateOnly LatestNotice, DateOnly ClosesOn, int WorkingDays, bool Fits);

    /// <summary>A reminder that will not leave any more, or one that will.</summary>
    public sealed record ReminderRow(string DeadlineKey, string Title, string Step, DateOnly Day, bool IsNew);

    /// <param name="Kind">The end of the text's key <c>Warning_…</c>.</param>
    public sealed record WarningRow(string Kind, string Title, int Days, DateOnly Day);

    /// <summary>A mail to one person, as it would leave.</summary>
    public sealed record MailRow(Guid PersonId, string Name, string Subject, string Text);

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public static ImpactPreview Parse(string json) => JsonSerializer.Deserialize<ImpactPreview>(json, JsonSerializerOptions.Web)!;

    /// <summary>What this preview has and the other has not (+), and the reverse (−), a line each; empty when they say the same.</summary>
    public IReadOnlyList<string> DifferenceFrom(ImpactPreview shown)
    {
        var (now, before) = (Lines().ToList(), shown.Lines().ToList());
        return [.. now.Except(before).Select(line => "+ " + line.Words), .. before.Except(now).Select(line => "− " + line.Words)];
    }

    private IEnumerable<(string Id, string Words)> Lines() =>
    [
        .. Deadlines.Select(row => ($"{row}", $"{row.Title}: {Day(row.From)} → {Day(row.To)}")),
        .. Phases.Select(row => ($"{row}", $"{row.Title}: {Day(row.To)}")),
        .. Deliverables.Select(row => ($"{row}", $"{row.Title}: {Day(row.From)} → {Day(row.To)}")),
        .. Ballots.Select(row => ($"{row}", $"{row.Title}: {Day(row.LatestNotice)}")),
        .. Reminders.Select(row => ($"{row}", $"{row.Step}, {Day(row.Day)}: {row.Title}")),
        .. Warnings.Select(row => ($"{row}", $"{row.Title}: {Day(row.Day)}")),
        .. Mails.Select(row => ($"{row}", $"{row.Name}: {row.Subject}")),
    ];

    private static string Day(DateOnly? day) => day?.ToString("d.MM.yyyy", CultureInfo.InvariantCulture) ?? "–";
}
