using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Storage;
using ProcesStandardu.Testing;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

public sealed class PostgresWorkflowStoreTests : WorkflowStoreContract, IAsyncLifetime
{
    private EngineOnPostgres _product = null!;

    public async ValueTask InitializeAsync() => _product = await EngineOnPostgres.CreateAsync();

    public ValueTask DisposeAsync() => _product.DisposeAsync();

    protected override Task PublishAsync(string json) => _product.PublishAsync(json);

    protected override Task<T> RunAsync<T>(Func<WorkflowEngine, IWorkflowStore, Task<T>> act) =>
        _product.RunAsync((services, engine) => act(engine, services.GetRequiredService<IWorkflowStore>()));
}
