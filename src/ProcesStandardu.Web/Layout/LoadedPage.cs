using Microsoft.AspNetCore.Components;

namespace ProcesStandardu.Web.Layout;

/// <summary>
/// A component that asks the database before it is rendered. It is never rendered half-loaded, and the components of one page ask one
/// after another, because they share the request's unit of work.
/// </summary>
public abstract class LoadedPage : ComponentBase
{
    [Inject]
    public LoadingOrder Order { get; set; } = null!;

    [CascadingParameter]
    public HttpContext Http { get; set; } = null!;

    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        await Order.InTurnAsync(LoadAsync, Http.RequestAborted);

        // The parameters are set already, and their view ended with the wait.
        await base.SetParametersAsync(ParameterView.Empty);
    }

    /// <summary>Asks everything that the markup needs; parameters are set.</summary>
    protected abstract Task LoadAsync();
}

/// <summary>Lets the components of one request load one after another.</summary>
public sealed class LoadingOrder : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);

    public async Task InTurnAsync(Func<Task> load, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            await load();
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();
}
