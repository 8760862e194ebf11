using ProcesStandardu.Approval.Time;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.SignIn;

/// <summary>
/// The sign-in's cookie. It holds the visit's id alone; whether the visit is open, whose it is and what he may do today is asked of the
/// database with each request.
/// </summary>
internal static class SignInCookie
{
    private const string SessionClaim = "visit";

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "processtandardu";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Cookie.IsEssential = true;
        options.ExpireTimeSpan = TimeSpan.FromHours(8);
        options.SlidingExpiration = true;

        // A visit lasts real hours, also when somebody moves the programme's clock.
        options.TimeProvider = TimeProvider.System;
        options.LoginPath = "/logowanie";
        options.ReturnUrlParameter = "powrot";
        options.Events.OnValidatePrincipal = ValidateAsync;

        // What is not for this person looks like what does not exist.
        options.Events.OnRedirectToAccessDenied = context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        };
        options.Events.OnRedirectToLogin = context =>
        {
            var asksForPage = (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
                && !context.Request.Path.StartsWithSegments("/elsa") && !context.Request.Path.StartsWithSegments("/health");
            if (asksForPage)
            {
                context.Response.Redirect(
                    "/logowanie?powrot=" + Uri.EscapeDataString(context.Request.Path + context.Request.QueryString));
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }

            return Task.CompletedTask;
        };
    }

    /// <summary>Where the product is reached over TLS, the cookie belongs to this very host and travels over TLS alone.</summary>
    public static void Secure(CookieBuilder cookie, string siteAddress)
    {
        if (siteAddress.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            cookie.Name = "__Host-" + cookie.Name;
            cookie.SecurePolicy = CookieSecurePolicy.Always;
            cookie.Path = "/";
        }
    }

    /// <summary>The cookie's contents for a visit.</summary>
    public static ClaimsPrincipal PrincipalOf(Guid sessionId) =>
        new(new ClaimsIdentity([new Claim(SessionClaim, sessionId.ToString("D"))], CookieAuthenticationDefaults.AuthenticationScheme));

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var cancellation = context.HttpContext.RequestAborted;
        if (Guid.TryParse(context.Principal?.FindFirstValue(SessionClaim), out var id)
            && await services.GetRequiredService<Sessions>().FindAsync(id, cancellation) is { } visit

            // A demo person's visit is worth nothing once the demo is switched off.
            && (!visit.Person.IsDemo || services.GetRequiredService<DemoMode>().IsOn))
        {
            var rights = await services.GetRequiredService<Rights>().OfAsync(visit.Person.Id, cancellation);
            if (rights.IsActive)
            {
                services.GetRequiredService<Visitor>().Enter(visit.Person, rights, visit.Session);

                // The designer's API asks the request itself who sends it.
                var identity = new ClaimsIdentity(PrincipalOf(id).Identity);
                identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, visit.Person.Id.ToString("D")));
                context.ReplacePrincipal(new ClaimsPrincipal(identity));
                return;
            }
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }
}
