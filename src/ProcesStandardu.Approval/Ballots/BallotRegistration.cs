using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Registers the slice, and the boards with their rules, which it alone uses.</summary>
public static class BallotRegistration
{
    public static IServiceCollection AddBallots(this IServiceCollection services)
    {
        services.AddSingleton<BallotTurns>();
        services.AddScoped<BallotActs>();
        services.AddScoped<BallotNotices>();
        services.AddScoped<NoticeProof>();
        services.AddScoped<OpenBallot>();
        services.AddScoped<PreviewBallot>();
        services.AddScoped<CastVote>();
        services.AddScoped<BallotClosing>();
        services.AddScoped<CloseBallot>();
        services.AddScoped<ExtendBallot>();
        services.AddScoped<DiscontinueBallot>();
        services.AddScoped<AnnounceResult>();
        services.AddScoped<RepeatBallot>();
        services.AddScoped<ConfirmEditorialChange>();
        services.AddScoped<ContestEditorialChange>();
        services.AddScoped<DeclareImpartiality>();
        services.AddScoped<DecideRecusal>();
        services.AddScoped<FileDissent>();
        services.AddScoped<ProveNotice>();
        services.AddScoped<BallotViews>();
        services.AddScoped<ShowBallot>();
        services.AddScoped<ListBallots>();
        services.AddSingleton<CloseDueBallots>();
        services.AddSingleton<WatchBallots>();
        services.AddScoped<AdoptRules>();
        services.AddScoped<ShowRules>();
        services.AddScoped<RecordAbsence>();
        services.AddScoped<ListAbsences>();
        return services;
    }
}

/// <summary>Names the resources that hold the slice's texts.</summary>
public sealed class BallotTexts;
