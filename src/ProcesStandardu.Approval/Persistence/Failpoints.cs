namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// Places where tests make the product fail. Nothing happens unless a test
/// sets <see cref="OnReached"/>.
/// </summary>
public static class Failpoints
{
    public const string BeforeCommit = "work.before-commit";
    public const string AfterCommit = "work.after-commit";

    public const string VoteLocked = "vote.after-lock";
    public const string VoteRecorded = "vote.recorded";
    public const string BallotClosed = "ballot.closed";

    private static readonly AsyncLocal<Action<string>?> onReached = new();

    /// <summary>What a test does when a place is reached, in its own asynchronous flow only.</summary>
    public static Action<string>? OnReached
    {
        get => onReached.Value;
        set => onReached.Value = value;
    }

    /// <summary>Says that the named place is reached.</summary>
    public static void Reach(string name) => onReached.Value?.Invoke(name);
}
