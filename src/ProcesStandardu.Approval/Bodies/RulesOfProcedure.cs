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

    /// <summary>The terms as values.</summary>
    public RuleTerms Read() => RuleTerms.Parse(Terms);
}

/// <summary>What the rules say, in numbers and choices; every value that a decision needs stands here and none in code.</summary>
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

    /// <summary>Who settles a tie, in order; the first who cast a position. Empty: a tie is not adopted.</summary>
    public required IReadOnlyList<string> CastingVote { get; init; }

    /// <summary>A ballot is not opened when fewer members than this may vote.</summary>
    public required int MinimumElectorate { get; init; }

    /// <summary>The term of the written procedure; the day of the notice is not counted.</summary>
    public required int WrittenProcedureWorkingDays { get; init; }

    /// <summary>True: nobody, the administrator included, sees positions before the ballot closes.</summary>
    public required bool ResultHiddenUntilClosed { get; init; }

    /// <summary>True: a position may be changed until the ballot closes; the last counts, all are kept.</summary>
    public required bool PositionsMayChange { get; init; }

    /// <summary>True: the ballot closes as soon as everyone entitled has cast a position.</summary>
    public required bool ClosesWhenAllVoted { get; init; }

    /// <summary>True: silence is consent in matters marked editorial.</summary>
    public required bool TacitApprovalForEditorial { get; init; }

    /// <summary>How often a ballot may be extended.</summary>
    public required int Extensions { get; init; }

    /// <summary>The term of an extension, from its new notice.</summary>
    public required int ExtensionWorkingDays { get; init; }

    /// <summary>How long a dissenting opinion may be filed after the announcement.</summary>
    public required int DissentWorkingDays { get; init; }

    /// <summary>How long an outward act may be taken back.</summary>
    public required int UndoWindowMinutes { get; init; }

    /// <summary>Reads stored terms; unknown or missing values are errors, for a rule must not be guessed.</summary>
    /// <exception cref="JsonException">The terms are not complete.</exception>
    public static RuleTerms Parse(string json) =>
        JsonSerializer.Deserialize<RuleTerms>(json, Options) ?? throw new JsonException("The rules of procedure are empty.");

    /// <summary>The terms as they are stored.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };
}

/// <summary>The stored names of majority rules.</summary>
public static class MajorityRule
{
    /// <summary>More in favour than against; abstentions count for the quorum only.</summary>
    public const string Simple = "simple";
}
