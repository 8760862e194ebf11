using System.Globalization;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>Counts a resolution's votes again from its rows, by the same pure rule that closed the ballot.</summary>
internal static class EvidenceTally
{
    /// <exception cref="FormatException">A number or an id in the rows is none.</exception>
    public static Tally Count(EvidenceData data, RuleTerms terms)
    {
        var resolution = data.One(EvidenceSections.Resolution);
        var entitled = data[EvidenceSections.Electorate].Where(row => row["recusal_basis"].Length == 0).ToList();
        if (resolution["secrecy"] == BallotSecrecy.Secret)
        {
            var counts = data.One(EvidenceSections.Counts);
            return BallotTally.Count(
                new Votes(
                    entitled.Count, Number(counts["in_favour"]), Number(counts["against"]), Number(counts["abstain"]), 0,
                    entitled.Count(row => row["present"] == "yes" && row["voted_secretly"] != "yes")),
                terms);
        }

        var standing = data[EvidenceSections.Positions].Where(row => row["superseded_by"].Length == 0)
            .GroupBy(row => row["elector"]).ToDictionary(same => same.Key, same => same.First());
        List<Voter> voters = [.. entitled.Select(row => standing.GetValueOrDefault(row.Key) is { } position
            ? new Voter(Guid.Parse(row.Key), row["position"], position["kind"], position["objection"].Length > 0, row["present"] == "yes")
            : new Voter(Guid.Parse(row.Key), row["position"], null, false, row["present"] == "yes"))];
        return resolution["procedure"] == BallotProcedure.Tacit && resolution["silence_from"].Length > 0
            ? BallotTally.CountTacit(voters, terms)
            : BallotTally.Count(voters, terms);
    }

    /// <summary>In a secret ballot: as many votes as people of whom the roll says that they voted.</summary>
    public static bool SecretVotesAddUp(EvidenceData data)
    {
        var counts = data.One(EvidenceSections.Counts);
        return Number(counts["in_favour"]) + Number(counts["against"]) + Number(counts["abstain"])
            == data[EvidenceSections.Electorate].Count(row => row["voted_secretly"] == "yes");
    }

    /// <summary>A count as the fields of the section <see cref="EvidenceSections.Counts"/>.</summary>
    /// <param name="isAttended">True when it is known who was at the sitting.</param>
    public static IEnumerable<(string Name, string? Value)> Fields(Tally tally, bool isAttended) =>
    [
        ("entitled", Number(tally.Entitled)), ("quorum", Number(tally.Quorum)), ("in_favour", Number(tally.InFavour)),
        ("against", Number(tally.Against)), ("abstain", Number(tally.Abstain)),
        ("silent", Number(tally.Silent)), ("blocking", Number(tally.Blocking)),
        ("present_silent", isAttended ? Number(tally.PresentSilent) : null),
        ("casting_vote_by", tally.CastingVoteById?.ToString("D")), ("outcome", tally.Outcome),
    ];

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
