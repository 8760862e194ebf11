using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Audit;

/// <summary>Registers the seals over the history and their check.</summary>
public static class AuditRegistration
{
    /// <param name="configuration"><see cref="SealFolder.Setting"/> is read.</param>
    /// <param name="dataFolder">The seals lie in its <c>anchors</c> unless the setting says otherwise.</param>
    public static IServiceCollection AddAudit(this IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        services.AddSingleton(FolderOf(configuration, dataFolder));
        services.AddSingleton<SealHistory>();
        services.AddSingleton<VerifyHistory>();
        return services;
    }

    /// <summary>Where the seals lie by the configuration; an absolute path.</summary>
    public static SealFolder FolderOf(IConfiguration configuration, string dataFolder) => new(Path.GetFullPath(
        configuration[SealFolder.Setting] is { Length: > 0 } named ? named : Path.Combine(dataFolder, "anchors")));
}
