using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace ProcesStandardu.Web.SignIn;

/// <summary>Registers the ways to sign in.</summary>
internal static class SignInRegistration
{
    /// <param name="configuration">The sections <c>AzureAd</c> and <c>Site</c> are read.</param>
    public static IServiceCollection AddSignIn(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<IdentityProviderOptions>().Bind(configuration.GetSection(IdentityProviderOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IdentityProviderOptions>, IdentityProviderOptionsRules>();
        services.AddHttpClient(IdentityProvider.HttpClientName, client =>
            {
                client.Timeout = TimeSpan.FromSeconds(15);
                client.MaxResponseContentBufferSize = 1 << 20;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        services.AddSingleton<IdentityProvider>();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options =>
        {
            SignInCookie.Configure(options);
            SignInCookie.Secure(options.Cookie, configuration["Site:BaseAddress"] ?? "");
        });
        return services;
    }
}
