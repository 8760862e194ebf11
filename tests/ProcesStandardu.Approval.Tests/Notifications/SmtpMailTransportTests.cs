using System.Text;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class SmtpMailTransportTests
{
    private static readonly byte[] Mail = Encoding.ASCII.GetBytes("Subject: a\r\n\r\n.\r\n..\r\n.a\r\nlast\r\n");

    [Fact]
    [Trait("Fault", "S54")]
    public async Task A_mail_reaches_a_real_server_byte_for_byte()
    {
        await using var sink = await SmtpSink.StartAsync(cancellation: TestContext.Current.CancellationToken);

        (await SendAsync(Plain(sink.Port))).ShouldBe(new SendOutcome.Accepted());

        var mail = (await sink.MailsAsync()).Single();
        mail.Bytes.ShouldBe(Mail);
        (mail.From, mail.Recipients.Single(), mail.Secure).ShouldBe(("rada@rada.example", "anna@forum.example", false));
    }

    [Theory]
    [InlineData("Subject: a\n\nbare LF\n")]
    [InlineData("Subject: a\r\rbare CR\r\n")]
    [InlineData("Subject: a\r\n\r\nno line end")]
    [InlineData("Subject: a\r\n\r\nsmuggled\n.\r\nMAIL FROM:<x@example.org>\r\n")]
    [InlineData("Subject: a\r\n\r\nnull \0\r\n")]
    [InlineData("")]
    [Trait("Fault", "S54")]
    public async Task Bytes_that_could_be_read_as_two_mails_are_never_sent(string bytes)
    {
        await using var server = new ScriptedServer();

        await Should.ThrowAsync<ArgumentException>(() => SendAsync(Plain(server.Port), Encoding.ASCII.GetBytes(bytes)));

        server.HasMail.ShouldBeFalse();
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task It_goes_over_to_TLS_and_signs_in(string mechanism)
    {
        await using var sink = await SmtpSink.StartAsync(new SinkKind(Tls: true, Auth: mechanism), TestContext.Current.CancellationToken);
        var options = Secure(sink);
        (options.User, options.Password) = (SmtpSink.User, SmtpSink.Password);

        (await SendAsync(options)).ShouldBe(new SendOutcome.Accepted());

        var mail = (await sink.MailsAsync()).Single();
        (mail.Secure, mail.User).ShouldBe((true, SmtpSink.User));
        mail.Bytes.ShouldBe(Mail);
    }

    [Fact]
    public async Task The_password_may_lie_in_a_file_and_a_wrong_one_keeps_all_mail_back()
    {
        await using var sink = await SmtpSink.StartAsync(new SinkKind(Tls: true, Auth: "PLAIN"), TestContext.Current.CancellationToken);
        var options = Secure(sink);
        options.User = SmtpSink.User;
        options.PasswordFile = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(options.PasswordFile, "wrong\n", TestContext.Current.CancellationToken);
            ShouldConcernAll(await SendAsync(options), "535");

            await File.WriteAllTextAsync(options.PasswordFile, SmtpSink.Password + "\n", TestContext.Current.CancellationToken);
            (await SendAsync(options)).ShouldBe(new SendOutcome.Accepted());
        }
        finally
        {
            File.Delete(options.PasswordFile);
        }
    }

    [Fact]
    public async Task Without_STARTTLS_nothing_is_sent_and_no_password_said()
    {
        await using var sink = await SmtpSink.StartAsync(
            new SinkKind(Tls: true, HidesStartTls: true), TestContext.Current.CancellationToken);
        ShouldConcernAll(await SendAsync(Secure(sink)), "STARTTLS");
        (await sink.MailsAsync()).ShouldBeEmpty();

        await using var server = new ScriptedServer(("EHLO", "250-hello\r\n250 AUTH PLAIN LOGIN\r\n"));
        var options = Plain(server.Port);
        options.StartTls = StartTlsUse.Required;
        (options.User, options.Password) = ("rada", "secret");
        ShouldConcernAll(await SendAsync(options), "STARTTLS");
        server.Heard.ShouldAllBe(line => !line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_or_host_gets_no_mail()
    {
        await using var sink = await SmtpSink.StartAsync(new SinkKind(Tls: true), TestContext.Current.CancellationToken);
        await using var other = await SmtpSink.StartAsync(new SinkKind(Tls: true), TestContext.Current.CancellationToken);

        var wrongAuthority = Secure(sink);
        wrongAuthority.AuthorityFile = other.AuthorityFile;
        ShouldConcernAll(await SendAsync(wrongAuthority));

        var systemAuthorities = Secure(sink);
        systemAuthorities.AuthorityFile = null;
        ShouldConcernAll(await SendAsync(systemAuthorities));

        var wrongHost = Secure(sink);
        wrongHost.Host = "127.0.0.1";
        ShouldConcernAll(await SendAsync(wrongHost));

        (await sink.MailsAsync()).ShouldBeEmpty();
        (await SendAsync(Secure(sink))).ShouldBe(new SendOutcome.Accepted());
    }

    [Fact]
    public async Task Words_slipped_in_behind_the_answer_to_STARTTLS_end_the_conversation()
    {
        await using var server = new ScriptedServer(("STARTTLS", "220 go on\r\n250-hello\r\n250 AUTH PLAIN\r\n"));
        var options = Plain(server.Port);
        options.StartTls = StartTlsUse.Required;

        ShouldConcernAll(await SendAsync(options), "STARTTLS");

        server.Heard.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("GREETING", "554 no service\r\n")]
    [InlineData("GREETING", "421 later\r\n")]
    [InlineData("GREETING", "hello\r\n")]
    [InlineData("GREETING", "2200 too long a code\r\n")]
    [InlineData("GREETING", "999 no such code\r\n")]
    [InlineData("GREETING", ScriptedServer.Close)]
    [InlineData("GREETING", ScriptedServer.Silence)]
    [InlineData("EHLO", "502 what\r\n")]
    [InlineData("EHLO", "250-one code\r\n550 then another\r\n")]
    [InlineData("EHLO", "250-never ending\r\n")]
    [InlineData("EHLO", "250 no line end")]
    [InlineData("MAIL", ScriptedServer.Close)]
    [InlineData("MAIL", ScriptedServer.Silence)]
    [InlineData("MAIL", "530 sign in\r\n")]
    [InlineData("RCPT", "421 going down\r\n")]
    [InlineData("RCPT", ScriptedServer.Close)]
    [InlineData("DATA", ScriptedServer.Silence)]
    [InlineData("DOT", "421 going down\r\n")]
    [Trait("Fault", "S41")]
    public async Task What_says_nothing_about_the_mail_concerns_all_mail(string word, string answer)
    {
        await using var server = new ScriptedServer((word, answer));

        ShouldConcernAll(await SendAsync(Plain(server.Port)));
    }

    [Theory]
    [InlineData("MAIL", "451 later\r\n")]
    [InlineData("RCPT", "450 greylisted\r\n")]
    [InlineData("RCPT", "552 too many\r\n")]
    [InlineData("DATA", "451 later\r\n")]
    [InlineData("DATA", "250 what\r\n")]
    [InlineData("DOT", "452 no space\r\n")]
    [InlineData("DOT", "451-several\r\n451 lines\r\n")]
    [Trait("Fault", "S41")]
    public async Task A_refusal_for_now_is_temporary(string word, string answer)
    {
        await using var server = new ScriptedServer((word, answer));

        (await SendAsync(Plain(server.Port))).ShouldBeOfType<SendOutcome.TemporaryFailure>().ConcernsAllMail.ShouldBeFalse();
    }

    [Theory]
    [InlineData("MAIL", "550 not you\r\n")]
    [InlineData("RCPT", "550-No such\r\n550 mailbox\r\n")]
    [InlineData("DATA", "554 no\r\n")]
    [InlineData("DOT", "552 too big\r\n")]
    [InlineData("DOT", "554 content\r\n")]
    [Trait("Fault", "S41")]
    public async Task A_refusal_for_good_is_permanent_and_told_in_the_servers_words(string word, string answer)
    {
        await using var server = new ScriptedServer((word, answer));

        (await SendAsync(Plain(server.Port))).ShouldBeOfType<SendOutcome.PermanentFailure>().Reason.ShouldStartWith(answer[..3]);
    }

    [Theory]
    [InlineData(ScriptedServer.Close)]
    [InlineData(ScriptedServer.Silence)]
    [InlineData("what?\r\n")]
    [InlineData("250 no line end")]
    [Trait("Fault", "S06")]
    public async Task An_end_after_the_dot_without_a_clear_answer_is_uncertain(string answer)
    {
        await using var server = new ScriptedServer(("DOT", answer));

        (await SendAsync(Plain(server.Port))).ShouldBeOfType<SendOutcome.Ambiguous>();

        server.HasMail.ShouldBeTrue();
    }

    [Theory]
    [InlineData(ScriptedServer.Close)]
    [InlineData(ScriptedServer.Silence)]
    [InlineData("500 what\r\n")]
    public async Task After_the_250_nothing_changes_the_end(string answer)
    {
        await using var server = new ScriptedServer(("QUIT", answer));

        (await SendAsync(Plain(server.Port))).ShouldBe(new SendOutcome.Accepted());
    }

    [Fact]
    public async Task A_reply_that_comes_letter_by_letter_has_no_more_time_than_another()
    {
        await using var server = new ScriptedServer(("GREETING", ScriptedServer.Drip));

        var started = TimeProvider.System.GetTimestamp();
        ShouldConcernAll(await SendAsync(Plain(server.Port)));
        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Nobody_listens()
    {
        var server = new ScriptedServer();
        var port = server.Port;
        await server.DisposeAsync();

        ShouldConcernAll(await SendAsync(Plain(port)));
    }

    [Fact]
    public async Task A_mail_taken_over_by_another_sender_gets_no_final_dot()
    {
        await using var server = new ScriptedServer();

        var outcome = await SendAsync(Plain(server.Port), mayHandOver: false);

        outcome.ShouldBe(new SendOutcome.GivenUp());
        server.HasMail.ShouldBeFalse();
        server.Heard.ShouldContain("DATA");
    }

    [Fact]
    public async Task A_stop_before_the_dot_sends_nothing()
    {
        await using var server = new ScriptedServer(("DATA", ScriptedServer.Silence));
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Should.ThrowAsync<OperationCanceledException>(() => SendAsync(Plain(server.Port), cancellation: stop.Token));

        server.HasMail.ShouldBeFalse();
    }

    [Fact]
    public async Task The_pickup_folder_holds_each_mail_once_however_often_it_is_sent()
    {
        var folder = Directory.CreateTempSubdirectory("pickup-");
        try
        {
            var pickup = new PickupFolderMailTransport(Options.Create(new MailOptions { PickupFolder = Path.Combine(folder.FullName, "new") }));

            (await pickup.SendAsync(Submission(Mail, true), TestContext.Current.CancellationToken)).ShouldBe(new SendOutcome.Accepted());
            (await pickup.SendAsync(Submission(Mail, true), TestContext.Current.CancellationToken)).ShouldBe(new SendOutcome.Accepted());
            (await pickup.SendAsync(Submission(Mail, false) with { MessageId = "<2@rada.example>" }, TestContext.Current.CancellationToken))
                .ShouldBe(new SendOutcome.GivenUp());

            var file = Directory.GetFiles(Path.Combine(folder.FullName, "new")).Single();
            Path.GetFileName(file).ShouldBe("1@rada.example.eml");
            (await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).ShouldBe(Mail);

            var nowhere = new PickupFolderMailTransport(Options.Create(new MailOptions { PickupFolder = file }));
            ShouldConcernAll(await nowhere.SendAsync(Submission(Mail, true), TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<SendOutcome> SendAsync(
        MailOptions options, byte[]? bytes = null, bool mayHandOver = true, CancellationToken? cancellation = null) =>
        new SmtpMailTransport(Options.Create(options))
            .SendAsync(Submission(bytes ?? Mail, mayHandOver), cancellation ?? TestContext.Current.CancellationToken);

    private static MailSubmission Submission(byte[] bytes, bool mayHandOver) => new(
        EmailAddress.Parse("rada@rada.example"), EmailAddress.Parse("anna@forum.example"), "<1@rada.example>", bytes,
        _ => Task.FromResult(mayHandOver));

    private static MailOptions Plain(int port) => new()
    {
        Host = "localhost",
        Port = port,
        StartTls = StartTlsUse.None,
        ReplyTimeout = TimeSpan.FromSeconds(1),
        DotReplyTimeout = TimeSpan.FromSeconds(1),
    };

    private static MailOptions Secure(SmtpSink sink) => new()
    {
        Host = "localhost",
        Port = sink.Port,
        AuthorityFile = sink.AuthorityFile,
        ReplyTimeout = TimeSpan.FromSeconds(20),
        DotReplyTimeout = TimeSpan.FromSeconds(20),
    };

    private static void ShouldConcernAll(SendOutcome outcome, string? words = null)
    {
        var failure = outcome.ShouldBeOfType<SendOutcome.TemporaryFailure>();
        failure.ConcernsAllMail.ShouldBeTrue();
        failure.Reason.ShouldContain(words ?? "");
    }
}
