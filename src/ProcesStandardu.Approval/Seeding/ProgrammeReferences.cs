namespace ProcesStandardu.Approval.Seeding;

/// <summary>Checks that the programme's files fit together: every key that one mentions is declared by another.</summary>
internal sealed class ProgrammeReferences(ProgrammeFiles files)
{
    private readonly HashSet<string> declared =
    [
        .. files.Sources.Sources.Select(item => "source:" + item.Key),
        .. files.Organisations.Organisations.Select(item => "organisation:" + item.Key),
        "programme:" + files.Tasks.Programme.Key,
        .. files.Tasks.Tasks.Select(item => "task:" + item.Key),
        .. files.Works.Works.Select(item => "work:" + item.Key),
        .. files.Pilots.Pilots.Select(item => "pilot:" + item.Key),
        .. files.Phases.Phases.Select(item => "phase:" + item.Key),
        .. files.Indicators.Indicators.Select(item => "indicator:" + item.Key),
        .. files.Deliverables.Deliverables.Select(item => "deliverable:" + item.Key),
        .. files.Deadlines.Deadlines.Select(item => "deadline:" + item.Key),
        .. files.Bodies.Bodies.Select(item => "body:" + item.Key),
    ];

    /// <exception cref="DataFileException">Names the file, the item and the key that nothing declares, or that two items share.</exception>
    public void Check()
    {
        All("sources", files.Sources.Sources, item => item.Key, _ => []);
        All("facts", files.Facts.Facts, item => item.Key, item => [.. item.Sources.Select(Source), .. item.About]);
        All("conflicts", files.Conflicts.Conflicts, item => item.Key, item =>
            [.. item.Readings.Where(reading => reading.Source is not null).Select(reading => Source(reading.Source!)), .. item.About]);
        All("organisations", files.Organisations.Organisations, item => item.Key, item =>
            [Source(item.Source), .. item.Roles.Select(role => Source(role.Source))]);
        Require("tasks", files.Tasks.Programme.Key, [Source(files.Tasks.Programme.Source)]);
        All("tasks", files.Tasks.Tasks, item => item.Key, item =>
            [Source(item.Source), .. item.Partners.Select(partner => "organisation:" + partner.Organisation),
                .. item.Partners.Select(partner => Source(partner.Source))]);
        All("works", files.Works.Works, item => item.Key, item => [Source(item.Source), "task:" + item.Task]);
        All("pilots", files.Pilots.Pilots, item => item.Key, item =>
            [Source(item.Source), "task:" + item.Task, .. item.Works.Select(work => "work:" + work),
                .. Optional("organisation", item.Implementer)]);
        All("phases", files.Phases.Phases, item => item.Key, item =>
            [Source(item.Source), "task:" + item.Task, .. Optional("work", item.Work), .. Optional("pilot", item.Pilot)]);
        All("indicators", files.Indicators.Indicators, item => item.Key, item =>
            [Source(item.Source), .. Optional("task", item.Task), .. Optional("work", item.Work), .. Optional("pilot", item.Pilot)]);
        CheckDeliverables("programme/deliverables", files.Deliverables.Deliverables);
        CheckDeadlines("programme/deadlines", files.Deadlines.Deadlines);
        All("bodies", files.Bodies.Bodies, item => item.Key, item => [Source(item.Source)]);
    }

    /// <summary>Takes further deliverables from a file of their own, outside the programme's.</summary>
    public void DeclareDeliverables(string file, IReadOnlyList<DeliverableItem> deliverables)
    {
        CheckDeliverables(file, deliverables);
        foreach (var item in deliverables.Where(item => !declared.Add("deliverable:" + item.Key)))
        {
            throw new DataFileException(file + ".json", item.Key, "The programme's files declare it already.");
        }
    }

    private void CheckDeliverables(string file, IReadOnlyList<DeliverableItem> deliverables) =>
        AllOf(file, deliverables, item => item.Key, item =>
            [Source(item.Source), "task:" + item.Task, .. Optional("work", item.Work), .. Optional("phase", item.Phase),
                .. item.AuthorOrganisations.Select(author => "organisation:" + author)]);

    /// <summary>Deadlines may also stand in a file of their own, outside the programme's.</summary>
    public void CheckDeadlines(string file, IReadOnlyList<DeadlineItem> deadlines) =>
        AllOf(file, deadlines, item => item.Key, item => (item.DueOn is null) == (item.Follows is not null)
            ? [Source(item.Source), item.Subject, .. Optional("deadline", item.Follows?.Deadline)]
            : throw new DataFileException(file + ".json", item.Key, "A deadline has either a date or what it follows from."));

    /// <summary>True when the files declare the thing.</summary>
    public bool Knows(string kindAndKey) => declared.Contains(kindAndKey);

    private void All<T>(string name, IReadOnlyList<T> items, Func<T, string> key, Func<T, IEnumerable<string>> mentions) =>
        AllOf("programme/" + name, items, key, mentions);

    private void AllOf<T>(string file, IReadOnlyList<T> items, Func<T, string> key, Func<T, IEnumerable<string>> mentions)
    {
        foreach (var twice in items.GroupBy(key).Where(group => group.Count() > 1))
        {
            throw new DataFileException(file + ".json", twice.Key, "The key stands twice.");
        }

        foreach (var item in items)
        {
            RequireIn(file, key(item), mentions(item));
        }
    }

    private void Require(string name, string key, IEnumerable<string> mentions) => RequireIn("programme/" + name, key, mentions);

    private void RequireIn(string file, string key, IEnumerable<string> mentions)
    {
        foreach (var mention in mentions.Where(mention => !declared.Contains(mention)))
        {
            throw new DataFileException(file + ".json", key, $"Nothing declares „{mention}”.");
        }
    }

    private static string Source(string key) => "source:" + key;

    private static IEnumerable<string> Optional(string kind, string? key) => key is null ? [] : [kind + ":" + key];
}
