using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Calendar;

/// <summary>Registers the slice.</summary>
public static class CalendarRegistration
{
    public static IServiceCollection AddCalendar(this IServiceCollection services)
    {
        services.AddScoped<IssueCalendarFeed>();
        services.AddScoped<ReadCalendar>();
        return services;
    }
}
