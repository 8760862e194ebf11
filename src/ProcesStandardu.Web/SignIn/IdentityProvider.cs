using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Identity.Client;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ProcesStandardu.Web.SignIn;

/// <summary>Who the provider says has signed in.</summary>
/// <param name="SessionId">The provider's name of the visit; null when it gives none.</param>
/// <param name="ProvedAt">When the person last typed a password or the like; null when the provider does not say.</param>
/// <param name="IdToken">To name the visit at sign-out.</param>
public sealed record ProvidedIdentity(
    string Tenant, string ObjectId, string? Name, string? Email, IReadOnlyList<string> Roles, string? SessionId, DateTimeOffset? ProvedAt,
    string IdToken);

/// <summary>The provider's answer is not good enough; why stands in the security log and is not told to the browser.</summary>
public sealed class AnswerRefusedException(string why) : Exception(why);

/// <summary>
/// Speaks with the identity provider: code flow with PKCE by MSAL, tokens checked by Microsoft.IdentityModel against the
/// provider's published keys, one issuer, one audience, one tenant.
/// </summary>
public sealed class IdentityProvider : IDisposable
{
    /// <summary>The name of the HTTP client that talks to the provider.</summary>
    public const string HttpClientName = "identity_provider";

    private static readonly string[] Scopes = ["openid", "profile", "email"];

    // Only signatures whose key nobody but the provider has; never none, never HMAC with a key that is public.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384,
    ];

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    private readonly IHttpClientFactory http;
    private readonly HttpClient documents;
    private readonly IOptions<IdentityProviderOptions> options;
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? metadata;

    public IdentityProvider(IHttpClientFactory http, IOptions<IdentityProviderOptions> options)
    {
        this.http = http;
        this.options = options;
        documents = http.CreateClient(HttpClientName);
        if (options.Value.IsConfigured)
        {
            metadata = new ConfigurationManager<OpenIdConnectConfiguration>(
                options.Value.AuthorityAddress + "/.well-known/openid-configuration",
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever(documents) { RequireHttps = true })
            {
                // New keys are known soon after a token shows that there are some.
                RefreshInterval = TimeSpan.FromMinutes(1),
            };
        }
    }

    public bool IsConfigured => metadata is not null;

    /// <summary>Where to send the browser to sign in.</summary>
    /// <param name="again">True when somebody who is signed in must prove anew who he is.</param>
    public async Task<Uri> SignInAddressAsync(Uri callback, SignInQuestion question, bool again, CancellationToken cancellation)
    {
        var found = await MetadataAsync(cancellation);
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = options.Value.ClientId,
            ["response_type"] = "code",
            ["response_mode"] = "query",
            ["redirect_uri"] = callback.ToString(),
            ["scope"] = string.Join(' ', Scopes),
            ["state"] = question.State,
            ["nonce"] = question.Nonce,
            ["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(question.Verifier))),
            ["code_challenge_method"] = "S256",
        };
        if (again)
        {
            query["prompt"] = "login";
            query["max_age"] = "0";
        }

        return new Uri(found.AuthorizationEndpoint + QueryString.Create(query));
    }

    /// <summary>Where to send the browser so that the provider's own visit ends too; null when it offers no such place.</summary>
    public async Task<Uri?> SignOutAddressAsync(Uri back, string? idToken, CancellationToken cancellation)
    {
        var found = await MetadataAsync(cancellation);
        return found.EndSessionEndpoint is { Length: > 0 } end
            ? new Uri(end + QueryString.Create(new Dictionary<string, string?>
            {
                ["client_id"] = options.Value.ClientId,
                ["post_logout_redirect_uri"] = back.ToString(),
                ["id_token_hint"] = idToken,
            }.Where(part => part.Value is not null)))
            : null;
    }

    /// <summary>Exchanges the code and checks everything about the token that comes back.</summary>
    /// <exception cref="AnswerRefusedException">Something about it is not right.</exception>
    public async Task<ProvidedIdentity> RedeemAsync(Uri callback, string code, SignInQuestion question, CancellationToken cancellation)
    {
        string? idToken;
        try
        {
            var result = await Client(callback).AcquireTokenByAuthorizationCode(Scopes, code)
                .WithPkceCodeVerifier(question.Verifier).ExecuteAsync(cancellation);
            idToken = result.IdToken;
        }
        catch (Exception refusal) when (refusal is MsalException or ArgumentException or FormatException or System.Text.Json.JsonException)
        {
            throw new AnswerRefusedException("the code was not redeemed: " + ((refusal as MsalException)?.ErrorCode ?? refusal.GetType().Name));
        }

        if (string.IsNullOrEmpty(idToken))
        {
            throw new AnswerRefusedException("no ID token");
        }

        var token = await ValidateAsync(idToken, cancellation);
        if (!CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Claim(token, "nonce") ?? ""), Encoding.UTF8.GetBytes(question.Nonce)))
        {
            throw new AnswerRefusedException("nonce");
        }

        return Identity(token);
    }

    /// <summary>Checks a token that a program brings to the REST API.</summary>
    /// <exception cref="AnswerRefusedException">It is not good.</exception>
    public async Task<ProvidedIdentity> AcceptAsync(string token, CancellationToken cancellation) => Identity(await ValidateAsync(token, cancellation));

    /// <summary>Checks the name of the issuer that came with an answer; null when none came, as with Entra ID.</summary>
    public async Task<bool> IsOursAsync(string? issuer, CancellationToken cancellation) =>
        string.IsNullOrEmpty(issuer) || issuer == IssuerOf(await MetadataAsync(cancellation));

    public void Dispose() => documents.Dispose();

    private async Task<JsonWebToken> ValidateAsync(string token, CancellationToken cancellation)
    {
        var checkedToken = await CheckAsync(token, cancellation);
        if (checkedToken.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // The provider may have changed its keys: ask once more.
            metadata!.RequestRefresh();
            checkedToken = await CheckAsync(token, cancellation);
        }

        if (!checkedToken.IsValid)
        {
            throw new AnswerRefusedException("token: " + checkedToken.Exception.GetType().Name);
        }

        var good = (JsonWebToken)checkedToken.SecurityToken;
        if (Claim(good, "tid") != options.Value.TenantId)
        {
            throw new AnswerRefusedException("tenant");
        }

        if (string.IsNullOrEmpty(Claim(good, "oid")))
        {
            throw new AnswerRefusedException("no oid");
        }

        return Claim(good, "azp") is { Length: > 0 } party && good.Audiences.Count() > 1 && party != options.Value.ClientId
            ? throw new AnswerRefusedException("authorised party")
            : good;
    }

    private async Task<TokenValidationResult> CheckAsync(string token, CancellationToken cancellation)
    {
        var found = await MetadataAsync(cancellation);
        return await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = IssuerOf(found),
            ValidAudiences = [options.Value.ClientId, "api://" + options.Value.ClientId],
            IssuerSigningKeys = found.SigningKeys,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            RequireAudience = true,
            TryAllIssuerSigningKeys = false,
            ClockSkew = ClockSkew,
        });
    }

    /// <summary>Entra ID's document for many tenants names the tenant by a place to fill.</summary>
    private string IssuerOf(OpenIdConnectConfiguration found) =>
        found.Issuer.Replace("{tenantid}", options.Value.TenantId, StringComparison.OrdinalIgnoreCase);

    private async Task<OpenIdConnectConfiguration> MetadataAsync(CancellationToken cancellation) =>
        await (metadata ?? throw new InvalidOperationException("No identity provider is configured.")).GetConfigurationAsync(cancellation);

    private IConfidentialClientApplication Client(Uri callback)
    {
        var builder = ConfidentialClientApplicationBuilder.Create(options.Value.ClientId)
            .WithClientSecret(options.Value.ReadSecret())
            .WithRedirectUri(callback.ToString())
            .WithHttpClientFactory(new ProviderHttp(http))
            .WithLegacyCacheCompatibility(false);

        // Another application each time: nobody's tokens are kept.
        return (options.Value.IsOtherProvider
            ? builder.WithOidcAuthority(options.Value.AuthorityAddress)
            : builder.WithAuthority(options.Value.Instance, options.Value.TenantId)).Build();
    }

    private static ProvidedIdentity Identity(JsonWebToken token) => new(
        Claim(token, "tid")!,
        Claim(token, "oid")!,
        Claim(token, "name"),
        Claim(token, "email") ?? Claim(token, "preferred_username"),
        [.. token.Claims.Where(claim => claim.Type == "roles").Select(claim => claim.Value).Take(200)],
        Claim(token, "sid"),
        long.TryParse(Claim(token, "auth_time"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null,
        token.EncodedToken);

    private static string? Claim(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) ? value : null;

    private sealed class ProviderHttp(IHttpClientFactory http) : IMsalHttpClientFactory
    {
        public HttpClient GetHttpClient() => http.CreateClient(HttpClientName);
    }
}
