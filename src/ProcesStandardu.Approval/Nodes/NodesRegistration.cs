using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Nodes;

/// <summary>Registers what nodes know of themselves, of each other and of their database.</summary>
public static class NodesRegistration
{
    public static IServiceCollection AddNodes(this IServiceCollection services)
    {
        services.AddSingleton<ThisNode>();
        services.AddSingleton<NodeGauges>();
        services.AddSingleton<Heartbeat>();
        services.AddSingleton<PassGate>();
        services.AddScoped<ShowStatus>();
        services.AddScoped<ReleaseQuarantine>();
        return services;
    }
}

/// <summary>Names the resources that hold the slice's texts.</summary>
public sealed class NodeTexts;
