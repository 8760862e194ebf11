using System.Globalization;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Activities;

/// <summary>Takes the HTTP requests of workflows in the burst's transaction; they leave when it is committed.</summary>
public interface IOutboundRequests
{
    /// <summary>Queues a request. Its answer comes back as the stimulus <see cref="OutboundRequest.StimulusName"/>.</summary>
    ValueTask AddAsync(OutboundRequest request, CancellationToken cancellation);

    /// <summary>Takes back a request that did not leave yet; one that did cannot be taken back.</summary>
    ValueTask WithdrawAsync(Guid requestId, CancellationToken cancellation);
}

/// <summary>One HTTP request of one activity execution.</summary>
/// <param name="Id">Also the key by which the receiver recognises a repetition.</param>
/// <param name="StimulusName">Name of the wait for the answer; its payload is <c>{RequestId}</c>.</param>
/// <param name="Url">Absolute, http or https, without user information.</param>
/// <param name="Headers">Checked: names are tokens, values single lines.</param>
/// <param name="Content">Null when the request has no body.</param>
/// <param name="ExpectedStatusCodes">Answers with these are never repeated.</param>
public sealed record OutboundRequest(
    Guid Id, string StimulusName, Guid InstanceId, string ActivityId, string Method, Uri Url,
    IReadOnlyList<KeyValuePair<string, string>> Headers, string? ContentType, string? Content,
    IReadOnlyList<int> ExpectedStatusCodes);

/// <summary>How an outbound request ended; written into the stimulus that resumes its activity.</summary>
public sealed record OutboundAnswer
{
    /// <summary>The receiver answered.</summary>
    public const string Answered = "answered";

    /// <summary>No connection, or the address is not allowed.</summary>
    public const string FailedToConnect = "failed_to_connect";

    /// <summary>The answer did not come in time.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>One of the constants.</summary>
    public required string How { get; init; }

    /// <summary>Zero unless answered.</summary>
    public int StatusCode { get; init; }

    public JsonObject? Headers { get; init; }

    /// <summary>JSON where the answer was JSON, else its text; null when it had no body or a too large one.</summary>
    public JsonNode? Content { get; init; }

    /// <summary>What the stimulus gives along.</summary>
    public JsonObject ToInput() => new()
    {
        ["how"] = How,
        ["statusCode"] = StatusCode,
        ["headers"] = Headers?.DeepClone(),
        ["content"] = Content?.DeepClone(),
    };
}

/// <summary>Sends an HTTP request after the commit and waits for its answer.</summary>
internal abstract class RequestActivity : ControlActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(context.GetInput<string>("Url"), UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Host.Length == 0 || url.OriginalString.Length > 4_000)
        {
            throw new FlowException("UrlIsNotUsable", EngineTexts.Get("UrlIsNotUsable"));
        }

        var headers = HttpWords.Headers(context.GetInput("RequestHeaders")).ToList();
        if (context.GetInput<string>("Authorization") is { Length: > 0 } authorization)
        {
            headers.Add(KeyValuePair.Create("Authorization", HttpWords.OneLine(authorization)));
        }

        var content = context.GetInput("Content");
        var type = context.GetInput<string>("ContentType");
        var request = new OutboundRequest(
            Guid.CreateVersion7(context.Now), Descriptor.TypeName, context.InstanceId, context.Node.Id,
            Method(context.GetInput<string>("Method")), url, headers,
            content is null ? null : string.IsNullOrWhiteSpace(type) ? HttpWords.TypeOf(content) : HttpWords.OneLine(type),
            ValueConversion.Text(content), ExpectedStatusCodes(context));
        context.WaitFor(Descriptor.TypeName, Payload(request.Id));
        context.State = request.Id;
        return Requests(context).AddAsync(request, cancellation);
    }

    public override ValueTask ResumeAsync(ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        var answer = resumption.Input;
        var statusCode = (int?)answer?["statusCode"] ?? 0;
        var how = Json.Text(answer?["how"]) ?? OutboundAnswer.FailedToConnect;
        if (how == OutboundAnswer.Answered)
        {
            context.SetOutput("Result", answer!.DeepClone());
            context.SetOutput("StatusCode", statusCode);
            context.SetOutput("ParsedContent", answer["content"]?.DeepClone());
            context.SetOutput("ResponseHeaders", answer["headers"]?.DeepClone());
        }

        GoOn(context, how, statusCode);
        return Nothing;
    }

    public override ValueTask CancelAsync(ActivityContext context, CancellationToken cancellation) =>
        context.State is Guid requestId ? Requests(context).WithdrawAsync(requestId, cancellation) : Nothing;

    public override JsonNode? SaveState(ActivityContext context) =>
        context.State is Guid requestId ? JsonValue.Create(requestId.ToString()) : null;

    public override void LoadState(ActivityContext context, JsonNode? saved) =>
        context.State = Guid.TryParse(Json.Text(saved), out var requestId) ? requestId : null;

    /// <summary>What a wait for an answer and the answer have in common.</summary>
    internal static JsonObject Payload(Guid requestId) => new() { ["RequestId"] = requestId.ToString() };

    protected abstract int[] ExpectedStatusCodes(ActivityContext context);

    protected abstract void GoOn(ActivityContext context, string how, int statusCode);

    protected static ActivityDescriptor Describe(string typeName, InputDescriptor expected, PortDescriptor[] ports) =>
        BuiltIn.Describe(typeName, "HTTP") with
        {
            Kind = ActivityKind.Task,
            Inputs =
            [
                BuiltIn.Input("SendHttpRequest", "Url", "Uri"),
                BuiltIn.Input("SendHttpRequest", "Method", "String", "dropdown", "GET") with
                {
                    Options = [.. Methods.Select(method => new InputOption(method, method))],
                },
                BuiltIn.Input("SendHttpRequest", "Content", "Object", "multiline"),
                BuiltIn.Input("SendHttpRequest", "ContentType", "String", "dropdown") with { Options = HttpWords.TypeOptions },
                BuiltIn.Input("SendHttpRequest", "Authorization", "String") with { IsSensitive = true, Category = "Security" },
                BuiltIn.Input("SendHttpRequest", "DisableAuthorizationHeaderValidation", "Boolean", "checkbox") with { Category = "Security" },
                BuiltIn.Input("SendHttpRequest", "RequestHeaders", "JSON", "json-editor") with { IsSensitive = true, Category = "Advanced" },
                expected,
            ],
            Outputs =
            [
                BuiltIn.Output("SendHttpRequest", "Result", "Object"), BuiltIn.Output("SendHttpRequest", "StatusCode", "Int32"),
                BuiltIn.Output("SendHttpRequest", "ParsedContent", "Object"),
                BuiltIn.Output("SendHttpRequest", "ResponseHeaders", "ObjectDictionary"),
            ],
            Ports = ports,
        };

    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

    private static string Method(string? given) =>
        Methods.FirstOrDefault(method => method.Equals(given, StringComparison.OrdinalIgnoreCase))
        ?? (string.IsNullOrWhiteSpace(given) ? "GET" : throw new FlowException("MethodIsUnknown", EngineTexts.Get("MethodIsUnknown", given)));

    private static IOutboundRequests Requests(ActivityContext context) =>
        context.Services.GetService(typeof(IOutboundRequests)) as IOutboundRequests
        ?? throw new FlowException("RequestsAreNotSentHere", EngineTexts.Get("RequestsAreNotSentHere"));
}

/// <summary>Sends a request and leaves by its status code.</summary>
internal sealed class FlowSendHttpRequest : RequestActivity
{
    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation) => Nothing;

    protected override int[] ExpectedStatusCodes(ActivityContext context) =>
        Codes(ValueConversion.Texts(context.GetInput("ExpectedStatusCodes")));

    public override IReadOnlyList<string>? OutcomesOf(JsonObject source) =>
        Outcomes.Written(source, Descriptor.Inputs.First(input => input.Name == "ExpectedStatusCodes")) is { } written
            ? [.. Codes(written).Select(code => code.ToString(CultureInfo.InvariantCulture)).Distinct(), .. Outcomes.Declared(Descriptor)]
            : null;

    private static int[] Codes(IReadOnlyList<string> written) => [.. written.Select(HttpWords.StatusCode).OfType<int>()];

    protected override void GoOn(ActivityContext context, string how, int statusCode)
    {
        if (how != OutboundAnswer.Answered)
        {
            context.Complete(how == OutboundAnswer.TimedOut ? "Timeout" : "Failed to connect");
            return;
        }

        var expected = ExpectedStatusCodes(context);
        if (expected.Length == 0)
        {
            context.Complete("Done");
        }
        else
        {
            context.Complete(
                expected.Contains(statusCode) ? statusCode.ToString(CultureInfo.InvariantCulture) : "Unmatched status code", "Done");
        }
    }

    protected override ActivityDescriptor Describe() => Describe(
        "Elsa.FlowSendHttpRequest",
        BuiltIn.Input("SendHttpRequest", "ExpectedStatusCodes", "Int32[]", "multitext", new JsonArray(200)),
        [
            BuiltIn.Flow("Unmatched status code"), BuiltIn.Flow("Failed to connect"), BuiltIn.Flow("Timeout"), BuiltIn.Flow("Done"),
        ]);
}

/// <summary>Sends a request and runs the child of its status code.</summary>
internal sealed class SendHttpRequest : RequestActivity
{
    private sealed record Case(int StatusCode, ActivityNode? Activity);

    public override void Prepare(NodeReader reader)
    {
        var cases = new List<Case>();
        var index = 0;
        foreach (var source in reader.List("expectedStatusCodes").OfType<JsonObject>())
        {
            var place = $"{reader.Place}.expectedStatusCodes[{index++}]";
            var activity = source["activity"] is JsonObject child ? reader.ReadChild(child, place + ".activity", null) : null;
            if (HttpWords.StatusCode(ValueConversion.Text(source["statusCode"])) is { } code)
            {
                cases.Add(new Case(code, activity));
            }
        }

        reader.Node.Prepared = cases;
    }

    public override ValueTask OnChildCompletedAsync(ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        context.Complete();
        return Nothing;
    }

    protected override int[] ExpectedStatusCodes(ActivityContext context) => [.. Cases(context).Select(one => one.StatusCode)];

    protected override void GoOn(ActivityContext context, string how, int statusCode)
    {
        ActivityNode? next = null;
        if (how == OutboundAnswer.Answered && Cases(context).Find(one => one.StatusCode == statusCode) is { } expected)
        {
            next = expected.Activity;
        }
        else
        {
            context.Node.Ports.TryGetValue(
                how switch
                {
                    OutboundAnswer.Answered => "unmatchedStatusCode",
                    OutboundAnswer.TimedOut => "timeout",
                    _ => "failedToConnect",
                },
                out next);
        }

        if (next is null)
        {
            context.Complete();
        }
        else
        {
            context.Schedule(next);
        }
    }

    protected override ActivityDescriptor Describe() => Describe(
        "Elsa.SendHttpRequest",
        BuiltIn.Input("SendHttpRequest", "ExpectedStatusCodes", "Object", "http-status-codes") with { IsWrapped = false },
        [BuiltIn.Embedded("UnmatchedStatusCode"), BuiltIn.Embedded("FailedToConnect"), BuiltIn.Embedded("Timeout")]);

    private static List<Case> Cases(ActivityContext context) => (List<Case>)context.Node.Prepared!;
}
