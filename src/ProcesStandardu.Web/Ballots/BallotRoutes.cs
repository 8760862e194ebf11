using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Ballots;

/// <summary>The addresses of ballots and the one form of a voting member: choose, check, confirm.</summary>
internal static class BallotRoutes
{
    public const string CheckStep = "sprawdz";
    public const string ConfirmStep = "potwierdz";
    public const string CorrectStep = "popraw";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<BallotsPage>("/glosowania", Policies.Observes);
        routes.MapPage<BallotPage>("/glosowania/{reference}", Policies.Observes);
        routes.MapForm("/glosowania/{reference}", Policies.Observes, VoteAsync);

        // A ballot's number holds a slash; whoever types it is led to the ballot.
        routes.MapGet(
            "/glosowania/{series}/{number:int}",
            async (string series, string number, ShowBallot show, Visitor visitor, CancellationToken cancellation) =>
                await show.HandleAsync(new ShowBallot.Query($"{series}/{number}", visitor.Id), cancellation) is { } ballot
                    ? Results.Redirect(Address(ballot.Id))
                    : Results.StatusCode(StatusCodes.Status404NotFound)).RequireAuthorization(Policies.Observes);
    }

    public static string Address(Guid ballotId) => $"/glosowania/{ballotId:D}";

    private static async Task<IResult> VoteAsync(
        string reference, PostedForm form, HttpContext http, ShowBallot show, CastVote cast, Visitor visitor,
        CancellationToken cancellation)
    {
        if (form["Krok"] == CorrectStep)
        {
            return PageEndpoints.Again<BallotPage>(http, form);
        }

        var ballot = await show.HandleAsync(new ShowBallot.Query(reference, visitor.Id), cancellation);
        if (ballot is null)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        var position = form["Position"];
        if (form["Krok"] != ConfirmStep)
        {
            // The check saves nothing: whatever else stands in the way is said now rather than after it.
            return position is null || !PositionKind.All.Contains(position)
                ? PageEndpoints.Refused<BallotPage>(http, form, new PositionIsMissing())
                : !ballot.TakesPositions
                    ? PageEndpoints.Refused<BallotPage>(http, form, new BallotIsClosed(ballot.ClosedAt, ballot.Own?.CastAt))
                    : PageEndpoints.Again<CheckVotePage>(http, form);
        }

        var receipt = await cast.HandleAsync(
            new CastVote.Command(ballot.Id, visitor.Id, position, form["Reason"], form["ContentHash"], form.Key), cancellation);
        return receipt.Refusal is { } refusal
            ? PageEndpoints.Refused<BallotPage>(http, form, refusal)
            : PageEndpoints.SeeOther(Address(ballot.Id));
    }
}
