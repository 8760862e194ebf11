using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>
/// „Zmień na podstawie dokumentu”: the secretary or an administrator drafts an amendment with its number, date and file, and
/// is shown what it would do. Nothing moves and nobody is told.
/// </summary>
public sealed class DraftAmendment(
    UnitOfWork work, Rights rights, FindImpact impact, StoredFiles files, AuditTrail audit, TimeProvider time,
    IOptions<DocumentOptions> options)
{
    public const int LongestNumber = 100;
    public const int LongestNote = 2000;

    /// <param name="Changes">The new date of each deadline that the document names; a deadline named twice keeps its last date.</param>
    public sealed record Command(
        Guid PersonId, string? Number, DateOnly? DatedOn, Stream? File, string? FileName, string? Note,
        IReadOnlyList<KeyValuePair<string, DateOnly>> Changes, string? FormKey);

    /// <returns>The draft's id.</returns>
    public async Task<Result<Guid>> HandleAsync(Command command, CancellationToken cancellation)
    {
        if (!(await rights.OfAsync(command.PersonId, cancellation)).KeepsOutbox)
        {
            return new ActIsNotYours();
        }

        var now = time.GetUtcNow();
        if (Incompleteness(command, Warsaw.DateOf(now)) is { } missing)
        {
            return missing;
        }

        var received = await IncomingFile.ReceiveAsync(command.File!, command.FileName, options.Value.LargestFile, cancellation);
        if (!received.Succeeded)
        {
            return received.Refusal!;
        }

        await using var file = received.Value;
        var changes = command.Changes.GroupBy(change => change.Key).ToDictionary(same => same.Key, same => same.Last().Value);
        var request = new { command.Number, command.DatedOn, command.Note, Changes = changes.Select(change => $"{change}"), file.Sha256 };
        return await work.OnceAsync<Guid>(
            command.PersonId, command.FormKey, request,
            async db =>
            {
                var number = command.Number!.Trim();
                if (await db.Amendments.AnyAsync(
                    other => other.Number == number && (other.State == AmendmentState.Proposed || other.State == AmendmentState.Approved),
                    cancellation))
                {
                    return new AmendmentNumberIsTaken(number);
                }

                var id = Guid.CreateVersion7(now);
                var preview = await impact.HandleAsync(id, number, command.DatedOn!.Value, changes, now, cancellation);
                if (!preview.Succeeded)
                {
                    return preview.Refusal!;
                }

                var stored = await files.AddAsync(file, now, cancellation);
                db.Amendments.Add(new AgreementAmendment(
                    id, number, command.DatedOn!.Value, stored.Id, command.Note?.Trim() ?? "", command.PersonId, now,
                    changes.Select(change => new AmendmentChange(id, change.Key, change.Value)), preview.Value.ToJson()));
                audit.Record(Subjects.Amendment(id), "amendment_drafted", new Actor(command.PersonId), new
                {
                    number,
                    datedOn = command.DatedOn,
                    fileName = stored.FileName,
                    sha256 = Convert.ToHexStringLower(stored.Sha256),
                });
                return id;
            },
            cancellation);
    }

    private static Refusal? Incompleteness(Command command, DateOnly today) =>
        string.IsNullOrWhiteSpace(command.Number) ? new FieldIsEmpty(nameof(command.Number))
        : command.Number.Trim().Length > LongestNumber ? new TextIsTooLong(nameof(command.Number), LongestNumber)
        : command.DatedOn is null ? new FieldIsEmpty(nameof(command.DatedOn))
        : command.DatedOn > today ? new DocumentIsFromTheFuture(command.DatedOn.Value)
        : command.File is null || string.IsNullOrWhiteSpace(command.FileName) ? new AmendmentNeedsItsDocument()
        : command.Note?.Length > LongestNote ? new TextIsTooLong(nameof(command.Note), LongestNote)
        : command.Changes.Count == 0 ? new AmendmentChangesNothing()
        : null;
}
