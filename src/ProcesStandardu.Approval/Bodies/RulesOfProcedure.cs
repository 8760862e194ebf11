using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProcesStandardu.Approval.Bodies;

/// <summary>One version of a board's rules of procedure. It is never changed; a new one is added.</summary>
public sealed class RulesOfProcedure
{
    public required string BodyKey { get; init; }

    /// <summary>From 1 without gaps within a board.</summary>
    public required int Version { get; init; }

    /// <summary>The first local day on which new ballots follow this version.</summary>
    public required DateOnly ValidFrom { get; init; }

    public bool IsDemo { get; init; }

    /// <summary>The terms as stored JSON.</summary>
    public required string Terms { get; init; }

    /// <summary>Who adopted the version; null for an imported one.</summary>
    public Guid? AdoptedById { get; init; }

    /// <summary>When it was adopted; null for an imported one.</summary>
    public DateTimeOffset? AdoptedAt { get; init; }

    /// <summary>What it changes and on what ground; null for an imported one.</summary>
    public string? Reason { get; init; }

    /// <summary>The terms as values.</summary>
    public RuleTerms Read() => RuleTerms.Parse(Terms);
}

/// <summary>
/// What the rules say, in numbers and choices; every value that a decision needs stands here and none in code. What has a
/// default was added after the first version was written, and the default is what that version meant.
/// </summary>
public sealed record RuleTerms
{
    /// <summary>The quorum as a share of the electorate: this many…</summary>
    public required int QuorumNumerator { get; init; }

    /// <summary>… of this many; the product is rounded up.</summary>
    public required int QuorumDenominator { get; init; }

    /// <summary>The quorum is never less than this many people.</summary>
    public required int QuorumMinimum { get; init; }

    /// <summary>One of <see cref="MajorityRule"/>.</summary>
    public required string Majority { get; init; }

    /// <summary>Of what a qualified majority is a fraction, see <see cref="Bodies.MajorityBase"/>; other majorities name their own.</summary>
    public string MajorityBase { get; init; } = Bodies.MajorityBase.Cast;

    /// <summary>A qualified majority is at least this many…</summary>
    public int MajorityNumerator { get; init; } = 2;

    /// <summary>… of this many of the base.</summary>
    public int MajorityDenominator { get; init; } = 3;

    /// <summary>With <see cref="MajorityRule.QualifiedWithLimit"/> at most this many…</summary>
    public int AgainstNumerator { get; init; } = 1;

    /// <summary>… of this many of the base may be against.</summary>
    public int AgainstDenominator { get; init; } = 4;

    /// <summary>Who settles a tie, in order; the first who cast a position. Empty: a tie is not adopted.</summary>
    public required IReadOnlyList<string> CastingVote { get; init; }

    /// <summary>A ballot is not opened when fewer members than this may vote.</summary>
    public required int MinimumElectorate { get; init; }

    /// <summary>The term of the written procedure; the day of the notice is not counted.</summary>
    public required int WrittenProcedureWorkingDays { get; init; }

    /// <summary>The term of tacit approval, from the last proven notice; null takes the written procedure's.</summary>
    public int? TacitWorkingDays { get; init; }

    /// <summary>No ballot runs shorter than this many working days after its notice; a ballot at a sitting is closed there.</summary>
    public int MinimumNoticeWorkingDays { get; init; } = 1;

    /// <summary>A sitting is convened so many working days before it at least; the day of the convocation is not counted.</summary>
    public int MeetingNoticeWorkingDays { get; init; } = 5;

    /// <summary><see cref="BallotSecrecy.Open"/> or <see cref="BallotSecrecy.Secret"/>; a ballot may be opened secret where the rules say open.</summary>
    public string Secrecy { get; init; } = BallotSecrecy.Open;

    /// <summary>True: nobody, the administrator included, sees positions before the ballot closes.</summary>
    public required bool ResultHiddenUntilClosed { get; init; }

    /// <summary>True: a position may be changed until the ballot closes; the last counts, all are kept.</summary>
    public required bool PositionsMayChange { get; init; }

    /// <summary>True: the ballot closes as soon as everyone entitled has cast a position.</summary>
    public required bool ClosesWhenAllVoted { get; init; }

    /// <summary>True: silence is consent in matters marked editorial.</summary>
    public required bool TacitApprovalForEditorial { get; init; }

    /// <summary>True: nothing is adopted while a blocking objection stands.</summary>
    public bool ObjectionsBlock { get; init; }

    /// <summary>What a fact that speaks against a member's impartiality does, see <see cref="ConflictHandling"/>.</summary>
    public string Conflicts { get; init; } = ConflictHandling.Automatic;

    /// <summary>True: who is recused in a matter reads of its working comments only those of his own.</summary>
    public bool CommentsHiddenFromRecused { get; init; }

    /// <summary>True: the permanent alternate votes while the member is entered as absent and wishes it.</summary>
    public bool AlternatesVote { get; init; } = true;

    /// <summary>True: the secretary may enter a position that a member gave in another way.</summary>
    public bool SecretaryEntersPositions { get; init; } = true;

    /// <summary>True: a ballot that ends without quorum waits for the chair's choice; false: it ends there.</summary>
    public bool ChairDecidesInquorate { get; init; }

    /// <summary>After so many working days without the chair's choice the vice-chair and the secretary are reminded.</summary>
    public int InquorateDecisionWorkingDays { get; init; } = 2;

    /// <summary>Places in the board whose holders may open a ballot by hand, extend, discontinue and repeat one.</summary>
    public IReadOnlyList<string> MayOpen { get; init; } = [BodyPosition.Chair, BodyPosition.Secretary];

    /// <summary>Places whose holders may close a ballot once everybody has voted, or at a sitting.</summary>
    public IReadOnlyList<string> MayClose { get; init; } = [BodyPosition.Chair, BodyPosition.ViceChair];

    /// <summary>Places whose holders may announce a result.</summary>
    public IReadOnlyList<string> MayAnnounce { get; init; } = [BodyPosition.Chair, BodyPosition.ViceChair];

    /// <summary>True: a result holds from its announcement by one of <see cref="MayAnnounce"/>; false: from the closing itself.</summary>
    public bool ResultIsAnnounced { get; init; }

    /// <summary>How often a ballot may be extended.</summary>
    public required int Extensions { get; init; }

    /// <summary>The term of an extension, from its new notice.</summary>
    public required int ExtensionWorkingDays { get; init; }

    /// <summary>How long a dissenting opinion may be filed after the announcement.</summary>
    public required int DissentWorkingDays { get; init; }

    /// <summary>How long anybody on the roll may say that a change confirmed as editorial is not; the ballot must run that long.</summary>
    public int EditorialContestWorkingDays { get; init; } = 2;

    /// <summary>How long an outward act may be taken back.</summary>
    public required int UndoWindowMinutes { get; init; }

    /// <summary>The term in which silence becomes consent.</summary>
    [JsonIgnore]
    public int TacitTerm => TacitWorkingDays ?? WrittenProcedureWorkingDays;

    /// <summary>Reads stored terms; unknown or missing values are errors, for a rule must not be guessed.</summary>
    /// <exception cref="JsonException">The terms are not complete.</exception>
    public static RuleTerms Parse(string json) =>
        Read.GetOrAdd(json, text => JsonSerializer.Deserialize<RuleTerms>(text, Options)
            ?? throw new JsonException("The rules of procedure are empty."));

    /// <summary>The terms as they are stored.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    // A version never changes and there are few of them: each is read once.
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, RuleTerms> Read = new(StringComparer.Ordinal);
}

/// <summary>The stored names of majority rules. With every one of them somebody must be in favour.</summary>
public static class MajorityRule
{
    /// <summary>More in favour than against; abstentions count for the quorum only.</summary>
    public const string Simple = "simple";

    /// <summary>More than half of the positions cast are in favour, abstentions counted.</summary>
    public const string Absolute = "absolute";

    /// <summary>More than half of those entitled are in favour, voted or not.</summary>
    public const string AbsoluteOfElectorate = "absolute_of_electorate";

    /// <summary>At least the rules' fraction of the base is in favour.</summary>
    public const string Qualified = "qualified";

    /// <summary>At least the rules' fraction is in favour and at most their other fraction against: two thirds and one quarter.</summary>
    public const string QualifiedWithLimit = "qualified_with_limit";

    /// <summary>Everyone who casts a position is in favour; an abstention prevents it.</summary>
    public const string Unanimity = "unanimity";

    /// <summary>Nobody is against; abstentions do not prevent it.</summary>
    public const string NoOpposition = "no_opposition";

    public static IReadOnlyList<string> All { get; } =
        [Simple, Absolute, AbsoluteOfElectorate, Qualified, QualifiedWithLimit, Unanimity, NoOpposition];
}

/// <summary>Of what a qualified majority is a fraction.</summary>
public static class MajorityBase
{
    /// <summary>Positions in favour and against; abstentions are left out.</summary>
    public const string Decided = "decided";

    /// <summary>All positions cast.</summary>
    public const string Cast = "cast";

    /// <summary>All who may vote in the matter.</summary>
    public const string Electorate = "electorate";

    public static IReadOnlyList<string> All { get; } = [Decided, Cast, Electorate];
}

/// <summary>Whether positions are kept with names.</summary>
public static class BallotSecrecy
{
    public const string Open = "open";

    /// <summary>Who voted is kept apart from what was voted, and nothing joins the two.</summary>
    public const string Secret = "secret";

    public static IReadOnlyList<string> All { get; } = [Open, Secret];
}

/// <summary>What happens when the member's organisation wrote the deliverable.</summary>
public static class ConflictHandling
{
    /// <summary>The member is recused when the ballot opens.</summary>
    public const string Automatic = "automatic";

    /// <summary>The fact is put to the member; he recuses himself or says why not, and then the chair decides.</summary>
    public const string Proposed = "proposed";

    public static IReadOnlyList<string> All { get; } = [Automatic, Proposed];
}
