using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ProcesStandardu.Crash.Chaos;

/// <summary>What happens to what passes.</summary>
public enum ProxyMode
{
    Pass,

    /// <summary>Requests go through, answers do not; then the connection ends: whoever committed does not learn it.</summary>
    SwallowReplies,

    /// <summary>Nothing goes through and nothing ends: a silent partition.</summary>
    Silent,
}

/// <summary>Stands between a node and the database and does to the connection what networks do.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint target;
    private readonly ConcurrentDictionary<Socket, Socket> pairs = [];
    private readonly CancellationTokenSource stop = new();
    private volatile ProxyMode mode;
    private int swallowed;

    public TcpProxy(int targetPort)
    {
        target = new IPEndPoint(IPAddress.Loopback, targetPort);
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Answers that were dropped.</summary>
    public int Swallowed => swallowed;

    public ProxyMode Mode
    {
        get => mode;
        set => mode = value;
    }

    /// <summary>Ends every connection with a reset.</summary>
    public void Cut()
    {
        foreach (var (client, server) in pairs)
        {
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
            server.Dispose();
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        Cut();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        pairs[client] = server;
        try
        {
            await server.ConnectAsync(target, stop.Token);
            await Task.WhenAny(CopyAsync(client, server, isAnswer: false), CopyAsync(server, client, isAnswer: true));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end is gone; then so is the other.
        }
        finally
        {
            pairs.TryRemove(client, out _);
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var count)
            {
                while (mode == ProxyMode.Silent)
                {
                    await Task.Delay(20, stop.Token);
                }

                if (isAnswer && mode == ProxyMode.SwallowReplies)
                {
                    Interlocked.Increment(ref swallowed);
                    return;
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), stop.Token);
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // As above.
        }
    }
}
