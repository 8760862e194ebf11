using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Nodes;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// What leaves for those who watch the installation: traces, metrics and logs by OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a
/// collector (its other standard variables hold too), and metrics as text where <c>Metrics:Port</c> names a port. Neither unless set.
/// </summary>
public static class Telemetry
{
    /// <summary>The setting with the port that answers collectors, and nobody else.</summary>
    public const string PortSetting = "Metrics:Port";

    private const string EndpointSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Meters =
    [
        NodeGauges.Name, WatchGauges.MeterName, "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
    ];

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var sends = configuration[EndpointSetting] is { Length: > 0 };
        var answers = Port(configuration) is not null;
        if (!sends && !answers)
        {
            return services;
        }

        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService(configuration["OTEL_SERVICE_NAME"] ?? "processtandardu", serviceVersion: new ThisNode().Version)
            .AddAttributes([new("host.name", Environment.MachineName)]));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters);
            if (sends)
            {
                metrics.AddOtlpExporter();
            }

            if (answers)
            {
                metrics.AddPrometheusExporter();
            }
        });
        if (sends)
        {
            // Spans name addresses and statements with their parameters' places, never what people wrote.
            telemetry.WithTracing(traces => traces.AddSource(NodeGauges.Name, "Npgsql", "Microsoft.AspNetCore").AddOtlpExporter());
            services.AddLogging(logging => logging.AddOpenTelemetry(logs =>
            {
                logs.IncludeScopes = true;
                logs.AddOtlpExporter();
            }));
        }

        return services;
    }

    /// <summary>Answers <c>/metrics</c> on the collectors' port; everywhere else that address does not exist.</summary>
    public static void UseTelemetry(this WebApplication app)
    {
        if (Port(app.Configuration) is { } port)
        {
            app.Use((context, next) => context.Connection.LocalPort == port && context.Request.Path != "/metrics"
                ? Absent(context)
                : next(context));
            app.UseOpenTelemetryPrometheusScrapingEndpoint(
                context => context.Connection.LocalPort == port && context.Request.Path == "/metrics");
        }

        static Task Absent(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
    }

    /// <summary>Null where no port is set.</summary>
    /// <exception cref="FormatException">It is no port.</exception>
    internal static int? Port(IConfiguration configuration) =>
        configuration[PortSetting] is { Length: > 0 } text ? ushort.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;
}
