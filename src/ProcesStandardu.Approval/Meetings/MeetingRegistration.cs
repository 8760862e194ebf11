using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Meetings;

/// <summary>Registers the acts and queries of sittings.</summary>
public static class MeetingRegistration
{
    public static IServiceCollection AddMeetings(this IServiceCollection services)
    {
        services.AddScoped<MeetingActs>();
        services.AddScoped<ShowMeetings>();
        services.AddScoped<MeetingPack>();
        return services;
    }
}
