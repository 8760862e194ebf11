using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>What one pass did.</summary>
/// <param name="Sent">Mails that the transport said it has.</param>
/// <param name="Retried">Mails that failed for now.</param>
/// <param name="Ambiguous">Mails whose end is unknown.</param>
/// <param name="Dead">Mails given up.</param>
/// <param name="Suppressed">Mails not sent because they were out of date.</param>
/// <param name="Reclaimed">Mails taken back from senders that were lost.</param>
public readonly record struct DispatchCounts(int Sent, int Retried, int Ambiguous, int Dead, int Suppressed, int Reclaimed);

/// <summary>
/// Sends what is due. A mail is claimed in a short transaction, sent outside any, and its end is written back; whatever
/// happens in between, the row tells the next pass what is known.
/// </summary>
/// <remarks>
/// Passes of one process may overlap, and of many: a process sends at most <see cref="MailOptions.Concurrency"/> mails at
/// a time, and a mail has one sender. A sender that hangs therefore keeps one place and not the queue.
/// </remarks>
public sealed partial class OutboxDispatcher(
    NpgsqlDataSource dataSource,
    TimeProvider time,
    IMailTransport transport,
    IOptions<MailOptions> mailOptions,
    IOptions<SiteOptions> siteOptions,
    Random random,
    ILogger<OutboxDispatcher> logger,
    TimeProvider? paceTime = null) : IDisposable
{
    private readonly MailOptions options = mailOptions.Value;
    private readonly SemaphoreSlim places = new(mailOptions.Value.Concurrency);
    private readonly MailPace? pace = transport.MindsPace ? new MailPace(mailOptions.Value, paceTime ?? TimeProvider.System) : null;

    /// <summary>One pass: takes back what lost senders left, then sends until nothing is due or the batch is full.</summary>
    public async Task<DispatchCounts> RunOnceAsync(CancellationToken cancellation)
    {
        var pass = new Pass(options.BatchSize)
        {
            Reclaimed = await OutboxRows.ReclaimAsync(
                dataSource, time.GetUtcNow(), options.AmbiguousPause, transport.RepeatsAreHarmless, cancellation),
        };
        var due = await OutboxRows.CountDueAsync(dataSource, time.GetUtcNow(), options.Concurrency, cancellation);
        var senders = new List<Task>();
        while (senders.Count < due && places.Wait(TimeSpan.Zero, CancellationToken.None))
        {
            senders.Add(SendManyAsync(pass, cancellation));
        }

        await Task.WhenAll(senders);
        return pass.Counts;
    }

    public void Dispose() => places.Dispose();

    private async Task SendManyAsync(Pass pass, CancellationToken cancellation)
    {
        try
        {
            while (pass.TakesAnother() && await ClaimAsync(pass, cancellation) is { } claim)
            {
                try
                {
                    Failpoints.Reach(MailFailpoints.Claimed);
                    await SendAsync(claim, pass, cancellation);
                }
                finally
                {
                    pace?.Leave(MailPace.DomainOf(claim.Message.RecipientAddress));
                }
            }
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Claims the next due mail that is still true and may go now; null when none is left.</summary>
    private async Task<Claim?> ClaimAsync(Pass pass, CancellationToken cancellation)
    {
        while (true)
        {
            await using var work = new UnitOfWork(dataSource, time);
            var entered = "";
            try
            {
                var (found, claim) = await work.RunAsync(
                    async db =>
                    {
                        // The body may run twice; what it entered before it was undone is left again.
                        Leave();
                        if (pace?.IsOpen == false
                            || await OutboxRows.LockDueAsync(work.Connection, time.GetUtcNow(), pace?.ClosedDomains() ?? [], cancellation) is not { } id)
                        {
                            return (false, (Claim?)null);
                        }

                        var message = await db.OutboxMessages.AsNoTracking().SingleAsync(m => m.Id == id, cancellation);
                        if (!await IsToBeSentAsync(work, message, cancellation))
                        {
                            pass.Suppressed();
                            return (true, null);
                        }

                        var domain = MailPace.DomainOf(message.RecipientAddress);
                        if (pace?.TryEnter(domain) == false)
                        {
                            // Another sender of this process took the last place a moment ago: the next look leaves the domain out.
                            return (true, null);
                        }

                        entered = domain;
                        var epoch = await OutboxRows.ClaimAsync(work.Connection, id, options.Lease, cancellation);
                        return (true, new Claim(message, epoch));
                    },
                    cancellation);
                if (!found || claim is not null)
                {
                    return claim;
                }
            }
            catch
            {
                Leave();
                throw;
            }

            void Leave()
            {
                if (entered.Length > 0)
                {
                    pace?.Leave(entered);
                }

                entered = "";
            }
        }
    }

    /// <summary>Asks in the claim's transaction whether the mail is still true and its recipient still there.</summary>
    private async Task<bool> IsToBeSentAsync(UnitOfWork work, OutboxMessage message, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        try
        {
            if (message.ValidWhile is { } json && await ValidWhile.FromJson(json).StaleReasonAsync(
                work.Db, message.RecipientPersonId, message.CreatedAt, now, cancellation) is { } stale)
            {
                await OutboxRows.SuppressAsync(work.Connection, message.Id, stale, cancellation);
                return false;
            }
        }
        catch (NotSupportedException)
        {
            await OutboxRows.PostponeAsync(
                work.Connection, message.Id, now + TimeSpan.FromMinutes(5), MailReasons.ConditionIsUnknown, cancellation);
            return false;
        }

        var person = await work.Db.People.AsNoTracking().SingleAsync(p => p.Id == message.RecipientPersonId, cancellation);
        if (!person.IsActive)
        {
            await OutboxRows.SuppressAsync(work.Connection, message.Id, MailReasons.RecipientHasLeft, cancellation);
            return false;
        }

        // After an uncertain end the same bytes go to the same address, whatever has become of it.
        if (message.AmbiguousEnds > 0 || IsAddressOf(person.Email, message))
        {
            return true;
        }

        var recipient = new MailRecipient(person.Id, person.DisplayName, person.Email, person.Language);
        var outbox = new Outbox(work, time, mailOptions, siteOptions, new KnownRecipients());
        await outbox.InsertAsync([outbox.Readdress(message, recipient, now)], cancellation);
        await OutboxRows.SuppressAsync(work.Connection, message.Id, MailReasons.AddressHasChanged, cancellation);
        return false;
    }

    private async Task SendAsync(Claim claim, Pass pass, CancellationToken cancellation)
    {
        var message = claim.Message;
        var submission = new MailSubmission(
            options.ReturnAddressOf(message.Id),
            EmailAddress.Parse(message.RecipientAddress),
            message.MessageId,
            message.Bytes,
            token => OutboxRows.MarkHandedOverAsync(dataSource, message.Id, claim.Epoch, options.Lease, token));
        SendOutcome outcome;
        using (var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            var heartbeat = RenewUntilAsync(claim, finished.Token);
            try
            {
                outcome = await transport.SendAsync(submission, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Nothing has left: the next process takes it at once instead of waiting for the lease to end.
                await EndAsync(claim, MailState.Retry, time.GetUtcNow(), null, message.AmbiguousEnds, message.LastError);
                throw;
            }
            finally
            {
                await finished.CancelAsync();
                await heartbeat;
            }
        }

        Failpoints.Reach(MailFailpoints.BeforeMark);
        await WriteEndAsync(claim, outcome, pass);
    }

    /// <summary>What an outcome makes of the row. Without a token: what is known about a mail must not be lost to a shutdown.</summary>
    private async Task WriteEndAsync(Claim claim, SendOutcome outcome, Pass pass)
    {
        var message = claim.Message;
        var now = time.GetUtcNow();
        switch (outcome)
        {
            case SendOutcome.Accepted:
                pass.Sent();
                await EndAsync(claim, MailState.Sent, null, now, message.AmbiguousEnds, null);
                break;

            case SendOutcome.TemporaryFailure failure:
                pass.Stop(failure.ConcernsAllMail);
                if (now - message.CreatedAt >= options.GiveUpAfter)
                {
                    pass.Died();
                    await DieAsync(claim, failure.Reason);
                }
                else
                {
                    pass.Retried();
                    var delay = RetryDelay.After(message.Attempts + 1, Jitter());
                    await EndAsync(claim, MailState.Retry, now + delay, null, message.AmbiguousEnds, failure.Reason);
                }

                break;

            case SendOutcome.PermanentFailure failure:
                pass.Died();
                await DieAsync(claim, failure.Reason);
                break;

            case SendOutcome.Ambiguous ambiguous:
                pass.EndedAmbiguously();
                DateTimeOffset? once = message.AmbiguousEnds == 0 ? now + options.AmbiguousPause : null;
                await EndAsync(
                    claim, MailState.Ambiguous, once, null, Math.Min(message.AmbiguousEnds + 1, 2), ambiguous.Reason);
                break;

            case SendOutcome.GivenUp:
                LogTakenOver(message.Id);
                break;
        }
    }

    private async Task DieAsync(Claim claim, string reason)
    {
        await using var work = new UnitOfWork(dataSource, time);
        var audit = new AuditTrail(work, time);
        await work.RunAsync(
            async _ =>
            {
                var isMine = await OutboxRows.EndAsync(
                    work.Connection, claim.Message.Id, claim.Epoch, MailState.Dead, null, null, claim.Message.AmbiguousEnds,
                    Short(reason), CancellationToken.None);
                if (isMine)
                {
                    audit.Record(
                        Subjects.Mail(claim.Message.Id), "mail_died", Actor.System,
                        new { claim.Message.Kind, claim.Message.Cause, Recipient = claim.Message.RecipientPersonId });
                }

                return isMine;
            },
            CancellationToken.None);
        LogDead(claim.Message.Id, Short(reason));
    }

    private async Task EndAsync(
        Claim claim, string state, DateTimeOffset? nextAttemptAt, DateTimeOffset? sentAt, int ambiguousEnds, string? lastError)
    {
        await using var work = new UnitOfWork(dataSource, time);
        var isMine = await work.RunAsync(
            async _ => await OutboxRows.EndAsync(
                work.Connection, claim.Message.Id, claim.Epoch, state, nextAttemptAt, sentAt, ambiguousEnds,
                lastError is null ? null : Short(lastError), CancellationToken.None),
            CancellationToken.None);
        if (!isMine)
        {
            LogTakenOver(claim.Message.Id);
        }
    }

    /// <summary>Gives a sign of life three times per lease. A database that is away for a moment does not end the sending.</summary>
    private async Task RenewUntilAsync(Claim claim, CancellationToken finished)
    {
        using var timer = new PeriodicTimer(options.Lease / 3);
        try
        {
            while (await timer.WaitForNextTickAsync(finished))
            {
                try
                {
                    await OutboxRows.RenewAsync(dataSource, claim.Message.Id, claim.Epoch, options.Lease, finished);
                }
                catch (NpgsqlException error)
                {
                    LogNotRenewed(error, claim.Message.Id);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The sending is over.
        }
    }

    private double Jitter()
    {
        lock (random)
        {
            return random.NextDouble();
        }
    }

    private static bool IsAddressOf(string email, OutboxMessage message) =>
        EmailAddress.TryParse(email, out var address) && address.Value == message.RecipientAddress;

    private static string Short(string reason) => reason.Length <= 500 ? reason : reason[..500];

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {Id} was not sent: {Reason}")]
    private partial void LogDead(Guid id, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {Id} had been taken over by another sender")]
    private partial void LogTakenOver(Guid id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of mail {Id} could not be renewed")]
    private partial void LogNotRenewed(Exception error, Guid id);

    /// <summary>A mail as it was when it was claimed, and the claim's number.</summary>
    private sealed record Claim(OutboxMessage Message, long Epoch);

    /// <summary>What the senders of one pass share.</summary>
    private sealed class Pass(int batchSize)
    {
        private int taken;
        private int sent;
        private int retried;
        private int ambiguous;
        private int dead;
        private int suppressed;
        private volatile bool isStopped;

        public int Reclaimed { get; init; }

        public DispatchCounts Counts => new(sent, retried, ambiguous, dead, suppressed, Reclaimed);

        public bool TakesAnother() => !isStopped && Interlocked.Increment(ref taken) <= batchSize;

        /// <summary>When the server takes no mail at all, the rest waits untouched instead of failing one by one.</summary>
        public void Stop(bool concernsAllMail) => isStopped |= concernsAllMail;

        public void Sent() => Interlocked.Increment(ref sent);

        public void Retried() => Interlocked.Increment(ref retried);

        public void EndedAmbiguously() => Interlocked.Increment(ref ambiguous);

        public void Died() => Interlocked.Increment(ref dead);

        public void Suppressed() => Interlocked.Increment(ref suppressed);
    }
}
