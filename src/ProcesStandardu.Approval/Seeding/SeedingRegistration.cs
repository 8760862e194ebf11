using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>Registers the import of the programme's files.</summary>
public static class SeedingRegistration
{
    public static IServiceCollection AddSeeding(this IServiceCollection services)
    {
        services.AddScoped<ImportProgramme>();
        return services;
    }
}
