namespace ProcesStandardu.Engine.Execution;

/// <summary>An activity of the product threw, so that what its burst changed cannot be trusted.</summary>
internal sealed class ActivityThrewException(string execution, Exception exception)
    : Exception(exception.Message, exception)
{
    public string Execution { get; } = execution;
}

/// <summary>A rule of the flow was broken while the definition ran.</summary>
internal sealed class FlowException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
