using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Registers the slice.</summary>
public static class BallotRegistration
{
    public static IServiceCollection AddBallots(this IServiceCollection services)
    {
        services.AddScoped<OpenBallot>();
        services.AddScoped<CastVote>();
        services.AddScoped<BallotClosing>();
        services.AddScoped<ShowBallot>();
        services.AddScoped<ListBallots>();
        services.AddSingleton<CloseDueBallots>();
        return services;
    }
}

/// <summary>Names the resources that hold the slice's texts.</summary>
public sealed class BallotTexts;
