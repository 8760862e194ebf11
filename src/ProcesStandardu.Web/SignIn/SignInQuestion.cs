using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Tokens;
using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Web.SignIn;

/// <summary>What one sign-in remembers while the browser is at the provider: only the browser that asked can bring the answer.</summary>
/// <param name="Back">Where the person wanted to go.</param>
/// <param name="Again">The visit whose person must prove anew who he is; null for a sign-in.</param>
public sealed record SignInQuestion(string State, string Nonce, string Verifier, string Back, Guid? Again, DateTimeOffset AskedAt)
{
    private const string Cookie = "processtandardu-pytanie";
    private const string Purpose = "ProcesStandardu.SignInQuestion";

    public static SignInQuestion New(string back, Guid? again) =>
        new(Random(), Random(), Random(), back, again, TimeProvider.System.GetUtcNow());

    /// <summary>Gives the question to the browser.</summary>
    public void Keep(HttpContext http)
    {
        var text = Protector(http).Protect(JsonSerializer.Serialize(this), Sessions.AnswerWithin);
        http.Response.Cookies.Append(Cookie, text, Options(http));
    }

    /// <summary>Takes the question back from the browser; null when it has none, or an old or a foreign one.</summary>
    public static SignInQuestion? Take(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 } text)
        {
            return null;
        }

        http.Response.Cookies.Delete(Cookie, Options(http));
        try
        {
            return JsonSerializer.Deserialize<SignInQuestion>(Protector(http).Unprotect(text));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        IsEssential = true,

        // The product may be reached over TLS that ends before it.
        Secure = ProviderRoutes.Own(http, "/").Scheme == Uri.UriSchemeHttps,

        // The answer comes as a link followed from the provider's page, which Lax lets through.
        SameSite = SameSiteMode.Lax,
        MaxAge = Sessions.AnswerWithin,
        Path = "/",
    };

    private static ITimeLimitedDataProtector Protector(HttpContext http) =>
        http.RequestServices.GetRequiredService<IDataProtectionProvider>().CreateProtector(Purpose).ToTimeLimitedDataProtector();

    private static string Random() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
}
