using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Resolutions;
using ProcesStandardu.Approval.Tests.Ballots;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Resolutions;

/// <summary>The file that defends itself: whatever is changed in it is found and named.</summary>
[Trait("Scenario", "S2")]
[Trait("Scenario", "S7")]
public sealed class EvidenceTests(SignedResolution adopted, ITestOutputHelper output) : IClassFixture<SignedResolution>
{
    private int expected;

    [Fact]
    public void An_untouched_file_agrees_in_everything_and_says_how_much_that_was()
    {
        var report = SignedResolution.Check(adopted.File, adopted.Fingerprint);

        report.Findings.ShouldBeEmpty();
        (report.IsReadable, report.IsSigned, report.Fingerprint).ShouldBe((true, true, adopted.Fingerprint));
        report.Steps.Select(step => step.Step).ShouldBe(["Files", "Rows", "Chain", "Facts", "Count", "Readable", "Expected"]);
        report.Steps.ShouldAllBe(step => step.Count > 0);
        report.Resolution["number"].ShouldBe("1/2012");
    }

    [Fact]
    public async Task The_same_resolution_gives_the_same_bytes()
    {
        (await adopted.EvidenceAsync()).ShouldBe(adopted.File);
    }

    [Fact]
    public void Every_field_that_is_changed_added_or_taken_away_is_named_with_its_section_and_row()
    {
        var data = adopted.Data();
        var tampered = 0;
        foreach (var (section, row, field) in Fields(data))
        {
            Expect(Change(data, section, row, field, Flipped), "FieldDiffers", section, row.Key, field);
            Expect(Change(data, section, row, field, _ => null), "FieldIsMissing", section, row.Key, field);
            tampered += 2;
        }

        foreach (var (section, row) in Rows(data))
        {
            Expect(Change(data, section, row, "dopisane", _ => "x"), "FieldIsAdded", section, row.Key, "dopisane");
            tampered++;
        }

        output.WriteLine($"{tampered} tampered fields, each found and named");
        tampered.ShouldBeGreaterThan(400);
    }

    [Fact]
    public void Every_row_that_is_removed_doubled_added_renamed_or_moved_is_named()
    {
        var data = adopted.Data();
        var tampered = 0;
        foreach (var section in EvidenceSections.All)
        {
            var rows = data[section];
            for (var i = 0; i < rows.Count; i++)
            {
                Expect(data.With(section, rows.Where((_, at) => at != i)), "RowIsMissing", section, rows[i].Key);
                Expect(data.With(section, rows.Append(rows[i])), "RowIsTwice", section, rows[i].Key);
                Expect(data.With(section, rows.Select((row, at) => at == i ? row with { Key = "inny" } : row)), "RowIsAdded", section, "inny");
                tampered += 3;
                if (i > 0)
                {
                    var moved = rows.ToList();
                    (moved[i - 1], moved[i]) = (moved[i], moved[i - 1]);
                    Expect(data.With(section, moved), "RowsAreReordered", section, rows[i].Key);
                    tampered++;
                }
            }
        }

        output.WriteLine($"{tampered} tampered rows, each found and named");
        tampered.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Every_file_that_is_changed_removed_or_added_is_named()
    {
        var parts = SignedResolution.Unpack(adopted.File);
        var tampered = 0;
        foreach (var name in parts.Keys)
        {
            foreach (var place in new[] { 0, parts[name].Length / 3, parts[name].Length / 2, parts[name].Length - 1 })
            {
                var changed = (byte[])parts[name].Clone();
                changed[place] ^= 0x20;
                var report = SignedResolution.Check(SignedResolution.Pack(new Dictionary<string, byte[]>(parts) { [name] = changed }));
                (report.Findings.Count > 0).ShouldBeTrue($"{name} at {place}");
                if (name is not (EvidenceFile.Data or EvidenceFile.Seal))
                {
                    report.Findings.ShouldContain(finding => finding.Code == "FileDiffers" && finding.Facts[0] == name);
                }

                tampered++;
            }

            var without = new Dictionary<string, byte[]>(parts);
            without.Remove(name);
            SignedResolution.Check(SignedResolution.Pack(without)).Findings.ShouldNotBeEmpty(name);
            tampered++;
        }

        SignedResolution.Check(SignedResolution.Pack(new Dictionary<string, byte[]>(parts) { ["dokumenty/drugi.docx"] = [1] }))
            .Findings.ShouldContain(finding => finding.Code == "FileIsAdded" && finding.Facts[0] == "dokumenty/drugi.docx");
        output.WriteLine($"{tampered + 1} tampered files, each found");
    }

    [Fact]
    public void A_forger_who_puts_the_seal_right_is_found_by_events_votes_count_or_signatures()
    {
        var data = adopted.Data();
        var tampered = 0;
        foreach (var (section, row, field) in Fields(data))
        {
            // The name under a signature is vouched for by the seal alone: history holds ids and no names.
            if (section == EvidenceSections.Signatures && field is "name" or "position")
            {
                continue;
            }

            var forged = Change(data, section, row, field, Flipped);
            Found(forged, tampered++).ShouldNotBeEmpty($"{section} {row.Key} {field}");
        }

        foreach (var (section, row) in Rows(data))
        {
            Found(data.With(section, data[section].Where(other => other.Key != row.Key)), tampered++)
                .ShouldNotBeEmpty($"{section} without {row.Key}");
        }

        output.WriteLine($"{tampered} resealed forgeries, each found");
        tampered.ShouldBeGreaterThan(250);

        // The contents are asked each time; the whole file, with everything written anew, each tenth time.
        IReadOnlyList<EvidenceFinding> Found(EvidenceData forged, int which) =>
            which % 10 == 0 ? SignedResolution.Check(adopted.Resealed(forged)).Findings : EvidenceCheck.Contents(forged);
    }

    [Fact]
    public void A_vote_turned_round_with_its_count_is_named_from_three_sides()
    {
        var data = adopted.Data();
        var standing = data[EvidenceSections.Positions].First(row => row["kind"] == "in_favour");
        var forged = Change(data, EvidenceSections.Positions, standing, "kind", _ => "against");

        var codes = SignedResolution.Check(adopted.Resealed(forged)).Findings.Select(finding => finding.Code).ToList();

        codes.ShouldContain("CountDiffers");
        codes.ShouldContain("SignedAnotherContent");
        SignedResolution.Check(adopted.WithData(forged)).Findings.ShouldContain(finding => finding.Code == "ReadableSaysOtherwise");
    }

    [Fact]
    public void Another_paper_under_the_same_votes_is_found_even_when_every_hash_is_put_right()
    {
        var data = adopted.Data();
        var paper = data[EvidenceSections.Papers].Single();
        var other = DocxFromText.Write("Wnioski i rekomendacje OSL", "§ 1. Zupełnie inny tekst.");
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(other));
        var forged = Change(data, EvidenceSections.Papers, paper, "sha256", _ => hash);

        var codes = SignedResolution.Check(adopted.Resealed(forged, parts => parts[paper.Key] = other)).Findings.Select(finding => finding.Code).ToList();
        var plain = SignedResolution.Check(adopted.Resealed(data, parts => parts[paper.Key] = other)).Findings;

        codes.ShouldContain("PaperWasNeverSubmitted");
        codes.ShouldContain("PositionIsOnAnotherText");
        plain.ShouldContain(finding => finding.Code == "PaperDiffers" && finding.Facts[0] == paper.Key);
    }

    [Fact]
    public void Who_forges_everything_and_the_chain_too_is_found_by_the_fingerprint_that_was_published()
    {
        var data = adopted.Data();
        var electorate = data[EvidenceSections.Electorate];
        var forged = Change(data, EvidenceSections.Electorate, electorate[0], "name", _ => "Ktoś Inny");
        var fingerprint = Convert.ToHexStringLower(forged.Fingerprint());
        forged = forged.With(EvidenceSections.Events, Rechained(forged, details => details.Replace(adopted.Fingerprint, fingerprint, StringComparison.Ordinal)));
        var file = adopted.Resealed(forged);

        // Alone it cannot know: this is why the program asks to compare.
        SignedResolution.Check(file).Findings.ShouldBeEmpty();
        SignedResolution.Check(file, adopted.Fingerprint).Findings.Single().Code.ShouldBe("AnotherFingerprint");
    }

    [Fact]
    public void Nothing_that_is_no_resolution_file_makes_the_check_fail_otherwise_than_by_saying_so()
    {
        var random = new Random(2012);
        for (var i = 0; i < 300; i++)
        {
            var file = (byte[])adopted.File.Clone();
            for (var flips = random.Next(1, 8); flips > 0; flips--)
            {
                file[random.Next(file.Length)] = (byte)random.Next(256);
            }

            _ = SignedResolution.Check(i % 3 == 0 ? file[..random.Next(file.Length)] : file);
        }

        SignedResolution.Check([]).IsReadable.ShouldBeFalse();
        SignedResolution.Check("nie zip"u8.ToArray()).IsReadable.ShouldBeFalse();
        SignedResolution.Check(DocxFromText.Write("Uchwała", "Tekst")).Findings.Single().Code.ShouldBe("NotAResolutionFile");
    }

    [Fact]
    public void Every_finding_and_every_step_has_Polish_words_without_a_hole()
    {
        string[] codes =
        [
            "FileDiffers", "FileIsAdded", "FileIsMissing", "PaperDiffers", "RowIsMissing", "RowIsAdded", "RowIsTwice", "RowsAreReordered",
            "FieldDiffers", "FieldIsAdded", "FieldIsMissing", "SealHasAnotherFingerprint", "AnotherFingerprint", "EventIsOutOfPlace",
            "ChainIsBroken", "EventDiffers", "EventIsMissing", "EventSaysOtherwise", "RecusalIsMissing", "SecretVotesDoNotAddUp",
            "PositionWasNeverCast", "PositionIsSomebodyElses", "PositionIsGone", "VoterIsNotOnTheRoll", "PositionIsOnAnotherText",
            "TwoPositionsStand", "PositionIsSupersededByNothing", "PaperWasNeverSubmitted", "NobodySigned", "SignedAnotherContent",
            "SignatureIsGone", "CountDiffers", "RulesCannotBeRead", "ReadableSaysOtherwise", "NotAResolutionFile", "FileIsDamaged",
        ];
        foreach (var code in codes)
        {
            var text = new EvidenceFinding(code, "positions", "wiersz", "kind", "against", "za").InPolish();
            text.ShouldNotStartWith("Finding_");
            text.ShouldEndWith(".");
        }

        new EvidenceFinding("FieldDiffers", "positions", "wiersz", "kind", "against").InPolish()
            .ShouldBe("Głosy, wiersz „wiersz”: zmieniono pole „głos (kind)”; jest „against”.");
    }

    [Fact]
    public async Task A_secret_ballot_is_checked_by_its_counts_and_its_file_joins_nobody_with_a_position()
    {
        await using var ballot = await BallotCase.OpenAsync(secrecy: BallotSecrecy.Secret);
        string[] voters = ["anna-nowak", "halina-zawadzka", "tomasz-brzeski", "adam-lis", "ewa-gorna"];
        foreach (var person in voters)
        {
            (await ballot.VoteAsync(person, person == "adam-lis" ? PositionKind.Against : PositionKind.InFavour, isSecret: true)).Succeeded.ShouldBeTrue();
        }

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 0));
        await ballot.CloseDueAsync();
        var reader = await ballot.Product.PersonAsync("krystyna-jasna");
        var written = (await ballot.Product.RunAsync<ShowResolution, Result<(Stream Content, string FileName)>>(show =>
            show.EvidenceAsync(new ShowResolution.Query(ballot.BallotId, reader), CancellationToken.None))).Value;
        await using var content = written.Content;

        var report = EvidenceCheck.Check(content, null);
        content.Position = 0;
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, TestContext.Current.CancellationToken);
        var data = EvidenceData.Parse(SignedResolution.Unpack(copy.ToArray())[EvidenceFile.Data]);

        report.Findings.ShouldBeEmpty();
        (report.IsSecret, report.IsSigned).ShouldBe((true, false));
        data[EvidenceSections.Positions].ShouldBeEmpty();
        data[EvidenceSections.Electorate].Count(row => row["voted_secretly"] == "yes").ShouldBe(5);
        (data.One(EvidenceSections.Counts)["in_favour"], data.One(EvidenceSections.Counts)["against"]).ShouldBe(("4", "1"));

        // In every part but the counts, the rules and the words of the result no position is named at all.
        foreach (var row in data[EvidenceSections.Events].Where(row => row["kind"].StartsWith("vote", StringComparison.Ordinal)))
        {
            row["details"].ShouldNotContain("in_favour");
            row["details"].ShouldNotContain("against");
        }

        // Counts that do not add up, and a vote too many, are found.
        var counts = data.One(EvidenceSections.Counts);
        EvidenceCheck.Contents(Change(data, EvidenceSections.Counts, counts, "in_favour", _ => "5")).ShouldNotBeEmpty();
        EvidenceCheck.Contents(Change(data, EvidenceSections.Electorate, data[EvidenceSections.Electorate].First(row => row["voted_secretly"] == "yes"), "voted_secretly", _ => null))
            .ShouldContain(finding => finding.Code == "SecretVotesDoNotAddUp");
    }

    [Fact]
    public async Task Only_chair_and_secretary_sign_each_once_and_only_what_they_read()
    {
        (await adopted.SignAsync("anna-nowak", adopted.Fingerprint)).Refusal.ShouldBe(new ActIsNotYours());
        (await adopted.SignAsync("halina-zawadzka", adopted.Fingerprint)).Refusal.ShouldBeOfType<ResolutionIsSigned>();
        (await adopted.SignAsync("joanna-cicha", new string('0', 64))).Refusal.ShouldBeOfType<ResolutionIsSigned>();
        (await adopted.Product.Database.ScalarAsync<long>("select count(*) from history_entry where kind = 'resolution_signed'")).ShouldBe(2);
        var view = (await adopted.ShowAsync("halina-zawadzka")).Value;
        (view.IsDrawnUp, view.SignsAs).ShouldBe((true, null));
    }

    [Fact]
    public async Task What_was_signed_stands_still_when_names_change()
    {
        await adopted.Product.Database.ExecuteAsync("update person set display_name = 'Adam Wilk' where key = 'adam-lis'");
        try
        {
            var report = SignedResolution.Check(await adopted.EvidenceAsync(), adopted.Fingerprint);
            report.Findings.ShouldBeEmpty();
        }
        finally
        {
            await adopted.Product.Database.ExecuteAsync("update person set display_name = 'Adam Lis' where key = 'adam-lis'");
        }
    }

    [Fact]
    public void The_paper_names_electorate_exclusions_with_their_ground_rules_counts_positions_and_hashes()
    {
        var data = adopted.Data();
        using var content = new MemoryStream(ResolutionPaper.Docx(data));
        var words = string.Join('\n', TextExtraction.Read(content, FileKind.Docx).Select(paragraph => paragraph.Text));

        words.ShouldContain("Uchwała nr 1/2012");
        words.ShouldContain("organizacja członka jest autorem dokumentu");
        words.ShouldContain("Adam Lis");
        words.ShouldContain("przeciw");
        words.ShouldContain("Regulamin: Zespołu Doradczego, wersja 1");
        words.Replace(" ", "", StringComparison.Ordinal).ShouldContain(data[EvidenceSections.Papers].Single()["sha256"]);
    }

    /// <summary>Asks the seal about every change, and the whole check about each tenth: it writes the papers anew each time.</summary>
    private void Expect(EvidenceData data, string code, params string[] facts)
    {
        var findings = expected++ % 10 == 0
            ? SignedResolution.Check(adopted.WithData(data)).Findings
            : [.. EvidenceSeal.Parse(SignedResolution.Unpack(adopted.File)[EvidenceFile.Seal]).Compare(EvidenceData.Parse(data.ToJson()))];
        findings.ShouldContain(
            finding => finding.Code == code && finding.Facts.Take(facts.Length).SequenceEqual(facts), $"{code} {string.Join(' ', facts)}");
    }

    private static IEnumerable<(string Section, EvidenceRow Row)> Rows(EvidenceData data) =>
        EvidenceSections.All.SelectMany(section => data[section].Select(row => (section, row)));

    private static IEnumerable<(string Section, EvidenceRow Row, string Field)> Fields(EvidenceData data) =>
        Rows(data).SelectMany(place => place.Row.Fields.Keys.Select(field => (place.Section, place.Row, field)));

    private static EvidenceData Change(EvidenceData data, string section, EvidenceRow row, string field, Func<string, string?> change) =>
        data.With(section, data[section].Select(other =>
        {
            if (other.Key != row.Key)
            {
                return other;
            }

            var fields = new Dictionary<string, string>(other.Fields);
            fields.Remove(field);
            if (change(other[field]) is { } value)
            {
                fields[field] = value;
            }

            return other with { Fields = fields };
        }));

    /// <summary>The text with its last sign changed; an empty one gets a sign.</summary>
    private static string? Flipped(string text) =>
        text.Length == 0 ? "x" : text[..^1] + (text[^1] == '1' ? '2' : '1');

    /// <summary>The chain of the ballot with other details and every hash computed anew.</summary>
    private static List<EvidenceRow> Rechained(EvidenceData data, Func<string, string> change)
    {
        var previous = new Dictionary<string, byte[]>();
        return [.. data[EvidenceSections.Events].Select(row =>
        {
            if (!row["subject"].StartsWith("ballot:", StringComparison.Ordinal))
            {
                return row;
            }

            var details = change(row["details"]);
            JsonNode.Parse(details).ShouldNotBeNull();
            var before = previous.GetValueOrDefault(row["subject"], []);
            var hash = HashOf(row, details, before);
            previous[row["subject"]] = hash;
            return row with
            {
                Fields = new Dictionary<string, string>(row.Fields)
                {
                    ["details"] = details,
                    ["previous_hash"] = Convert.ToHexStringLower(before),
                    ["hash"] = Convert.ToHexStringLower(hash),
                },
            };
        })];
    }

    /// <summary>The history's own rule, written a second time: length and text of each field behind the hash before.</summary>
    private static byte[] HashOf(EvidenceRow row, string details, byte[] previous)
    {
        using var all = new MemoryStream();
        all.Write(previous);
        foreach (var text in new[] { row["id"], row["subject"], row["seq"], row["kind"], row["actor"], row["on_behalf_of"], row["at"], details })
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            all.Write([(byte)(bytes.Length >> 24), (byte)(bytes.Length >> 16), (byte)(bytes.Length >> 8), (byte)bytes.Length]);
            all.Write(bytes);
        }

        return System.Security.Cryptography.SHA256.HashData(all.ToArray());
    }
}
