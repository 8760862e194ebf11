using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Ballots;

/// <summary>The forms of those who conduct a ballot and of members about themselves: which form was sent says which act it is.</summary>
internal static class BallotActRoutes
{
    public static async Task<IResult> ActAsync(
        string reference, PostedForm form, HttpContext http, ShowBallot show, Visitor visitor, CancellationToken cancellation)
    {
        var ballot = await show.HandleAsync(new ShowBallot.Query(reference, visitor.Id), cancellation);
        if (ballot is null)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        if (form is { Name: "oglos" } && form["Krok"] != BallotRoutes.ConfirmStep && ballot.May.Contains(BallotAct.Announce))
        {
            return PageEndpoints.Again<AnnouncePage>(http, form);
        }

        var (refusal, goTo) = await PerformAsync(http.RequestServices, ballot, visitor.Id, form, cancellation);
        return refusal is not null
            ? PageEndpoints.Refused<BallotPage>(http, form, refusal)
            : PageEndpoints.SeeOther(BallotRoutes.Address(goTo));
    }

    /// <returns>Why the act was refused, or null and the ballot to look at next.</returns>
    private static async Task<(Refusal? Refusal, Guid GoTo)> PerformAsync(
        IServiceProvider services, ShowBallot.BallotView ballot, Guid personId, PostedForm form, CancellationToken cancellation)
    {
        var ballotId = ballot.Id;
        var member = Guid.TryParse(form["Member"], out var id) ? id : Guid.Empty;
        var (reason, step, key) = (form["Reason"], form["Krok"], form.Key);
        return form.Name switch
        {
            "przedluz" => Here((await services.GetRequiredService<HoldAct>().HandleAsync(
                new HoldAct.Command(personId, OutwardActs.ToExtend(ballotId, ballot.Number, reason), key), cancellation)).Refusal),
            "zamknij" => Here((await services.GetRequiredService<CloseBallot>().HandleAsync(
                new CloseBallot.Command(ballotId, personId, key), cancellation)).Refusal),
            "przerwij" => Here((await services.GetRequiredService<DiscontinueBallot>().HandleAsync(
                new DiscontinueBallot.Command(ballotId, personId, BallotCloseReason.Discontinued, reason, key), cancellation)).Refusal),
            "bez-kworum" => Here((await services.GetRequiredService<DiscontinueBallot>().HandleAsync(
                new DiscontinueBallot.Command(ballotId, personId, step ?? "", reason, key), cancellation)).Refusal),
            "oglos" => Here((await services.GetRequiredService<HoldAct>().HandleAsync(
                new HoldAct.Command(personId, OutwardActs.ToAnnounce(ballotId, ballot.Number), key), cancellation)).Refusal),
            "ponow" => await RepeatAsync(BallotRelation.ReBallot),
            "wznow" => await RepeatAsync(BallotRelation.Reopening),
            "redakcyjna" => Here((await services.GetRequiredService<ConfirmEditorialChange>().HandleAsync(
                new ConfirmEditorialChange.Command(ballotId, personId, reason, key), cancellation)).Refusal),
            "nie-redakcyjna" => GoOn(await services.GetRequiredService<ContestEditorialChange>().HandleAsync(
                new ContestEditorialChange.Command(ballotId, personId, reason, key), cancellation)),
            "wylaczenie" => Here((await services.GetRequiredService<DeclareImpartiality>().HandleAsync(
                new DeclareImpartiality.Command(ballotId, personId, step ?? "", reason, key), cancellation)).Refusal),
            "rozstrzygniecie" => Here((await services.GetRequiredService<DecideRecusal>().HandleAsync(
                new DecideRecusal.Command(ballotId, personId, member, step == "wylacz", reason, key), cancellation)).Refusal),
            "zawiadomienie" => Here((await services.GetRequiredService<ProveNotice>().HandleAsync(
                new ProveNotice.Command(ballotId, personId, member, step ?? "", reason, key), cancellation)).Refusal),
            "zdanie" => Here((await services.GetRequiredService<FileDissent>().HandleAsync(
                new FileDissent.Command(ballotId, personId, reason, key), cancellation)).Refusal),
            "wpisz" => Here((await services.GetRequiredService<CastVote>().HandleAsync(
                new CastVote.Command(
                    ballotId, personId, form["Position"], null, form["ContentHash"], key, member, form["Ground"]), cancellation)).Refusal),
            _ => Here(new NotFoundOrNotYours()),
        };

        (Refusal?, Guid) GoOn(Result<OpenBallot.Opened> opened) =>
            opened.Succeeded ? (null, opened.Value.BallotId) : (opened.Refusal, ballotId);

        (Refusal?, Guid) Here(Refusal? refusal) => (refusal, ballotId);

        async Task<(Refusal?, Guid)> RepeatAsync(string relation) => GoOn(await services.GetRequiredService<RepeatBallot>().HandleAsync(
            new RepeatBallot.Command(ballotId, personId, relation, reason, key), cancellation));
    }
}
