using ProcesStandardu.Approval.Time;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using ProcesStandardu.Approval.People;
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
        routes.MapForm("/wyloguj", Policies.SignedIn, async (HttpContext http) =>
        {
            await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return PageEndpoints.SeeOther("/logowanie");
        });
    }

    /// <summary>One click for a demo person; nobody else can be chosen by a form.</summary>
    private static async Task<IResult> EnterAsync(
        PostedForm form, DemoMode demo, DemoPeople people, HttpContext http, CancellationToken cancellation)
    {
        var person = demo.IsOn
            ? (await people.HandleAsync(cancellation)).SingleOrDefault(candidate => candidate.Key == form["Osoba"])
            : null;
        if (person is null)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, SignInCookie.PrincipalOf(person.Id));
        return PageEndpoints.SeeOther(LocalPath.OrHome(form["Powrot"]));
    }
}
