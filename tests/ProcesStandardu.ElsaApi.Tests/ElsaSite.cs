using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.ElsaApi.Tests;

/// <summary>
/// The API on a port and a database of its own, with the shipped programme, its people and its workflows. Who asks says so in a header,
/// since signing in is the pages' business; rights and the token against forged requests are the product's.
/// </summary>
public sealed class ElsaSite : IAsyncLifetime
{
    private const string Designs = "designs";
    private readonly string folder = Directory.CreateTempSubdirectory("proces-elsa-").FullName;
    private WebApplication app = null!;

    public TestDatabase Database { get; private set; } = null!;

    public TestClock Clock { get; } = new();

    public IServiceProvider Services => app.Services;

    /// <summary>The files that the program ships.</summary>
    public static string Workflows => PublishShippedWorkflows.ShippedFolder;

    public async ValueTask InitializeAsync()
    {
        Database = await TestProduct.CreateDatabaseAsync();
        Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 8, 0));
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        TestProduct.AddTo(builder.Services, Database.ConnectionString, Clock, folder);
        builder.Services.AddElsaApi();
        builder.Services.AddAntiforgery();
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, Asker>("test", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy(Designs, policy => policy.RequireAuthenticatedUser().RequireAssertion(async context =>
        {
            await using var scope = app.Services.CreateAsyncScope();
            return Guid.TryParse(context.User.FindFirstValue(ClaimTypes.NameIdentifier), out var person)
                && (await scope.ServiceProvider.GetRequiredService<Rights>().OfAsync(person, CancellationToken.None)).Administers;
        }));
        app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapElsaApi(Designs);
        app.MapGet("/token", (HttpContext http, IAntiforgery antiforgery) => antiforgery.GetAndStoreTokens(http).RequestToken);
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<PublishShippedWorkflows>().HandleAsync(
                new PublishShippedWorkflows.Command(Workflows), CancellationToken.None);
        }

        await app.StartAsync();
    }

    /// <summary>Somebody's own connection, with the token that the page would have given; without a key an anonymous one.</summary>
    /// <param name="tab">Which load of which page; null when the sender is none.</param>
    public async Task<Caller> CallerAsync(string? person = "rafal-zdun", string? tab = null, bool withToken = true)
    {
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(app.Urls.Single()) };
        if (person is not null)
        {
            client.DefaultRequestHeaders.Add("X-Person", (await Database.ScalarAsync<Guid>("select id from person where key = $1", person)).ToString());
        }

        if (tab is not null)
        {
            client.DefaultRequestHeaders.Add("X-Studio-Tab", tab);
        }

        if (withToken)
        {
            client.DefaultRequestHeaders.Add("RequestVerificationToken", await client.GetStringAsync("/token"));
        }

        return new Caller(client);
    }

    /// <summary>Says what the draft of a definition changes, as its page asks before a later version is published.</summary>
    public async Task DescribeAsync(string definitionId)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var proposed = await scope.ServiceProvider.GetRequiredService<ProposePublication>().HandleAsync(
            new ProposePublication.Command(
                definitionId, await Database.ScalarAsync<Guid>("select id from person where key = 'joanna-cicha'"), "Zmiana na próbę.", null),
            CancellationToken.None);
        proposed.Refusal.ShouldBeNull();
    }

    /// <summary>Runs an act of the engine in a unit of work of its own.</summary>
    public async Task<T> InUnitOfWorkAsync<T>(Func<WorkflowEngine, Task<T>> act)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<Approval.Persistence.UnitOfWork>().RunAsync(
            _ => act(scope.ServiceProvider.GetRequiredService<WorkflowEngine>()), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private sealed class Asker(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers["X-Person"].ToString() is { Length: > 0 } person
                ? AuthenticateResult.Success(new AuthenticationTicket(
                    new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, person)], "test")), "test"))
                : AuthenticateResult.NoResult());
    }
}

/// <summary>An answer of the API.</summary>
public sealed record Answer(HttpStatusCode Status, JsonNode? Json, byte[] Body, HttpResponseMessage Message)
{
    /// <summary>All sentences of the problem details.</summary>
    public IReadOnlyList<string> Words =>
        [.. Json!["errors"]!.AsObject().SelectMany(error => error.Value!.AsArray()).Select(word => word!.GetValue<string>())];
}

/// <summary>Sends requests as Studio does.</summary>
public sealed class Caller(HttpClient client) : IDisposable
{
    private const string Base = "/elsa/api";

    public HttpClient Client => client;

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<Answer> PostAsync(string path, JsonNode? body = null) =>
        SendAsync(HttpMethod.Post, path, new StringContent(body?.ToJsonString() ?? "{}", Encoding.UTF8, "application/json"));

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, new Uri(Base + path, UriKind.Relative)) { Content = content };
        var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        var isJson = answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true && body.Length > 0;
        return new Answer(answer.StatusCode, isJson ? JsonNode.Parse(body) : null, body, answer);
    }

    /// <summary>The latest version of a definition, as an editor loads it.</summary>
    public async Task<JsonObject> LoadAsync(string definitionId) =>
        (await GetAsync($"/workflow-definitions/by-definition-id/{definitionId}?versionOptions=Latest")).Json!.AsObject();

    /// <summary>Sends a definition as an editor does.</summary>
    public Task<Answer> SaveAsync(JsonObject model, bool? publish = false) =>
        PostAsync("/workflow-definitions", new JsonObject { ["model"] = model.DeepClone(), ["publish"] = publish });

    public void Dispose() => client.Dispose();
}
