using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Registers the acts on the programme and the questions about it.</summary>
public static class ProgrammeRegistration
{
    public static IServiceCollection AddProgramme(this IServiceCollection services)
    {
        services.AddScoped<StartPhase>();
        services.AddScoped<CompletePhase>();
        services.AddScoped<ReportIndicator>();
        services.AddScoped<CloseProgramme>();
        services.AddScoped<ProgrammeProgress>();
        services.AddScoped<ShowProgramme>();
        services.AddScoped<ShowStandard>();
        services.AddScoped<ShowIndicators>();
        services.AddScoped<WhereFrom>();
        services.AddSingleton<MissingText>();
        services.AddScoped<ListOrganisations>();
        return services;
    }
}
