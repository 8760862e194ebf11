using System.Globalization;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Calendar;

/// <summary>An end that people may have in their calendars: the last second of a local day.</summary>
/// <param name="Uid">The same for the thing's whole life: a moved end changes the event and adds none.</param>
/// <param name="Sequence">Never less than before; greater whenever the event was changed.</param>
/// <param name="IsCancelled">True when it will not happen any more.</param>
public sealed record CalendarEvent(string Uid, string Title, DateOnly Day, int Sequence, bool IsCancelled)
{
    /// <summary>The last second of the day, as calendars take it.</summary>
    public DateTimeOffset At => Warsaw.EndOf(Day);

    /// <param name="moves">How often its date was moved.</param>
    public static CalendarEvent Deadline(string key, string title, DateOnly dueOn, int moves, bool isCancelled = false) =>
        new($"termin-{key}@processtandardu", title, dueOn, (2 * moves) + (isCancelled ? 1 : 0), isCancelled);

    /// <summary>The end of a voting. It only ever moves later, so that its own day says which of two is the newer.</summary>
    public static CalendarEvent Ballot(Guid id, string title, DateOnly dueOn, bool isCancelled = false) => new(
        string.Create(CultureInfo.InvariantCulture, $"glosowanie-{id:N}@processtandardu"),
        title, dueOn, (2 * (dueOn.DayNumber - Origin.DayNumber)) + (isCancelled ? 1 : 0), isCancelled);

    private static readonly DateOnly Origin = new(2009, 3, 1);
}
