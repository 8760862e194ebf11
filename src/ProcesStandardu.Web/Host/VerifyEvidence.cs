using ProcesStandardu.Approval.Resolutions;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// The verb <c>verify</c>: checks a resolution's file without database, network and configuration and says in Polish what it
/// checked and what does not agree. 0: all agrees; 1: something does not; 2: the file cannot be checked.
/// </summary>
public static class VerifyEvidence
{
    public const int Agrees = 0;
    public const int Differs = 1;
    public const int CannotCheck = 2;

    /// <param name="fingerprint">As published elsewhere; null when none is known.</param>
    public static int Run(string? path, string? fingerprint, TextWriter output)
    {
        if (path is null)
        {
            output.WriteLine(ResolutionTexts.Polish("Check_Usage"));
            return CannotCheck;
        }

        if (!File.Exists(path))
        {
            output.WriteLine(ResolutionTexts.Polish("Check_FileNotFound", path));
            return CannotCheck;
        }

        using var file = File.OpenRead(path);
        return Tell(EvidenceCheck.Check(file, fingerprint), output);
    }

    private static int Tell(EvidenceReport report, TextWriter output)
    {
        if (report.IsReadable)
        {
            output.WriteLine(ResolutionTexts.Polish(
                "Check_Heading", report.Resolution["number"], report.Resolution["body"], report.Resolution["document"], report.Resolution["revision"]));
            output.WriteLine(ResolutionTexts.Polish("Check_Fingerprint", ResolutionPaper.Grouped(report.Fingerprint)));
        }

        foreach (var (step, count) in report.Steps)
        {
            output.WriteLine(ResolutionTexts.Polish("Check_Step", ResolutionTexts.Polish("Step_" + step), count));
        }

        foreach (var finding in report.Findings)
        {
            output.WriteLine("  – " + finding.InPolish());
        }

        if (!report.IsReadable)
        {
            output.WriteLine(ResolutionTexts.Polish("Check_Unreadable"));
            return CannotCheck;
        }

        if (report.IsSecret)
        {
            output.WriteLine(ResolutionTexts.Polish("Check_Secret"));
        }

        if (!report.IsSigned)
        {
            output.WriteLine(ResolutionTexts.Polish("Check_NotSigned"));
        }

        output.WriteLine(report.Findings.Count == 0
            ? ResolutionTexts.Polish("Check_Agrees")
            : ResolutionTexts.Polish("Check_Differs", report.Findings.Count));
        output.WriteLine(ResolutionTexts.Polish("Check_CompareFingerprint"));
        return report.Findings.Count == 0 ? Agrees : Differs;
    }
}
