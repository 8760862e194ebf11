using ProcesStandardu.Approval.Time;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.SignIn;

/// <summary>
/// The sign-in's cookie. It holds the person's id alone; who that is and what he may do today is asked of the database with each request.
/// </summary>
internal static class SignInCookie
{
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

    /// <summary>The cookie's contents for a person.</summary>
    public static ClaimsPrincipal PrincipalOf(Guid personId) =>
        new(new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, personId.ToString("D"))], CookieAuthenticationDefaults.AuthenticationScheme));

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var cancellation = context.HttpContext.RequestAborted;
        if (Guid.TryParse(context.Principal?.FindFirstValue(ClaimTypes.NameIdentifier), out var id))
        {
            var rights = await services.GetRequiredService<Rights>().OfAsync(id, cancellation);
            if (rights.IsActive)
            {
                var person = await services.GetRequiredService<UnitOfWork>().RunAsync(
                    db => db.People.AsNoTracking().SingleAsync(candidate => candidate.Id == id, cancellation), cancellation);

                // A demo person's cookie is worth nothing once the demo is switched off.
                if (!person.IsDemo || services.GetRequiredService<DemoMode>().IsOn)
                {
                    services.GetRequiredService<Visitor>().Enter(person, rights);
                    return;
                }
            }
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }
}
