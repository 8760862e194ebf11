using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>What has to happen for a ballot to end as adopted, in numbers. Whoever has no position yet may still cast any, or none.</summary>
/// <param name="CanPass">False when nothing that the others say can make it adopted any more.</param>
/// <param name="CanFail">False when it is adopted whatever the others say or leave unsaid.</param>
/// <param name="FewestInFavour">
/// The least number of further positions in favour that carry it when nobody else votes, whoever casts them; 0 when it is
/// carried as it stands; null when no number is sure to.
/// </param>
/// <param name="MostAgainst">
/// The greatest number of further positions against that it survives when all others vote in favour, whoever casts them;
/// null when it would not even survive none.
/// </param>
/// <param name="Blocking">Objections that must be withdrawn first; 0 where the rules let none block.</param>
public sealed record PassConditions(
    int Entitled, int Quorum, int Cast, int MissingToQuorum,
    bool CanPass, bool CanFail, int? FewestInFavour, int? MostAgainst, int Blocking)
{
    /// <summary>Reads the conditions from what everybody says now.</summary>
    public static PassConditions Of(IReadOnlyList<Voter> voters, RuleTerms rules)
    {
        var now = BallotTally.Count(voters, rules);
        var future = new Completions(voters, rules);
        var left = future.Left;
        return new PassConditions(
            now.Entitled, now.Quorum, now.Cast, now.MissingToQuorum,
            // One more in favour never hurts, one more against never helps: the extremes tell of all between them.
            future.SomePass(left, 0, 0),
            !(future.AllPass(0, 0, 0) && future.AllPass(0, left, 0) && future.AllPass(0, 0, left)),
            Enumerable.Range(0, left + 1).Where(more => future.AllPass(more, 0, 0)).Select(more => (int?)more).FirstOrDefault(),
            Enumerable.Range(0, left + 1).Where(more => future.AllPass(left - more, more, 0)).Select(more => (int?)more).LastOrDefault(),
            rules.ObjectionsBlock ? now.Blocking : 0);
    }

    /// <summary>The same as if nobody had said anything yet: it tells nothing of what is hidden.</summary>
    public static PassConditions OfNobody(IReadOnlyList<Voter> voters, RuleTerms rules) =>
        Of([.. voters.Select(voter => voter with { Standing = null, Blocks = false })], rules);

    /// <summary>
    /// How those without a position may go on. Only who may settle a tie is told apart; all others are alike, so counts are
    /// enough for them.
    /// </summary>
    private sealed class Completions
    {
        private readonly RuleTerms rules;
        private readonly List<Voter> settled;
        private readonly List<Voter> casting;
        private readonly int alike;
        private readonly int alikePresent;

        public Completions(IReadOnlyList<Voter> voters, RuleTerms rules)
        {
            this.rules = rules;
            settled = [.. voters.Where(voter => voter.Standing is not null)];
            var open = voters.Where(voter => voter.Standing is null).ToList();
            casting = rules.Majority == MajorityRule.Simple
                ? [.. open.Where(voter => rules.CastingVote.Contains(voter.Position))]
                : [];
            alike = open.Count - casting.Count;
            alikePresent = open.Count(voter => voter.IsPresent) - casting.Count(voter => voter.IsPresent);
            Left = open.Count;
        }

        public int Left { get; }

        public bool SomePass(int inFavour, int against, int abstain) => Outcomes(inFavour, against, abstain).Any(passes => passes);

        public bool AllPass(int inFavour, int against, int abstain) => Outcomes(inFavour, against, abstain).All(passes => passes);

        /// <summary>The outcome for every way in which those who may settle a tie take part in these counts.</summary>
        private IEnumerable<bool> Outcomes(int inFavour, int against, int abstain) =>
            Ways(0, inFavour, against, abstain, Left - inFavour - against - abstain, [])
                .Select(voters => BallotTally.Count(voters, rules).Outcome == BallotOutcome.Adopted);

        private IEnumerable<List<Voter>> Ways(int index, int inFavour, int against, int abstain, int silent, List<Voter> chosen)
        {
            if (index == casting.Count)
            {
                // Whoever is at the sitting takes part by being there: it matters which of them stay silent.
                for (var present = Math.Max(0, silent - (alike - alikePresent)); present <= Math.Min(silent, alikePresent); present++)
                {
                    yield return
                    [
                        .. settled,
                        .. chosen,
                        .. Others(inFavour, PositionKind.InFavour),
                        .. Others(against, PositionKind.Against),
                        .. Others(abstain, PositionKind.Abstain),
                        .. Others(present, null, isPresent: true),
                        .. Others(silent - present, null),
                    ];
                }

                yield break;
            }

            foreach (var (standing, available) in new[]
            {
                (PositionKind.InFavour, inFavour), (PositionKind.Against, against), (PositionKind.Abstain, abstain), (null, silent),
            })
            {
                if (available == 0)
                {
                    continue;
                }

                foreach (var way in Ways(
                    index + 1,
                    inFavour - (standing == PositionKind.InFavour ? 1 : 0),
                    against - (standing == PositionKind.Against ? 1 : 0),
                    abstain - (standing == PositionKind.Abstain ? 1 : 0),
                    silent - (standing is null ? 1 : 0),
                    [.. chosen, casting[index] with { Standing = standing }]))
                {
                    yield return way;
                }
            }
        }

        private static IEnumerable<Voter> Others(int count, string? standing, bool isPresent = false) =>
            Enumerable.Repeat(new Voter(Guid.Empty, BodyPosition.Member, standing, false, isPresent), count);
    }
}
