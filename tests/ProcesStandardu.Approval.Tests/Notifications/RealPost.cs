using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

/// <summary>A product's mail over a real SMTP server in a process of its own, which misbehaves as told.</summary>
internal sealed class RealPost : IAsyncDisposable
{
    private readonly TestProduct product;
    private readonly ServiceProvider services;

    private RealPost(TestProduct product, SmtpSink sink)
    {
        (this.product, Sink) = (product, sink);
        services = TestProduct.Compose(product.Database.ConnectionString, product.Clock, Path.GetTempPath(), new Dictionary<string, string?>
        {
            ["Mail:Transport"] = "Smtp",
            ["Mail:Host"] = "localhost",
            ["Mail:Port"] = sink.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Mail:StartTls"] = "None",
            ["Mail:DotReplyTimeout"] = "00:00:01",
            ["Mail:Concurrency"] = "1",
        });
    }

    public SmtpSink Sink { get; }

    public static async Task<RealPost> OpenAsync(TestProduct product) =>
        new(product, await SmtpSink.StartAsync(cancellation: TestContext.Current.CancellationToken));

    /// <summary>One pass of the dispatcher.</summary>
    public Task<DispatchCounts> SendAsync() => services.GetRequiredService<OutboxDispatcher>().RunOnceAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets the programme's clock run and sends each five minutes, until nothing waits.</summary>
    public async Task DrainAsync()
    {
        for (var pass = 0; pass < 40 && await WaitingAsync() > 0; pass++)
        {
            await SendAsync();
            product.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        (await WaitingAsync()).ShouldBe(0);
    }

    /// <summary>
    /// What was sent reached the server once, or once more for each uncertain end on record and then with the same Message-ID and
    /// bytes; what was not sent did not.
    /// </summary>
    public async Task ProveAsync()
    {
        var arrived = (await Sink.MailsAsync()).ToLookup(mail => MimeReader.Read(mail.Bytes).Header("Message-ID"));
        var mails = await product.InUnitOfWorkAsync(db => db.OutboxMessages.AsNoTracking().ToListAsync());
        foreach (var mail in mails)
        {
            var copies = arrived[mail.MessageId].ToList();
            copies.Count.ShouldBe(mail.State == MailState.Sent ? 1 + mail.AmbiguousEnds : mail.AmbiguousEnds, mail.MailKey);
            copies.ShouldAllBe(copy => copy.Bytes.SequenceEqual(mail.Bytes) && copy.Recipients.Single() == mail.RecipientAddress);
        }

        arrived.Count.ShouldBe(mails.Count(mail => arrived.Contains(mail.MessageId)), "nothing arrived that is not in the outbox");
        mails.Select(mail => mail.MailKey).Distinct().Count().ShouldBe(mails.Count);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"mails {mails.Count}, sent {mails.Count(mail => mail.State == MailState.Sent)}, "
            + $"suppressed {mails.Count(mail => mail.State == MailState.Suppressed)}, dead {mails.Count(mail => mail.State == MailState.Dead)}, "
            + $"arrived {arrived.Sum(copies => copies.Count())}, uncertain ends {mails.Sum(mail => mail.AmbiguousEnds)}");
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Sink.DisposeAsync();
    }

    private Task<long> WaitingAsync() => product.Database.ScalarAsync<long>("select count(*) from outbox_message where next_attempt_at is not null");
}
