using Microsoft.Extensions.Options;

namespace ProcesStandardu.Web.SignIn;

/// <summary>The identity provider, configured by the section <c>AzureAd</c> with the names that Microsoft.Identity.Web uses.</summary>
public sealed class IdentityProviderOptions
{
    public const string Section = "AzureAd";

    /// <summary>The cloud; used with <see cref="TenantId"/>.</summary>
    public string Instance { get; set; } = "https://login.microsoftonline.com/";

    /// <summary>The one tenant whose people may enter; a GUID with Entra ID. Not <c>common</c> or <c>organizations</c>.</summary>
    public string TenantId { get; set; } = "";

    /// <summary>This application's id at the provider; empty: no provider is set up.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>This application's secret; or, better, <see cref="ClientSecretFile"/>.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>A file with the secret; read at each sign-in, so that a changed one works without a restart.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>The whole address of another OpenID Connect provider; empty: Entra ID by instance and tenant.</summary>
    public string Authority { get; set; } = "";

    /// <summary>Where the provider sends the browser after sign-in.</summary>
    public string CallbackPath { get; set; } = "/signin-oidc";

    /// <summary>Where the provider sends the browser after sign-out.</summary>
    public string SignedOutCallbackPath { get; set; } = "/signout-callback-oidc";

    /// <summary>Where the provider tells that its visit ended; register it as the front-channel logout URL.</summary>
    public string RemoteSignOutPath { get; set; } = "/signout-oidc";

    public bool IsConfigured => ClientId.Length > 0;

    /// <summary>True for an authority other than Entra ID.</summary>
    public bool IsOtherProvider => Authority.Length > 0;

    /// <summary>The authority without a slash at its end.</summary>
    public string AuthorityAddress => (IsOtherProvider ? Authority : $"{Instance.TrimEnd('/')}/{TenantId}/v2.0").TrimEnd('/');

    /// <summary>Scheme, host and port of the provider's pages.</summary>
    public string Origin => new Uri(AuthorityAddress).GetLeftPart(UriPartial.Authority);

    /// <summary>The secret as it is now.</summary>
    internal string ReadSecret() => ClientSecretFile is { Length: > 0 } file ? File.ReadAllText(file).Trim() : ClientSecret;
}

/// <summary>Half a configuration stops the program at its start rather than a person at the sign-in.</summary>
internal sealed class IdentityProviderOptionsRules : IValidateOptions<IdentityProviderOptions>
{
    private static readonly string[] ManyTenants = ["common", "organizations", "consumers"];

    public ValidateOptionsResult Validate(string? name, IdentityProviderOptions options)
    {
        if (!options.IsConfigured)
        {
            return ValidateOptionsResult.Success;
        }

        var wrong = new List<string>();
        if (options.TenantId.Length == 0 || ManyTenants.Contains(options.TenantId, StringComparer.OrdinalIgnoreCase))
        {
            wrong.Add("AzureAd:TenantId must name one tenant.");
        }

        if (options.ClientSecret.Length == 0 && options.ClientSecretFile is null)
        {
            wrong.Add("AzureAd:ClientSecret or AzureAd:ClientSecretFile is missing.");
        }

        if (!Uri.TryCreate(options.AuthorityAddress, UriKind.Absolute, out var authority) || authority.Scheme != Uri.UriSchemeHttps)
        {
            wrong.Add("AzureAd:Authority (or AzureAd:Instance) must be an https address.");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
