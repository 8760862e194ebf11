using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>Registers what designers do with definitions and what they see of instances.</summary>
public static class DesigningRegistration
{
    public static IServiceCollection AddDesigning(this IServiceCollection services)
    {
        services.AddSingleton<UnknownActivities>();
        services.AddSingleton<DefinitionCheck>();
        services.AddScoped<DefinitionVersions>();
        services.AddScoped<NamedThings>();
        services.AddScoped<KeptDrafts>();
        services.AddScoped<SaveDraft>();
        services.AddScoped<PublishDraft>();
        services.AddScoped<PublicationRequests>();
        services.AddScoped<ProposePublication>();
        services.AddScoped<ShowPublication>();
        services.AddOptions<PublicationOptions>().BindConfiguration(PublicationOptions.Section);
        services.AddScoped<RetractDefinition>();
        services.AddScoped<RevertDefinition>();
        services.AddScoped<DeleteDefinition>();
        services.AddScoped<StartByHand>();
        services.AddScoped<DeleteInstance>();
        services.AddSingleton<InstanceReader>();
        return services;
    }
}
