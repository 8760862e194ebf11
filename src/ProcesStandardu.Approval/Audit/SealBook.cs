namespace ProcesStandardu.Approval.Audit;

/// <summary>All seals at hand, arranged by chain: what each entry's hash must begin with and how old it may be.</summary>
internal sealed class SealBook
{
    /// <summary>An entry is dated when its act begins and written when it ends; no transaction takes as long as this.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Pages> chains = new(StringComparer.Ordinal);
    private readonly List<DateTimeOffset> wholeBefore = [];
    private DateTimeOffset whole = DateTimeOffset.MinValue;

    /// <summary>How many seals could be read.</summary>
    public int Count => wholeBefore.Count;

    public DateTimeOffset? LastAt { get; private set; }

    public IEnumerable<string> Subjects => chains.Keys;

    /// <summary>Reads the lines as far as each follows from the one before.</summary>
    public static SealBook Read(IReadOnlyList<string> lines, List<HistoryFinding> findings)
    {
        var book = new SealBook();
        var previous = Array.Empty<byte>();
        byte[] root = [];
        foreach (var line in lines)
        {
            if (HistorySeal.Read(line) is not { } seal || seal.Number != book.Count + 1
                || !seal.Previous.AsSpan().SequenceEqual(previous) || !book.Take(seal))
            {
                findings.Add(new HistoryFinding(HistoryFindings.SealBroken, "", book.Count + 1));
                return book;
            }

            previous = HistorySeal.HashOf(line);
            root = seal.Root;
        }

        // The lines vouch for each other; the last root vouches for what they add up to.
        if (book.Count > 0 && !HistorySeal.RootOf(book.chains.Select(chain => chain.Value.End(chain.Key))).AsSpan().SequenceEqual(root))
        {
            findings.Add(new HistoryFinding(HistoryFindings.SealBroken, "", book.Count));
        }

        return book;
    }

    /// <summary>The last sealed entry of a chain; 0 when none is.</summary>
    public long SealedSeq(string subject) => chains.TryGetValue(subject, out var pages) ? pages.Seq : 0;

    /// <summary>False when the seals know this entry with another hash.</summary>
    public bool Agrees(HistoryEntry entry) => !chains.TryGetValue(entry.Subject, out var pages) || pages.Agrees(entry);

    /// <summary>True when the entry says it is older than a seal that did not hold it.</summary>
    public bool IsBackDated(HistoryEntry entry)
    {
        if (Count == 0)
        {
            return false;
        }

        var before = chains.TryGetValue(entry.Subject, out var pages) && pages.SealOf(entry.Seq) is { } number ? wholeBefore[number - 1] : whole;
        return before != DateTimeOffset.MinValue && entry.At < before - Tolerance;
    }

    private bool Take(HistorySeal seal)
    {
        foreach (var chain in seal.Chains)
        {
            if (!chains.TryGetValue(chain.Subject, out var pages))
            {
                chains[chain.Subject] = pages = new Pages();
            }

            if (chain.FirstSeq != pages.Seq + 1 || !pages.Take(chain, (int)seal.Number))
            {
                return false;
            }
        }

        wholeBefore.Add(whole);
        LastAt = seal.At;
        whole = seal.IsWhole ? seal.At : whole;
        return true;
    }

    /// <summary>One chain's part in all seals.</summary>
    private sealed class Pages
    {
        private readonly List<byte> prints = [];
        private readonly List<(long Seq, int Seal, byte[] Hash)> ends = [];

        public long Seq => ends.Count == 0 ? 0 : ends[^1].Seq;

        public ChainEnd End(string subject) => new(subject, Seq, ends[^1].Hash);

        public bool Take(SealedChain chain, int seal)
        {
            if (chain.Prints.Length == 0 || chain.Prints.Length % SealedChain.PrintLength != 0 || chain.Hash.Length < SealedChain.PrintLength)
            {
                return false;
            }

            prints.AddRange(chain.Prints);
            ends.Add((chain.Seq, seal, chain.Hash));
            return true;
        }

        public bool Agrees(HistoryEntry entry)
        {
            if (entry.Seq > Seq)
            {
                return true;
            }

            var from = (int)(entry.Seq - 1) * SealedChain.PrintLength;
            for (var place = 0; place < SealedChain.PrintLength; place++)
            {
                if (prints[from + place] != entry.Hash[place])
                {
                    return false;
                }
            }

            var end = ends[Page(entry.Seq)];
            return end.Seq != entry.Seq || end.Hash.AsSpan().SequenceEqual(entry.Hash);
        }

        /// <summary>The seal that took this entry; null when none did.</summary>
        public int? SealOf(long seq) => seq > Seq ? null : ends[Page(seq)].Seal;

        private int Page(long seq)
        {
            var (low, high) = (0, ends.Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = ends[middle].Seq < seq ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }
}

/// <summary>Goes down one chain and keeps the first thing that is wrong.</summary>
internal sealed class ChainCheck(string subject, SealBook seals)
{
    private HistoryFinding? found;
    private long seq;
    private byte[] hash = [];

    public string Subject => subject;

    /// <summary>Entries that no seal covers.</summary>
    public long Unsealed => Math.Max(0, seq - seals.SealedSeq(subject));

    public void Add(HistoryEntry entry)
    {
        found ??= Fault(entry);
        seq = entry.Seq;
        hash = entry.Hash;
    }

    /// <param name="head">Where the chain ends by the row that orders it; null when that is gone.</param>
    public HistoryFinding? End(ChainEnd? head)
    {
        if (found is null && (seals.SealedSeq(subject) > seq || head?.Seq > seq))
        {
            found = new HistoryFinding(HistoryFindings.TailCut, subject, seq + 1);
        }

        if (found is null && (head is not { } end || end.Seq != seq || !end.Hash.AsSpan().SequenceEqual(hash)))
        {
            found = new HistoryFinding(HistoryFindings.HeadDiffers, subject, seq);
        }

        return found;
    }

    private HistoryFinding? Fault(HistoryEntry entry)
    {
        if (entry.Seq != seq + 1)
        {
            return new HistoryFinding(HistoryFindings.RowMissing, subject, seq + 1);
        }

        var kind = !entry.ComputeHash().AsSpan().SequenceEqual(entry.Hash) ? HistoryFindings.RowChanged
            : !entry.PreviousHash.AsSpan().SequenceEqual(hash) ? HistoryFindings.LinkBroken
            : !seals.Agrees(entry) ? HistoryFindings.DiffersFromSeal
            : seals.IsBackDated(entry) ? HistoryFindings.BackDated
            : null;
        return kind is null ? null : new HistoryFinding(kind, subject, entry.Seq);
    }
}
