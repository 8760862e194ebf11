using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>Registers the outbox, its dispatcher and the transport that the configuration chooses.</summary>
public static class NotificationsRegistration
{
    /// <param name="configuration">The sections <c>Mail</c> and <c>Site</c> are read; both are checked at start.</param>
    /// <param name="dataFolder">What a relative <see cref="MailOptions.PickupFolder"/> is relative to.</param>
    public static IServiceCollection AddNotifications(
        this IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        services.AddOptions<MailOptions>().Bind(configuration.GetSection(MailOptions.Section))
            .PostConfigure(options => options.PickupFolder = Path.Combine(dataFolder, options.PickupFolder))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<MailOptions>, MailOptionsRules>();
        services.AddOptions<SiteOptions>().Bind(configuration.GetSection(SiteOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiteOptions>, SiteOptionsRules>();
        services.AddScoped<Outbox>();
        return services;
    }
}
