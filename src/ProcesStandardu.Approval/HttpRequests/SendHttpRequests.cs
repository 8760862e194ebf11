using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>
/// One pass that sends the requests of workflows which are due. A request is claimed in a statement of its own, sent outside any
/// transaction, and its answer resumes the workflow in the transaction that writes its end.
/// </summary>
/// <remarks>
/// A sender that is lost leaves its request to the next pass, which sends it again with the same Idempotency-Key. Passes of one
/// process and of many may overlap.
/// </remarks>
public sealed partial class SendHttpRequests(
    NpgsqlDataSource dataSource, IServiceScopeFactory scopes, GuardedHttp http, TimeProvider time,
    IOptions<WorkflowHttpOptions> requestOptions, ILogger<SendHttpRequests> logger) : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly WorkflowHttpOptions _options = requestOptions.Value;
    private readonly SemaphoreSlim _places = new(requestOptions.Value.Concurrency);

    /// <summary>What one pass did.</summary>
    public readonly record struct Counts(int Answered, int Failed, int Retried, int Reclaimed)
    {
        public int Total => Answered + Failed + Retried;
    }

    public async Task<Counts> RunOnceAsync(CancellationToken cancellation)
    {
        var pass = new Tally { Reclaimed = await HttpRequestRows.ReclaimAsync(dataSource, time.GetUtcNow(), cancellation) };
        var senders = new List<Task>();
        while (senders.Count < _options.Concurrency && _places.Wait(TimeSpan.Zero, CancellationToken.None))
        {
            senders.Add(SendManyAsync(pass, cancellation));
        }

        await Task.WhenAll(senders);
        return new Counts(pass.Answered, pass.Failed, pass.Retried, pass.Reclaimed);
    }

    public void Dispose() => _places.Dispose();

    private async Task SendManyAsync(Tally pass, CancellationToken cancellation)
    {
        try
        {
            while (await HttpRequestRows.ClaimAsync(dataSource, time.GetUtcNow(), _options.Timeout + Margin, cancellation) is { } claim)
            {
                Failpoints.Reach(HttpFailpoints.Claimed);
                await SendAsync(claim, pass, cancellation);
            }
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task SendAsync(ClaimedRequest claim, Tally pass, CancellationToken cancellation)
    {
        if (claim.Attempts > _options.Attempts)
        {
            // Its last sender was lost: whether it arrived is not known.
            await EndAsync(claim, new OutboundAnswer { How = OutboundAnswer.TimedOut }, "sender_was_lost", pass);
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_options.Timeout);
        OutboundAnswer answer;
        string? reason = null;
        TimeSpan? pause = null;
        try
        {
            var received = await http.SendAsync(
                claim.Method, claim.Url, [.. claim.Headers, KeyValuePair.Create("Idempotency-Key", claim.Id.ToString())],
                claim.ContentType, claim.Content, limit.Token);
            Failpoints.Reach(HttpFailpoints.Answered);
            answer = AnswerOf(received);
            if (IsForLater(received.StatusCode) && !claim.ExpectedStatusCodes.Contains(received.StatusCode))
            {
                reason = "status_" + received.StatusCode.ToString(CultureInfo.InvariantCulture);
                pause = HttpRetryDelay.After(claim.Attempts, RetryAfter(received.Headers));
            }
        }
        catch (AddressIsRefusedException refused)
        {
            (answer, reason) = (new OutboundAnswer { How = OutboundAnswer.FailedToConnect }, "address_is_refused");
            LogRefused(claim.Id, refused.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The process stops; it may have arrived, and its key tells the receiver.
            await HttpRequestRows.PutOffAsync(dataSource, claim, time.GetUtcNow(), "sender_stopped", CancellationToken.None);
            throw;
        }
        catch (OperationCanceledException)
        {
            (answer, reason, pause) =
                (new OutboundAnswer { How = OutboundAnswer.TimedOut }, "timed_out", HttpRetryDelay.After(claim.Attempts, null));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The library's message may repeat the address with its query; its kind says enough.
            reason = error is HttpRequestException request ? request.HttpRequestError.ToString() : error.GetType().Name;
            (answer, pause) = (new OutboundAnswer { How = OutboundAnswer.FailedToConnect }, HttpRetryDelay.After(claim.Attempts, null));
        }

        if (pause is { } wait && claim.Attempts < _options.Attempts)
        {
            Interlocked.Increment(ref pass.Retried);
            await HttpRequestRows.PutOffAsync(dataSource, claim, time.GetUtcNow() + wait, reason!, CancellationToken.None);
            return;
        }

        Failpoints.Reach(HttpFailpoints.BeforeEnd);
        await EndAsync(claim, answer, reason, pass);
    }

    private async Task EndAsync(ClaimedRequest claim, OutboundAnswer answer, string? reason, Tally pass)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        var engine = scope.ServiceProvider.GetRequiredService<WorkflowEngine>();
        int? statusCode = answer.How == OutboundAnswer.Answered ? answer.StatusCode : null;
        var isMine = await work.RunAsync(
            async _ =>
            {
                // Whoever cancels the instance locks it before its requests: so does whoever brings the answer.
                await RowLock.LockAsync(
                    work, "select 1 from workflow_instance where id = $1 for no key update", claim.InstanceId, CancellationToken.None);
                if (!await HttpRequestRows.EndAsync(work, claim, statusCode, reason, time.GetUtcNow(), CancellationToken.None))
                {
                    return false;
                }

                await engine.SendAsync(
                    new Stimulus(claim.StimulusName, new { RequestId = claim.Id.ToString() })
                    {
                        InstanceId = claim.InstanceId,
                        Input = answer.ToInput(),
                        KeepWhenUnmatched = false,
                    },
                    CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        if (!isMine)
        {
            LogTakenOver(claim.Id);
        }
        else if (statusCode is null)
        {
            Interlocked.Increment(ref pass.Failed);
        }
        else
        {
            Interlocked.Increment(ref pass.Answered);
        }
    }

    private static bool IsForLater(int statusCode) => (HttpStatusCode)statusCode is HttpStatusCode.RequestTimeout
        or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private TimeSpan? RetryAfter(HttpResponseHeaders headers) =>
        headers.RetryAfter is { } after ? after.Delta ?? after.Date - time.GetUtcNow() : null;

    private static OutboundAnswer AnswerOf(GuardedHttp.Received received)
    {
        var headers = new JsonObject();
        foreach (var (name, values) in received.Headers.Concat(received.ContentHeaders))
        {
            headers[name] = Storable(string.Join(", ", values));
        }

        return new OutboundAnswer
        {
            How = OutboundAnswer.Answered,
            StatusCode = received.StatusCode,
            Headers = headers,
            Content = ContentOf(received.Content, received.ContentHeaders.ContentType),
        };
    }

    private static JsonNode? ContentOf(byte[]? content, MediaTypeHeaderValue? type)
    {
        if (content is null)
        {
            return null;
        }

        var text = Storable(Charset(type).GetString(content));
        if (type?.MediaType is { } media && (media.EndsWith("/json", StringComparison.OrdinalIgnoreCase)
            || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
        {
            return RequestJson.TryParse(text, out var json) ? json : JsonValue.Create(text);
        }

        return JsonValue.Create(text);
    }

    private static Encoding Charset(MediaTypeHeaderValue? type)
    {
        try
        {
            return type?.CharSet is { Length: > 0 } name ? Encoding.GetEncoding(name.Trim('"')) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }

    private static string Storable(string text) => text.Replace('\0', '\uFFFD');

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Id} was not sent: {Reason}")]
    private partial void LogRefused(Guid id, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Id} had been taken over by another sender")]
    private partial void LogTakenOver(Guid id);

    private sealed class Tally
    {
        public int Answered;
        public int Failed;
        public int Retried;

        public int Reclaimed { get; init; }
    }
}

/// <summary>How long a request waits after a sending that failed for now.</summary>
public static class HttpRetryDelay
{
    private static readonly int[] Seconds = [5, 30, 120, 600];

    /// <summary>5 and 30 seconds, 2 and then 10 minutes; what the receiver asks for, where that is longer, up to an hour.</summary>
    /// <param name="attempts">Sendings so far, from 1.</param>
    /// <param name="asked">What the receiver asked for; null when nothing.</param>
    public static TimeSpan After(int attempts, TimeSpan? asked)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        var own = TimeSpan.FromSeconds(Seconds[Math.Min(attempts, Seconds.Length) - 1]);
        return asked is { } longer && longer > own ? (longer < TimeSpan.FromHours(1) ? longer : TimeSpan.FromHours(1)) : own;
    }
}

/// <summary>Where tests make a sender fail.</summary>
public static class HttpFailpoints
{
    public const string Claimed = "http.claimed";
    public const string Answered = "http.answered";
    public const string BeforeEnd = "http.before-end";
}
