using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>Finds the addresses of a host.</summary>
public delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellation);

/// <summary>The address of a request, or of a redirect, is none that may be called.</summary>
public sealed class AddressIsRefusedException(string reason) : Exception(reason);

/// <summary>
/// Sends requests to allowed addresses only. What is checked is the address that the socket connects to, after the name was
/// resolved, so that no spelling and no name server can lead elsewhere; each redirect is checked anew. There is no proxy, no
/// cookie and no connection that outlives its request.
/// </summary>
public sealed class GuardedHttp : IDisposable
{
    private readonly WorkflowHttpOptions _options;
    private readonly IReadOnlyList<IPNetwork> _networks;
    private readonly ResolveHost _resolve;
    private readonly HttpMessageInvoker _invoker;

    public GuardedHttp(IOptions<WorkflowHttpOptions> options, ResolveHost resolve)
    {
        _options = options.Value;
        _networks = _options.Networks;
        _resolve = resolve;
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectTimeout = _options.Timeout,
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>What came back.</summary>
    /// <param name="Content">Null when there was no body, or one larger than allowed.</param>
    public sealed record Received(int StatusCode, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, byte[]? Content);

    /// <summary>Sends one request and takes its answer.</summary>
    /// <exception cref="AddressIsRefusedException">An address may not be called; nothing was sent to it.</exception>
    /// <exception cref="HttpRequestException">No connection, or it broke.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<Received> SendAsync(
        string method, Uri url, IReadOnlyList<KeyValuePair<string, string>> headers, string? contentType, string? content,
        CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            Check(url);
            using var request = new HttpRequestMessage(new HttpMethod(method), url);
            if (content is not null)
            {
                request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content));
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            }

            foreach (var (name, value) in headers)
            {
                if (!IsOurs(name) && !request.Headers.TryAddWithoutValidation(name, value))
                {
                    request.Content?.Headers.TryAddWithoutValidation(name, value);
                }
            }

            using var response = await InvokeAsync(request, cancellation);
            if (redirects >= _options.Redirects || Target(response, url) is not { } target)
            {
                var body = await ReadAsync(response.Content, cancellation);
                return new Received((int)response.StatusCode, response.Headers, response.Content.Headers, body);
            }

            if (url.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps)
            {
                throw new AddressIsRefusedException("A redirect leads from https to http.");
            }

            if (Uri.Compare(url, target, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) != 0)
            {
                // Secrets are for the host they were written for.
                headers = [.. headers.Where(header => header.Key.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase)
                    || header.Key.Equals("Accept", StringComparison.OrdinalIgnoreCase))];
            }

            if (response.StatusCode is HttpStatusCode.SeeOther
                || (response.StatusCode is HttpStatusCode.Moved or HttpStatusCode.Redirect && method == "POST"))
            {
                (method, content) = (method == "HEAD" ? "HEAD" : "GET", null);
            }

            url = target;
        }
    }

    public void Dispose() => _invoker.Dispose();

    private async Task<HttpResponseMessage> InvokeAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _invoker.SendAsync(request, cancellation);
        }
        catch (HttpRequestException error) when (error.InnerException is AddressIsRefusedException refused)
        {
            throw new AddressIsRefusedException(refused.Message);
        }
    }

    private void Check(Uri url)
    {
        if (url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Host.Length == 0)
        {
            throw new AddressIsRefusedException("Only http and https addresses without credentials are called.");
        }

        if (!_options.AllowsHost(url.IdnHost))
        {
            throw new AddressIsRefusedException($"The host {url.IdnHost} is not among those that may be called.");
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellation);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        if (Array.Exists(addresses, address => !IsAllowed(address)))
        {
            // One bad address condemns the name: the next answer of its server could hold only that one.
            throw new AddressIsRefusedException($"The host {host} has an address that may not be called.");
        }

        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException error)
            {
                socket.Dispose();
                last = error;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }

    private bool IsAllowed(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return PublicAddress.IsPublic(address) || _networks.Any(network => network.Contains(plain));
    }

    private async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > _options.AnswerBytes)
        {
            return null;
        }

        await using var stream = await content.ReadAsStreamAsync(cancellation);
        using var taken = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellation) is var count and > 0)
        {
            taken.Write(buffer, 0, count);
            if (taken.Length > _options.AnswerBytes)
            {
                return null;
            }
        }

        return taken.Length == 0 ? null : taken.ToArray();
    }

    private static Uri? Target(HttpResponseMessage response, Uri from) =>
        response.StatusCode is HttpStatusCode.Moved or HttpStatusCode.Redirect or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is { } location && Uri.TryCreate(from, location, out var target)
            ? target
            : null;

    // What frames the message is written by the library alone.
    private static bool IsOurs(string header) =>
        header.Equals("Host", StringComparison.OrdinalIgnoreCase) || header.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) || header.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Upgrade", StringComparison.OrdinalIgnoreCase) || header.Equals("Expect", StringComparison.OrdinalIgnoreCase)
        || header.Equals("TE", StringComparison.OrdinalIgnoreCase) || header.Equals("Trailer", StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase);
}
