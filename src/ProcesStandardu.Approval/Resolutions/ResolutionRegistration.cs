using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>Registers the use cases of resolutions.</summary>
public static class ResolutionRegistration
{
    public static IServiceCollection AddResolutions(this IServiceCollection services)
    {
        services.AddScoped<ShowResolution>();
        services.AddScoped<SignResolution>();
        return services;
    }
}
