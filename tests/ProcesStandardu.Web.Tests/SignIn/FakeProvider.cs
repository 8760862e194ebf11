using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace ProcesStandardu.Web.Tests.SignIn;

/// <summary>
/// An identity provider that says whatever a test wants it to, over HTTP without a network: its document, its keys, and one token for
/// whoever brings a code.
/// </summary>
public sealed class FakeProvider : HttpMessageHandler
{
    public const string Authority = "https://logowanie.example.test/najemca";
    public const string Tenant = "11111111-2222-3333-4444-555555555555";
    public const string Client = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

    private readonly Dictionary<string, RSA> keys = new() { ["k1"] = RSA.Create(2048) };
    private Func<string> token = () => "";

    /// <summary>The codes and verifiers that were brought.</summary>
    public List<IReadOnlyDictionary<string, string>> Redeemed { get; } = [];

    /// <summary>False: the provider is away.</summary>
    public bool IsUp { get; set; } = true;

    public static Dictionary<string, string> Settings { get; } = new()
    {
        ["AzureAd:Authority"] = Authority,
        ["AzureAd:TenantId"] = Tenant,
        ["AzureAd:ClientId"] = Client,
        ["AzureAd:ClientSecret"] = "tajne-do-testów",
        ["Site:BaseAddress"] = "http://localhost/",
        ["Database:PrepareAtStart"] = "false",
    };

    /// <summary>The claims of a good token.</summary>
    public static Dictionary<string, object> Claims(string nonce, string objectId, params string[] roles)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        return new()
        {
            ["iss"] = Authority,
            ["aud"] = Client,
            ["tid"] = Tenant,
            ["oid"] = objectId,
            ["sub"] = "podmiot-" + objectId,
            ["nonce"] = nonce,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
            ["auth_time"] = now.ToUnixTimeSeconds(),
            ["name"] = "Ewa Próbna",
            ["preferred_username"] = "ewa.probna@example.org",
            ["email"] = "ewa.probna@example.org",
            ["sid"] = "wizyta-" + objectId,
            ["roles"] = roles,
        };
    }

    /// <summary>What the next code is exchanged for.</summary>
    public void WillGive(Func<string> idToken) => token = idToken;

    /// <summary>A key that the document did not know before.</summary>
    public void Rotate(string keyId) => keys[keyId] = RSA.Create(2048);

    public string Sign(Dictionary<string, object> claims, string algorithm = "RS256", string keyId = "k1", RSA? with = null)
    {
        var head = Part(new Dictionary<string, object> { ["alg"] = algorithm, ["kid"] = keyId, ["typ"] = "JWT" });
        var text = head + "." + Part(claims);
        var bytes = Encoding.ASCII.GetBytes(text);
        var key = with ?? keys.GetValueOrDefault(keyId) ?? keys["k1"];
        var signature = algorithm switch
        {
            "none" => [],

            // With the public key, which everybody has.
            "HS256" => HMACSHA256.HashData(key.ExportSubjectPublicKeyInfo(), bytes),
            _ => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return text + "." + Base64UrlEncoder.Encode(signature);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!IsUp)
        {
            throw new HttpRequestException("The provider is away.");
        }

        switch (request.RequestUri!.AbsolutePath)
        {
            case "/najemca/.well-known/openid-configuration":
                return Json(new Dictionary<string, object>
                {
                    ["issuer"] = Authority,
                    ["authorization_endpoint"] = Authority + "/authorize",
                    ["token_endpoint"] = Authority + "/token",
                    ["jwks_uri"] = Authority + "/keys",
                    ["end_session_endpoint"] = Authority + "/logout",
                });
            case "/najemca/keys":
                return Json(new Dictionary<string, object>
                {
                    ["keys"] = keys.Select(key => new Dictionary<string, string>
                    {
                        ["kty"] = "RSA",
                        ["use"] = "sig",
                        ["kid"] = key.Key,
                        ["n"] = Base64UrlEncoder.Encode(key.Value.ExportParameters(false).Modulus),
                        ["e"] = Base64UrlEncoder.Encode(key.Value.ExportParameters(false).Exponent),
                    }).ToList(),
                });
            case "/najemca/token":
                var form = await request.Content!.ReadAsStringAsync(cancellationToken);
                Redeemed.Add(form.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1])));
                return Json(new Dictionary<string, object>
                {
                    ["id_token"] = token(), ["access_token"] = "dostep", ["token_type"] = "Bearer", ["expires_in"] = 300, ["scope"] = "openid profile email",
                });
            default:
                return new HttpResponseMessage(HttpStatusCode.NotFound);
        }
    }

    private static HttpResponseMessage Json(object content) =>
        new(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(content), Encoding.UTF8, "application/json") };

    private static string Part(Dictionary<string, object> content) => Base64UrlEncoder.Encode(JsonSerializer.Serialize(content));
}
