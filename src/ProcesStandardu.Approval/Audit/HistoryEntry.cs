using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ProcesStandardu.Approval.Audit;

/// <summary>
/// One domain change as the record keeps it for years: who, on whose behalf, what, when. The entries of one subject
/// form a chain: each holds the hash of the one before, so an edit, a removal or a swap shows.
/// </summary>
public sealed class HistoryEntry
{
    public required Guid Id { get; init; }

    /// <summary>What the entry is about, for example <c>deliverable:osl-wnioski-1</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>The place in the subject's chain, from 1 without gaps.</summary>
    public long Seq { get; internal set; }

    /// <summary>The stored name of what happened, for example <c>vote_cast</c>; its text is <c>History_vote_cast</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Who acted; null when the system did, because its time had come.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>The person represented; null when the actor acted in his own name.</summary>
    public Guid? OnBehalfOfId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Facts of the change as canonical JSON. Holds ids rather than names, and never a hidden position.</summary>
    public required string Details { get; init; }

    public byte[] PreviousHash { get; internal set; } = [];

    public byte[] Hash { get; internal set; } = [];

    /// <summary>The hash that this entry must have: SHA-256 over the previous hash and every field, each with its length.</summary>
    public byte[] ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(PreviousHash);
        Append(hash, Id.ToString("D"));
        Append(hash, Subject);
        Append(hash, Seq.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Append(hash, Kind);
        Append(hash, ActorId?.ToString("D") ?? "");
        Append(hash, OnBehalfOfId?.ToString("D") ?? "");
        Append(hash, At.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture));
        Append(hash, AuditTrail.Canonical(System.Text.Json.Nodes.JsonNode.Parse(Details)));
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
