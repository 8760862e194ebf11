namespace ProcesStandardu.Approval.Programme;

/// <summary>A trial of standards or models in practice.</summary>
public sealed class Pilot
{
    private readonly List<PilotWork> works = [];

    public string Key { get; private set; } = "";

    public string Title { get; private set; } = "";

    public string Aim { get; private set; } = "";

    public string TaskKey { get; private set; } = "";

    /// <summary>The organisation that carries the pilot out; null where no source names one.</summary>
    public string? ImplementerKey { get; private set; }

    public Organisation? Implementer { get; private set; }

    public string Place { get; private set; } = "";

    public DateOnly? StartsOn { get; private set; }

    public DatePrecision? StartsPrecision { get; private set; }

    public DateOnly? EndsOn { get; private set; }

    public DatePrecision? EndsPrecision { get; private set; }

    /// <summary>The project's value in złoty; null where no source gives it.</summary>
    public decimal? ValuePln { get; private set; }

    /// <summary>What the pilot consists of, in Polish.</summary>
    public string[] Elements { get; private set; } = [];

    /// <summary>Who works in it, as roles and never as persons.</summary>
    public string[] Roles { get; private set; } = [];

    public string SourceKey { get; private set; } = "";

    public IReadOnlyList<PilotWork> Works => works;
}

/// <summary>A work that a pilot tries out.</summary>
public sealed class PilotWork
{
    public string PilotKey { get; private set; } = "";

    public string WorkKey { get; private set; } = "";

    public StandardWork Work { get; private set; } = null!;
}
