using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>One resolution for its readers: the paper, who signed it, and the file that defends it.</summary>
public sealed class ShowResolution(UnitOfWork work, Rights rights, StoredFiles files)
{
    /// <param name="BallotId">A resolution is known by the ballot that adopted it.</param>
    public sealed record Query(Guid BallotId, Guid PersonId);

    /// <param name="Data">The core and the signatures; no events.</param>
    /// <param name="Fingerprint">64 hexadecimal digits.</param>
    /// <param name="IsDrawnUp">True from the first signature on: the paper stands still.</param>
    /// <param name="SignsAs">In which capacity this reader may still sign; null when in none.</param>
    public sealed record View(
        Guid BallotId, string BodyKey, string DeliverableKey, EvidenceData Data, string Fingerprint, bool IsDrawnUp, string? SignsAs);

    /// <summary>One line of the list of resolutions.</summary>
    public sealed record Line(Guid BallotId, string Number, string Body, string Title, DateTimeOffset AdoptedAt, int Signatures);

    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => await work.RunAsync<View>(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            if (!person.Observes || await LoadAsync(db, query.BallotId, cancellation) is not { } found)
            {
                return new NotFoundOrNotYours();
            }

            var (ballot, record, data) = found;
            var capacity = person.IsActive ? CapacityOf(person.Positions.GetValueOrDefault(ballot.BodyKey)) : null;
            return new View(
                ballot.Id, ballot.BodyKey, ballot.DeliverableKey, data, Convert.ToHexStringLower(data.Fingerprint()), record is not null,
                capacity is not null && data[EvidenceSections.Signatures].All(row => row.Key != capacity) ? capacity : null);
        },
        cancellation);

    /// <summary>All resolutions, the newest first; none for people who may not read what was decided.</summary>
    public Task<IReadOnlyList<Line>> ListAsync(Guid personId, CancellationToken cancellation) => work.RunAsync<IReadOnlyList<Line>>(
        async db => (await rights.OfAsync(personId, cancellation)).Observes
            ? await (
                from ballot in db.Ballots.AsNoTracking()
                join body in db.Bodies.AsNoTracking() on ballot.BodyKey equals body.Key
                where ballot.ResolutionNumber != null
                orderby ballot.ClosedAt descending
                select new Line(
                    ballot.Id, ballot.ResolutionNumber!, body.Name, ballot.Title, ballot.ClosedAt!.Value,
                    db.ResolutionSignatures.Count(signature => signature.BallotId == ballot.Id))).ToListAsync(cancellation)
            : [],
        cancellation);

    /// <summary>Writes the file that defends itself, into a temporary file that is gone when the stream is.</summary>
    public async Task<Result<(Stream Content, string FileName)>> EvidenceAsync(Query query, CancellationToken cancellation)
    {
        var found = await work.RunAsync<(EvidenceData Data, Dictionary<string, StoredFile> Papers, string Name)>(
            async db =>
            {
                if (!(await rights.OfAsync(query.PersonId, cancellation)).Observes
                    || await LoadAsync(db, query.BallotId, cancellation) is not var (ballot, _, data))
                {
                    return new NotFoundOrNotYours();
                }

                var texts = (await ResolutionFacts.EarlierAsync(db, ballot.Id, cancellation)).Select(text => text.Revision.FileId).ToList();
                var papers = await (
                    from file in db.StoredFiles.AsNoTracking()
                    where texts.Contains(file.Id) || db.Revisions.Any(revision => revision.Id == ballot.RevisionId && revision.FileId == file.Id)
                    select file).ToListAsync(cancellation);
                return (
                    data.With(EvidenceSections.Events, await ResolutionFacts.EventsAsync(db, ballot, cancellation)),
                    papers.DistinctBy(ResolutionFacts.PaperPath).ToDictionary(ResolutionFacts.PaperPath),
                    FileName.Clean($"uchwala-{ballot.ResolutionNumber!.Replace('/', '-')}.zip"));
            },
            cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        // Written outside the transaction: a long paper takes a while, and none of this changes any more.
        var target = new FileStream(
            Path.Combine(Path.GetTempPath(), "processtandardu-" + Path.GetRandomFileName()),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
        try
        {
            var (data, papers, name) = found.Value;
            await EvidenceFile.WriteAsync(
                target, data, papers.ToDictionary(paper => paper.Key, paper => (Stream)files.Open(paper.Value)), cancellation);
            target.Position = 0;
            return (target, name);
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    /// <summary>The drawn-up record with its signatures, or the resolution as it would be drawn up now; null when there is none.</summary>
    internal static async Task<(Ballot Ballot, ResolutionRecord? Record, EvidenceData Data)?> LoadAsync(
        ProcesDbContext db, Guid ballotId, CancellationToken cancellation)
    {
        var ballot = await db.Ballots.AsNoTracking().Include(b => b.Electors).Include(b => b.Positions).Include(b => b.Urn).AsSplitQuery()
            .SingleOrDefaultAsync(b => b.Id == ballotId && b.ResolutionNumber != null, cancellation);
        if (ballot is null)
        {
            return null;
        }

        var record = await db.ResolutionRecords.AsNoTracking().SingleOrDefaultAsync(r => r.BallotId == ballotId, cancellation);
        var data = record?.Read() ?? await ResolutionFacts.CoreAsync(db, ballot, cancellation);
        var signatures = await (
            from signature in db.ResolutionSignatures.AsNoTracking()
            join person in db.People.AsNoTracking() on signature.PersonId equals person.Id
            where signature.BallotId == ballotId
            select new { signature, person.DisplayName }).ToListAsync(cancellation);
        var dissents = await (
            from opinion in db.DissentingOpinions.AsNoTracking()
            join person in db.People.AsNoTracking() on opinion.PersonId equals person.Id
            where opinion.BallotId == ballotId
            orderby opinion.FiledAt, opinion.PersonId
            select new { opinion, person.DisplayName }).ToListAsync(cancellation);
        data = data.With(EvidenceSections.Dissents, dissents.Select(row => EvidenceData.RowOf(
            row.opinion.PersonId.ToString("D"), ("name", row.DisplayName), ("text", row.opinion.Text),
            ("filed_at", EvidenceData.Instant(row.opinion.FiledAt)))));
        return (ballot, record, data.With(EvidenceSections.Signatures, signatures.OrderBy(row => row.signature.Capacity, StringComparer.Ordinal)
            .Select(row => EvidenceData.RowOf(
                row.signature.Capacity, ("name", row.DisplayName), ("person", row.signature.PersonId.ToString("D")),
                ("position", row.signature.Position), ("signed_at", EvidenceData.Instant(row.signature.SignedAt))))));
    }

    /// <summary>As what the holder of a place signs; the vice-chair for the chair. Null for members.</summary>
    internal static string? CapacityOf(string? position) => position switch
    {
        BodyPosition.Chair or BodyPosition.ViceChair => SigningCapacity.Chair,
        BodyPosition.Secretary => SigningCapacity.Secretary,
        _ => null,
    };
}
