using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>
/// Runs scripts on threads of their own, with stacks that no script within its limits can fill, and waits for each no longer
/// than it is told. A script that does not stop is left to itself: who asked for it goes on, and its thread is not used again.
/// </summary>
internal static class ScriptThreads
{
    private const int StackBytes = 64 << 20;
    private const int MostIdle = 8;

    private static readonly ConcurrentBag<Worker> Idle = [];

    /// <summary>What the body answers or throws; false when it did not end in time.</summary>
    public static bool TryRun(Action body, TimeSpan longest)
    {
        var worker = Idle.TryTake(out var idle) ? idle : new Worker();
        if (!worker.TryRun(body, longest, out var failure))
        {
            return false;
        }

        if (Idle.Count < MostIdle)
        {
            Idle.Add(worker);
        }
        else
        {
            worker.Stop();
        }

        failure?.Throw();
        return true;
    }

    private sealed class Worker
    {
        private readonly object _turn = new();
        private Action? _body;
        private bool _isDone;
        private bool _isStopped;
        private ExceptionDispatchInfo? _failure;

        public Worker() => new Thread(Run, StackBytes) { IsBackground = true, Name = "script" }.Start();

        public bool TryRun(Action body, TimeSpan longest, out ExceptionDispatchInfo? failure)
        {
            lock (_turn)
            {
                (_body, _isDone, _failure) = (body, false, null);
                Monitor.PulseAll(_turn);
                var started = Stopwatch.GetTimestamp();
                while (!_isDone && longest - Stopwatch.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
                {
                    Monitor.Wait(_turn, left);
                }

                failure = _failure;
                return _isDone;
            }
        }

        public void Stop()
        {
            lock (_turn)
            {
                _isStopped = true;
                Monitor.PulseAll(_turn);
            }
        }

        private void Run()
        {
            while (true)
            {
                Action body;
                lock (_turn)
                {
                    while (_body is null && !_isStopped)
                    {
                        Monitor.Wait(_turn);
                    }

                    if (_body is null)
                    {
                        return;
                    }

                    (body, _body) = (_body, null);
                }

                ExceptionDispatchInfo? failure = null;
                try
                {
                    body();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }

                lock (_turn)
                {
                    (_failure, _isDone) = (failure, true);
                    Monitor.PulseAll(_turn);
                }
            }
        }
    }
}
