using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What a scanner says of a file. Only <see cref="Clean"/> lets anybody read it.</summary>
public enum ScanVerdict
{
    Clean,
    Infected,

    /// <summary>The scanner did not look at all of it; that is not clean.</summary>
    OverLimit,

    /// <summary>No answer, or none that can be understood.</summary>
    Unavailable,
}

/// <param name="Detail">The signature's name, or why there is no verdict; empty for clean files.</param>
public sealed record Scan(ScanVerdict Verdict, string Detail);

/// <summary>
/// Asks clamd over its INSTREAM command. It fails closed: anything but its plain word that a stream is clean is none.
/// </summary>
public sealed class VirusScanner(IOptions<DocumentOptions> options)
{
    private const int ChunkLength = 64 * 1024;

    // Longer answers are none of clamd's.
    private const int LongestAnswer = 4096;

    /// <summary>False where no scanner is configured; then files are read unscanned, and the files' page says so.</summary>
    public bool IsConfigured => options.Value.ClamdAddress.Length > 0;

    /// <summary>Sends the whole content and waits for the verdict.</summary>
    /// <param name="content">Read from where it stands to its end.</param>
    public async Task<Scan> ScanAsync(Stream content, CancellationToken cancellation)
    {
        try
        {
            var answer = await AskAsync("zINSTREAM\0", stream => SendAsync(stream, content, cancellation), cancellation);
            return Understand(answer);
        }
        catch (Exception error) when (IsSilence(error, cancellation))
        {
            return new Scan(ScanVerdict.Unavailable, error.Message);
        }
    }

    /// <summary>The scanner's version with the date of its signatures; null when it does not answer or none is configured.</summary>
    public async Task<string?> VersionAsync(CancellationToken cancellation)
    {
        if (!IsConfigured)
        {
            return null;
        }

        try
        {
            return await AskAsync("zVERSION\0", _ => Task.CompletedTask, cancellation) is { Length: > 0 } version ? version : null;
        }
        catch (Exception error) when (IsSilence(error, cancellation))
        {
            return null;
        }
    }

    /// <summary>Reads clamd's word on a stream.</summary>
    internal static Scan Understand(string answer) =>
        answer == "stream: OK" ? new Scan(ScanVerdict.Clean, "")
        : answer.StartsWith("stream: Heuristics.Limits.Exceeded", StringComparison.Ordinal) || answer.StartsWith("INSTREAM size limit exceeded", StringComparison.Ordinal)
            ? new Scan(ScanVerdict.OverLimit, answer)
        : answer.StartsWith("stream: ", StringComparison.Ordinal) && answer.EndsWith(" FOUND", StringComparison.Ordinal)
            ? new Scan(ScanVerdict.Infected, answer["stream: ".Length..^" FOUND".Length])
            : new Scan(ScanVerdict.Unavailable, answer.Length == 0 ? "no answer" : answer);

    private static bool IsSilence(Exception error, CancellationToken cancellation) =>
        error is IOException or SocketException or InvalidDataException
        || (error is OperationCanceledException && !cancellation.IsCancellationRequested);

    private async Task<string> AskAsync(string command, Func<NetworkStream, Task> send, CancellationToken cancellation)
    {
        var address = options.Value.ClamdAddress;
        var colon = address.LastIndexOf(':');
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.ClamdSeconds));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        using var client = new TcpClient();
        await client.ConnectAsync(address[..colon], int.Parse(address[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture), either.Token);
        await using var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(command), either.Token);
            await send(stream).WaitAsync(either.Token);
        }
        catch (IOException)
        {
            // It hangs up in the middle of what is too long for it, having said so: the answer is read all the same.
        }

        var answer = new byte[LongestAnswer];
        var length = 0;
        int read;
        while (length < answer.Length && (read = await stream.ReadAsync(answer.AsMemory(length), either.Token)) > 0)
        {
            var end = Array.IndexOf(answer, (byte)0, length, read);
            length += read;
            if (end >= 0)
            {
                return Encoding.UTF8.GetString(answer, 0, end).Trim();
            }
        }

        throw new InvalidDataException("The scanner's answer does not end.");
    }

    private static async Task SendAsync(NetworkStream stream, Stream content, CancellationToken cancellation)
    {
        var chunk = new byte[4 + ChunkLength];
        int read;
        while ((read = await content.ReadAsync(chunk.AsMemory(4), cancellation)) > 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(chunk, read);
            await stream.WriteAsync(chunk.AsMemory(0, 4 + read), cancellation);
        }

        await stream.WriteAsync(new byte[4], cancellation);
    }
}
