namespace ProcesStandardu.Approval.Notifications;

/// <summary>How long a mail waits after a try that failed for now.</summary>
public static class RetryDelay
{
    private static readonly int[] Minutes = [1, 5, 15, 30, 60];

    /// <summary>
    /// 1, 5, 15, 30 minutes, then an hour each time, and up to a fifth more, so that mails which failed together do not
    /// all come back together.
    /// </summary>
    /// <param name="attempts">Tries so far, from 1.</param>
    /// <param name="jitter">From 0 to 1.</param>
    public static TimeSpan After(int attempts, double jitter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        var minutes = Minutes[Math.Min(attempts, Minutes.Length) - 1];
        return TimeSpan.FromMinutes(minutes * (1 + (Math.Clamp(jitter, 0, 1) / 5)));
    }
}
