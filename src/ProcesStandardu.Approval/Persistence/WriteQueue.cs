using Npgsql;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>Something that will be written; it travels to the server together with whatever is asked or committed next.</summary>
public abstract class QueuedWrite
{
    /// <summary>Writes of one group may share statements, whatever stands between them; null keeps its place among all others.</summary>
    internal virtual Type? Group => null;

    /// <summary>What a statement may not concern twice, such as a row's id; null when anything may be shared.</summary>
    internal virtual object? Key => null;

    /// <summary>Adds the statements that write the whole group, of which this is the first. None of them may answer with rows.</summary>
    internal abstract void AddTo(NpgsqlBatch batch, IReadOnlyList<QueuedWrite> group);

    /// <summary>Told right before it leaves.</summary>
    internal virtual void OnSent()
    {
    }
}

/// <summary>One statement that keeps its place.</summary>
internal sealed class QueuedCommand(NpgsqlBatchCommand command) : QueuedWrite
{
    internal override void AddTo(NpgsqlBatch batch, IReadOnlyList<QueuedWrite> group) => batch.BatchCommands.Add(command);
}

/// <summary>The point to which a part that fails is undone. As long as it is not sent, forgetting what was queued since is enough.</summary>
internal sealed class QueuedSavepoint : QueuedWrite
{
    public bool IsSent { get; private set; }

    internal override void AddTo(NpgsqlBatch batch, IReadOnlyList<QueuedWrite> group) =>
        batch.BatchCommands.Add(new NpgsqlBatchCommand("savepoint part"));

    internal override void OnSent() => IsSent = true;
}

/// <summary>What one transaction has yet to write, in order.</summary>
internal sealed class WriteQueue
{
    private readonly List<QueuedWrite> _writes = [];

    public bool IsEmpty => _writes.Count == 0;

    public void Add(QueuedWrite write) => _writes.Add(write);

    public void Clear() => _writes.Clear();

    /// <summary>Takes a savepoint out that turned out not to be needed.</summary>
    public void Remove(QueuedSavepoint savepoint) => _writes.Remove(savepoint);

    /// <summary>Forgets a savepoint that was not sent and everything queued after it.</summary>
    public void Truncate(QueuedSavepoint savepoint)
    {
        var start = _writes.IndexOf(savepoint);
        _writes.RemoveRange(start, _writes.Count - start);
    }

    /// <summary>Moves everything into the batch: writes of one group together, unless one concerns the same thing again.</summary>
    public void MoveTo(NpgsqlBatch batch)
    {
        List<List<QueuedWrite>> open = [];
        foreach (var write in _writes)
        {
            var group = write.Group is { } type ? open.Find(candidate => candidate[0].Group == type) : null;
            if (group is not null && (write.Key is not { } key || !group.Exists(other => key.Equals(other.Key))))
            {
                group.Add(write);
                continue;
            }

            if (group is not null || write.Group is null)
            {
                Close();
            }

            open.Add([write]);
            if (write.Group is null)
            {
                Close();
            }
        }

        Close();
        _writes.Clear();

        void Close()
        {
            foreach (var group in open)
            {
                group[0].AddTo(batch, group);
                group.ForEach(write => write.OnSent());
            }

            open.Clear();
        }
    }
}
