namespace ProcesStandardu.Approval.Notifications;

/// <summary>One finished mail to one person and what became of it. Written by <see cref="Outbox"/> and the dispatcher only.</summary>
public sealed class OutboxMessage
{
    /// <summary>Also the left side of the Message-ID.</summary>
    public required Guid Id { get; init; }

    /// <summary>The place in the order of queueing, given by the database; mails leave in this order.</summary>
    public long QueueNo { get; private init; }

    /// <summary>Kind, cause, occurrence and recipient; unique.</summary>
    public required string MailKey { get; init; }

    public required Guid RecipientPersonId { get; init; }

    /// <summary>The address at the time of queueing; only this one gets the mail.</summary>
    public required string RecipientAddress { get; init; }

    /// <summary>One of <see cref="MailKinds"/>.</summary>
    public required string Kind { get; init; }

    public required string Cause { get; init; }

    public required string Subject { get; init; }

    /// <summary>A <see cref="Notifications.ValidWhile"/> as JSON; null when the mail cannot become stale.</summary>
    public string? ValidWhile { get; init; }

    /// <summary>With angle brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>The whole mail as it is sent.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>One of <see cref="MailState"/>.</summary>
    public required string State { get; set; }

    /// <summary>Sendings begun, the running one included.</summary>
    public int Attempts { get; set; }

    /// <summary>How many sendings ended without an answer: 0, 1 or 2.</summary>
    public int AmbiguousEnds { get; set; }

    /// <summary>The number of the last claim.</summary>
    public long Epoch { get; set; }

    /// <summary>Until when the claim stands without a sign of life, in real time; null unless sending.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>True once a running sending can have reached the server.</summary>
    public bool HandedOver { get; set; }

    /// <summary>When the mail is due, by the programme's clock; null when nothing more will be tried by itself.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>The transport's last words, or one of <see cref="MailReasons"/>; null while all is well.</summary>
    public string? LastError { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the transport said that it has the mail; null until then.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>When it became known that the mail came back; null while nothing says so.</summary>
    public DateTimeOffset? BouncedAt { get; private set; }

    /// <summary>What the other side, or the person who entered it, said about the return.</summary>
    public string? BounceReport { get; private set; }

    /// <summary>When a person saw to a mail that did not arrive; null while that is somebody's task, or none.</summary>
    public DateTimeOffset? SettledAt { get; private set; }

    public Guid? SettledById { get; private set; }

    /// <summary>True while the mail has not arrived, nothing more is tried by itself and nobody has seen to it.</summary>
    public bool IsUndelivered => SettledAt is null
        && (State == MailState.Dead || BouncedAt is not null || (State == MailState.Ambiguous && NextAttemptAt is null));

    /// <summary>Notes that the mail came back. What the transport said of it stands; nothing more is tried.</summary>
    internal void Return(DateTimeOffset now, string report)
    {
        BouncedAt = now;
        BounceReport = report.Length <= 500 ? report : report[..500];
        NextAttemptAt = null;
    }

    internal void Settle(Guid byId, DateTimeOffset now) => (SettledById, SettledAt) = (byId, now);
}

/// <summary>The stored states of an outgoing mail; each has its text <c>State_…</c> among the mail texts.</summary>
public static class MailState
{
    /// <summary>Queued, not tried yet.</summary>
    public const string Pending = "pending";

    /// <summary>A sender has it.</summary>
    public const string Sending = "sending";

    /// <summary>The transport said that it has it.</summary>
    public const string Sent = "sent";

    /// <summary>It did not go; it will be tried again.</summary>
    public const string Retry = "retry";

    /// <summary>It may have gone: the answer did not come. Tried once more with the same bytes, then left to the secretary.</summary>
    public const string Ambiguous = "ambiguous";

    /// <summary>It did not go and will not by itself: refused for good, or tried for too long.</summary>
    public const string Dead = "dead";

    /// <summary>It was not sent because what it says is no longer true.</summary>
    public const string Suppressed = "suppressed";

    /// <summary>All, in the order in which pages list them.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Sending, Retry, Ambiguous, Dead, Sent, Suppressed];
}
