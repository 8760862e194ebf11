using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Comments;

/// <summary>Where a comment stands between its maker and the document's author.</summary>
public enum CommentState
{
    /// <summary>Nothing was decided yet.</summary>
    Open,

    /// <summary>Decided; nobody who made it has answered.</summary>
    Decided,

    /// <summary>Decided, and everybody who answered is satisfied.</summary>
    Settled,

    /// <summary>Decided, and somebody who made it upholds it.</summary>
    Upheld,

    Withdrawn,
}

/// <summary>One comment with everything that was said about it.</summary>
/// <param name="Revision">The label of the revision commented on.</param>
/// <param name="Author">The name of the one in whose name it stands.</param>
/// <param name="Voices">Others who said the same, in order of arrival.</param>
/// <param name="Disposition">The one that stands; null while nothing is decided.</param>
/// <param name="Answers">The last answer of each who gave one to that disposition.</param>
public sealed record TableComment(
    Comment Comment, string Revision, string Author, IReadOnlyList<TableVoice> Voices, TableDisposition? Disposition,
    IReadOnlyList<TableAnswer> Answers)
{
    public CommentState State =>
        Disposition is null ? CommentState.Open
        : Disposition.Kind == DispositionKind.Withdrawn ? CommentState.Withdrawn
        : Answers.Any(answer => answer.Kind == ResponseKind.NotSatisfied) ? CommentState.Upheld
        : Answers.Count > 0 ? CommentState.Settled
        : CommentState.Decided;

    /// <summary>
    /// True when it goes on to the next body as a divergence: of substance, decided otherwise than asked, and upheld. Editorial
    /// remarks are the author's to settle.
    /// </summary>
    public bool IsDivergence =>
        State == CommentState.Upheld && Comment.Kind != CommentKind.Editorial && Disposition!.Kind != DispositionKind.Accepted;

    /// <summary>True for those who made it here: the author and everybody who joined.</summary>
    public bool IsOf(Guid personId) => Comment.AuthorId == personId || Voices.Any(voice => voice.EnteredById == personId);
}

/// <param name="Name">In whose name.</param>
public sealed record TableVoice(string Name, Guid EnteredById, string Rationale, string ProposedChange);

/// <param name="ChangeRevision">The label of the revision in which the text changed; null without a change.</param>
public sealed record TableDisposition(
    Guid Id, int Ordinal, DispositionKind Kind, string Reason, Guid? ChangeRevisionId, string? ChangeRevision, string? ChangeClause,
    string? ChangeProof, string DecidedBy, DateTimeOffset DecidedAt, bool IsTold);

/// <param name="By">Whose answer it is.</param>
/// <param name="EnteredBy">Who typed it for him; null when he did.</param>
public sealed record TableAnswer(Guid ById, string By, string? EnteredBy, ResponseKind Kind, string Words, DateTimeOffset GivenAt);

/// <summary>Loads comment tables. The order is fixed: by revision, then by the place in its table.</summary>
internal static class CommentTable
{
    /// <param name="commentId">Only this comment; null for all of the deliverable.</param>
    public static async Task<IReadOnlyList<TableComment>> LoadAsync(
        ProcesDbContext db, string deliverableKey, Guid? commentId, CancellationToken cancellation)
    {
        var comments = db.Comments.AsNoTracking()
            .Where(comment => comment.DeliverableKey == deliverableKey && (commentId == null || comment.Id == commentId));
        var rows = await (
            from comment in comments
            join revision in db.Revisions.AsNoTracking() on comment.RevisionId equals revision.Id
            orderby revision.Major, revision.Minor, comment.Number
            select comment).ToListAsync(cancellation);
        var ids = comments.Select(comment => comment.Id);
        var voices = (await db.CommentVoices.AsNoTracking().Where(voice => ids.Contains(voice.CommentId))
            .OrderBy(voice => voice.Ordinal).ToListAsync(cancellation)).ToLookup(voice => voice.CommentId);
        var dispositions = (await db.CommentDispositions.AsNoTracking().Where(decided => ids.Contains(decided.CommentId))
            .OrderBy(decided => decided.Ordinal).ToListAsync(cancellation)).ToLookup(decided => decided.CommentId);
        var standing = dispositions.Select(all => all.Last().Id).ToList();
        var responses = (await db.CommentResponses.AsNoTracking().Where(response => standing.Contains(response.DispositionId))
            .OrderBy(response => response.Ordinal).ToListAsync(cancellation)).ToLookup(response => response.DispositionId);
        var labels = (await db.Revisions.AsNoTracking().Where(revision => revision.DeliverableKey == deliverableKey).ToListAsync(cancellation))
            .ToDictionary(revision => revision.Id, revision => revision.Number.ToString());
        var names = await db.People.AsNoTracking().ToDictionaryAsync(person => person.Id, person => person.DisplayName, cancellation);

        return [.. rows.Select(comment =>
        {
            var decided = dispositions[comment.Id].LastOrDefault();
            return new TableComment(
                comment, labels[comment.RevisionId], Name(comment.ReportedBy, comment.AuthorId),
                [.. voices[comment.Id].Select(voice =>
                    new TableVoice(Name(voice.ReportedBy, voice.EnteredById), voice.EnteredById, voice.Rationale, voice.ProposedChange))],
                decided is null ? null : Of(decided, labels, names),
                decided is null ? [] : [.. responses[decided.Id].GroupBy(response => response.GivenById).Select(given => given.Last())
                    .Select(response => new TableAnswer(
                        response.GivenById, names[response.GivenById],
                        response.EnteredById == response.GivenById ? null : names[response.EnteredById],
                        response.Kind, response.Words, response.GivenAt))]);
        })];

        string Name(string reportedBy, Guid person) => reportedBy.Length > 0 ? reportedBy : names[person];
    }

    /// <summary>
    /// What somebody may read of it: all, or only what he said himself when he is recused in a ballot on the deliverable whose rules
    /// keep working comments from the recused. A lead of the task answers the comments and reads them all.
    /// </summary>
    public static async Task<IReadOnlyList<TableComment>> ReadableAsync(
        ProcesDbContext db, Deliverable deliverable, Guid? commentId, PersonRights reader, Guid readerId, CancellationToken cancellation)
    {
        var table = await LoadAsync(db, deliverable.Key, commentId, cancellation);
        if (reader.Leads(deliverable.TaskKey))
        {
            return table;
        }

        var rules = await (
            from elector in db.Set<Elector>().AsNoTracking()
            join ballot in db.Ballots.AsNoTracking() on elector.BallotId equals ballot.Id
            join version in db.RulesOfProcedure.AsNoTracking()
                on new { ballot.BodyKey, Version = ballot.RulesVersion } equals new { version.BodyKey, version.Version }
            where elector.PersonId == readerId && elector.RecusalBasis != null && ballot.DeliverableKey == deliverable.Key
            select version).Distinct().ToListAsync(cancellation);
        return rules.Any(version => version.Read().CommentsHiddenFromRecused) ? [.. table.Where(entry => entry.IsOf(readerId))] : table;
    }

    /// <summary>Every disposition of one comment, oldest first.</summary>
    public static async Task<IReadOnlyList<TableDisposition>> DispositionsAsync(
        ProcesDbContext db, Guid commentId, CancellationToken cancellation)
    {
        var labels = (await db.Revisions.AsNoTracking().ToListAsync(cancellation))
            .ToDictionary(revision => revision.Id, revision => revision.Number.ToString());
        var names = await db.People.AsNoTracking().ToDictionaryAsync(person => person.Id, person => person.DisplayName, cancellation);
        return [.. (await db.CommentDispositions.AsNoTracking().Where(decided => decided.CommentId == commentId)
            .OrderBy(decided => decided.Ordinal).ToListAsync(cancellation)).Select(decided => Of(decided, labels, names))];
    }

    private static TableDisposition Of(
        CommentDisposition decided, Dictionary<Guid, string> labels, Dictionary<Guid, string> names) => new(
        decided.Id, decided.Ordinal, decided.Kind, decided.Reason, decided.ChangeRevisionId,
        decided.ChangeRevisionId is { } id ? labels[id] : null, decided.ChangeClause, decided.ChangeProof,
        names[decided.DecidedById], decided.DecidedAt, decided.ToldAt is not null);
}
