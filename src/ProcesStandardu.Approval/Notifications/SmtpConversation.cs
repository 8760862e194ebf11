using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>A server's reply, of one line or several.</summary>
/// <param name="Code">Three digits, 200–599.</param>
/// <param name="Lines">What stands after the code in each line.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    public bool IsPositive => Code is >= 200 and < 400;

    public bool IsPermanent => Code >= 500;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Code} {string.Join(' ', Lines)}");
}

/// <summary>The other side did not speak SMTP, or stopped speaking.</summary>
internal sealed class SmtpException(string message) : IOException(message);

/// <summary>
/// The line protocol of SMTP over one connection: commands out, replies in, each reply within its time and of bounded
/// size. It knows nothing of what the verbs mean.
/// </summary>
internal sealed class SmtpConversation : IAsyncDisposable
{
    private const int LongestReplyLine = 1000;
    private const int MostReplyLines = 100;
    private const int PieceOfData = 16 * 1024;

    private readonly TcpClient client = new();
    private readonly byte[] buffer = new byte[4096];
    private readonly TimeSpan patience;
    private Stream stream = Stream.Null;
    private int start;
    private int end;

    private SmtpConversation(TimeSpan patience) => this.patience = patience;

    /// <param name="patience">The longest wait for the connection, for each reply unless told otherwise, and for each piece of data.</param>
    /// <exception cref="SocketException">No connection.</exception>
    /// <exception cref="TimeoutException">No connection in time.</exception>
    public static async Task<SmtpConversation> ConnectAsync(
        string host, int port, TimeSpan patience, CancellationToken cancellation)
    {
        var conversation = new SmtpConversation(patience);
        try
        {
            await WithinAsync(
                patience, "no connection", token => conversation.client.ConnectAsync(host, port, token).AsTask(), cancellation);
            conversation.client.NoDelay = true;
            conversation.stream = conversation.client.GetStream();
            return conversation;
        }
        catch
        {
            await conversation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says one line and reads the reply to it.</summary>
    public async Task<SmtpReply> SayAsync(string command, CancellationToken cancellation)
    {
        if (command.Any(c => c is < ' ' or > '~'))
        {
            throw new ArgumentException("A command is one line of printable ASCII.", nameof(command));
        }

        await WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellation);
        return await HearAsync(patience, cancellation);
    }

    /// <summary>Reads a reply; the time limit is for the whole of it, however slowly its letters come.</summary>
    /// <exception cref="SmtpException">The connection ended or something else than a reply came.</exception>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public async Task<SmtpReply> HearAsync(TimeSpan limit, CancellationToken cancellation)
    {
        SmtpReply? reply = null;
        await WithinAsync(limit, "no reply", async token => reply = await ReadReplyAsync(token), cancellation);
        return reply!;
    }

    public Task<SmtpReply> HearAsync(CancellationToken cancellation) => HearAsync(patience, cancellation);

    /// <summary>
    /// Goes over to TLS. What the server sent beforehand after its 220 could have been slipped in by anyone: then the
    /// conversation is over.
    /// </summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate does not hold.</exception>
    public async Task StartTlsAsync(string host, string? authorityFile, CancellationToken cancellation)
    {
        if (start != end)
        {
            throw new SmtpException("The server sent more after its answer to STARTTLS.");
        }

        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (authorityFile is not null)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPemFile(authorityFile);
            options.CertificateChainPolicy = policy;
        }

        var secure = new SslStream(stream);
        stream = secure;
        await WithinAsync(patience, "no TLS", token => secure.AuthenticateAsClientAsync(options, token), cancellation);
    }

    /// <summary>Sends a mail's lines, those that begin with a dot with one more. The end is not sent.</summary>
    public async Task SendLinesAsync(ReadOnlyMemory<byte> mail, CancellationToken cancellation)
    {
        var stuffed = DotStuffed(mail.Span);
        for (var place = 0; place < stuffed.Length; place += PieceOfData)
        {
            await WriteAsync(stuffed.AsMemory(place, Math.Min(PieceOfData, stuffed.Length - place)), cancellation);
        }
    }

    /// <summary>Sends the dot that ends the mail. From here on the server may have it.</summary>
    public Task SendDotAsync(CancellationToken cancellation) => WriteAsync(".\r\n"u8.ToArray(), cancellation);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await stream.DisposeAsync();
        }
        catch (IOException)
        {
            // The connection is gone already; so it is closed.
        }

        client.Dispose();
    }

    /// <summary>The lines as they travel: RFC 5321 §4.5.2.</summary>
    /// <exception cref="ArgumentException">A line end is not CRLF, a line is too long, or the last line has no end.</exception>
    internal static byte[] DotStuffed(ReadOnlySpan<byte> mail)
    {
        if (mail.Length < 2 || mail[^2] != '\r' || mail[^1] != '\n')
        {
            throw new ArgumentException("A mail ends with CRLF.", nameof(mail));
        }

        var result = new List<byte>(mail.Length + 64);
        while (mail.Length > 0)
        {
            var length = mail.IndexOf("\r\n"u8);
            var line = mail[..length];
            if (length > 998 || line.ContainsAny((byte)'\r', (byte)'\n', (byte)0))
            {
                throw new ArgumentException("A line of a mail ends with CRLF within 998 bytes.", nameof(mail));
            }

            if (length > 0 && line[0] == '.')
            {
                result.Add((byte)'.');
            }

            result.AddRange(mail[..(length + 2)]);
            mail = mail[(length + 2)..];
        }

        return [.. result];
    }

    private async Task<SmtpReply> ReadReplyAsync(CancellationToken cancellation)
    {
        var lines = new List<string>();
        var code = 0;
        while (lines.Count < MostReplyLines)
        {
            var line = await ReadLineAsync(cancellation);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number is < 200 or > 599 || (line.Length > 3 && line[3] is not (' ' or '-')) || (code != 0 && number != code))
            {
                throw new SmtpException("The server's reply is not SMTP.");
            }

            code = number;
            lines.Add(line.Length > 4 ? MailText.OneLine(line[4..]) : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                return new SmtpReply(code, lines);
            }
        }

        throw new SmtpException("The server's reply does not end.");
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new List<byte>();
        while (line.Count <= LongestReplyLine)
        {
            if (start == end)
            {
                start = 0;
                end = await stream.ReadAsync(buffer, cancellation);
                if (end == 0)
                {
                    throw new SmtpException("The server closed the connection.");
                }
            }

            var value = buffer[start++];
            if (value == '\n')
            {
                return Encoding.Latin1.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(value);
        }

        throw new SmtpException("A line of the server's reply is too long.");
    }

    private Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        WithinAsync(patience, "nothing more is taken", token => stream.WriteAsync(bytes, token).AsTask(), cancellation);

    private static async Task WithinAsync(
        TimeSpan limit, string what, Func<CancellationToken, Task> step, CancellationToken cancellation)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timed.CancelAfter(limit);
        try
        {
            await step(timed.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{what} within {limit.TotalSeconds:0} s"));
        }
    }
}
