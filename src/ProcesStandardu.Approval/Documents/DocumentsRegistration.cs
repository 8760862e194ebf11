using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Registers the use cases of deliverables and their revisions.</summary>
public static class DocumentsRegistration
{
    /// <param name="configuration">The section <c>Documents</c> is read and checked at start.</param>
    public static IServiceCollection AddDocuments(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DocumentOptions>().Bind(configuration.GetSection(DocumentOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<StoredFiles>();
        services.AddScoped<SubmitRevision>();
        services.AddScoped<HandInSubmission>();
        services.AddScoped<ReleaseSubmissions>();
        services.AddScoped<TakeBackSubmission>();
        services.AddScoped<ShowSubmission>();
        services.AddScoped<WithdrawRevision>();
        services.AddSingleton<VirusScanner>();
        services.AddScoped<ScanStoredFiles>();
        services.AddScoped<ShowFiles>();
        services.AddScoped<DownloadFile>();
        services.AddScoped<ShowDeliverable>();
        services.AddScoped<DeliverablesOf>();
        services.AddScoped<ListDeliverables>();
        services.AddScoped<ShowRegister>();
        services.AddScoped<CompareRevisions>();
        services.AddScoped<ReadRevision>();
        return services;
    }
}
