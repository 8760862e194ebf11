using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows.Activities;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Approval.Workflows.Migration;
using ProcesStandardu.Approval.Workflows.Procedures;
using ProcesStandardu.Approval.Workflows.Repair;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>Registers the engine on PostgreSQL with Elsa's activities and ours.</summary>
public static class WorkflowRegistration
{
    public static IServiceCollection AddWorkflows(this IServiceCollection services)
    {
        services.AddSingleton(Activities());
        services.AddSingleton(provider => new DefinitionReader(provider.GetRequiredService<ActivityRegistry>()));
        services.AddSingleton<DefinitionCache>();
        services.AddSingleton(new EngineOptions
        {
            TimeZone = Warsaw.Zone,
            Reached = Failpoints.Reach,

            // The database's word is never an activity's fault: the burst is undone and tried again.
            IsInfrastructureFailure = error => error is NpgsqlException || error.InnerException is NpgsqlException,
        });
        services.AddScoped<IWorkflowStore, PostgresWorkflowStore>();
        services.AddScoped<PostgresDefinitionStore>();
        services.AddScoped<IDefinitionSource>(provider => provider.GetRequiredService<PostgresDefinitionStore>());
        services.AddScoped<WorkflowEngine>();
        services.AddScoped<PublishDefinition>();
        services.AddScoped<PredictMigration>();
        services.AddScoped<MigrateInstances>();
        services.AddScoped<OperatorActs>();
        services.AddScoped<ListInstances>();
        services.AddScoped<ShowInstance>();
        services.AddScoped<RetryActivity>();
        services.AddScoped<SkipActivity>();
        services.AddScoped<MoveToken>();
        services.AddScoped<ChangeVariable>();
        services.AddScoped<RescheduleWait>();
        services.AddScoped<CancelInstance>();
        services.AddSingleton<EngineScopes>();
        services.AddSingleton<WakeAttempts>();
        services.AddSingleton<FireDueWaits>();
        services.AddSingleton<WakeDueWorkflows>();
        services.AddSingleton<ProcedureWords>();
        services.AddScoped<ShowProcedure>();
        services.AddScoped<CompareProcedures>();
        services.AddScoped<ListProcedures>();
        services.AddDesigning();
        return services;
    }

    /// <summary>Every activity type that a definition may use, each a line.</summary>
    public static ActivityRegistry Activities() => BuiltIn.AddTo(new ActivityRegistry())
        .Add(new StartPhaseActivity())
        .Add(new CompletePhaseActivity())
        .Add(new CloseProgrammeActivity())
        .Add(new RequestDeliverable())
        .Add(new PublishToRegister())
        .Add(new AwaitBallot())
        .Add(new Notify())
        .Add(new SendEmail())
        .Add(new AskForDecision())
        .Add(new WaitForDate())
        .Add(new WatchDeadline())
        .Add(new WaitForIndicator());
}

/// <summary>Names the resources that hold the slice's texts.</summary>
public sealed class WorkflowTexts;
