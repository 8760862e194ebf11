using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Activities;

/// <summary>What one HTTP endpoint accepts; it is the payload of its waits and triggers, so its property names must stay.</summary>
/// <param name="Path">Path below the host's prefix without slashes at its ends; may hold parameters as <c>{name}</c>.</param>
/// <param name="Method">Upper case.</param>
/// <param name="Authorize">True when only people who are signed in may call it.</param>
/// <param name="Policy">The host's policy that the caller must meet; null for none beyond <paramref name="Authorize"/>.</param>
public sealed record HttpEndpointRules(string Path, string Method, bool Authorize, string? Policy)
{
    /// <summary>Name of the stimulus that a request is.</summary>
    public const string StimulusName = "Elsa.HttpEndpoint";

    /// <summary>Most bytes of a request; null leaves it to the host.</summary>
    public long? RequestBytes { get; init; }

    /// <summary>Most bytes of one uploaded file; null leaves it to the host.</summary>
    public long? FileBytes { get; init; }

    /// <summary>Seconds that a caller waits at most; null leaves it to the host.</summary>
    public double? Seconds { get; init; }

    /// <summary>Extensions with their dot; empty allows all.</summary>
    public IReadOnlyList<string> AllowedExtensions { get; init; } = [];

    public IReadOnlyList<string> BlockedExtensions { get; init; } = [];

    /// <summary>Media types; empty allows all.</summary>
    public IReadOnlyList<string> AllowedTypes { get; init; } = [];

    /// <summary>Outcomes that a workflow handles itself where the host would refuse the request.</summary>
    public IReadOnlyList<string> Exposed { get; init; } = [];
}

/// <summary>
/// Waits for an HTTP request, or starts a workflow at one. The host finds the endpoint, checks its rules and sends the
/// request as a stimulus; what it gives along is <c>{method, path, route, query, headers, content, files, outcome}</c>.
/// </summary>
internal sealed class HttpEndpoint : ControlFree
{
    public const string RequestTooLarge = "Request too large";

    public const string FileTooLarge = "File too large";

    public const string InvalidExtension = "Invalid file extension";

    public const string InvalidType = "Invalid file MIME type";

    private static readonly (string Property, string Outcome)[] Exposable =
    [
        ("exposeRequestTooLargeOutcome", RequestTooLarge), ("exposeFileTooLargeOutcome", FileTooLarge),
        ("exposeInvalidFileExtensionOutcome", InvalidExtension), ("exposeInvalidFileMimeTypeOutcome", InvalidType),
    ];

    public override void Prepare(NodeReader reader) => reader.Node.Prepared =
        Exposable.Where(one => Json.Flag(reader.Source[one.Property])).Select(one => one.Outcome).ToArray();

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (context.StartedBy is { } request)
        {
            return ResumeAsync(context, request, cancellation);
        }

        foreach (var rules in RulesOf(context))
        {
            context.WaitFor(HttpEndpointRules.StimulusName, rules);
        }

        return Nothing;
    }

    public override ValueTask ResumeAsync(ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        var request = resumption.Input as JsonObject ?? [];
        context.SetOutput("Result", request.DeepClone());
        context.SetOutput("ParsedContent", request["content"]?.DeepClone());
        context.SetOutput("Files", request["files"]?.DeepClone());
        context.SetOutput("File", (request["files"] as JsonArray)?.FirstOrDefault()?.DeepClone());
        context.SetOutput("RouteData", request["route"]?.DeepClone());
        context.SetOutput("QueryStringData", request["query"]?.DeepClone());
        context.SetOutput("Headers", request["headers"]?.DeepClone());
        context.Complete(Json.Text(request["outcome"]) is { } outcome ? [outcome] : []);
        return Nothing;
    }

    public override IReadOnlyList<string> OutcomesOf(JsonObject source) =>
        ["Done", .. Exposable.Where(one => Json.Flag(source[one.Property])).Select(one => one.Outcome)];

    public override IEnumerable<TriggerStimulus> GetTriggers(ActivityContext context) =>
        [.. RulesOf(context).Select(rules => new TriggerStimulus(HttpEndpointRules.StimulusName, rules))];

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.HttpEndpoint", "HTTP") with
    {
        Kind = ActivityKind.Trigger,
        Inputs =
        [
            BuiltIn.Input("HttpEndpoint", "Path", "String"),
            BuiltIn.Input("HttpEndpoint", "SupportedMethods", "String[]", "checklist", new JsonArray("GET")) with
            {
                Options = [.. new[] { "GET", "POST", "PUT", "PATCH", "HEAD", "DELETE" }.Select(method => new InputOption(method, method))],
            },
            BuiltIn.Input("HttpEndpoint", "Authorize", "Boolean", "checkbox") with { Category = "Security" },
            BuiltIn.Input("HttpEndpoint", "Policy", "String") with { Category = "Security" },
            BuiltIn.Input("HttpEndpoint", "RequestTimeout", "TimeSpan") with { Category = "Upload" },
            BuiltIn.Input("HttpEndpoint", "RequestSizeLimit", "Int64?") with { Category = "Upload" },
            BuiltIn.Input("HttpEndpoint", "FileSizeLimit", "Int64?") with { Category = "Upload" },
            BuiltIn.Input("HttpEndpoint", "AllowedFileExtensions", "String[]", "multitext") with { Category = "Upload" },
            BuiltIn.Input("HttpEndpoint", "BlockedFileExtensions", "String[]", "multitext") with { Category = "Upload" },
            BuiltIn.Input("HttpEndpoint", "AllowedMimeTypes", "String[]", "multitext") with { Category = "Upload" },
            Exposes("ExposeRequestTooLargeOutcome"), Exposes("ExposeFileTooLargeOutcome"),
            Exposes("ExposeInvalidFileExtensionOutcome"), Exposes("ExposeInvalidFileMimeTypeOutcome"),
        ],
        Outputs =
        [
            BuiltIn.Output("HttpEndpoint", "Result", "Object"), BuiltIn.Output("HttpEndpoint", "ParsedContent", "Object"),
            BuiltIn.Output("HttpEndpoint", "Files", "Object"), BuiltIn.Output("HttpEndpoint", "File", "Object"),
            BuiltIn.Output("HttpEndpoint", "RouteData", "ObjectDictionary"),
            BuiltIn.Output("HttpEndpoint", "QueryStringData", "ObjectDictionary"),
            BuiltIn.Output("HttpEndpoint", "Headers", "ObjectDictionary"),
        ],
    };

    private static InputDescriptor Exposes(string name) =>
        BuiltIn.Input("HttpEndpoint", name, "Boolean", "checkbox") with { IsWrapped = false, Category = "Outcomes" };

    private static IEnumerable<HttpEndpointRules> RulesOf(ActivityContext context)
    {
        var path = (context.GetInput<string>("Path") ?? "").Trim('/', ' ');
        if (path.Length is 0 or > 500)
        {
            throw new FlowException("EndpointPathIsMissing", EngineTexts.Get("EndpointPathIsMissing"));
        }

        var policy = context.GetInput<string>("Policy");
        var timeout = context.GetInput<TimeSpan?>("RequestTimeout");
        return Texts(context, "SupportedMethods").Select(method => method.ToUpperInvariant()).DefaultIfEmpty("GET")
            .Select(method => new HttpEndpointRules(
                path, method, context.GetInput<bool>("Authorize") || !string.IsNullOrWhiteSpace(policy),
                string.IsNullOrWhiteSpace(policy) ? null : policy)
            {
                RequestBytes = Limit(context, "RequestSizeLimit"),
                FileBytes = Limit(context, "FileSizeLimit"),
                Seconds = timeout > TimeSpan.Zero ? timeout.Value.TotalSeconds : null,
                AllowedExtensions = Texts(context, "AllowedFileExtensions"),
                BlockedExtensions = Texts(context, "BlockedFileExtensions"),
                AllowedTypes = Texts(context, "AllowedMimeTypes"),
                Exposed = (string[])context.Node.Prepared!,
            });
    }

    private static long? Limit(ActivityContext context, string input) =>
        context.GetInput<long?>(input) is > 0 and var limit ? limit : null;

    private static string[] Texts(ActivityContext context, string input) =>
        [.. ValueConversion.Items(context.GetInput(input)).Select(ValueConversion.Text).OfType<string>()
            .Select(text => text.Trim()).Where(text => text.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
}

/// <summary>The HTTP request that the present call answers; there is none when a workflow goes on by itself.</summary>
public interface IHttpExchange
{
    /// <summary>False when nobody waits for an answer.</summary>
    bool IsOpen { get; }

    /// <summary>Keeps the answer; it is given when the transaction is committed. The first one counts.</summary>
    void Answer(HttpAnswer answer);
}

/// <summary>What an HTTP caller gets.</summary>
/// <param name="Headers">Checked: names are tokens, values single lines.</param>
public sealed record HttpAnswer(
    int StatusCode, IReadOnlyList<KeyValuePair<string, string>> Headers, string? ContentType = null, string? Content = null);

/// <summary>Answers the HTTP request that this burst came from.</summary>
internal sealed class WriteHttpResponse : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (context.Services.GetService(typeof(IHttpExchange)) is not IHttpExchange { IsOpen: true } exchange)
        {
            throw new FlowException("NobodyWaitsForAnAnswer", EngineTexts.Get("NobodyWaitsForAnAnswer"));
        }

        var content = context.GetInput("Content");
        var type = context.GetInput<string>("ContentType");
        exchange.Answer(new HttpAnswer(
            HttpWords.StatusCode(context.GetInput<string>("StatusCode")) ?? 200,
            HttpWords.Headers(context.GetInput("ResponseHeaders")),
            content is null ? null : string.IsNullOrWhiteSpace(type) ? HttpWords.TypeOf(content) : HttpWords.OneLine(type),
            ValueConversion.Text(content)));
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.WriteHttpResponse", "HTTP") with
    {
        Inputs =
        [
            BuiltIn.Input("WriteHttpResponse", "StatusCode", "String", "dropdown", "OK") with { Options = HttpWords.StatusOptions },
            BuiltIn.Input("WriteHttpResponse", "Content", "Object", "multiline"),
            BuiltIn.Input("WriteHttpResponse", "ContentType", "String", "dropdown") with { Options = HttpWords.TypeOptions },
            BuiltIn.Input("WriteHttpResponse", "ResponseHeaders", "JSON", "json-editor") with { Category = "Advanced" },
        ],
    };
}
