using Microsoft.AspNetCore.Localization;
using ProcesStandardu.Web.Forms;

namespace ProcesStandardu.Web.Layout;

/// <summary>The language is a cookie; Polish unless somebody chose English.</summary>
internal static class Language
{
    private const string Cookie = "jezyk";

    public static void Configure(RequestLocalizationOptions options)
    {
        options.SetDefaultCulture("pl-PL").AddSupportedCultures("pl-PL", "en-GB").AddSupportedUICultures("pl-PL", "en-GB");
        options.RequestCultureProviders = [new CookieRequestCultureProvider { CookieName = Cookie }];
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapForm("/jezyk", Policies.Public, (PostedForm form, HttpContext http) =>
        {
            var culture = form["Jezyk"] == "en" ? "en-GB" : "pl-PL";
            http.Response.Cookies.Append(
                Cookie,
                CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(culture)),
                new CookieOptions
                {
                    HttpOnly = true,
                    IsEssential = true,
                    MaxAge = TimeSpan.FromDays(365),
                    SameSite = SameSiteMode.Lax,
                    Secure = http.Request.IsHttps,
                });
            return PageEndpoints.SeeOther(LocalPath.OrHome(form["Powrot"]));
        });
}
