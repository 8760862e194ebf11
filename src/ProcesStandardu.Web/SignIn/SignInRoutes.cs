using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.SignIn;

/// <summary>Signing in and out.</summary>
internal static class SignInRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<SignInPage>("/logowanie", Policies.Public);
        routes.MapForm("/logowanie", Policies.Public, EnterAsync);
        routes.MapForm("/wyloguj", Policies.SignedIn, LeaveAsync);
        ProviderRoutes.Map(routes);
    }

    /// <summary>One click for a demo person; nobody else can be chosen by a form.</summary>
    private static async Task<IResult> EnterAsync(
        PostedForm form, DemoMode demo, DemoPeople people, Sessions sessions, Visitor visitor, HttpContext http, CancellationToken cancellation)
    {
        var person = demo.IsOn
            ? (await people.HandleAsync(cancellation)).SingleOrDefault(candidate => candidate.Key == form["Osoba"])
            : null;
        if (person is null)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        if (visitor.Session is { } before)
        {
            await sessions.EndAsync(before.Id, cancellation);
        }

        var session = await sessions.StartAsync(person.Id, SignInWays.Demo, null, null, cancellation);
        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, SignInCookie.PrincipalOf(session));
        ProviderRoutes.Log(http).LogInformation("Signed in by a click of the demo: person {Person}", person.Id);
        return PageEndpoints.SeeOther(LocalPath.OrHome(form["Powrot"]));
    }

    /// <summary>The visit ends here at once, whatever copies of its cookie there are, and then at the provider.</summary>
    private static async Task<IResult> LeaveAsync(
        HttpContext http, Visitor visitor, Sessions sessions, IdentityProvider provider, IDataProtectionProvider protection,
        IOptions<IdentityProviderOptions> options, CancellationToken cancellation)
    {
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        if (visitor.Session is not { } session)
        {
            return PageEndpoints.SeeOther("/logowanie");
        }

        await sessions.EndAsync(session.Id, cancellation);
        ProviderRoutes.Log(http).LogInformation("Signed out: person {Person}", visitor.Id);
        if (session.Way != SignInWays.Provider || !provider.IsConfigured)
        {
            return PageEndpoints.SeeOther("/logowanie");
        }

        try
        {
            var hint = session.ProviderHint is { } kept ? protection.CreateProtector(ProviderRoutes.Hint).Unprotect(kept) : null;
            var address = await provider.SignOutAddressAsync(ProviderRoutes.Own(http, options.Value.SignedOutCallbackPath), hint, cancellation);
            return address is null ? PageEndpoints.SeeOther("/logowanie") : new ProviderRoutes.Elsewhere(address);
        }
        catch (Exception away) when (away is InvalidOperationException or HttpRequestException or IOException
            or System.Security.Cryptography.CryptographicException)
        {
            // Here it has ended; the provider's own visit ends by itself.
            ProviderRoutes.Log(http).LogWarning(away, "The identity provider could not be told of a sign-out");
            return PageEndpoints.SeeOther("/logowanie");
        }
    }
}
