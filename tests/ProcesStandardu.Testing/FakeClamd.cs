using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProcesStandardu.Testing;

/// <summary>
/// A scanner that speaks clamd's protocol over TCP: zVERSION, zPING and zINSTREAM with its counted chunks. It finds EICAR where
/// the test string stands, and hangs up on what is longer than its limit, as clamd does.
/// </summary>
public sealed class FakeClamd : IAsyncDisposable
{
    /// <summary>The harmless text that every scanner calls a virus.</summary>
    public static readonly byte[] Eicar = Encoding.ASCII.GetBytes(
        string.Concat(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE", "!$H+H*"));

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Task> _talks = [];
    private readonly Task _accepting;

    public FakeClamd()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>For <c>Documents:ClamdAddress</c>.</summary>
    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Longer streams are refused in their middle.</summary>
    public long StreamMaxLength { get; set; } = 100 * 1024 * 1024;

    /// <summary>What is answered instead of a verdict; null answers truly; empty hangs up without a word.</summary>
    public string? Says { get; set; }

    /// <summary>Bytes of each stream that came whole.</summary>
    public ConcurrentQueue<long> Streams { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_talks);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _talks.Add(TalkAsync(client));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var closing = client;
        await using var stream = client.GetStream();
        try
        {
            var command = new StringBuilder();
            var one = new byte[1];
            while (await stream.ReadAsync(one, _end.Token) == 1 && one[0] != 0)
            {
                command.Append((char)one[0]);
            }

            var answer = command.ToString() switch
            {
                "zPING" => "PONG",
                "zVERSION" => "ClamAV 1.4.3/27800/Mon Nov  5 08:00:00 2012",
                "zINSTREAM" => await ScanAsync(stream),
                _ => "UNKNOWN COMMAND",
            };
            if (answer.Length > 0)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer + "\0"), _end.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
        }
    }

    private async Task<string> ScanAsync(NetworkStream stream)
    {
        var length = new byte[4];
        var seen = new MemoryStream();
        while (true)
        {
            await stream.ReadExactlyAsync(length, _end.Token);
            var size = BinaryPrimitives.ReadUInt32BigEndian(length);
            if (size == 0)
            {
                break;
            }

            if (seen.Length + size > StreamMaxLength)
            {
                return "INSTREAM size limit exceeded. ERROR";
            }

            var chunk = new byte[size];
            await stream.ReadExactlyAsync(chunk, _end.Token);
            seen.Write(chunk);
        }

        Streams.Enqueue(seen.Length);
        return Says ?? (seen.GetBuffer().AsSpan(0, (int)seen.Length).IndexOf(Eicar) >= 0 ? "stream: Eicar-Signature FOUND" : "stream: OK");
    }
}
