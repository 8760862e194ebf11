using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Register;

/// <summary>The addresses of the public register; they need no sign-in.</summary>
internal static class RegisterRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<RegisterPage>("/rejestr", Policies.Public);
        routes.MapGet(
            "/rejestr/{key}/plik",
            async (string key, HttpContext http, ShowRegister register, CancellationToken cancellation) =>
            {
                if (await register.OpenAsync(key, cancellation) is not { } file)
                {
                    return Results.StatusCode(StatusCodes.Status404NotFound);
                }

                http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
                return Results.File(file.Content, file.MediaType, file.FileName);
            }).RequireAuthorization(Policies.Public);
    }
}
