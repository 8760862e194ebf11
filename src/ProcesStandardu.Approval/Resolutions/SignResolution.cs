using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>
/// The chair (or the vice-chair) and the secretary sign. The first signature draws the resolution up: from then on the
/// paper stands still, and its fingerprint is in the ballot's chain of events.
/// </summary>
public sealed class SignResolution(UnitOfWork work, Rights rights, AuditTrail audit, TimeProvider time)
{
    /// <param name="Fingerprint">Of the paper that the form showed; another one since then refuses the signature.</param>
    /// <param name="ConfirmedBy">The stored name of how the signer proved once more that it is he; null when nobody asked him.</param>
    public sealed record Command(Guid BallotId, Guid PersonId, string Fingerprint, string? FormKey, string? ConfirmedBy = null);

    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId, command.FormKey, new { command.BallotId, command.Fingerprint },
        async db =>
        {
            var person = await rights.OfAsync(command.PersonId, cancellation);
            if (!person.Observes)
            {
                return new NotFoundOrNotYours();
            }

            await work.LockBallotAsync(command.BallotId, cancellation);
            if (await ShowResolution.LoadAsync(db, command.BallotId, cancellation) is not var (ballot, record, data))
            {
                return new NotFoundOrNotYours();
            }

            var position = person.Positions.GetValueOrDefault(ballot.BodyKey);
            if (ShowResolution.CapacityOf(position) is not { } capacity)
            {
                return new ActIsNotYours();
            }

            if (data[EvidenceSections.Signatures].FirstOrDefault(row => row.Key == capacity) is { } earlier)
            {
                return new ResolutionIsSigned(
                    earlier["name"], (await db.ResolutionSignatures.AsNoTracking()
                        .SingleAsync(s => s.BallotId == ballot.Id && s.Capacity == capacity, cancellation)).SignedAt);
            }

            var fingerprint = data.Fingerprint();
            if (!CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(Convert.ToHexStringLower(fingerprint)), Encoding.ASCII.GetBytes(command.Fingerprint)))
            {
                return new ResolutionIsAnother();
            }

            var now = time.GetUtcNow();
            if (record is null)
            {
                db.ResolutionRecords.Add(new ResolutionRecord
                {
                    BallotId = ballot.Id,
                    Core = Encoding.UTF8.GetString(data.ToJson()),
                    Fingerprint = fingerprint,
                    DrawnUpById = command.PersonId,
                    DrawnUpAt = now,
                });
            }

            db.ResolutionSignatures.Add(new ResolutionSignature
            {
                BallotId = ballot.Id,
                Capacity = capacity,
                PersonId = command.PersonId,
                Position = position!,
                SignedAt = now,
            });
            audit.Record(Subjects.Ballot(ballot.Id), "resolution_signed", new Actor(command.PersonId), new
            {
                resolution = ballot.ResolutionNumber,
                capacity,
                fingerprint = Convert.ToHexStringLower(fingerprint),
                signedAt = EvidenceData.Instant(now),
                confirmedBy = command.ConfirmedBy,
            });
            return new Done();
        },
        cancellation);
}
