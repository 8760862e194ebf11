using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Deadlines.Amendments;
using ProcesStandardu.Approval.Deadlines.Watch;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>Registers the slice.</summary>
public static class DeadlineRegistration
{
    public static IServiceCollection AddDeadlines(this IServiceCollection services)
    {
        services.AddScoped<DeadlinePeople>();
        services.AddScoped<MeetDeadlines>();
        services.AddScoped<ListDeadlines>();
        services.AddScoped<ShowDeadline>();
        services.AddScoped<ReminderSteps>();
        services.AddScoped<SetReminderSteps>();
        services.AddScoped<FindSilence>();
        services.AddScoped<ListFindings>();
        services.AddSingleton<WatchGauges>();
        services.AddSingleton<KeepWatch>();
        services.AddScoped<FindImpact>();
        services.AddScoped<DraftAmendment>();
        services.AddScoped<ProposeAmendment>();
        services.AddScoped<ApproveAmendment>();
        services.AddScoped<RejectAmendment>();
        services.AddScoped<ShowAmendment>();
        services.AddSingleton<EnforceDeadlines>();
        services.AddSingleton<SendReminders>();
        return services;
    }
}
