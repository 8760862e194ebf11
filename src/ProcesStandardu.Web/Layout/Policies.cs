using Microsoft.AspNetCore.Authorization;
using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Web.Layout;

/// <summary>The policies that endpoints name. Without a name an endpoint is closed to everybody.</summary>
public static class Policies
{
    /// <summary>Everybody, without sign-in.</summary>
    public const string Public = "public";

    /// <summary>Everybody who is signed in and active.</summary>
    public const string SignedIn = "signed_in";

    /// <summary>Whoever may read that a ballot runs and what was decided.</summary>
    public const string Observes = "observes";

    /// <summary>Secretary and administrators: outgoing mail.</summary>
    public const string KeepsOutbox = "keeps_outbox";

    /// <summary>Administrators.</summary>
    public const string Administers = "administers";

    internal static void Register(AuthorizationOptions options)
    {
        options.AddPolicy(Public, policy => policy.RequireAssertion(_ => true));
        Add(SignedIn, rights => rights.IsActive);
        Add(Observes, rights => rights.Observes);
        Add(KeepsOutbox, rights => rights.KeepsOutbox);
        Add(Administers, rights => rights.Administers);
        options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build();
        options.DefaultPolicy = options.GetPolicy(SignedIn)!;

        void Add(string name, Func<PersonRights, bool> allows) =>
            options.AddPolicy(name, policy => policy.RequireAuthenticatedUser().AddRequirements(new RightRequirement(allows)));
    }

    private sealed record RightRequirement(Func<PersonRights, bool> Allows) : IAuthorizationRequirement;

    /// <summary>Answers the policies from the visitor's rights of today.</summary>
    internal sealed class RightHandler(IHttpContextAccessor http) : IAuthorizationHandler
    {
        public Task HandleAsync(AuthorizationHandlerContext context)
        {
            var rights = http.HttpContext?.RequestServices.GetRequiredService<Visitor>().Rights;
            foreach (var requirement in context.PendingRequirements.OfType<RightRequirement>().ToList())
            {
                if (rights is not null && requirement.Allows(rights))
                {
                    context.Succeed(requirement);
                }
            }

            return Task.CompletedTask;
        }
    }
}
