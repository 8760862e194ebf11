using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>Registers what brings data in from files: the programme, the shipped workflows, the demo and its history.</summary>
public static class SeedingRegistration
{
    /// <summary>Needs every slice that the history acts through, and a <c>DemoMode</c>.</summary>
    public static IServiceCollection AddSeeding(this IServiceCollection services)
    {
        services.AddScoped<ImportProgramme>();
        services.AddScoped<PublishShippedWorkflows>();
        services.AddScoped<PlayHistory>();
        services.AddScoped<PrepareProgramme>();
        return services;
    }
}
