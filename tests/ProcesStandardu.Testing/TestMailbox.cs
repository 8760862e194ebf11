using System.Collections.Concurrent;
using ProcesStandardu.Approval.Notifications;

namespace ProcesStandardu.Testing;

/// <summary>A way out for mails that keeps them in memory and ends as the test decides; without a decision it accepts.</summary>
public sealed class TestMailbox : IMailTransport
{
    private readonly ConcurrentQueue<MailSubmission> received = new();

    /// <summary>How a sending ends; called once the mail may be handed over.</summary>
    public Func<MailSubmission, CancellationToken, Task<SendOutcome>> Decide { get; set; } =
        (_, _) => Task.FromResult<SendOutcome>(new SendOutcome.Accepted());

    public bool RepeatsAreHarmless { get; init; }

    public bool MindsPace { get; init; }

    /// <summary>Every sending that got as far as being handed over, in order.</summary>
    public IReadOnlyList<MailSubmission> Received => [.. received];

    /// <summary>All sendings end like this from now on.</summary>
    public void AlwaysEndsWith(SendOutcome outcome) => Decide = (_, _) => Task.FromResult(outcome);

    public async Task<SendOutcome> SendAsync(MailSubmission mail, CancellationToken cancellation)
    {
        if (!await mail.MayHandOver(cancellation))
        {
            return new SendOutcome.GivenUp();
        }

        received.Enqueue(mail);
        return await Decide(mail, cancellation);
    }
}
