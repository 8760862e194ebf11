using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>Where workflows may send requests and how long and large they may be; configuration section <c>HttpRequests</c>.</summary>
public sealed class WorkflowHttpOptions
{
    public const string Section = "HttpRequests";

    /// <summary>
    /// Hosts that may be called, as <c>api.example.org</c> or <c>*.example.org</c>; empty allows every host with a public
    /// address.
    /// </summary>
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>Networks that may be called although they are not public, as <c>10.20.0.0/16</c>; none by default.</summary>
    public string[] AllowedNetworks { get; set; } = [];

    /// <summary>Longest wait for an answer, its body and its redirects included; default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of an answer's body that are kept; a larger body is not kept at all. Default 1 MiB.</summary>
    [Range(1, 64 * 1024 * 1024)]
    public int AnswerBytes { get; set; } = 1024 * 1024;

    /// <summary>Most bytes of a request's body that an endpoint takes, whatever it allows itself; default 10 MiB.</summary>
    [Range(1, 256 * 1024 * 1024)]
    public int EndpointBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>Most sendings of one request; default 5.</summary>
    [Range(1, 20)]
    public int Attempts { get; set; } = 5;

    /// <summary>Most redirects that are followed; default 5.</summary>
    [Range(0, 20)]
    public int Redirects { get; set; } = 5;

    /// <summary>Requests that one process sends at a time; default 8.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 8;

    internal IReadOnlyList<IPNetwork> Networks => [.. AllowedNetworks.Select(IPNetwork.Parse)];

    internal bool AllowsHost(string host) =>
        AllowedHosts.Length == 0 || AllowedHosts.Any(allowed => allowed.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(allowed, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Refuses networks that cannot be read when the program starts.</summary>
internal sealed class WorkflowHttpOptionsCheck : IValidateOptions<WorkflowHttpOptions>
{
    public ValidateOptionsResult Validate(string? name, WorkflowHttpOptions options) =>
        options.AllowedNetworks.FirstOrDefault(network => !IPNetwork.TryParse(network, out _)) is { } wrong
            ? ValidateOptionsResult.Fail($"HttpRequests:AllowedNetworks holds {wrong}, which is no network such as 10.20.0.0/16.")
            : ValidateOptionsResult.Success;
}
