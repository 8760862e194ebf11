using System.ComponentModel.DataAnnotations;

namespace ProcesStandardu.Approval.Outward;

/// <summary>How long acts that others learn of can be taken back; configuration section <c>Outward</c>.</summary>
public sealed class OutwardOptions
{
    public const string Section = "Outward";

    /// <summary>
    /// The length of the window „Cofnij” in seconds of the programme's clock, 0–3600; 0 performs at once. Null, the default: as long
    /// as the board's rules of procedure say.
    /// </summary>
    [Range(0, 3600)]
    public int? UndoSeconds { get; set; }
}
