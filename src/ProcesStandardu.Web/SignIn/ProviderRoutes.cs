using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.SignIn;

/// <summary>Sign-in and sign-out by the identity provider. Where none is configured these addresses do not exist.</summary>
internal static class ProviderRoutes
{
    public const string Hint = "ProcesStandardu.ProviderHint";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<IOptions<IdentityProviderOptions>>().Value;
        routes.MapForm("/logowanie/dostawca", Policies.Public, AskAsync);
        routes.MapForm("/logowanie/ponownie", Policies.SignedIn, AskAgainAsync);
        routes.MapGet(options.CallbackPath, AnswerAsync).RequireAuthorization(Policies.Public);
        routes.MapGet(options.SignedOutCallbackPath, () => PageEndpoints.SeeOther("/logowanie")).RequireAuthorization(Policies.Public);
        routes.MapGet(options.RemoteSignOutPath, EndRemotelyAsync).RequireAuthorization(Policies.Public);
    }

    /// <summary>This product's own address as it is configured; never as a request names it.</summary>
    public static Uri Own(HttpContext http, string path) =>
        new(http.RequestServices.GetRequiredService<IOptions<SiteOptions>>().Value.BaseAddress.TrimEnd('/') + path, UriKind.Absolute);

    private static Task<IResult> AskAsync(PostedForm form, HttpContext http, IdentityProvider provider, CancellationToken cancellation) =>
        SendAsync(http, provider, SignInQuestion.New(LocalPath.OrHome(form["Powrot"]), null), cancellation);

    private static Task<IResult> AskAgainAsync(
        PostedForm form, HttpContext http, IdentityProvider provider, Visitor visitor, CancellationToken cancellation) =>
        visitor.Session is { Way: SignInWays.Provider } session
            ? SendAsync(http, provider, SignInQuestion.New(LocalPath.OrHome(form["Powrot"]), session.Id), cancellation)
            : Task.FromResult(Results.StatusCode(StatusCodes.Status404NotFound));

    private static async Task<IResult> SendAsync(
        HttpContext http, IdentityProvider provider, SignInQuestion question, CancellationToken cancellation)
    {
        if (!provider.IsConfigured)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        var options = http.RequestServices.GetRequiredService<IOptions<IdentityProviderOptions>>().Value;
        Uri address;
        try
        {
            address = await provider.SignInAddressAsync(Own(http, options.CallbackPath), question, question.Again is not null, cancellation);
        }
        catch (Exception away) when (away is InvalidOperationException or HttpRequestException or IOException)
        {
            Log(http).LogError(away, "The identity provider does not answer");
            return PageEndpoints.SeeOther("/logowanie?blad=dostawca");
        }

        question.Keep(http);
        return new Elsewhere(address);
    }

    private static async Task<IResult> AnswerAsync(
        string? code, string? state, string? error, string? iss, HttpContext http, IdentityProvider provider, Sessions sessions,
        EnterByProvider enter, Visitor visitor, IDataProtectionProvider protection, CancellationToken cancellation)
    {
        var question = SignInQuestion.Take(http);
        try
        {
            if (!provider.IsConfigured)
            {
                return Results.StatusCode(StatusCodes.Status404NotFound);
            }

            if (question is null || state is null || !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(question.State)))
            {
                throw new AnswerRefusedException("state");
            }

            if (!await provider.IsOursAsync(iss, cancellation))
            {
                throw new AnswerRefusedException("the answer's issuer");
            }

            if (error is not null || string.IsNullOrEmpty(code))
            {
                throw new AnswerRefusedException("the provider refused");
            }

            if (!await sessions.TakeAnswerAsync(state, cancellation))
            {
                throw new AnswerRefusedException("used before");
            }

            var options = http.RequestServices.GetRequiredService<IOptions<IdentityProviderOptions>>().Value;
            var identity = await provider.RedeemAsync(Own(http, options.CallbackPath), code, question, cancellation);
            var entered = await enter.HandleAsync(
                new EnterByProvider.Command(identity.Tenant, identity.ObjectId, identity.Name, identity.Email, identity.Roles), cancellation);
            if (entered.Refusal is not null)
            {
                throw new AnswerRefusedException("the person has left");
            }

            if (question.Again is { } visit)
            {
                // The provider must have asked since, and it must be the same person.
                if (visitor.Session?.Id != visit || visitor.Person?.Id != entered.Value.PersonId
                    || identity.ProvedAt is not { } proved || proved < question.AskedAt.AddSeconds(-30))
                {
                    throw new AnswerRefusedException("not proved anew");
                }

                await sessions.ProveAsync(visit, cancellation);
                Log(http).LogInformation("Proved anew: person {Person}", entered.Value.PersonId);
                return PageEndpoints.SeeOther(question.Back);
            }

            if (visitor.Session is { } before)
            {
                await sessions.EndAsync(before.Id, cancellation);
            }

            var session = await sessions.StartAsync(
                entered.Value.PersonId, SignInWays.Provider, identity.SessionId, protection.CreateProtector(Hint).Protect(identity.IdToken), cancellation);
            await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, SignInCookie.PrincipalOf(session));
            Log(http).LogInformation("Signed in by the provider: person {Person}", entered.Value.PersonId);
            return PageEndpoints.SeeOther(question.Back);
        }
        catch (AnswerRefusedException refused)
        {
            Log(http).LogWarning("Sign-in refused: {Why}", refused.Message);
            return PageEndpoints.SeeOther("/logowanie?blad=odpowiedz");
        }
    }

    /// <summary>The provider's visit ended: ours does too. The name of the visit is the provider's secret, so it proves who asks.</summary>
    private static async Task<IResult> EndRemotelyAsync(
        string? sid, string? iss, HttpContext http, IdentityProvider provider, Sessions sessions, CancellationToken cancellation)
    {
        if (!provider.IsConfigured)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        if (!string.IsNullOrEmpty(sid) && await provider.IsOursAsync(iss, cancellation) && await sessions.EndByProviderAsync(sid, cancellation))
        {
            Log(http).LogInformation("Signed out by the provider");
        }

        return Results.Ok();
    }

    internal static ILogger Log(HttpContext http) =>
        http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("ProcesStandardu.Security");

    /// <summary>Sends the browser to the identity provider, and nowhere else out of this application.</summary>
    internal sealed class Elsewhere(Uri address) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => StatusCodes.Status303SeeOther;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = address.AbsoluteUri;
            httpContext.Response.Headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }
    }
}
