using Microsoft.Extensions.Options;
using ProcesStandardu.Web.SignIn;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// What every answer tells the browser not to do. A part with needs of its own, as Elsa Studio's WebAssembly, sets its own policy
/// on the response; what is already there is left alone.
/// </summary>
public static class SecurityHeaders
{
    // data: is for the small pictures inside Bootstrap's style sheet; no script and no style stands in a page itself.
    private const string Policy =
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'PROVIDER; frame-ancestors 'none'";

    /// <summary>Whoever came over TLS once comes over TLS for a year; never said for localhost.</summary>
    public static IServiceCollection AddSecurityHeaders(this IServiceCollection services) =>
        services.AddHsts(options => options.MaxAge = TimeSpan.FromDays(365));

    /// <summary>Outermost, so that errors and files carry the headers too.</summary>
    public static void UseSecurityHeaders(this WebApplication app)
    {
        app.UseHsts();

        // A form that signs in or out is answered with the way to the identity provider; browsers ask the policy about that too.
        var provider = app.Services.GetRequiredService<IOptions<IdentityProviderOptions>>().Value;
        var policy = Policy.Replace("PROVIDER", provider.IsConfigured ? " " + provider.Origin : "", StringComparison.Ordinal);
        app.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                var headers = context.Response.Headers;
                headers.TryAdd("Content-Security-Policy", policy);
                headers.TryAdd("X-Content-Type-Options", "nosniff");
                headers.TryAdd("Referrer-Policy", "same-origin");
                headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
                headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
                headers.TryAdd("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
                if (context.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true)
                {
                    // After signing out, the back button shows nothing of the person who was there.
                    headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            });
            return next(context);
        });
    }
}
