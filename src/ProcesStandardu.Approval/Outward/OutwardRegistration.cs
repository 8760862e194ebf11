using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Outward;

/// <summary>Registers the window in which acts that others learn of can be taken back.</summary>
public static class OutwardRegistration
{
    /// <param name="configuration">The section <c>Outward</c> is read and checked at start.</param>
    public static IServiceCollection AddOutwardActs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<OutwardOptions>().Bind(configuration.GetSection(OutwardOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<OutwardActs>();
        services.AddScoped<HoldAct>();
        services.AddScoped<UndoAct>();
        services.AddScoped<ShowHeldActs>();
        services.AddSingleton<PerformHeldActs>();
        return services;
    }
}
