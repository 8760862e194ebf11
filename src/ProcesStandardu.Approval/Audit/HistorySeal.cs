using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ProcesStandardu.Approval.Audit;

/// <summary>A chain's place: the last entry that counts and its hash.</summary>
public readonly record struct ChainEnd(string Subject, long Seq, byte[] Hash);

/// <summary>What a seal adds about one chain.</summary>
/// <param name="Seq">The last entry now sealed.</param>
/// <param name="Hash">That entry's hash.</param>
/// <param name="Prints">The first eight bytes of the hash of each entry since the seal before, so that a changed one can be named.</param>
public sealed record SealedChain(string Subject, long Seq, byte[] Hash, byte[] Prints)
{
    /// <summary>Bytes kept of each entry's hash.</summary>
    public const int PrintLength = 8;

    /// <summary>The first entry that this seal adds.</summary>
    public long FirstSeq => Seq - (Prints.Length / PrintLength) + 1;
}

/// <summary>
/// One seal over the history: the Merkle root of all chains' ends, and what each chain has gained. A seal is one line of
/// text; it names the hash of the line before, so that lines cannot be taken out or changed either.
/// </summary>
/// <param name="Number">From 1 without gaps.</param>
/// <param name="At">When it was made, by the programme's clock.</param>
/// <param name="IsWhole">False when more was waiting than one seal holds.</param>
/// <param name="Root">Over the ends of all chains, including those that gained nothing.</param>
/// <param name="Previous">SHA-256 of the line before; empty in the first.</param>
public sealed record HistorySeal(
    long Number, DateTimeOffset At, bool IsWhole, byte[] Root, byte[] Previous, IReadOnlyList<SealedChain> Chains)
{
    /// <summary>The line, without its end.</summary>
    public string ToLine()
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("number", Number);
            json.WriteString("at", At.UtcDateTime);
            json.WriteBoolean("whole", IsWhole);
            json.WriteString("root", Convert.ToHexStringLower(Root));
            json.WriteString("previous", Convert.ToHexStringLower(Previous));
            json.WriteStartArray("chains");
            foreach (var chain in Chains)
            {
                json.WriteStartArray();
                json.WriteStringValue(chain.Subject);
                json.WriteNumberValue(chain.Seq);
                json.WriteStringValue(Convert.ToHexStringLower(chain.Hash));
                json.WriteBase64StringValue(chain.Prints);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Reads a line; null when it is none of ours.</summary>
    public static HistorySeal? Read(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var seal = json.RootElement;
            return new HistorySeal(
                seal.GetProperty("number").GetInt64(),
                new DateTimeOffset(seal.GetProperty("at").GetDateTime(), TimeSpan.Zero),
                seal.GetProperty("whole").GetBoolean(),
                Convert.FromHexString(seal.GetProperty("root").GetString()!),
                Convert.FromHexString(seal.GetProperty("previous").GetString()!),
                [
                    .. seal.GetProperty("chains").EnumerateArray().Select(chain => new SealedChain(
                        chain[0].GetString()!, chain[1].GetInt64(), Convert.FromHexString(chain[2].GetString()!), chain[3].GetBytesFromBase64())),
                ]);
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or FormatException
            or InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>The hash by which the next seal names this line.</summary>
    public static byte[] HashOf(string line) => SHA256.HashData(Encoding.UTF8.GetBytes(line));

    /// <summary>The Merkle root over the ends of all chains, in the order of their subjects' characters.</summary>
    public static byte[] RootOf(IEnumerable<ChainEnd> ends)
    {
        var level = ends.OrderBy(end => end.Subject, StringComparer.Ordinal).Select(Leaf).ToList();
        if (level.Count == 0)
        {
            return SHA256.HashData([]);
        }

        while (level.Count > 1)
        {
            // An odd one out goes up as it is.
            level = [.. level.Chunk(2).Select(pair => pair.Length == 1 ? pair[0] : SHA256.HashData([1, .. pair[0], .. pair[1]]))];
        }

        return level[0];
    }

    private static byte[] Leaf(ChainEnd end)
    {
        Span<byte> seq = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(seq, end.Seq);
        return SHA256.HashData([0, .. Encoding.UTF8.GetBytes(end.Subject), 0, .. seq, .. end.Hash]);
    }
}
