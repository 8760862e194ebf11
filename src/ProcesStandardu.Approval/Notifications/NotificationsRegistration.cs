using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using ProcesStandardu.Approval.Notifications.Bounces;

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
            .PostConfigure(options => (options.PickupFolder, options.ReturnsMailbox) = (
                Path.Combine(dataFolder, options.PickupFolder),
                options.ReturnsMailbox is null ? null : Path.Combine(dataFolder, options.ReturnsMailbox)))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<MailOptions>, MailOptionsRules>();
        services.AddOptions<SiteOptions>().Bind(configuration.GetSection(SiteOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiteOptions>, SiteOptionsRules>();
        services.AddSingleton<KnownRecipients>();
        services.AddScoped<Outbox>();
        services.AddScoped<ShowOutbox>();
        services.AddScoped<ShowMail>();
        services.AddScoped<RetryMail>();
        services.AddScoped<MailReturns>();
        services.AddScoped<SeeToUndelivered>();
        services.AddSingleton<ReadReturns>();
        services.AddScoped<Letters>();
        services.AddSingleton<WriteLetters>();
        services.AddScoped<MailChoices>();
        services.AddScoped<MailPreview>();
        services.AddSingleton<SendDigests>();
        services.AddSingleton<IMailTransport>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<MailOptions>>();
            return options.Value.Transport == MailTransportKind.Smtp
                ? new SmtpMailTransport(options)
                : new PickupFolderMailTransport(options);
        });
        services.AddSingleton(provider => new OutboxDispatcher(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IMailTransport>(),
            provider.GetRequiredService<IOptions<MailOptions>>(),
            provider.GetRequiredService<IOptions<SiteOptions>>(),
            Random.Shared,
            provider.GetRequiredService<ILogger<OutboxDispatcher>>()));
        return services;
    }
}
