using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>Gives each piece of a background pass a scope, a transaction and an engine of its own.</summary>
public sealed class EngineScopes(IServiceScopeFactory scopes)
{
    /// <summary>Runs the body in one transaction and commits it.</summary>
    public async Task<T> RunAsync<T>(Func<UnitOfWork, WorkflowEngine, Task<T>> body, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            () => body(work, scope.ServiceProvider.GetRequiredService<WorkflowEngine>()), cancellation);
    }

    /// <summary>
    /// True when a failure says something about the row that was worked on; that the database is away, or the pass is being
    /// stopped, does not.
    /// </summary>
    internal static bool IsItsOwn(Exception error) =>
        error is not OperationCanceledException and (not NpgsqlException or PostgresException);
}
