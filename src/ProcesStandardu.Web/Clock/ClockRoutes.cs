using System.Globalization;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Clock;

/// <summary>The page that moves the programme's clock on; it exists in the demo only.</summary>
internal static class ClockRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<ClockPage>("/zegar", Policies.Administers);
        routes.MapForm("/zegar", Policies.Administers, MoveAsync);
    }

    private static async Task<IResult> MoveAsync(
        PostedForm form, HttpContext http, MoveProgrammeClock move, Visitor visitor, CancellationToken cancellation)
    {
        var command = form["Krok"] switch
        {
            "1" => new MoveProgrammeClock.Command(visitor.Id, 1, null),
            "7" => new MoveProgrammeClock.Command(visitor.Id, 7, null),
            "termin" => new MoveProgrammeClock.Command(visitor.Id, null, null),
            "data" when Day(form["Date"]) is { } day => new MoveProgrammeClock.Command(visitor.Id, null, day),
            _ => null,
        };
        if (command is null)
        {
            return PageEndpoints.Refused<ClockPage>(http, form, new FieldIsEmpty("Date"));
        }

        // The way is walked to its end also when the browser gives up waiting: half a way would be a day that never was.
        var journey = await move.HandleAsync(command, CancellationToken.None);
        if (journey.Refusal is { } refusal)
        {
            return PageEndpoints.Refused<ClockPage>(http, form, refusal);
        }

        var done = string.Join(',', journey.Value.Done.Where(pass => pass.Value > 0).Select(pass => $"{pass.Key}:{pass.Value}"));
        return PageEndpoints.SeeOther(
            $"/zegar?od={Uri.EscapeDataString(journey.Value.From.ToString("O", CultureInfo.InvariantCulture))}"
            + $"&kroki={journey.Value.Stops}&zrobiono={Uri.EscapeDataString(done)}");
    }

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
