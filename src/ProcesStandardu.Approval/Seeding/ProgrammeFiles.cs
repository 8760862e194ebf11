using ProcesStandardu.Approval.Programme;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>The files under <c>data/programme</c> as they are written: what the sources say about the programme.</summary>
public sealed record ProgrammeFiles(
    SourcesFile Sources,
    FactsFile Facts,
    ConflictsFile Conflicts,
    OrganisationsFile Organisations,
    TasksFile Tasks,
    WorksFile Works,
    PilotsFile Pilots,
    PhasesFile Phases,
    IndicatorsFile Indicators,
    DeliverablesFile Deliverables,
    DeadlinesFile Deadlines,
    BodiesFile Bodies)
{
    /// <summary>Reads all files and checks that every key they mention exists.</summary>
    /// <exception cref="DataFileException">A file cannot be read, or mentions a key that no file declares.</exception>
    public static async Task<ProgrammeFiles> ReadAsync(DataFolder folder, CancellationToken cancellation)
    {
        var files = new ProgrammeFiles(
            await folder.ReadAsync<SourcesFile>("programme/sources", cancellation),
            await folder.ReadAsync<FactsFile>("programme/facts", cancellation),
            await folder.ReadAsync<ConflictsFile>("programme/conflicts", cancellation),
            await folder.ReadAsync<OrganisationsFile>("programme/organisations", cancellation),
            await folder.ReadAsync<TasksFile>("programme/tasks", cancellation),
            await folder.ReadAsync<WorksFile>("programme/works", cancellation),
            await folder.ReadAsync<PilotsFile>("programme/pilots", cancellation),
            await folder.ReadAsync<PhasesFile>("programme/phases", cancellation),
            await folder.ReadAsync<IndicatorsFile>("programme/indicators", cancellation),
            await folder.ReadAsync<DeliverablesFile>("programme/deliverables", cancellation),
            await folder.ReadAsync<DeadlinesFile>("programme/deadlines", cancellation),
            await folder.ReadAsync<BodiesFile>("programme/bodies", cancellation));
        new ProgrammeReferences(files).Check();
        return files;
    }
}

public sealed record SourcesFile(string About, IReadOnlyList<SourceItem> Sources);

public sealed record SourceItem(
    string Key,
    string Title,
    string Publisher,
    DateOnly? PublishedOn,
    DatePrecision? PublishedPrecision,
    string Dating,
    string? Address,
    bool IsExternal,
    string Note);

public sealed record FactsFile(string About, IReadOnlyList<FactItem> Facts);

public sealed record FactItem(
    string Key,
    string Subject,
    string Statement,
    FactCertainty Certainty,
    IReadOnlyList<string> Sources,
    string[] About);

public sealed record ConflictsFile(string About, IReadOnlyList<ConflictItem> Conflicts);

public sealed record ConflictItem(
    string Key,
    string Title,
    IReadOnlyList<ReadingItem> Readings,
    string ChosenReading,
    string Reason,
    string ChosenBy,
    string[] About);

/// <param name="Source">Null when no source reads so.</param>
public sealed record ReadingItem(string Text, string? Source, bool IsChosen);

public sealed record OrganisationsFile(string About, IReadOnlyList<OrganisationItem> Organisations);

public sealed record OrganisationItem(
    string Key,
    string Name,
    string ShortName,
    OrganisationKind Kind,
    string? Address,
    string? Website,
    string Source,
    IReadOnlyList<OrganisationRoleItem> Roles);

public sealed record OrganisationRoleItem(OrganisationRole Role, string Source);

public sealed record TasksFile(string About, ProgrammeItem Programme, IReadOnlyList<TaskItem> Tasks);

public sealed record ProgrammeItem(
    string Key,
    string Title,
    string ShortTitle,
    string Goal,
    string Framework,
    string Funding,
    string? Website,
    DateOnly StartsOn,
    DateOnly EndsOn,
    string Source);

public sealed record TaskItem(
    string Key, int Number, string Title, string Goal, string Source, IReadOnlyList<TaskPartnerItem> Partners);

public sealed record TaskPartnerItem(string Organisation, TaskPartnerRole Role, string Source);

public sealed record WorksFile(string About, IReadOnlyList<WorkItem> Works);

public sealed record WorkItem(
    string Key,
    string Title,
    string ShortTitle,
    WorkKind Kind,
    string Task,
    string Source,
    string[] Aliases,
    string Description);

public sealed record PilotsFile(string About, IReadOnlyList<PilotItem> Pilots);

public sealed record PilotItem(
    string Key,
    string Title,
    string Aim,
    string Task,
    IReadOnlyList<string> Works,
    string? Implementer,
    string Place,
    DateOnly? StartsOn,
    DatePrecision? StartsPrecision,
    DateOnly? EndsOn,
    DatePrecision? EndsPrecision,
    decimal? ValuePln,
    string[] Elements,
    string[] Roles,
    string Source);

public sealed record PhasesFile(string About, IReadOnlyList<PhaseItem> Phases);

public sealed record PhaseItem(
    string Key,
    string Path,
    int Ordinal,
    string Title,
    string Description,
    string Task,
    string? Work,
    string? Pilot,
    DateOnly? StartsOn,
    DatePrecision? StartsPrecision,
    DateOnly? EndsOn,
    DatePrecision? EndsPrecision,
    bool IsTestDatum,
    bool IsRequired,
    string Source);

public sealed record IndicatorsFile(string About, IReadOnlyList<IndicatorItem> Indicators);

public sealed record IndicatorItem(
    string Key,
    string Title,
    string Unit,
    string Population,
    decimal Target,
    bool IsApproximate,
    bool IsRequired,
    string? Task,
    string? Work,
    string? Pilot,
    string Source);

public sealed record DeliverablesFile(string About, IReadOnlyList<DeliverableItem> Deliverables);

public sealed record DeliverableItem(
    string Key,
    string Title,
    string Kind,
    string Task,
    string? Work,
    string? Phase,
    IReadOnlyList<string> ExpectedFileKinds,
    bool IsRequiredForProgrammeEnd,
    IReadOnlyList<string> AuthorOrganisations,
    string Source);

public sealed record DeadlinesFile(string About, IReadOnlyList<DeadlineItem> Deadlines);

/// <param name="Subject">What is owed, as 'kind:key'; it is also how a deliverable or an indicator finds its deadline.</param>
/// <param name="DueOn">The last day; null exactly when <paramref name="Follows"/> says what it follows from.</param>
public sealed record DeadlineItem(
    string Key, string Title, string Subject, DatePrecision Precision, string Source, DateOnly? DueOn = null, FollowsItem? Follows = null);

/// <summary>A date that follows from another deadline's by working days; the other stands before it in the files.</summary>
public sealed record FollowsItem(string Deadline, int WorkingDays);

public sealed record BodiesFile(string About, IReadOnlyList<BodyItem> Bodies);

public sealed record BodyItem(string Key, string Name, string GenitiveName, string Source);
