using System.Collections.Concurrent;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// Who acts on one ballot at the same moment on this node. A few are let through to the database, where its row locks decide; the
/// others wait here, where a waiting person costs no connection, and if there are too many of them they are told so at once.
/// </summary>
/// <remarks>Nothing rests on it but the node's own strength: acts are right without it, and other nodes know nothing of it.</remarks>
public sealed class BallotTurns(TimeProvider time)
{
    /// <summary>How many may hold a connection for one ballot: one behind the locks, the others reading what needs none.</summary>
    public const int Through = 3;

    /// <summary>How many may wait for one ballot.</summary>
    public const int Waiting = 300;

    /// <summary>How long anybody waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, Line> lines = new();

    /// <returns>The turn, to be given back; null when too many wait or the wait was too long.</returns>
    public async Task<Turn?> TakeAsync(Guid ballotId, CancellationToken cancellation)
    {
        var line = Join(ballotId);
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            if (line.People <= Through + Waiting)
            {
                await line.Gate.WaitAsync(either.Token);
                return new Turn(() => Leave(ballotId, line, wasThrough: true));
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Too long.
        }
        catch
        {
            Leave(ballotId, line, wasThrough: false);
            throw;
        }

        Leave(ballotId, line, wasThrough: false);
        return null;
    }

    private Line Join(Guid ballotId)
    {
        while (true)
        {
            var line = lines.GetOrAdd(ballotId, _ => new Line());
            lock (line)
            {
                if (!line.IsGone)
                {
                    line.People++;
                    return line;
                }
            }
        }
    }

    private void Leave(Guid ballotId, Line line, bool wasThrough)
    {
        if (wasThrough)
        {
            line.Gate.Release();
        }

        lock (line)
        {
            if (--line.People == 0)
            {
                line.IsGone = true;
                lines.TryRemove(ballotId, out _);
            }
        }
    }

    /// <summary>The right to act, until it is given back.</summary>
    public sealed class Turn(Action? giveBack) : IDisposable
    {
        private Action? back = giveBack;

        /// <summary>For whoever need not wait.</summary>
        public static Turn None { get; } = new(null);

        public void Dispose() => Interlocked.Exchange(ref back, null)?.Invoke();
    }

    private sealed class Line
    {
        public SemaphoreSlim Gate { get; } = new(Through);

        public int People { get; set; }

        public bool IsGone { get; set; }
    }
}
