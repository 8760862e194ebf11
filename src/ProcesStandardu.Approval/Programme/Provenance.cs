namespace ProcesStandardu.Approval.Programme;

/// <summary>A text that the programme's data come from.</summary>
public sealed class Source
{
    public string Key { get; private set; } = "";

    public string Title { get; private set; } = "";

    public string Publisher { get; private set; } = "";

    /// <summary>The day, or the first day of the month or year, of publication; null when the source bears no date.</summary>
    public DateOnly? PublishedOn { get; private set; }

    /// <summary>How exactly the publication is dated; null exactly when <see cref="PublishedOn"/> is.</summary>
    public DatePrecision? PublishedPrecision { get; private set; }

    /// <summary>In words, where the date comes from or why there is none; may be empty.</summary>
    public string Dating { get; private set; } = "";

    /// <summary>Where it was read, as printed in the source; null when unknown.</summary>
    public string? Address { get; private set; }

    /// <summary>True for a source outside the programme's own set: its facts only corroborate and are marked „źródło zewnętrzne”.</summary>
    public bool IsExternal { get; private set; }

    public string Note { get; private set; } = "";
}

/// <summary>How firmly a fact stands.</summary>
public enum FactCertainty
{
    /// <summary>A source says so.</summary>
    Stated,

    /// <summary>It follows from what the sources say.</summary>
    Inferred,

    /// <summary>A source says so, but what it means is open.</summary>
    Uncertain,

    /// <summary>No source says it; the record keeps the gap visible.</summary>
    NotStated,
}

/// <summary>One statement about the programme in our own words, with the sources that bear it.</summary>
public sealed class Fact
{
    private readonly List<FactSource> sources = [];

    public string Key { get; private set; } = "";

    /// <summary>The heading it is listed under, in Polish.</summary>
    public string Subject { get; private set; } = "";

    public string Statement { get; private set; } = "";

    public FactCertainty Certainty { get; private set; }

    public bool IsExternal { get; private set; }

    public int Ordinal { get; private set; }

    /// <summary>What the fact is about, as 'kind:key'.</summary>
    public string[] About { get; private set; } = [];

    public IReadOnlyList<FactSource> Sources => sources;
}

/// <summary>A source bears a fact.</summary>
public sealed class FactSource
{
    public string FactKey { get; private set; } = "";

    public string SourceKey { get; private set; } = "";

    public Source Source { get; private set; } = null!;
}

/// <summary>Sources that disagree or leave a question open: the readings side by side and the one the programme's data follow.</summary>
public sealed class Conflict
{
    private readonly List<ConflictReading> readings = [];

    public string Key { get; private set; } = "";

    public string Title { get; private set; } = "";

    public string ChosenReading { get; private set; } = "";

    public string Reason { get; private set; } = "";

    /// <summary>Who chose the reading.</summary>
    public string ChosenBy { get; private set; } = "";

    public int Ordinal { get; private set; }

    /// <summary>What the conflict is about, as 'kind:key'.</summary>
    public string[] About { get; private set; } = [];

    public IReadOnlyList<ConflictReading> Readings => readings;
}

/// <summary>One way to read a conflict.</summary>
public sealed class ConflictReading
{
    public string ConflictKey { get; private set; } = "";

    public int Ordinal { get; private set; }

    public string Text { get; private set; } = "";

    /// <summary>The source that reads so; null when no source does.</summary>
    public string? SourceKey { get; private set; }

    public Source? Source { get; private set; }

    public bool IsChosen { get; private set; }
}
