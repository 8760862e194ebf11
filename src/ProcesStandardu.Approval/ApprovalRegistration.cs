using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval;

/// <summary>Registers what all slices share; each slice adds itself in its own registration.</summary>
public static class ApprovalRegistration
{
    /// <summary>Needs an <c>NpgsqlDataSource</c> in the container. A test may put its own TimeProvider in front.</summary>
    public static IServiceCollection AddApprovalCore(this IServiceCollection services)
    {
        services.AddSingleton<ProgrammeClock>();
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<ProgrammeClock>());
        services.AddScoped<UnitOfWork>();
        services.AddScoped<TimeTravel>();
        services.AddScoped<MoveProgrammeClock>();
        services.AddScoped<AuditTrail>();
        services.AddLocalization();
        services.AddScoped<RefusalWords>();
        services.AddScoped<Rights>();
        services.AddScoped<Audience>();
        services.AddScoped<DemoPeople>();
        services.AddScoped<Sessions>();
        services.AddScoped<EnterByProvider>();
        services.AddScoped<ShowHistory>();
        return services;
    }
}
