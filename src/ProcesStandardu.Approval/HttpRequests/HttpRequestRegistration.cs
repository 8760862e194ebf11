using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>Registers what workflows send over HTTP and what they receive.</summary>
public static class HttpRequestRegistration
{
    public static IServiceCollection AddHttpRequests(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<WorkflowHttpOptions>().Bind(configuration.GetSection(WorkflowHttpOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkflowHttpOptions>, WorkflowHttpOptionsCheck>();
        services.AddSingleton<ResolveHost>(_ => Dns.GetHostAddressesAsync);
        services.AddSingleton<GuardedHttp>();
        services.AddSingleton<SendHttpRequests>();
        services.AddScoped<IOutboundRequests, QueuedRequests>();
        services.AddScoped<HttpExchange>();
        services.AddScoped<IHttpExchange>(provider => provider.GetRequiredService<HttpExchange>());
        services.AddScoped<FindEndpoint>();
        services.AddScoped<ReceiveHttpRequest>();
        return services;
    }
}
