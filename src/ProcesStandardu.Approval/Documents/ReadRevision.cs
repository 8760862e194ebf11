using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>„Czytaj na stronie”: the words of a revision as headings, paragraphs and tables, every unit with an address of its own.</summary>
public sealed class ReadRevision(UnitOfWork work, Rights rights, StoredFiles files)
{
    public sealed record Query(Guid RevisionId, Guid PersonId);

    /// <param name="FileKind">Upper-case ending, for example DOCX.</param>
    /// <param name="Sha256">64 hexadecimal digits, lower case: of the exact bytes that the words were read from.</param>
    /// <param name="NotShown">Why there are no words; null when there are.</param>
    public sealed record View(
        string DeliverableKey, string Title, Guid RevisionId, string Revision, string FileKind, string FileName, long Length, string Sha256,
        Refusal? NotShown, IReadOnlyList<Block> Blocks);

    /// <param name="Anchor">Unique in the page; null where no unit begins.</param>
    /// <param name="Reference">As the unit is quoted; null like <paramref name="Anchor"/>.</param>
    public sealed record Block(string? Anchor, string? Reference, DocumentParagraph Paragraph);

    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation)
    {
        var found = await work.RunAsync<(View Empty, StoredFile File)>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var row = await (
                    from revision in db.Revisions.AsNoTracking()
                    join deliverable in db.Deliverables.AsNoTracking() on revision.DeliverableKey equals deliverable.Key
                    join file in db.StoredFiles.AsNoTracking() on revision.FileId equals file.Id
                    where revision.Id == query.RevisionId
                    select new { revision, deliverable, file }).SingleOrDefaultAsync(cancellation);
                if (row is null || !RevisionReading.IsAllowed(person, row.deliverable, row.revision.Id))
                {
                    return new NotFoundOrNotYours();
                }

                var label = row.revision.Number.ToString();
                return row.revision.Status == RevisionStatus.Withdrawn
                    ? new RevisionIsWithdrawn(label)
                    : (new View(
                        row.deliverable.Key, row.deliverable.Title, row.revision.Id, label,
                        FileKinds.FromMediaType(row.file.MediaType)?.ToStored().ToUpperInvariant() ?? row.file.MediaType, row.file.FileName,
                        row.file.Length, Convert.ToHexStringLower(row.file.Sha256), files.WhyNotRead(row.file), []), row.file);
            },
            cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        var (view, stored) = found.Value;
        if (view.NotShown is not null || FileKinds.FromMediaType(stored.MediaType) is not { } kind)
        {
            return view;
        }

        // Read outside the transaction: the bytes never change, and a long text takes a while.
        try
        {
            await using var content = files.Open(stored);
            var paragraphs = TextExtraction.Read(content, kind);
            return paragraphs.Count == 0
                ? view with { NotShown = kind == Documents.FileKind.Pdf ? new PdfHasNoWords(view.Revision) : new TextCannotBeRead(view.Revision) }
                : view with { Blocks = Blocks(paragraphs) };
        }
        catch (Exception error) when (error is InvalidDataException or TooMuchUnpackedException)
        {
            return view with { NotShown = new TextCannotBeRead(view.Revision) };
        }
    }

    internal static IReadOnlyList<Block> Blocks(IReadOnlyList<DocumentParagraph> paragraphs)
    {
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        var begun = Clauses.BegunBy(paragraphs);
        return [.. paragraphs.Select((paragraph, i) =>
        {
            if (begun[i] is not { Length: > 0 } reference || Clauses.Anchor(reference) is not { Length: > 0 } anchor)
            {
                return new Block(null, null, paragraph);
            }

            // The same place twice, as „1.” of two lists: the second is told apart.
            taken[anchor] = taken.GetValueOrDefault(anchor) + 1;
            return new Block(taken[anchor] == 1 ? anchor : $"{anchor}--{taken[anchor]}", reference, paragraph);
        })];
    }
}
