using System.Collections.Concurrent;

namespace ProcesStandardu.Crash;

/// <summary>One act that a client means to do.</summary>
/// <param name="Voter">From 1; 0 starts the instance.</param>
public sealed record Intent(string Key, Guid Instance, int Voter, string Choice);

/// <summary>
/// What the clients know: each intent, on disk before it is sent, and each answer, on disk before anybody relies on it. Nothing
/// in it comes from the database.
/// </summary>
public sealed class Ledger : IDisposable
{
    private readonly FileStream _file;
    private readonly Lock _writing = new();

    public Ledger(string path) => _file = new FileStream(path, FileMode.Create, FileAccess.Write);

    /// <summary>Every intent by key.</summary>
    public ConcurrentDictionary<string, Intent> Intents { get; } = [];

    /// <summary>Receipts of answers by key; a second answer must bear the first one's receipt.</summary>
    public ConcurrentDictionary<string, ConcurrentBag<string>> Acknowledged { get; } = [];

    /// <summary>Sent at least once without an answer.</summary>
    public ConcurrentDictionary<string, int> Unknown { get; } = [];

    public void Intend(Intent intent)
    {
        if (Intents.TryAdd(intent.Key, intent))
        {
            Write($"intend {intent.Key} {intent.Instance:N} {intent.Voter} {intent.Choice}");
        }
    }

    public void Acknowledge(string key, string receipt)
    {
        Write($"acknowledged {key} {receipt}");
        Acknowledged.GetOrAdd(key, _ => []).Add(receipt);
    }

    public void Lose(string key)
    {
        Write($"unknown {key}");
        Unknown.AddOrUpdate(key, 1, (_, times) => times + 1);
    }

    public void Dispose() => _file.Dispose();

    private void Write(string line)
    {
        lock (_writing)
        {
            _file.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
            _file.Flush(flushToDisk: true);
        }
    }
}
