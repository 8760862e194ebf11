using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProcesStandardu.Approval.Tests.Notifications;

/// <summary>
/// A server that says exactly what it is told, however wrong: for the replies that no decent SMTP server gives. Its
/// script answers each line of the client by the line's first word.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    /// <summary>Closes the connection instead of answering.</summary>
    public const string Close = "<close>";

    /// <summary>Answers nothing and keeps the connection open.</summary>
    public const string Silence = "<silence>";

    /// <summary>Sends a letter now and then and never ends the line.</summary>
    public const string Drip = "<drip>";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly Dictionary<string, string> script;
    private readonly Task serving;

    /// <param name="answers">By the client's word: GREETING, EHLO, STARTTLS, MAIL, RCPT, DATA, DOT, QUIT; those not named get a good answer.</param>
    public ScriptedServer(params (string Word, string Answer)[] answers)
    {
        script = new Dictionary<string, string>
        {
            ["GREETING"] = "220 ready\r\n",
            ["EHLO"] = "250-hello\r\n250-STARTTLS\r\n250 SIZE 1000\r\n",
            ["STARTTLS"] = "220 go on\r\n",
            ["MAIL"] = "250 ok\r\n",
            ["RCPT"] = "250 ok\r\n",
            ["DATA"] = "354 go on\r\n",
            ["DOT"] = "250 ok\r\n",
            ["QUIT"] = "221 bye\r\n",
        };
        foreach (var (word, answer) in answers)
        {
            script[word] = answer;
        }

        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        serving = ServeAsync();
    }

    /// <summary>Where it listens, or listened until it was disposed.</summary>
    public int Port { get; }

    /// <summary>Whether a final dot arrived.</summary>
    public bool HasMail { get; private set; }

    /// <summary>Every line the client said, but not the mail's.</summary>
    public List<string> Heard { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        await serving;
        listener.Stop();
        stopped.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stopped.Token);
                try
                {
                    await ConverseAsync(client.GetStream());
                }
                catch (IOException)
                {
                    // The client went away: that is for the test to judge.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ConverseAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        if (!await AnswerAsync(stream, "GREETING"))
        {
            return;
        }

        var isMail = false;
        while (await reader.ReadLineAsync(stopped.Token) is { } line)
        {
            if (isMail && line != ".")
            {
                continue;
            }

            var word = isMail ? "DOT" : line.Split(' ')[0];
            isMail = false;
            HasMail |= word == "DOT";
            Heard.Add(line);
            if (!await AnswerAsync(stream, word))
            {
                return;
            }

            isMail = word == "DATA" && script["DATA"].StartsWith("354", StringComparison.Ordinal);
        }
    }

    /// <returns>False when the connection is to be closed.</returns>
    private async Task<bool> AnswerAsync(NetworkStream stream, string word)
    {
        var answer = script.GetValueOrDefault(word, "500 what\r\n");
        if (answer is Close)
        {
            return false;
        }

        while (answer is Drip)
        {
            await stream.WriteAsync("2"u8.ToArray(), stopped.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(50), stopped.Token);
        }

        if (answer is not Silence)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), stopped.Token);
        }

        return true;
    }
}
