using System.Globalization;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Documents;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Ballots;

/// <summary>The addresses of ballots, and the form of a vote: choose, check, confirm.</summary>
internal static class BallotRoutes
{
    public const string CheckStep = "sprawdz";
    public const string ConfirmStep = "potwierdz";
    public const string CorrectStep = "popraw";

    /// <summary>What the check carries on from the form of a vote.</summary>
    public static readonly string[] CarriedFields =
        ["ContentHash", "Position", "Reason", "Objection", "Za", "Cofam", "Tajne", "Podtrzymanie"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<BallotsPage>("/glosowania", Policies.Observes);
        routes.MapPage<BallotPage>("/glosowania/{reference}", Policies.Observes);
        routes.MapForm("/glosowania/{reference}", Policies.Observes, VoteAsync);
        routes.MapForm("/glosowania/{reference}/czynnosci", Policies.Observes, BallotActRoutes.ActAsync);
        routes.MapPage<OpenBallotPage>("/produkty/{key}/glosowanie", Policies.Observes);
        routes.MapForm("/produkty/{key}/glosowanie", Policies.Observes, OpenAsync);

        // A ballot's number holds a slash; whoever types it is led to the ballot.
        routes.MapGet(
            "/glosowania/{series}/{number:int}",
            async (string series, string number, ShowBallot show, Visitor visitor, CancellationToken cancellation) =>
                await show.HandleAsync(new ShowBallot.Query($"{series}/{number}", visitor.Id), cancellation) is { } ballot
                    ? Results.Redirect(Address(ballot.Id))
                    : Results.StatusCode(StatusCodes.Status404NotFound)).RequireAuthorization(Policies.Observes);
    }

    public static string Address(Guid ballotId) => $"/glosowania/{ballotId:D}";

    public static string ActsAddress(Guid ballotId) => $"/glosowania/{ballotId:D}/czynnosci";

    /// <summary>The board in which the visitor has a place; empty for people without one.</summary>
    public static string BodyOf(Visitor visitor) => visitor.Rights?.Positions.Keys.Order(StringComparer.Ordinal).FirstOrDefault() ?? "";

    private static async Task<IResult> VoteAsync(
        string reference, PostedForm form, HttpContext http, ShowBallot show, CastVote cast, Visitor visitor,
        CancellationToken cancellation)
    {
        if (form["Krok"] == CorrectStep)
        {
            return PageEndpoints.Again<BallotPage>(http, form);
        }

        // The confirmed vote needs no page: the use case itself knows whatever could stand in its way.
        if (form["Krok"] == ConfirmStep && Guid.TryParse(reference, out var id))
        {
            return await ConfirmAsync(id, form, http, cast, visitor, cancellation);
        }

        var ballot = await show.HandleAsync(new ShowBallot.Query(reference, visitor.Id), cancellation);
        if (ballot is null)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        return form["Krok"] == ConfirmStep ? await ConfirmAsync(ballot.Id, form, http, cast, visitor, cancellation)
            : ObstacleTo(ballot, form) is { } obstacle ? PageEndpoints.Refused<BallotPage>(http, form, obstacle)
            : PageEndpoints.Again<CheckVotePage>(http, form);
    }

    private static async Task<IResult> ConfirmAsync(
        Guid ballotId, PostedForm form, HttpContext http, CastVote cast, Visitor visitor, CancellationToken cancellation)
    {
        var receipt = await cast.HandleAsync(
            new CastVote.Command(
                ballotId, visitor.Id, form["Position"], form["Reason"], form["ContentHash"], form.Key,
                Guid.TryParse(form["Za"], out var member) ? member : null, null, form["Objection"], form["Cofam"] == "tak",
                form["Tajne"] == "tak", form["Podtrzymanie"] == "tak"),
            cancellation);
        return receipt.Refusal is { } refusal
            ? PageEndpoints.Refused<BallotPage>(http, form, refusal)
            : PageEndpoints.SeeOther(Address(ballotId));
    }

    /// <summary>The check saves nothing: whatever stands in the way is said now rather than after it.</summary>
    private static Refusal? ObstacleTo(ShowBallot.BallotView ballot, PostedForm form) =>
        form["Position"] is not { } position || !PositionKind.All.Contains(position) ? new PositionIsMissing()
        : ballot.State == BallotState.Undecided ? new BallotAwaitsTheChair()
        : !ballot.TakesPositions ? new BallotIsClosed(ballot.ClosedAt, ballot.Own?.CastAt)
        : form["ContentHash"] != ballot.ContentHash ? new TextUnderBallotDiffers()
        : form["Objection"] is not null && position != PositionKind.Against ? new ObjectionNeedsAgainst()
        : ballot.IsSecret && ballot.HasVoted ? new SecretVoteIsFinal()
        : form["Za"] is null && form["Cofam"] != "tak" && ballot.Own is { Capacity: CastingCapacity.Alternate } byAlternate
            ? new AlternateHasVoted(byAlternate.CastAt)
        : null;

    private static async Task<IResult> OpenAsync(
        string key, PostedForm form, HttpContext http, HoldAct hold, ListBallots list, Visitor visitor, CancellationToken cancellation)
    {
        int? days = null;
        if (form["Procedure"] is null or BallotProcedure.Written && form["WorkingDays"] is { } typed)
        {
            days = int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 250 ? number : 0;
        }

        var command = new OpenBallot.Command(
            key, BodyOf(visitor), form["Title"], days, null, new Actor(visitor.Id), form["Procedure"], form["Secrecy"]);
        var held = await hold.HandleAsync(
            new HoldAct.Command(visitor.Id, OutwardActs.ToOpen(command, form["Title"] ?? key), form.Key), cancellation);
        if (held.Refusal is { } refusal)
        {
            return PageEndpoints.Refused<OpenBallotPage>(http, form, refusal);
        }

        // One that is open at once is the newest on the document; one that is held is told of on the document's page.
        var newest = held.Value.Id is null
            ? (await list.HandleAsync(new ListBallots.Query(visitor.Id, DeliverableKey: key), cancellation)).MaxBy(ballot => ballot.NoticedAt)
            : null;
        return PageEndpoints.SeeOther(newest is null ? DocumentRoutes.Address(key) : Address(newest.Id));
    }
}
