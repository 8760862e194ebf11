using ProcesStandardu.Approval.Time;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.WebEncoders;
using ProcesStandardu.Web.Ballots;
using ProcesStandardu.Web.Bodies;
using ProcesStandardu.Web.Clock;
using ProcesStandardu.Web.Comments;
using ProcesStandardu.Web.Deadlines;
using ProcesStandardu.Web.Documents;
using ProcesStandardu.Web.Errors;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.History;
using ProcesStandardu.Web.Instances;
using ProcesStandardu.Web.Layout;
using ProcesStandardu.Web.Meetings;
using ProcesStandardu.Web.MyMatters;
using ProcesStandardu.Web.Nodes;
using ProcesStandardu.Web.Outbox;
using ProcesStandardu.Web.Outward;
using ProcesStandardu.Web.Procedures;
using ProcesStandardu.Web.Programme;
using ProcesStandardu.Web.Register;
using ProcesStandardu.Web.Resolutions;
using ProcesStandardu.Web.SignIn;
using ProcesStandardu.Web.Studio;
using ProcesStandardu.Web.Wording;
using ProcesStandardu.Web.WorkflowRequests;

namespace ProcesStandardu.Web;

/// <summary>Everything that pages need and every address they have.</summary>
public static class PageRegistration
{
    /// <summary>Adds sign-in, policies, languages and the components' services.</summary>
    public static IServiceCollection AddPages(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRazorComponents();
        services.AddHttpContextAccessor();

        // Polish letters go out as letters; what could be markup is still encoded.
        services.Configure<WebEncoderOptions>(options => options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "processtandardu-formularz";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.FormFieldName = "zeton";
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddSignIn(configuration);
        services.AddAuthorization(Policies.Register);
        services.AddScoped<IAuthorizationHandler, Policies.RightHandler>();
        services.Configure<RequestLocalizationOptions>(Language.Configure);

        services.AddSingleton(DemoMode.From(configuration));
        services.AddScoped<Visitor>();
        services.AddScoped<ISigningConfirmation, TypedNumberConfirmation>();
        services.AddScoped<LoadingOrder>();
        services.AddScoped<ScreenPath>();
        services.AddScoped<Spoken>();
        services.AddScoped<HistoryWords>();
        services.AddSingleton<StudioFiles>();
        return services;
    }

    /// <summary>Puts languages, error pages and sign-in into the pipeline; static files and security headers come before.</summary>
    public static WebApplication UsePages(this WebApplication app)
    {
        app.UseRequestLocalization();
        ErrorPages.Use(app);
        app.UseAuthentication();
        app.UseAuthorization();
        return app;
    }

    /// <summary>Maps every page and every form; each names its policy.</summary>
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        Language.Map(routes);
        SignInRoutes.Map(routes);
        MyMattersRoutes.Map(routes);
        ProgrammeRoutes.Map(routes);
        ProcedureRoutes.Map(routes);
        DocumentRoutes.Map(routes);
        CommentRoutes.Map(routes);
        BallotRoutes.Map(routes);
        RulesRoutes.Map(routes);
        ResolutionRoutes.Map(routes);
        MeetingRoutes.Map(routes);
        DeadlineRoutes.Map(routes);
        OutboxRoutes.Map(routes);
        OutwardRoutes.Map(routes);
        InstanceRoutes.Map(routes);
        NodeRoutes.Map(routes);
        ClockRoutes.Map(routes);
        RegisterRoutes.Map(routes);
        StudioRoutes.Map(routes);
        routes.MapPage<HelpPage>("/pomoc", Policies.Public);
        WorkflowRequestRoutes.Map(routes);
    }
}
