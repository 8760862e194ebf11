using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>Amendments and what each does or would do. A draft is its author's alone; the words of mails are for those who keep the outbox.</summary>
public sealed class ShowAmendment(UnitOfWork work, Rights rights, StoredFiles files)
{
    public sealed record Query(Guid AmendmentId, Guid PersonId);

    /// <param name="MayPropose">This person may hand the draft to a second one.</param>
    /// <param name="MayApprove">This person is a second one, and the amendment waits for him.</param>
    /// <param name="MayTurnDown">This person may withdraw or reject it.</param>
    public sealed record View(
        Guid Id, string Number, DateOnly DatedOn, string FileName, string FileHash, string Note, string State, string ProposedBy,
        DateTimeOffset DraftedAt, DateTimeOffset? ProposedAt, string? DecidedBy, DateTimeOffset? DecidedAt, ImpactPreview Preview,
        bool IsMine, bool MayPropose, bool MayApprove, bool MayTurnDown);

    /// <summary>An amendment in a list.</summary>
    public sealed record Line(Guid Id, string Number, DateOnly DatedOn, string State);

    public Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<View>(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            var found = await (
                from amendment in db.Amendments.AsNoTracking()
                join file in db.StoredFiles.AsNoTracking() on amendment.FileId equals file.Id
                where amendment.Id == query.AmendmentId
                select new { amendment, file.FileName, file.Sha256 }).SingleOrDefaultAsync(cancellation);
            if (found is null || !IsVisible(found.amendment, person))
            {
                return new NotFoundOrNotYours();
            }

            var it = found.amendment;
            var names = await db.People.AsNoTracking().Where(p => p.Id == it.ProposedById || p.Id == it.DecidedById)
                .ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellation);
            var preview = ImpactPreview.Parse(it.Preview);
            var isMine = it.ProposedById == person.PersonId;
            return new View(
                it.Id, it.Number, it.DatedOn, found.FileName, Convert.ToHexStringLower(found.Sha256), it.Note, it.State,
                names[it.ProposedById], it.DraftedAt, it.ProposedAt, it.DecidedById is { } decider ? names[decider] : null, it.DecidedAt,
                person.KeepsOutbox ? preview : preview with { Mails = [] },
                isMine,
                isMine && it.State == AmendmentState.Draft,
                !isMine && person.KeepsOutbox && it.State == AmendmentState.Proposed,
                person.KeepsOutbox && (it.State == AmendmentState.Proposed || (isMine && it.State == AmendmentState.Draft)));
        },
        cancellation);

    /// <summary>Every amendment that the person may see, the newest first.</summary>
    public Task<IReadOnlyList<Line>> ListAsync(Guid personId, CancellationToken cancellation) => work.RunAsync<IReadOnlyList<Line>>(
        async db =>
        {
            var person = await rights.OfAsync(personId, cancellation);
            return [.. (await db.Amendments.AsNoTracking().OrderByDescending(a => a.DraftedAt).ToListAsync(cancellation))
                .Where(amendment => IsVisible(amendment, person))
                .Select(amendment => new Line(amendment.Id, amendment.Number, amendment.DatedOn, amendment.State))];
        },
        cancellation);

    /// <summary>The document itself.</summary>
    public Task<Result<(Stream Content, string MediaType, string FileName)>> FileAsync(Query query, CancellationToken cancellation) =>
        work.RunAsync<(Stream, string, string)>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var amendment = await db.Amendments.AsNoTracking().SingleOrDefaultAsync(a => a.Id == query.AmendmentId, cancellation);
                if (amendment is null || !IsVisible(amendment, person))
                {
                    return new NotFoundOrNotYours();
                }

                var file = await db.StoredFiles.AsNoTracking().SingleAsync(f => f.Id == amendment.FileId, cancellation);
                return (files.Open(file), file.MediaType, file.FileName);
            },
            cancellation);

    private static bool IsVisible(AgreementAmendment amendment, PersonRights person) => amendment.State switch
    {
        AmendmentState.Approved => person.Observes,
        AmendmentState.Draft => person.KeepsOutbox && amendment.ProposedById == person.PersonId,
        _ => person.KeepsOutbox,
    };
}
