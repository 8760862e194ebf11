using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.ElsaApi.Definitions;
using ProcesStandardu.ElsaApi.Descriptors;
using ProcesStandardu.ElsaApi.Instances;
using ProcesStandardu.ElsaApi.Live;

namespace ProcesStandardu.ElsaApi;

/// <summary>The part of Elsa's HTTP API and hub that Elsa Studio uses.</summary>
public static class ElsaApiRegistration
{
    /// <summary>Where the API is; its hub lies beside it, as Studio expects.</summary>
    public const string BasePath = "/elsa/api";

    /// <summary>Where its OpenAPI document is.</summary>
    public const string DocumentPath = "/elsa/elsa.openapi.json";

    private const string Document = "elsa";

    public static IServiceCollection AddElsaApi(this IServiceCollection services)
    {
        services.Configure<JsonOptions>(options =>
        {
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
            options.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        services.AddScoped<Answers>();
        services.AddScoped<WireDefinitions>();
        services.AddScoped<ActivityCatalogue>();
        services.AddSignalR().AddJsonProtocol();
        services.AddSingleton<ObservedInstances>();
        services.AddSingleton<ReportChanges>();
        services.AddHostedService<ChangeTicker>();
        services.AddOpenApi(Document, options => options.ShouldInclude = description =>
            description.RelativePath?.StartsWith(BasePath.TrimStart('/') + "/", StringComparison.Ordinal) == true);
        return services;
    }

    /// <summary>Maps everything for those whom the policy lets in, and refuses what another site's page made their browser send.</summary>
    public static void MapElsaApi(this IEndpointRouteBuilder routes, string policy)
    {
        var api = routes.MapGroup(BasePath).RequireAuthorization(policy).AddEndpointFilter<ForgedRequests>();
        DefinitionEndpoints.Map(api);
        VersionEndpoints.Map(api);
        FileEndpoints.Map(api);
        GraphEndpoints.Map(api);
        DescriptorEndpoints.Map(api);
        SettingsEndpoints.Map(api);
        InstanceEndpoints.Map(api);
        ExecutionEndpoints.Map(api);
        RunEndpoints.Map(api);
        routes.MapHub<WorkflowInstanceHub>("/elsa/hubs/workflow-instance").RequireAuthorization(policy);
        routes.MapOpenApi("/elsa/{documentName}.openapi.json").RequireAuthorization(policy);
    }
}
