namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// Keeps one process within what its server and each recipient domain take: so many a minute, so many at once. A domain that is full
/// waits alone; the mails of others go past it.
/// </summary>
/// <param name="time">Real time: it is about the patience of servers and not about the programme.</param>
public sealed class MailPace(MailOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Domain> domains = new(StringComparer.Ordinal);
    private readonly Bucket server = new(options.PerMinute, time.GetUtcNow());

    /// <summary>False while the server has had all that it takes for the moment.</summary>
    public bool IsOpen
    {
        get
        {
            lock (gate)
            {
                return server.Has(time.GetUtcNow());
            }
        }
    }

    /// <summary>The domains that take no more for the moment.</summary>
    public string[] ClosedDomains()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();

            // A domain that is as it was at first need not be remembered.
            foreach (var (name, _) in domains.Where(one => one.Value.Sending == 0 && one.Value.Bucket.IsFull(now)).ToList())
            {
                domains.Remove(name);
            }

            return [.. domains.Where(one => one.Value.Sending >= options.PerDomainConcurrency || !one.Value.Bucket.Has(now)).Select(one => one.Key)];
        }
    }

    /// <summary>Takes a place and a mail's worth of both measures; false when there is none. Each place is left again.</summary>
    public bool TryEnter(string domain)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (!domains.TryGetValue(domain, out var one))
            {
                domains[domain] = one = new Domain(new Bucket(options.PerDomainPerMinute, now));
            }

            if (one.Sending >= options.PerDomainConcurrency || !one.Bucket.Has(now) || !server.Has(now))
            {
                return false;
            }

            one.Bucket.Take();
            server.Take();
            one.Sending++;
            return true;
        }
    }

    public void Leave(string domain)
    {
        lock (gate)
        {
            domains[domain].Sending--;
        }
    }

    /// <summary>What stands behind the @, in lower case.</summary>
    public static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..].ToLowerInvariant();

    private sealed class Domain(Bucket bucket)
    {
        public Bucket Bucket => bucket;

        public int Sending { get; set; }
    }

    /// <summary>Fills by so many a minute and never holds more; full at first.</summary>
    private sealed class Bucket(int perMinute, DateTimeOffset since)
    {
        private double tokens = perMinute;

        public bool Has(DateTimeOffset now) => Fill(now) >= 1;

        public bool IsFull(DateTimeOffset now) => Fill(now) >= perMinute;

        public void Take() => tokens--;

        private double Fill(DateTimeOffset now)
        {
            tokens = Math.Min(perMinute, tokens + (Math.Max(0, (now - since).TotalMinutes) * perMinute));
            since = now;
            return tokens;
        }
    }
}
