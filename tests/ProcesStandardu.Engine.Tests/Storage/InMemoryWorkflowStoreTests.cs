using ProcesStandardu.Engine.Storage;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Engine.Tests.Storage;

public sealed class InMemoryWorkflowStoreTests : WorkflowStoreContract
{
    private readonly TestEngine _test = new();

    protected override Task PublishAsync(string json)
    {
        _test.Definitions.Publish(json);
        return Task.CompletedTask;
    }

    protected override Task<T> RunAsync<T>(Func<WorkflowEngine, IWorkflowStore, Task<T>> act) => act(_test.Engine, _test.Store);
}
