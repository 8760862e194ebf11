using System.ComponentModel.DataAnnotations;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What may be submitted; configuration section <c>Documents</c>, checked when the application starts.</summary>
public sealed class DocumentOptions
{
    public const string Section = "Documents";

    /// <summary>The longest file that is taken, in megabytes of 1024 × 1024 bytes, 1–200. Default 50.</summary>
    [Range(1, 200)]
    public int LargestFileInMegabytes { get; set; } = 50;

    /// <summary>How long a submission can be taken back before anybody is told, in minutes, 0–120; 0 is not at all. Default 10.</summary>
    [Range(0, 120)]
    public int UndoWindowMinutes { get; set; } = 10;

    /// <summary>
    /// Where clamd listens, as host:port; empty (the default) is without a scanner. Its StreamMaxLength must not be below the
    /// largest file, and AlertExceedsMax must be on.
    /// </summary>
    [RegularExpression(@"(?:[^\s:]+:\d{1,5})?")]
    public string ClamdAddress { get; set; } = "";

    /// <summary>How long a scan may take, in seconds, 1–600. Default 60.</summary>
    [Range(1, 600)]
    public int ClamdSeconds { get; set; } = 60;

    /// <summary>The largest file in bytes.</summary>
    public long LargestFile => LargestFileInMegabytes * 1024L * 1024L;
}
