using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Registers the acts on the programme and the questions about it.</summary>
public static class ProgrammeRegistration
{
    public static IServiceCollection AddProgramme(this IServiceCollection services)
    {
        return services;
    }
}
