using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>Registers the slice.</summary>
public static class DeadlineRegistration
{
    public static IServiceCollection AddDeadlines(this IServiceCollection services)
    {
        services.AddScoped<DeadlinePeople>();
        services.AddScoped<MeetDeadlines>();
        services.AddScoped<ListDeadlines>();
        services.AddSingleton<EnforceDeadlines>();
        services.AddSingleton<SendReminders>();
        return services;
    }
}
