using System.Security.Cryptography;
using System.Xml;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>„Wczytaj tabelę”: reads a Word or CSV table of comments and keeps what it says, to be looked at before anything is added.</summary>
public sealed class ReadCommentTable(UnitOfWork work, Rights rights, TimeProvider time)
{
    /// <summary>The longest table that is read, in bytes.</summary>
    public const int LargestTable = 10 * 1024 * 1024;

    /// <param name="Reporter">In whose name rows are that name nobody; empty means the reader's own.</param>
    /// <param name="FormKey">Made when the form was shown: the same key again gives the same answer.</param>
    public sealed record Command(
        string DeliverableKey, Guid RevisionId, Guid PersonId, Stream? File, string? FileName, string Reporter, string? FormKey);

    /// <summary>What was read and waits to be looked at.</summary>
    public sealed record Kept(Guid ImportId);

    public async Task<Result<Kept>> HandleAsync(Command command, CancellationToken cancellation)
    {
        var reporter = CommentSheet.Clean(command.Reporter);
        var first = await work.RunAsync<Revision>(db => FindAsync(db, command, cancellation), cancellation);
        if (!first.Succeeded)
        {
            return first.Refusal!;
        }

        if (command.File is null || string.IsNullOrWhiteSpace(command.FileName))
        {
            return new FieldIsEmpty("File");
        }

        if (reporter.Length > SubmitComment.LongestReference)
        {
            return new TextIsTooLong("Reporter", SubmitComment.LongestReference);
        }

        var file = await ReceiveAsync(command.File, cancellation);
        if (file is null)
        {
            return new FileIsTooLarge(LargestTable / (1024 * 1024));
        }

        var sheet = Sheet(file, FileName.Clean(command.FileName), reporter);
        if (!sheet.Succeeded)
        {
            return sheet.Refusal!;
        }

        var hash = SHA256.HashData(file);
        return await work.OnceAsync<Kept>(
            command.PersonId, command.FormKey, new { command.DeliverableKey, command.RevisionId, hash, reporter },
            async db =>
            {
                var found = await FindAsync(db, command, cancellation);
                if (!found.Succeeded)
                {
                    return found.Refusal!;
                }

                var now = time.GetUtcNow();
                var import = new CommentImport
                {
                    Id = Guid.CreateVersion7(now),
                    DeliverableKey = command.DeliverableKey,
                    RevisionId = command.RevisionId,
                    FileName = FileName.Clean(command.FileName),
                    Sha256 = hash,
                    PersonId = command.PersonId,
                    Content = CommentImport.Store(sheet.Value),
                    ReadAt = now,
                };
                db.CommentImports.Add(import);
                return new Kept(import.Id);
            },
            cancellation);
    }

    /// <summary>What a file says; pure, and safe with files of any making.</summary>
    public static Result<CommentSheet> Sheet(byte[] file, string cleanName, string reporter)
    {
        if (file.Length == 0)
        {
            return new FileIsEmpty();
        }

        try
        {
            IReadOnlyList<RawTable> tables;
            if (file.AsSpan().StartsWith("PK"u8))
            {
                using var content = new MemoryStream(file, writable: false);
                var kind = FileTypeCheck.Check(content, cleanName);
                if (!kind.Succeeded || kind.Value != FileKind.Docx)
                {
                    return kind.Refusal is null or FileIsNotADocument ? new CommentTableKindIsUnknown(cleanName) : kind.Refusal;
                }

                content.Position = 0;
                tables = DocxTables.Read(content);
            }
            else if (file.AsSpan().StartsWith("%PDF-"u8) || PackageReading.IsForeignFile(file.AsSpan(0, Math.Min(8, file.Length)))
                || FileName.Ending(cleanName) is not ("csv" or "txt" or "tsv"))
            {
                return new CommentTableKindIsUnknown(cleanName);
            }
            else
            {
                tables = [CsvTable.Read(file)];
            }

            return CommentSheet.From(tables, reporter) is { } sheet && sheet.Rows.Count + sheet.Problems.Count > 0
                ? sheet
                : new CommentTableIsNotFound();
        }
        catch (TooMuchUnpackedException)
        {
            return new FileUnpacksTooLarge();
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or XmlException)
        {
            return new CommentTableIsDamaged();
        }
    }

    private async Task<Result<Revision>> FindAsync(ProcesDbContext db, Command command, CancellationToken cancellation)
    {
        var person = await rights.OfAsync(command.PersonId, cancellation);
        var revision = await db.Revisions.AsNoTracking()
            .SingleOrDefaultAsync(r => r.Id == command.RevisionId && r.DeliverableKey == command.DeliverableKey, cancellation);
        return revision is null || !person.ReadsWorkingPapers ? new NotFoundOrNotYours()
            : revision.Status == RevisionStatus.Withdrawn ? new RevisionIsWithdrawn(revision.Number.ToString())
            : revision;
    }

    private static async Task<byte[]?> ReceiveAsync(Stream content, CancellationToken cancellation)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            if (kept.Length + read > LargestTable)
            {
                return null;
            }

            kept.Write(buffer, 0, read);
        }

        return kept.ToArray();
    }
}
