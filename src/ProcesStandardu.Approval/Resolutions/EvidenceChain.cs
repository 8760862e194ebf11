using System.Globalization;
using System.Text.Json;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>Checks the chains of events and what they say against the rows of the resolution. Pure.</summary>
internal static class EvidenceChain
{
    private const string Before = "text_before_editorial_change";

    /// <summary>Each event has the hash of its own content and of the one before; the numbers have no gaps.</summary>
    public static IEnumerable<EvidenceFinding> Links(EvidenceData data)
    {
        foreach (var chain in data[EvidenceSections.Events].GroupBy(row => row["subject"]))
        {
            var previous = "";
            var next = 1L;
            foreach (var row in chain)
            {
                if (row["seq"] != next.ToString(CultureInfo.InvariantCulture) || row.Key != $"{row["subject"]}#{row["seq"]}")
                {
                    yield return new EvidenceFinding("EventIsOutOfPlace", row.Key, next.ToString(CultureInfo.InvariantCulture));
                }

                if (row["previous_hash"] != previous)
                {
                    yield return new EvidenceFinding("ChainIsBroken", row.Key);
                }

                if (row["hidden"] is not ("" or "yes") || (row["hidden"].Length == 0 && !HashHolds(row)))
                {
                    yield return new EvidenceFinding("EventDiffers", row.Key);
                }

                previous = row["hash"];
                next = long.TryParse(row["seq"], CultureInfo.InvariantCulture, out var seq) ? seq + 1 : next + 1;
            }
        }
    }

    /// <summary>What the events recorded when it happened agrees with what the rows say now.</summary>
    public static IEnumerable<EvidenceFinding> Facts(EvidenceData data)
    {
        var resolution = data.One(EvidenceSections.Resolution);
        var counts = data.One(EvidenceSections.Counts);
        var ballot = "ballot:" + resolution["ballot_id"];
        var events = data[EvidenceSections.Events].Where(row => row["subject"] == ballot && row["hidden"].Length == 0).ToList();
        var findings = new List<EvidenceFinding>();

        if (Single("opening", row => row["kind"] is "ballot_opened" or "ballot_repeated" or "ballot_reopened") is { } opened)
        {
            Same(opened, "number", EvidenceSections.Resolution, resolution, "ballot_number");
            Same(opened, "deliverable", EvidenceSections.Resolution, resolution, "deliverable_key");
            // The ballot opened on the first of its texts.
            var first = data[EvidenceSections.Papers].FirstOrDefault(row => row["role"] == Before);
            Same(opened, "revision", first is null ? EvidenceSections.Resolution : EvidenceSections.Papers, first ?? resolution, "revision");
            Same(opened, "procedure", EvidenceSections.Resolution, resolution, "procedure");
            Same(opened, "secrecy", EvidenceSections.Resolution, resolution, "secrecy");
            Same(opened, "rulesVersion", EvidenceSections.Rules, data.One(EvidenceSections.Rules), "version");
            if (Details(opened)?.TryGetProperty("recused", out var recused) == true && recused.ValueKind == JsonValueKind.Array)
            {
                foreach (var id in recused.EnumerateArray().Select(person => person.ToString()))
                {
                    if (data[EvidenceSections.Electorate].FirstOrDefault(row => row.Key == id) is not { } elector || elector["recusal_basis"].Length == 0)
                    {
                        findings.Add(new EvidenceFinding("RecusalIsMissing", id));
                    }
                }
            }
        }

        // The number is given where the result takes effect: at the closing, or at the announcement.
        if (Single("result", row => row["kind"] is "ballot_closed" or "result_announced" && Text(row, "resolution") == resolution["number"]) is { } closed)
        {
            foreach (var (fact, field) in new[]
            {
                ("outcome", "outcome"), ("entitled", "entitled"), ("quorum", "quorum"), ("inFavour", "in_favour"), ("against", "against"),
                ("abstain", "abstain"), ("castingVoteBy", "casting_vote_by"), ("silent", "silent"), ("presentSilent", "present_silent"), ("blocking", "blocking"),
            })
            {
                Same(closed, fact, EvidenceSections.Counts, counts, field);
            }

            Same(closed, "reason", EvidenceSections.Resolution, resolution, "close_reason");
        }

        // The document's own chain tells of the vote too; cut short, it would tell less.
        foreach (var kind in new[] { "put_to_ballot", "ballot_closed" })
        {
            if (!data[EvidenceSections.Events].Any(row => row["subject"] == "deliverable:" + resolution["deliverable_key"]
                && row["kind"] == kind && Text(row, "number") == resolution["ballot_number"]))
            {
                findings.Add(new EvidenceFinding("EventIsMissing", kind));
            }
        }

        Votes();
        Papers();
        Signatures();
        Dissents();
        return findings;

        void Votes()
        {
            var cast = events.Where(row => row["kind"] is "vote_cast" or "vote_changed" && Text(row, "position").Length > 0)
                .ToLookup(row => Text(row, "position"));
            foreach (var row in data[EvidenceSections.Positions])
            {
                if (cast[row.Key].FirstOrDefault() is not { } entry)
                {
                    findings.Add(new EvidenceFinding("PositionWasNeverCast", row.Key));
                }
                else if (entry["actor"] != row["cast_by"]
                    || (entry["on_behalf_of"].Length > 0 ? entry["on_behalf_of"] : entry["actor"]) != row["elector"])
                {
                    findings.Add(new EvidenceFinding("PositionIsSomebodyElses", row.Key));
                }

                if (data[EvidenceSections.Electorate].All(elector => elector.Key != row["elector"]))
                {
                    findings.Add(new EvidenceFinding("VoterIsNotOnTheRoll", row.Key, row["elector"]));
                }

                if (!Texts().Any(text => row["content_hash"] == text.Paper["sha256"] && row["revision_id"] == text.RevisionId))
                {
                    findings.Add(new EvidenceFinding("PositionIsOnAnotherText", row.Key));
                }
            }

            if (resolution["secrecy"] == "secret"
                && events.Count(row => row["kind"] == "vote_cast_secretly") != data[EvidenceSections.Electorate].Count(row => row["voted_secretly"] == "yes"))
            {
                findings.Add(new EvidenceFinding("SecretVotesDoNotAddUp"));
            }

            findings.AddRange(cast
                .Where(entry => data[EvidenceSections.Positions].All(row => row.Key != entry.Key))
                .Select(entry => new EvidenceFinding("PositionIsGone", entry.Key)));
            findings.AddRange(data[EvidenceSections.Positions].Where(row => row["superseded_by"].Length == 0).GroupBy(row => row["elector"])
                .Where(standing => standing.Count() > 1).Select(standing => new EvidenceFinding("TwoPositionsStand", standing.Key)));
            findings.AddRange(data[EvidenceSections.Positions]
                .Where(row => row["superseded_by"].Length > 0 && data[EvidenceSections.Positions].All(later => later.Key != row["superseded_by"] || later["elector"] != row["elector"]))
                .Select(row => new EvidenceFinding("PositionIsSupersededByNothing", row.Key)));
        }

        void Papers()
        {
            var texts = Texts().ToList();
            foreach (var (paper, revisionId) in texts.Count > 0 && texts[0].RevisionId == resolution["revision_id"] ? texts : [(resolution, resolution["revision_id"]), .. texts])
            {
                var submitted = data[EvidenceSections.Events].FirstOrDefault(row =>
                    row["kind"] == "revision_submitted" && row["hidden"].Length == 0 && Text(row, "revisionId") == revisionId);
                if (submitted is null || Text(submitted, "sha256") != paper["sha256"])
                {
                    findings.Add(new EvidenceFinding("PaperWasNeverSubmitted", paper["revision"]));
                }
            }

            // Each change of the text under ballot was confirmed, and nothing is told of one that was not.
            var confirmed = events.Where(row => row["kind"] == "editorial_change_confirmed").Select(row => Text(row, "beforeId")).ToList();
            var told = data[EvidenceSections.Papers].Where(row => row["role"] == Before).ToList();
            findings.AddRange(told.Where(paper => !confirmed.Contains(paper["revision_id"]))
                .Select(paper => new EvidenceFinding("EditorialChangeWasNeverConfirmed", paper["revision"])));
            findings.AddRange(confirmed.Where(id => told.All(paper => paper["revision_id"] != id))
                .Select(_ => new EvidenceFinding("EventIsMissing", "editorial_change_confirmed")));
        }

        void Signatures()
        {
            var signed = events.Where(row => row["kind"] == "resolution_signed").ToList();
            var fingerprint = Convert.ToHexStringLower(data.Fingerprint());
            foreach (var row in data[EvidenceSections.Signatures])
            {
                if (!signed.Any(entry => entry["actor"] == row["person"] && Text(entry, "capacity") == row.Key && Text(entry, "signedAt") == row["signed_at"]))
                {
                    findings.Add(new EvidenceFinding("NobodySigned", row.Key, row["name"]));
                }
            }

            foreach (var entry in signed)
            {
                if (Text(entry, "fingerprint") != fingerprint)
                {
                    findings.Add(new EvidenceFinding("SignedAnotherContent", Text(entry, "capacity")));
                }

                if (data[EvidenceSections.Signatures].All(row => row.Key != Text(entry, "capacity")))
                {
                    findings.Add(new EvidenceFinding("SignatureIsGone", Text(entry, "capacity")));
                }
            }
        }

        void Dissents()
        {
            var filed = events.Where(row => row["kind"] == "dissent_filed").ToList();
            foreach (var row in data[EvidenceSections.Dissents])
            {
                if (filed.Find(entry => entry["actor"] == row.Key) is not { } entry)
                {
                    findings.Add(new EvidenceFinding("DissentWasNeverFiled", row["name"]));
                }
                else if (Text(entry, "textSha256") is { Length: > 0 } hash && hash != FileDissent.HashOf(row["text"]))
                {
                    // Entries of the first years hold no hash of the words; they vouch for the opinion and not for its text.
                    findings.Add(new EvidenceFinding("DissentSaysOtherwise", row["name"]));
                }
            }

            findings.AddRange(filed.Where(entry => data[EvidenceSections.Dissents].All(row => row.Key != entry["actor"]))
                .Select(entry => new EvidenceFinding("DissentIsGone", entry["actor"])));
        }

        // The text that was decided on first, then those whose place it took.
        IEnumerable<(EvidenceRow Paper, string RevisionId)> Texts() => data[EvidenceSections.Papers]
            .Where(row => row["role"] is "text_under_ballot" or Before)
            .Select(row => (row, row["role"] == Before ? row["revision_id"] : resolution["revision_id"]));

        EvidenceRow? Single(string what, Func<EvidenceRow, bool> isIt)
        {
            var found = events.Where(isIt).ToList();
            if (found.Count != 1)
            {
                findings.Add(new EvidenceFinding("EventIsMissing", what));
            }

            return found.Count == 1 ? found[0] : null;
        }

        void Same(EvidenceRow entry, string fact, string section, EvidenceRow row, string field)
        {
            if (Details(entry)?.TryGetProperty(fact, out _) == true && Text(entry, fact) != row[field])
            {
                findings.Add(new EvidenceFinding("EventSaysOtherwise", entry.Key, section, field, Text(entry, fact), row[field]));
            }
        }
    }

    private static bool HashHolds(EvidenceRow row)
    {
        try
        {
            var entry = new HistoryEntry
            {
                Id = Guid.Parse(row["id"]),
                Subject = row["subject"],
                Kind = row["kind"],
                ActorId = row["actor"].Length > 0 ? Guid.Parse(row["actor"]) : null,
                OnBehalfOfId = row["on_behalf_of"].Length > 0 ? Guid.Parse(row["on_behalf_of"]) : null,
                At = DateTimeOffset.ParseExact(row["at"], "yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                Details = row["details"],
                Seq = long.Parse(row["seq"], CultureInfo.InvariantCulture),
                PreviousHash = Convert.FromHexString(row["previous_hash"]),
            };
            return Convert.ToHexStringLower(entry.ComputeHash()) == row["hash"];
        }
        catch (Exception error) when (error is FormatException or JsonException or OverflowException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A fact of an event as text; empty when it has none.</summary>
    private static string Text(EvidenceRow row, string fact) =>
        Details(row) is { } details && details.TryGetProperty(fact, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "";

    private static JsonElement? Details(EvidenceRow row)
    {
        try
        {
            using var document = JsonDocument.Parse(row["details"]);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
