using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>Performs one act of the history as the person would: by the use case behind the form, inside the caller's transaction.</summary>
/// <param name="text">The text of the document to hand in; empty for other acts.</param>
internal sealed class HistoryStage(IServiceProvider services, ProcesDbContext db, string text)
{
    /// <returns>Null when the act was carried out.</returns>
    public Task<Refusal?> PerformAsync(HistoryAct act, CancellationToken cancellation) => act switch
    {
        StartWorkflowAct start => StartAsync(start, cancellation),
        SubmitRevisionAct submit => SubmitAsync(submit, cancellation),
        CastVotesAct cast => CastAsync(cast, cancellation),
        ReportIndicatorAct report => ReportAsync(report, cancellation),
        DecideAct decide => DecideAsync(decide, cancellation),
        _ => throw new InvalidOperationException($"Nobody plays {act.GetType().Name}."),
    };

    private async Task<Refusal?> StartAsync(StartWorkflowAct act, CancellationToken cancellation)
    {
        var started = await services.GetRequiredService<WorkflowEngine>().StartAsync(
            new StartWorkflow { DefinitionId = act.Workflow }, cancellation);
        return started.Outcome is StartOutcome.Started or StartOutcome.Deferred
            ? null
            : new WorkflowDidNotStart(act.Workflow, started.Outcome.ToString());
    }

    private async Task<Refusal?> SubmitAsync(SubmitRevisionAct act, CancellationToken cancellation)
    {
        using var file = new MemoryStream(DocxFromText.Write(act.Title, text));
        var submitted = await services.GetRequiredService<SubmitRevision>().HandleAsync(
            new SubmitRevision.Command(
                act.Deliverable, await PersonAsync(act.Person, cancellation), file, act.FileName, act.Summary, act.ChangeList,
                act.ChangeKind, act.Step, null, null),
            cancellation);
        return submitted.Refusal;
    }

    private async Task<Refusal?> CastAsync(CastVotesAct act, CancellationToken cancellation)
    {
        var ballot = await db.Ballots.AsNoTracking()
            .SingleOrDefaultAsync(b => b.DeliverableKey == act.Deliverable && b.State == BallotState.Open, cancellation);
        if (ballot is null)
        {
            return new NoBallotIsOpen(act.Deliverable);
        }

        var fileId = await db.Revisions.Where(r => r.Id == ballot.RevisionId).Select(r => r.FileId).SingleAsync(cancellation);
        var hash = Convert.ToHexStringLower(await db.StoredFiles.Where(f => f.Id == fileId).Select(f => f.Sha256).SingleAsync(cancellation));
        var votes = act.InFavour.Select(person => (Person: person, Position: PositionKind.InFavour))
            .Concat(act.Against.Select(person => (Person: person, Position: PositionKind.Against)))
            .Concat(act.Abstain.Select(person => (Person: person, Position: PositionKind.Abstain)));
        foreach (var (person, position) in votes)
        {
            var cast = await services.GetRequiredService<CastVote>().HandleAsync(
                new CastVote.Command(ballot.Id, await PersonAsync(person, cancellation), position, null, hash, null), cancellation);
            if (cast.Refusal is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private async Task<Refusal?> ReportAsync(ReportIndicatorAct act, CancellationToken cancellation) =>
        (await services.GetRequiredService<ReportIndicator>().HandleAsync(
            new ReportIndicator.Command(
                await PersonAsync(act.Person, cancellation), act.Indicator, act.Value, act.AsOf, act.Evidence),
            cancellation)).Refusal;

    private async Task<Refusal?> DecideAsync(DecideAct act, CancellationToken cancellation)
    {
        var question = await db.DecisionRequests.AsNoTracking().SingleOrDefaultAsync(
            request => request.DeliverableKey == act.Deliverable && request.State == DecisionRequest.Open, cancellation);
        return question is null
            ? new NoQuestionIsOpen(act.Deliverable)
            : (await services.GetRequiredService<Decide>().HandleAsync(
                new Decide.Command(question.Id, await PersonAsync(act.Person, cancellation), act.Choice, null), cancellation)).Refusal;
    }

    private Task<Guid> PersonAsync(string key, CancellationToken cancellation) =>
        db.People.Where(person => person.Key == key).Select(person => person.Id).SingleAsync(cancellation);
}

/// <summary>The workflow of the script was not started; says what the engine answered.</summary>
internal sealed record WorkflowDidNotStart(string Workflow, string Outcome) : Refusal;

/// <summary>The script votes on a deliverable on which no ballot is open.</summary>
internal sealed record NoBallotIsOpen(string Deliverable) : Refusal;

/// <summary>The script answers a question that nobody asked about the deliverable.</summary>
internal sealed record NoQuestionIsOpen(string Deliverable) : Refusal;
