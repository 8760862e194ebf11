using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>What the form showed is not what would be signed; it is to be read again.</summary>
public sealed record ResolutionIsAnother : Refusal;

/// <summary>Somebody has signed in this capacity.</summary>
public sealed record ResolutionIsSigned(string Name, DateTimeOffset At) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name, At];
}
