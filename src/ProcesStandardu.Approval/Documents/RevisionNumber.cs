using System.Globalization;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What the submitter calls the new revision: another draft (0.9 → 0.10) or a whole one (0.10 → 1.0).</summary>
public enum RevisionStep
{
    /// <summary>The minor number grows by one.</summary>
    NextMinor,

    /// <summary>The major number grows by one and the minor one starts at zero.</summary>
    NextMajor,
}

/// <summary>
/// The number of a revision, read „1.0”: two whole numbers and not a fraction, so 0.10 comes after 0.9. Never below 0.1.
/// </summary>
public readonly record struct RevisionNumber(int Major, int Minor) : IComparable<RevisionNumber>
{
    // A first draft is called 0.9, as offices call a text that still lacks its last round.
    private const int BeforeFirstDraft = 8;

    /// <summary>The number after <paramref name="latest"/>; null means that nothing has been submitted yet.</summary>
    public static RevisionNumber After(RevisionNumber? latest, RevisionStep step)
    {
        var from = latest ?? new RevisionNumber(0, BeforeFirstDraft);
        return step == RevisionStep.NextMajor ? new(from.Major + 1, 0) : new(from.Major, from.Minor + 1);
    }

    /// <summary>Reads a label such as „1.0”; null when the text is not one.</summary>
    public static RevisionNumber? Parse(string label)
    {
        var parts = label.Split('.');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            && (major, minor) != (0, 0)
                ? new RevisionNumber(major, minor)
                : null;
    }

    public int CompareTo(RevisionNumber other) =>
        Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    public static bool operator <(RevisionNumber left, RevisionNumber right) => left.CompareTo(right) < 0;

    public static bool operator >(RevisionNumber left, RevisionNumber right) => left.CompareTo(right) > 0;

    public static bool operator <=(RevisionNumber left, RevisionNumber right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RevisionNumber left, RevisionNumber right) => left.CompareTo(right) >= 0;

    /// <summary>The label that people see and resolutions quote, for example „1.0”.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
