using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Comments;

/// <summary>Registers the use cases of the comment table.</summary>
public static class CommentRegistration
{
    public static IServiceCollection AddComments(this IServiceCollection services)
    {
        services.AddScoped<SubmitComment>();
        services.AddScoped<ListComments>();
        services.AddScoped<ShowComment>();
        services.AddScoped<ReadCommentTable>();
        services.AddScoped<ImportComments>();
        services.AddScoped<ExportComments>();
        services.AddScoped<DisposeComment>();
        services.AddScoped<AnswerDisposition>();
        services.AddScoped<TellCommenters>();
        services.AddScoped<DivergenceReport>();
        return services;
    }
}
