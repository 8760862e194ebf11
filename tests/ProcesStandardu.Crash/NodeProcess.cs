using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Crash;

/// <summary>A node as its clients see it: it answers, or it is gone.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<CrashAnswer?>> _waiting = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private int _ids;

    private NodeProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>True when nothing will answer any more.</summary>
    public bool IsGone => _reading.IsCompleted;

    /// <summary>Ends when the process has.</summary>
    public Task Gone => _reading;

    /// <summary>Starts a node and waits until it takes requests.</summary>
    /// <param name="failpoint">Where it dies, as <see cref="Failpoints.Setting"/> says; null for nowhere.</param>
    public static async Task<NodeProcess> StartAsync(NodeSettings settings, string? failpoint)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(NodeProcess).Assembly.Location, "node", JsonSerializer.Serialize(settings)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[Failpoints.Setting] = failpoint;
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        var node = new NodeProcess(Process.Start(start)!);
        await Task.WhenAny(node._ready.Task, node._reading);
        return node;
    }

    /// <summary>Asks; null when the node died before it answered, so that nobody knows whether the act was done.</summary>
    public async Task<CrashAnswer?> AskAsync(CrashRequest request)
    {
        var id = Interlocked.Increment(ref _ids);
        var answer = new TaskCompletionSource<CrashAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            await _writing.WaitAsync();
            try
            {
                await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(request with { Id = id }));
                await _process.StandardInput.FlushAsync();
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (IOException)
        {
            return null;
        }

        if (IsGone)
        {
            answer.TrySetResult(null);
        }

        return await answer.Task;
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _reading;
    }

    /// <summary>Lets it finish what it was asked and end in order.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        await _reading;
        await _process.WaitForExitAsync();
        _process.Dispose();
        _writing.Dispose();
    }

    private async Task ReadAsync()
    {
        await Task.Yield();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "ready")
            {
                _ready.TrySetResult();
            }
            else if (line.StartsWith('{') && JsonSerializer.Deserialize<CrashAnswer>(line) is { } answer
                && _waiting.TryRemove(answer.Id, out var waiting))
            {
                waiting.TrySetResult(answer);
            }
        }

        await _process.WaitForExitAsync();
        foreach (var (_, unanswered) in _waiting)
        {
            unanswered.TrySetResult(null);
        }
    }
}
