using Microsoft.Extensions.Configuration;

namespace ProcesStandardu.Approval.Time;

/// <summary>Whether this installation shows the programme with invented persons and a clock that can be moved.</summary>
/// <param name="IsOn">From the setting <c>Demo:Enabled</c>; off when it is absent.</param>
public sealed record DemoMode(bool IsOn)
{
    public static DemoMode From(IConfiguration configuration) => new(configuration.GetValue("Demo:Enabled", false));
}
