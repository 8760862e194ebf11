using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace ProcesStandardu.Crash.Chaos;

/// <summary>
/// The board's members at their browsers: each votes again and again, the other way each time, and asks with the same key until
/// somebody acknowledges it. They go to nodes that say they are ready, in turn.
/// </summary>
/// <param name="round">Part of every key: another round is other votes.</param>
public sealed partial class Voters(IReadOnlyList<ProductNode> nodes, Ledger ledger, Guid ballot, string round = "0")
{
    private static readonly string[] Keys = ["halina-zawadzka", "tomasz-brzeski", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis", "zofia-mak"];

    private int turn;
    private int failed;
    private long slowestTicks;
    private int answered;

    /// <summary>Requests without a good answer.</summary>
    public int Failed => failed;

    /// <summary>Votes acknowledged.</summary>
    public int Answered => answered;

    /// <summary>The longest time from the first try of a vote to its acknowledgement.</summary>
    public TimeSpan Slowest => new(Interlocked.Read(ref slowestTicks));

    /// <summary>The last acknowledged choice by the voter's key, and how many votes were acknowledged.</summary>
    public Dictionary<string, (string Choice, int Count)> Standing { get; } = Keys.ToDictionary(key => key, _ => ("", 0));

    /// <param name="pause">Between two votes of one person.</param>
    public Task VoteAsync(TimeSpan pause, CancellationToken end) =>
        Task.WhenAll(Keys.Select((key, number) => Task.Run(() => VoteAsync(key, number + 1, pause, end), CancellationToken.None)));

    private async Task VoteAsync(string person, int number, TimeSpan pause, CancellationToken end)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer(), PooledConnectionLifetime = TimeSpan.FromSeconds(2) })
        {
            Timeout = TimeSpan.FromSeconds(15),
        };
        Dictionary<string, string>? form = null;
        while (!end.IsCancellationRequested)
        {
            var (choice, count) = Standing[person];
            var next = choice == "in_favour" ? "against" : "in_favour";
            var intent = new Intent($"{ballot:N}-{round}-{number}-{count}", ballot, number, next);
            ledger.Intend(intent);
            var since = Stopwatch.GetTimestamp();
            while (true)
            {
                form ??= await OpenAsync(browser, person);
                if (form is not null && await SendAsync(browser, form, intent))
                {
                    break;
                }

                ledger.Lose(intent.Key);
                await Task.Delay(100, CancellationToken.None);
                if (end.IsCancellationRequested && Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(90))
                {
                    // Nobody ever answered: the checker finds it.
                    return;
                }
            }

            ledger.Acknowledge(intent.Key, next);
            Interlocked.Increment(ref answered);
            Standing[person] = (next, count + 1);
            Slow(Stopwatch.GetElapsedTime(since));
            await Task.Delay(pause, CancellationToken.None);
        }
    }

    /// <summary>Reads pages as fast as they come, so many people at once, until the end; each page's time in ms.</summary>
    public async Task<List<double>> ReadAsync(string path, int people, CancellationToken end)
    {
        var times = new System.Collections.Concurrent.ConcurrentBag<double>();
        await Task.WhenAll(Enumerable.Range(0, people).Select(number => Task.Run(
            async () =>
            {
                using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() });
                while (await AskAsync(browser, "logowanie", null) is not (HttpStatusCode.OK, { } entrance)
                    || Fields(entrance, "wejscie-joanna-cicha") is not { } enter
                    || await AskAsync(browser, "logowanie", enter) is not (HttpStatusCode.SeeOther, _))
                {
                    await Task.Delay(100, CancellationToken.None);
                }

                while (!end.IsCancellationRequested)
                {
                    var since = Stopwatch.GetTimestamp();
                    if (await AskAsync(browser, path, null) is (HttpStatusCode.OK, _))
                    {
                        times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
                    }
                }
            },
            CancellationToken.None)));
        return [.. times.Order()];
    }

    private void Slow(TimeSpan took)
    {
        long seen;
        while ((seen = Interlocked.Read(ref slowestTicks)) < took.Ticks
            && Interlocked.CompareExchange(ref slowestTicks, took.Ticks, seen) != seen)
        {
            // Another voter was slower in between.
        }
    }

    private Uri? Next(string path)
    {
        var ready = nodes.Where(node => node.IsReady).ToList();
        return ready.Count == 0 ? null : new Uri(ready[(int)((uint)Interlocked.Increment(ref turn) % ready.Count)].Address, path);
    }

    /// <summary>Signs in and reads the form; null when that failed.</summary>
    private async Task<Dictionary<string, string>?> OpenAsync(HttpClient browser, string person)
    {
        if (await AskAsync(browser, "logowanie", null) is not (HttpStatusCode.OK, { } entrance)
            || Fields(entrance, "wejscie-" + person) is not { } enter
            || await AskAsync(browser, "logowanie", enter) is not (HttpStatusCode.SeeOther, _)
            || await AskAsync(browser, $"glosowania/{ballot:D}", null) is not (HttpStatusCode.OK, { } page))
        {
            return null;
        }

        return Fields(page, "glos");
    }

    private async Task<bool> SendAsync(HttpClient browser, Dictionary<string, string> form, Intent intent) =>
        await AskAsync(browser, $"glosowania/{ballot:D}", new Dictionary<string, string>(form)
        {
            ["Position"] = intent.Choice,
            ["Krok"] = "potwierdz",
            ["klucz"] = intent.Key,
        }) is (HttpStatusCode.SeeOther, _);

    private async Task<(HttpStatusCode Status, string Page)?> AskAsync(HttpClient browser, string path, Dictionary<string, string>? form)
    {
        if (Next(path) is not { } address)
        {
            return null;
        }

        try
        {
            using var request = new HttpRequestMessage(form is null ? HttpMethod.Get : HttpMethod.Post, address)
            {
                Content = form is null ? null : new FormUrlEncodedContent(form),
            };
            using var answer = await browser.SendAsync(request);
            var page = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.SeeOther))
            {
                Interlocked.Increment(ref failed);
            }

            return (answer.StatusCode, page);
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException or IOException)
        {
            Interlocked.Increment(ref failed);
            return null;
        }
    }

    /// <summary>The hidden fields of a form on a page; null when it is not there.</summary>
    private static Dictionary<string, string>? Fields(string page, string form)
    {
        var start = page.IndexOf($"id=\"{form}\"", StringComparison.Ordinal);
        return start < 0 ? null : Hidden().Matches(page[start..page.IndexOf("</form>", start, StringComparison.Ordinal)])
            .ToDictionary(field => field.Groups[1].Value, field => WebUtility.HtmlDecode(field.Groups[2].Value));
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
