using System.Text;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Calendar;

/// <summary>Writes events as iCalendar (RFC 5545): local times of Warsaw, with the zone's rules in the file.</summary>
public static class CalendarFile
{
    public const string MediaType = "text/calendar; charset=utf-8; method=PUBLISH";

    private const string ZoneId = "Europe/Warsaw";

    // The programme's years lie after it; making it anew for each mail would cost more than the mail.
    private static readonly VTimeZone Zone =
        VTimeZone.FromDateTimeZone(ZoneId, new DateTime(2009, 1, 1, 0, 0, 0, DateTimeKind.Unspecified), includeHistoricalData: false);

    /// <summary>The file, with CRLF line ends and folded lines. The same events always give the same text.</summary>
    /// <param name="name">What a subscribed calendar is called; null for a file with single events.</param>
    public static string Write(IReadOnlyCollection<CalendarEvent> events, string? name = null)
    {
        var calendar = new Ical.Net.Calendar { ProductId = "-//ProcesStandardu//Terminy//PL", Method = "PUBLISH" };
        calendar.AddTimeZone(Zone);
        if (name is not null)
        {
            calendar.AddProperty("X-WR-CALNAME", name);
            calendar.AddProperty("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
        }

        foreach (var happening in events)
        {
            var local = Warsaw.Local(happening.At);
            calendar.Events.Add(new Ical.Net.CalendarComponents.CalendarEvent
            {
                Uid = happening.Uid,
                Summary = MailText.OneLine(happening.Title),
                Start = new CalDateTime(DateTime.SpecifyKind(local.DateTime, DateTimeKind.Unspecified), ZoneId),
                Sequence = happening.Sequence,
                Status = happening.IsCancelled ? EventStatus.Cancelled : EventStatus.Confirmed,
                Transparency = TransparencyType.Transparent,

                // Says which state of the event this is; the instant of writing would make two equal files differ.
                DtStamp = new CalDateTime(new DateTime(2009, 3, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(happening.Sequence)),
            });
        }

        return new CalendarSerializer().SerializeToString(calendar)!;
    }

    /// <summary>The events as a file that travels with a mail.</summary>
    public static MailAttachment Attachment(IReadOnlyCollection<CalendarEvent> events) =>
        new("termin.ics", MediaType, Encoding.UTF8.GetBytes(Write(events)));
}
