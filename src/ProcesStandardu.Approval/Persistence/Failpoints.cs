using System.Diagnostics;
using System.Globalization;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// Places where tests make the product fail. Nothing happens unless a test sets <see cref="OnReached"/>, or a process was
/// started with <see cref="Setting"/>.
/// </summary>
public static class Failpoints
{
    /// <summary>
    /// The environment variable that kills this process at a place: its name, a colon, and at which time of reaching it,
    /// such as <c>work.before-commit:3</c>. Read only where the demo is on; see <see cref="Arm"/>.
    /// </summary>
    public const string Setting = "PROCES_FAILPOINT";

    public const string Begun = "work.begun";
    public const string BeforeCommit = "work.before-commit";
    public const string AfterCommit = "work.after-commit";

    public const string VoteLocked = "vote.after-lock";
    public const string VoteRecorded = "vote.recorded";
    public const string BallotClosed = "ballot.closed";

    public const string TimersClaimed = "timer.claimed";
    public const string TimerLocked = "timer.locked";
    public const string TimerFired = "timer.fired";
    public const string AttemptCounted = "delivery.counted";

    private static readonly AsyncLocal<Action<string>?> onReached = new();
    private static volatile bool isWatched;
    private static string? deadly;
    private static int remaining;

    /// <summary>What a test does when a place is reached, in its own asynchronous flow only.</summary>
    public static Action<string>? OnReached
    {
        get => onReached.Value;
        set
        {
            isWatched = true;
            onReached.Value = value;
        }
    }

    /// <summary>Makes this process die, without a word and without tidying, when it reaches a place.</summary>
    /// <param name="setting">See <see cref="Setting"/>; null or empty arms nothing.</param>
    /// <exception cref="InvalidOperationException">It is set where it must not be, or cannot be read.</exception>
    public static void Arm(string? setting, bool isAllowed)
    {
        if (string.IsNullOrEmpty(setting))
        {
            return;
        }

        var colon = setting.LastIndexOf(':');
        if (!isAllowed || colon <= 0
            || !int.TryParse(setting.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var times) || times < 1)
        {
            throw new InvalidOperationException(
                $"{Setting} kills this process at a place of its work; it is for tests, where the demo is on, and reads name:times.");
        }

        deadly = setting[..colon];
        remaining = times;
        isWatched = true;
    }

    /// <summary>Says that the named place is reached.</summary>
    public static void Reach(string name)
    {
        if (!isWatched)
        {
            return;
        }

        onReached.Value?.Invoke(name);
        if (name == deadly && Interlocked.Decrement(ref remaining) == 0)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
            Environment.FailFast("The failpoint " + name + " was reached.");
        }
    }
}
