using ProcesStandardu.Approval;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Calendar;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.HttpRequests;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Resolutions;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.ElsaApi;
using ProcesStandardu.Web.Layout;
using ProcesStandardu.Web.Studio;

namespace ProcesStandardu.Web.Host;

/// <summary>Every service of the product, one line each, and the order in which a request passes them.</summary>
public static class WebRegistration
{
    /// <summary>Adds the slices and the host's own services. Needs an <c>NpgsqlDataSource</c> in the container.</summary>
    public static IServiceCollection AddProduct(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddApprovalCore();
        services.AddSingleton<Readiness>();
        services.AddNodes();
        services.AddTelemetry(configuration);
        services.AddKeysInPostgres(configuration);
        services.AddSecurityHeaders();
        services.AddLocalization();
        services.AddWorkflows();
        services.AddHttpRequests(configuration);
        services.AddDocuments(configuration);
        services.AddComments();
        services.AddBallots();
        services.AddResolutions();
        services.AddMeetings();
        services.AddDeadlines();
        services.AddCalendar();
        services.AddDecisions();
        services.AddProgramme();
        var dataFolder = DatabaseServer.DataFolder(configuration, configuration[WebHostDefaults.ContentRootKey] ?? Directory.GetCurrentDirectory());
        services.AddAudit(configuration, dataFolder);
        services.AddNotifications(configuration, dataFolder);
        services.AddOutwardActs(configuration);
        services.AddSeeding();
        services.AddPassJobs(configuration);
        services.AddElsaApi();
        services.AddPages(configuration);
        return services;
    }

    /// <summary>The request's way, outermost first.</summary>
    public static WebApplication UseProduct(this WebApplication app)
    {
        app.UseTelemetry();
        app.UseSecurityHeaders();
        app.UseStudioHost();
        app.UsePages();
        app.MapHealth();
        app.MapStaticAssets().AllowAnonymous();
        app.MapElsaApi(Policies.Administers);
        app.MapPages();
        return app;
    }
}
