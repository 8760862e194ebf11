using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// Sends a mail to an SMTP server in a conversation of its own: hello, STARTTLS, sign-in, sender, recipient, the bytes as
/// they are, the final dot. Everything before the dot can be repeated safely; after it only the server's reply counts.
/// </summary>
public sealed class SmtpMailTransport(IOptions<MailOptions> mailOptions) : IMailTransport
{
    /// <summary>How long the reply to the dot is still awaited when the process has been told to stop.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly MailOptions options = mailOptions.Value;

    public bool RepeatsAreHarmless => false;

    public bool MindsPace => true;

    public async Task<SendOutcome> SendAsync(MailSubmission mail, CancellationToken cancellation)
    {
        try
        {
            await using var server = await SmtpConversation.ConnectAsync(
                options.Host!, options.Port, options.ReplyTimeout, cancellation);
            return await OpenAsync(server, cancellation)
                ?? await SayEnvelopeAsync(server, mail, cancellation)
                ?? await HandOverAsync(server, mail, cancellation);
        }
        catch (Exception error) when (IsFailureOfTheConnection(error))
        {
            return new SendOutcome.TemporaryFailure(error.Message, ConcernsAllMail: true);
        }
    }

    /// <summary>Greets, goes over to TLS and signs in. Null when the server is ready; a refusal here concerns every mail.</summary>
    private async Task<SendOutcome?> OpenAsync(SmtpConversation server, CancellationToken cancellation)
    {
        var greeting = await server.HearAsync(cancellation);
        if (greeting.Code != 220)
        {
            return NoService(greeting);
        }

        var hello = await server.SayAsync("EHLO " + OurName(), cancellation);
        if (hello.Code != 250)
        {
            return NoService(hello);
        }

        if (options.StartTls == StartTlsUse.Required)
        {
            if (!Offers(hello, "STARTTLS"))
            {
                return new SendOutcome.TemporaryFailure("The server offers no STARTTLS.", ConcernsAllMail: true);
            }

            var ready = await server.SayAsync("STARTTLS", cancellation);
            if (ready.Code != 220)
            {
                return NoService(ready);
            }

            await server.StartTlsAsync(options.Host!, options.AuthorityFile, cancellation);

            // What was said in plain text before is forgotten: anyone could have said it.
            hello = await server.SayAsync("EHLO " + OurName(), cancellation);
            if (hello.Code != 250)
            {
                return NoService(hello);
            }
        }

        return options.User is { } user ? await SignInAsync(server, hello, user, cancellation) : null;
    }

    private async Task<SendOutcome?> SignInAsync(
        SmtpConversation server, SmtpReply hello, string user, CancellationToken cancellation)
    {
        var mechanisms = hello.Lines.FirstOrDefault(line => line.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))
            ?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var password = options.PasswordFile is { } file
            ? (await File.ReadAllTextAsync(file, cancellation)).TrimEnd('\r', '\n')
            : options.Password!;
        SmtpReply reply;
        if (mechanisms.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            reply = await server.SayAsync("AUTH PLAIN " + Base64($"\0{user}\0{password}"), cancellation);
        }
        else if (mechanisms.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            reply = await server.SayAsync("AUTH LOGIN", cancellation);
            reply = reply.Code == 334 ? await server.SayAsync(Base64(user), cancellation) : reply;
            reply = reply.Code == 334 ? await server.SayAsync(Base64(password), cancellation) : reply;
        }
        else
        {
            return new SendOutcome.TemporaryFailure("The server offers neither AUTH PLAIN nor AUTH LOGIN.", ConcernsAllMail: true);
        }

        return reply.Code == 235 ? null : NoService(reply);
    }

    private static async Task<SendOutcome?> SayEnvelopeAsync(
        SmtpConversation server, MailSubmission mail, CancellationToken cancellation)
    {
        var sender = await server.SayAsync($"MAIL FROM:<{mail.From.Value}>", cancellation);
        if (!sender.IsPositive)
        {
            return Refused(sender);
        }

        Failpoints.Reach(MailFailpoints.AfterMail);
        var recipient = await server.SayAsync($"RCPT TO:<{mail.Recipient.Value}>", cancellation);
        if (!recipient.IsPositive)
        {
            // RFC 5321 §4.5.3.1.10: a 552 here means "too many at once" and is to be taken as a 452.
            return recipient.Code == 552 ? new SendOutcome.TemporaryFailure(recipient.ToString()) : Refused(recipient);
        }

        var data = await server.SayAsync("DATA", cancellation);
        return data.Code == 354 ? null : Refused(data);
    }

    private async Task<SendOutcome> HandOverAsync(SmtpConversation server, MailSubmission mail, CancellationToken cancellation)
    {
        await server.SendLinesAsync(mail.Bytes, cancellation);
        if (!await mail.MayHandOver(cancellation))
        {
            return new SendOutcome.GivenUp();
        }

        // From the dot on, being told to stop shortens the wait but does not end it: each uncertain end is one more that
        // somebody may get twice.
        using var patience = new CancellationTokenSource();
        await using var stop = cancellation.Register(() => patience.CancelAfter(Grace));
        SmtpReply reply;
        try
        {
            await server.SendDotAsync(patience.Token);
            Failpoints.Reach(MailFailpoints.AfterDot);
            reply = await server.HearAsync(options.DotReplyTimeout, patience.Token);
        }
        catch (Exception error) when (IsFailureOfTheConnection(error) || error is OperationCanceledException)
        {
            return new SendOutcome.Ambiguous(error.Message);
        }

        if (!reply.IsPositive)
        {
            return Refused(reply);
        }

        Failpoints.Reach(MailFailpoints.After250);
        await SayGoodbyeAsync(server, patience.Token);
        return new SendOutcome.Accepted();
    }

    private static async Task SayGoodbyeAsync(SmtpConversation server, CancellationToken cancellation)
    {
        using var brief = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        brief.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await server.SayAsync("QUIT", brief.Token);
        }
        catch (Exception error) when (IsFailureOfTheConnection(error) || error is OperationCanceledException)
        {
            // The server has the mail and said so; how the conversation ends changes nothing.
        }
    }

    /// <summary>A refusal of this mail. 421, 530 and the like speak of the service and not of the mail.</summary>
    private static SendOutcome Refused(SmtpReply reply) => reply.Code switch
    {
        421 or 530 or 535 or 538 => NoService(reply),
        _ when reply.IsPermanent => new SendOutcome.PermanentFailure(reply.ToString()),
        _ => new SendOutcome.TemporaryFailure(reply.ToString()),
    };

    private static SendOutcome.TemporaryFailure NoService(SmtpReply reply) => new(reply.ToString(), ConcernsAllMail: true);

    private static bool IsFailureOfTheConnection(Exception error) =>
        error is IOException or SocketException or TimeoutException or AuthenticationException or UnauthorizedAccessException
            or CryptographicException;

    private static bool Offers(SmtpReply hello, string keyword) =>
        hello.Lines.Any(line => line.Split(' ')[0].Equals(keyword, StringComparison.OrdinalIgnoreCase));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string OurName()
    {
        var name = Dns.GetHostName();
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')
            ? name.ToLower(CultureInfo.InvariantCulture)
            : "[127.0.0.1]";
    }
}
