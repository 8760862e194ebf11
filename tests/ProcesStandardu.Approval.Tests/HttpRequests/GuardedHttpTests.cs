using System.Net;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.HttpRequests;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.HttpRequests;

[Trait("Fault", "S59")]
public sealed class GuardedHttpTests
{
    private static readonly string[] Internal =
    [
        "127.0.0.1", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
        "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
        "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255",
    ];

    public static TheoryData<string> NotPublic() =>
    [
        .. Internal, "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "::127.0.0.1", "3fff::1", "5f00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "fe80::1%2",
    ];

    [Theory]
    [MemberData(nameof(NotPublic))]
    public void An_address_inside_is_not_public(string address) => PublicAddress.IsPublic(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2a00:1450:4001:82b::200e")]
    public void An_address_outside_is_public(string address) => PublicAddress.IsPublic(IPAddress.Parse(address)).ShouldBeTrue();

    [Fact]
    public async Task No_spelling_of_an_inner_address_is_ever_connected_to()
    {
        await using var server = new LoopbackServer();
        await using var other = new LoopbackServer(IPAddress.IPv6Loopback);
        using var http = Guarded();
        var urls = Internal.SelectMany(address => Spellings(address))
            .Concat(["[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:0:127.0.0.1]", "localhost.", "LOCALHOST", "localtest", "127.0.0.1."])
            .SelectMany(host => new[] { server.Port, other.Port, 80, 5432 }.Select(port => $"http://{host}:{port}/"))
            .ToList();

        var refused = 0;
        foreach (var url in urls)
        {
            // What is no address at all is refused before anybody looks at it.
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
            {
                refused++;
                continue;
            }

            await Should.ThrowAsync<AddressIsRefusedException>(SendAsync(http, uri), url);
            refused++;
        }

        urls.Count.ShouldBeGreaterThan(1_000);
        refused.ShouldBe(urls.Count);
        (server.Connections + other.Connections).ShouldBe(0);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.org/")]
    [InlineData("gopher://example.org:25/")]
    [InlineData("http://user:secret@example.org/")]
    [InlineData("http://example.org@127.0.0.1/")]
    public async Task Only_plain_http_and_https_addresses_are_called(string url)
    {
        using var http = Guarded();

        await Should.ThrowAsync<AddressIsRefusedException>(SendAsync(http, new Uri(url)));
    }

    [Fact]
    public async Task A_name_is_resolved_once_and_what_was_checked_is_connected_to()
    {
        await using var server = new LoopbackServer();
        var asked = 0;
        using var http = Guarded(
            options => options.AllowedNetworks = ["127.0.0.1/32"],
            _ => asked++ == 0 ? [IPAddress.Loopback] : [IPAddress.Parse("127.0.0.2")]);

        (await SendAsync(http, new Uri($"http://rebinding.example:{server.Port}/"))).StatusCode.ShouldBe(200);
        await Should.ThrowAsync<AddressIsRefusedException>(SendAsync(http, new Uri($"http://rebinding.example:{server.Port}/")));

        asked.ShouldBe(2);
        server.Connections.ShouldBe(1);
        server.Requests.Single().Headers["host"].ShouldBe($"rebinding.example:{server.Port}");
    }

    [Fact]
    public async Task One_inner_address_among_public_ones_condemns_the_name()
    {
        await using var server = new LoopbackServer();
        using var http = Guarded(resolve: _ => [IPAddress.Parse("93.184.215.14"), IPAddress.Loopback]);

        await Should.ThrowAsync<AddressIsRefusedException>(SendAsync(http, new Uri($"http://mixed.example:{server.Port}/")));

        server.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Each_redirect_is_checked_and_secrets_do_not_follow_it()
    {
        await using var inner = new LoopbackServer(IPAddress.Parse("127.0.0.2"));
        await using var second = new LoopbackServer();
        await using var first = new LoopbackServer();
        using var http = Guarded(options => options.AllowedNetworks = ["127.0.0.1/32"]);

        foreach (var target in new[] { inner.Address, "http://169.254.169.254/latest", "file:///etc/passwd", "http://u:p@127.0.0.1/", "http://[::ffff:127.0.0.2]/" })
        {
            first.Answer = _ => LoopbackServer.Text("302 Found", "", "Location: " + target);
            await Should.ThrowAsync<AddressIsRefusedException>(SendAsync(http, new Uri(first.Address)), target);
        }

        first.Answer = _ => LoopbackServer.Text("302 Found", "", $"Location: {second.Address}/next");
        var received = await http.SendAsync(
            "POST", new Uri(first.Address), [new("Authorization", "Bearer secret"), new("X-Key", "secret"), new("Idempotency-Key", "k")],
            "text/plain", "body", TestContext.Current.CancellationToken);

        received.StatusCode.ShouldBe(200);
        inner.Connections.ShouldBe(0);
        var next = second.Requests.ShouldHaveSingleItem();
        next.Method.ShouldBe("GET");
        next.Headers.Keys.ShouldNotContain("authorization");
        next.Headers.Keys.ShouldNotContain("x-key");
        next.Headers["idempotency-key"].ShouldBe("k");
    }

    [Fact]
    public async Task A_host_that_is_not_listed_is_not_called_and_redirects_come_to_an_end()
    {
        await using var server = new LoopbackServer();
        using var listed = Guarded(
            options => (options.AllowedHosts, options.AllowedNetworks) = (["*.gov.pl"], ["127.0.0.0/8"]), _ => [IPAddress.Loopback]);

        await Should.ThrowAsync<AddressIsRefusedException>(SendAsync(listed, new Uri($"http://gov.pl.evil.example:{server.Port}/")));
        server.Connections.ShouldBe(0);

        server.Answer = _ => LoopbackServer.Text("307 Temporary Redirect", "", "Location: /again");
        (await SendAsync(listed, new Uri($"http://www.gov.pl:{server.Port}/"))).StatusCode.ShouldBe(307);
        server.Connections.ShouldBe(6, "five redirects are followed");
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_not_kept_whatever_its_length_says()
    {
        await using var server = new LoopbackServer();
        using var http = Guarded(options => (options.AllowedNetworks, options.AnswerBytes) = (["127.0.0.1/32"], 1_000));

        server.Answer = _ => LoopbackServer.Text("200 OK", new string('x', 1_001));
        (await SendAsync(http, new Uri(server.Address))).Content.ShouldBeNull();
        server.Answer = _ => "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + new string('x', 100_000);
        (await SendAsync(http, new Uri(server.Address))).Content.ShouldBeNull();
        server.Answer = _ => LoopbackServer.Text("200 OK", new string('x', 1_000));
        (await SendAsync(http, new Uri(server.Address))).Content!.Length.ShouldBe(1_000);
    }

    private static IEnumerable<string> Spellings(string address)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        var number = (uint)((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);
        yield return address;
        yield return $"{number}";
        yield return $"0x{number:x}";
        yield return $"0X{number:X8}";
        yield return "0" + Convert.ToString(number, 8);
        yield return string.Join('.', bytes.Select(part => $"0x{part:x}"));
        yield return string.Join('.', bytes.Select(part => "0" + Convert.ToString(part, 8)));
        yield return $"{bytes[0]}.{number & 0xFFFFFF}";
        yield return $"{bytes[0]}.{bytes[1]}.{number & 0xFFFF}";
        yield return $"[::ffff:{address}]";
        yield return $"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]";
        yield return $"[64:ff9b::{address}]";
        yield return $"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]";
    }

    private static GuardedHttp Guarded(Action<WorkflowHttpOptions>? configure = null, Func<string, IPAddress[]>? resolve = null)
    {
        var options = new WorkflowHttpOptions();
        configure?.Invoke(options);
        return new GuardedHttp(
            Options.Create(options),
            (host, _) => Task.FromResult(resolve?.Invoke(host)
                ?? (IPAddress.TryParse(host.Trim('.', '[', ']'), out var literal) ? [literal] : [IPAddress.Loopback, IPAddress.IPv6Loopback])));
    }

    private static Task<GuardedHttp.Received> SendAsync(GuardedHttp http, Uri url) =>
        http.SendAsync("GET", url, [], null, null, TestContext.Current.CancellationToken);
}
