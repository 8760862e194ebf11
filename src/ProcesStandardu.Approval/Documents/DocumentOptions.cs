using System.ComponentModel.DataAnnotations;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What may be submitted; configuration section <c>Documents</c>, checked when the application starts.</summary>
public sealed class DocumentOptions
{
    public const string Section = "Documents";

    /// <summary>The longest file that is taken, in megabytes of 1024 × 1024 bytes, 1–200. Default 50.</summary>
    [Range(1, 200)]
    public int LargestFileInMegabytes { get; set; } = 50;

    /// <summary>The same in bytes.</summary>
    public long LargestFile => LargestFileInMegabytes * 1024L * 1024L;
}
