using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>Writes a ballot with its result down as the rows of a resolution.</summary>
internal static class ResolutionFacts
{
    private const string TermField = "term.";

    /// <summary>The sections of <see cref="EvidenceSections.Core"/>, as everything stands now.</summary>
    public static async Task<EvidenceData> CoreAsync(ProcesDbContext db, Ballot ballot, CancellationToken cancellation)
    {
        var body = await db.Bodies.AsNoTracking().SingleAsync(b => b.Key == ballot.BodyKey, cancellation);
        var rules = await db.RulesOfProcedure.AsNoTracking()
            .SingleAsync(r => r.BodyKey == ballot.BodyKey && r.Version == ballot.RulesVersion, cancellation);
        var deliverable = await db.Deliverables.AsNoTracking().SingleAsync(d => d.Key == ballot.DeliverableKey, cancellation);
        var revision = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
        var file = await db.StoredFiles.AsNoTracking().SingleAsync(f => f.Id == revision.FileId, cancellation);
        var earlier = await EarlierAsync(db, ballot.Id, cancellation);
        var ids = ballot.Electors.Select(elector => elector.PersonId)
            .Concat(ballot.Electors.Select(elector => elector.AlternateId).OfType<Guid>()).Distinct().ToList();
        var people = await db.People.AsNoTracking().Where(person => ids.Contains(person.Id))
            .ToDictionaryAsync(person => person.Id, cancellation);
        var organisations = await db.Organisations.AsNoTracking()
            .ToDictionaryAsync(organisation => organisation.Key, organisation => organisation.Name, cancellation);

        return new EvidenceData(new Dictionary<string, IReadOnlyList<EvidenceRow>>
        {
            [EvidenceSections.Resolution] =
            [
                EvidenceData.RowOf(
                    ballot.ResolutionNumber!,
                    ("number", ballot.ResolutionNumber), ("body", body.Name), ("body_genitive", body.GenitiveName),
                    ("ballot_id", ballot.Id.ToString("D")), ("ballot_number", ballot.Number), ("title", ballot.Title),
                    ("deliverable_key", deliverable.Key), ("document", deliverable.Title), ("revision", revision.Number.ToString()),
                    ("revision_id", revision.Id.ToString("D")), ("procedure", ballot.Procedure), ("secrecy", ballot.Secrecy),
                    ("noticed_at", EvidenceData.Instant(ballot.NoticedAt)), ("due_on", ballot.DueOn is { } due ? EvidenceData.Day(due) : null),
                    ("silence_from", ballot.TermStartedAt is { } silence ? EvidenceData.Instant(silence) : null),
                    ("closed_at", EvidenceData.Instant(ballot.ClosedAt!.Value)), ("close_reason", ballot.CloseReason),
                    ("announced_at", EvidenceData.Instant(ballot.AnnouncedAt!.Value))),
            ],
            [EvidenceSections.Rules] =
            [
                EvidenceData.RowOf(
                    $"{body.Key}#{rules.Version}",
                    [("version", $"{rules.Version}"), ("valid_from", EvidenceData.Day(rules.ValidFrom)), .. Terms(rules.Terms)]),
            ],
            [EvidenceSections.Electorate] = [.. ballot.Electors.OrderBy(elector => elector.Ordinal).Select(elector => EvidenceData.RowOf(
                elector.PersonId.ToString("D"),
                ("name", people[elector.PersonId].DisplayName),
                ("organisation", people[elector.PersonId].OrganisationKey is { } key ? organisations.GetValueOrDefault(key, key) : null),
                ("position", elector.Position),
                ("recusal_basis", elector.RecusalBasis), ("recusal_reason", elector.RecusalReason),
                ("alternate", elector.AlternateId?.ToString("D")),
                ("alternate_name", elector.AlternateId is { } alternate ? people[alternate].DisplayName : null),
                ("voted_secretly", elector.VotedSecretly ? "yes" : null),
                ("present", elector.Present is { } present ? present ? "yes" : "no" : null)))],
            [EvidenceSections.Positions] = [.. ballot.Positions.OrderBy(position => position.CastAt).ThenBy(position => position.Id)
                .Select(position => EvidenceData.RowOf(
                    position.Id.ToString("D"),
                    ("elector", position.ElectorId.ToString("D")), ("cast_by", position.CastById.ToString("D")),
                    ("capacity", position.Capacity), ("ground", position.Ground), ("kind", position.Kind),
                    ("reason", position.Reason), ("objection", position.Objection), ("revision_id", position.RevisionId.ToString("D")),
                    ("content_hash", Convert.ToHexStringLower(position.ContentHash)), ("cast_at", EvidenceData.Instant(position.CastAt)),
                    ("superseded_by", position.SupersededById?.ToString("D"))))],
            [EvidenceSections.Counts] =
            [
                EvidenceData.RowOf(
                    "result",
                    ("entitled", $"{ballot.EntitledCount}"), ("quorum", $"{ballot.Quorum}"), ("in_favour", $"{ballot.InFavourCount}"),
                    ("against", $"{ballot.AgainstCount}"), ("abstain", $"{ballot.AbstainCount}"),
                    ("silent", $"{ballot.SilentCount ?? 0}"), ("blocking", $"{ballot.BlockingCount ?? 0}"),
                    ("present_silent", ballot.PresentCount() is null ? null : $"{ballot.PresentSilentCount()}"),
                    ("casting_vote_by", ballot.CastingVoteById?.ToString("D")), ("outcome", ballot.Outcome)),
            ],
            [EvidenceSections.Papers] =
            [
                PaperRow("text_under_ballot", revision, file),
                .. earlier.Select(text => PaperRow("text_before_editorial_change", text.Revision, text.File, text.Revision.Id)),
            ],
        });
    }

    /// <summary>
    /// The chains of the ballot and of its document, from their beginnings. Of the document's working papers only the places
    /// and hashes are told: they hold the chain together and say nothing.
    /// </summary>
    public static async Task<IReadOnlyList<EvidenceRow>> EventsAsync(
        ProcesDbContext db, Ballot ballot, CancellationToken cancellation)
    {
        var ballotSubject = Subjects.Ballot(ballot.Id);
        var deliverable = Subjects.Deliverable(ballot.DeliverableKey);
        var entries = await db.History.AsNoTracking().Where(entry => entry.Subject == ballotSubject || entry.Subject == deliverable)
            .OrderBy(entry => entry.Subject).ThenBy(entry => entry.Seq).ToListAsync(cancellation);

        HashSet<string> texts = [ballot.RevisionId.ToString("D"), .. (await EarlierAsync(db, ballot.Id, cancellation)).Select(text => text.Revision.Id.ToString("D"))];

        // What happened to the document after this ballot is another story.
        var last = entries.Where(entry => entry.Subject == deliverable && Tells(entry, ballot, texts))
            .Select(entry => entry.Seq).DefaultIfEmpty(0).Max();
        return [.. entries.Where(entry => entry.Subject == ballotSubject || entry.Seq <= last).Select(entry =>
            entry.Subject == ballotSubject || Tells(entry, ballot, texts) ? Whole(entry) : Place(entry))];
    }

    /// <summary>The terms of the rules as they were stored, from their fields.</summary>
    public static string TermsOf(EvidenceRow rules) =>
        "{" + string.Join(',', rules.Fields.Where(field => field.Key.StartsWith(TermField, StringComparison.Ordinal))
            .OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => JsonSerializer.Serialize(field.Key[TermField.Length..]) + ":" + field.Value)) + "}";

    private static IEnumerable<(string, string?)> Terms(string json)
    {
        using var terms = JsonDocument.Parse(json);
        return [.. terms.RootElement.EnumerateObject().Select(term => (TermField + term.Name, (string?)term.Value.GetRawText()))];
    }

    /// <summary>The texts that were under ballot before an editorial change took their place, in their order.</summary>
    internal static async Task<List<(Revision Revision, StoredFile File)>> EarlierAsync(
        ProcesDbContext db, Guid ballotId, CancellationToken cancellation)
    {
        var rows = await (
            from change in db.EditorialChanges.AsNoTracking()
            where change.BallotId == ballotId
            join revision in db.Revisions.AsNoTracking() on change.BeforeId equals revision.Id
            join file in db.StoredFiles.AsNoTracking() on revision.FileId equals file.Id
            orderby change.ConfirmedAt
            select new { revision, file }).ToListAsync(cancellation);
        return [.. rows.Select(row => (row.revision, row.file))];
    }

    private static EvidenceRow PaperRow(string role, Revision revision, StoredFile file, Guid? revisionId = null) => EvidenceData.RowOf(
        PaperPath(file), ("role", role), ("revision", revision.Number.ToString()), ("revision_id", revisionId?.ToString("D")),
        ("file_name", file.FileName), ("media_type", file.MediaType), ("length", $"{file.Length}"),
        ("sha256", Convert.ToHexStringLower(file.Sha256)));

    /// <summary>A name that every system takes, with the paper's hash, so that two papers never share one.</summary>
    internal static string PaperPath(StoredFile file) =>
        EvidenceFile.PapersFolder + Convert.ToHexStringLower(file.Sha256)[..16] + "." + (FileKinds.FromMediaType(file.MediaType)?.ToStored() ?? "bin");

    private static bool Tells(HistoryEntry entry, Ballot ballot, HashSet<string> texts) => entry.Kind switch
    {
        "revision_submitted" => texts.Any(id => Says(entry, "revisionId", id)),
        "put_to_ballot" or "ballot_closed" => Says(entry, "number", ballot.Number),
        _ => false,
    };

    private static bool Says(HistoryEntry entry, string fact, string value)
    {
        using var details = JsonDocument.Parse(entry.Details);
        return details.RootElement.TryGetProperty(fact, out var found) && found.ToString() == value;
    }

    private static EvidenceRow Whole(HistoryEntry entry) => EvidenceData.RowOf(
        $"{entry.Subject}#{entry.Seq}",
        [
            ("id", entry.Id.ToString("D")), ("kind", entry.Kind), ("actor", entry.ActorId?.ToString("D")),
            ("on_behalf_of", entry.OnBehalfOfId?.ToString("D")), ("at", EvidenceData.Instant(entry.At)),
            ("details", AuditTrail.Canonical(System.Text.Json.Nodes.JsonNode.Parse(entry.Details))), .. Hashes(entry),
        ]);

    private static EvidenceRow Place(HistoryEntry entry) =>
        EvidenceData.RowOf($"{entry.Subject}#{entry.Seq}", [("hidden", "yes"), .. Hashes(entry)]);

    private static (string, string?)[] Hashes(HistoryEntry entry) =>
    [
        ("subject", entry.Subject), ("seq", $"{entry.Seq}"), ("previous_hash", Convert.ToHexStringLower(entry.PreviousHash)),
        ("hash", Convert.ToHexStringLower(entry.Hash)),
    ];
}
