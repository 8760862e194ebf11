using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>
/// Takes the programme's files over into the registers, by key and in one transaction. Doing it again changes nothing;
/// what people did since – phases started, values reported, deliverables adopted, people's data corrected – stays.
/// </summary>
public sealed class ImportProgramme(UnitOfWork work, AuditTrail audit)
{
    // Any constant will do; it only has to differ from other advisory locks of this database.
    private const long ImportLock = 7_203_415_220_141_131;

    /// <param name="IncludesDemo">True to take over the invented people, rules and deadlines as well.</param>
    public sealed record Command(DataFolder Folder, bool IncludesDemo);

    /// <exception cref="DataFileException">A file cannot be taken over; nothing was.</exception>
    public async Task<ImportCounts> HandleAsync(Command command, CancellationToken cancellation)
    {
        var programme = await ProgrammeFiles.ReadAsync(command.Folder, cancellation);
        var demo = command.IncludesDemo ? await DemoFiles.ReadAsync(command.Folder, programme, cancellation) : null;

        return await work.RunAsync(
            async db =>
            {
                // Two nodes that start together: the second waits and then finds nothing to do.
                await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({ImportLock})", cancellation);
                var rows = new RegisterRows(db);
                await ProvenanceAsync(rows, programme, cancellation);
                await rows.SaveAsync(cancellation);
                await StructureAsync(db, rows, programme, cancellation);
                await rows.SaveAsync(cancellation);
                await DuesAsync(db, rows, programme, demo, cancellation);
                await rows.SaveAsync(cancellation);
                if (demo is not null)
                {
                    await DemoAsync(db, rows, demo, cancellation);
                    await rows.SaveAsync(cancellation);
                }

                var counts = rows.Counts();
                if (!counts.ChangedNothing)
                {
                    audit.Record(
                        Subjects.Programme,
                        "programme_imported",
                        Actor.System,
                        new { counts.Added, counts.Changed, counts.Removed, command.IncludesDemo });
                }

                return counts;
            },
            cancellation);
    }

    private static async Task ProvenanceAsync(RegisterRows rows, ProgrammeFiles files, CancellationToken cancellation)
    {
        await rows.UpsertAsync<Source>(files.Sources.Sources, cancellation);
        var external = files.Sources.Sources.Where(source => source.IsExternal).Select(source => source.Key).ToHashSet();
        await rows.ReplaceAsync<Fact>(
            files.Facts.Facts.Select((fact, place) => new
            {
                fact.Key,
                fact.Subject,
                fact.Statement,
                fact.Certainty,
                IsExternal = fact.Sources.Count > 0 && fact.Sources.All(external.Contains),
                Ordinal = place + 1,
                fact.About,
            }),
            cancellation);
        await rows.ReplaceAsync<FactSource>(
            files.Facts.Facts.SelectMany(fact => fact.Sources.Select(source => new { FactKey = fact.Key, SourceKey = source })),
            cancellation);
        await rows.ReplaceAsync<Conflict>(
            files.Conflicts.Conflicts.Select((conflict, place) => new
            {
                conflict.Key,
                conflict.Title,
                conflict.ChosenReading,
                conflict.Reason,
                conflict.ChosenBy,
                Ordinal = place + 1,
                conflict.About,
            }),
            cancellation);
        await rows.ReplaceAsync<ConflictReading>(
            files.Conflicts.Conflicts.SelectMany(conflict => conflict.Readings.Select((reading, place) => new
            {
                ConflictKey = conflict.Key,
                Ordinal = place + 1,
                reading.Text,
                SourceKey = reading.Source,
                reading.IsChosen,
            })),
            cancellation);
    }

    private static async Task StructureAsync(
        ProcesDbContext db, RegisterRows rows, ProgrammeFiles files, CancellationToken cancellation)
    {
        await rows.UpsertAsync<Organisation>(
            files.Organisations.Organisations.Select((item, place) => new
            {
                item.Key,
                item.Name,
                item.ShortName,
                item.Kind,
                Ordinal = place + 1,
                item.Address,
                item.Website,
                SourceKey = item.Source,
            }),
            cancellation);
        await rows.ReplaceAsync<OrganisationRoleHeld>(
            files.Organisations.Organisations.SelectMany(item => item.Roles.Select(role => new
            {
                OrganisationKey = item.Key,
                role.Role,
                SourceKey = role.Source,
            })),
            cancellation);

        var programme = files.Tasks.Programme;
        // The ends that an approved amendment gave stay.
        var amended = await db.Deadlines.AsNoTracking().Where(deadline => deadline.AmendmentId != null)
            .Select(deadline => new { deadline.Subject, deadline.DueOn }).ToDictionaryAsync(end => end.Subject, end => end.DueOn, cancellation);
        await rows.UpsertAsync<PublicProgramme>(
            [new
            {
                programme.Key, programme.Title, programme.ShortTitle, programme.Goal, programme.Framework, programme.Funding,
                programme.Website, programme.StartsOn,
                EndsOn = amended.TryGetValue("programme:" + programme.Key, out var programmeEnd) ? programmeEnd : programme.EndsOn,
                SourceKey = programme.Source,
            }],
            cancellation);
        await rows.UpsertAsync<ProgrammeTask>(
            files.Tasks.Tasks.Select(item => new
            {
                item.Key,
                ProgrammeKey = programme.Key,
                item.Number,
                item.Title,
                item.Goal,
                SourceKey = item.Source,
            }),
            cancellation);
        await rows.ReplaceAsync<TaskPartner>(
            files.Tasks.Tasks.SelectMany(item => item.Partners.Select(partner => new
            {
                TaskKey = item.Key,
                OrganisationKey = partner.Organisation,
                partner.Role,
                SourceKey = partner.Source,
            })),
            cancellation);
        await rows.UpsertAsync<StandardWork>(
            files.Works.Works.Select((item, place) => new
            {
                item.Key,
                item.Title,
                item.ShortTitle,
                item.Kind,
                item.Aliases,
                item.Description,
                TaskKey = item.Task,
                Ordinal = place + 1,
                SourceKey = item.Source,
            }),
            cancellation);
        await rows.UpsertAsync<Pilot>(
            files.Pilots.Pilots.Select(item => new
            {
                item.Key,
                item.Title,
                item.Aim,
                TaskKey = item.Task,
                ImplementerKey = item.Implementer,
                item.Place,
                item.StartsOn,
                item.StartsPrecision,
                item.EndsOn,
                item.EndsPrecision,
                item.ValuePln,
                item.Elements,
                item.Roles,
                SourceKey = item.Source,
            }),
            cancellation);
        await rows.ReplaceAsync<PilotWork>(
            files.Pilots.Pilots.SelectMany(item => item.Works.Select(key => new { PilotKey = item.Key, WorkKey = key })),
            cancellation);
        await rows.UpsertAsync<Phase>(
            files.Phases.Phases.Select(item => new
            {
                item.Key,
                item.Path,
                item.Ordinal,
                item.Title,
                item.Description,
                TaskKey = item.Task,
                WorkKey = item.Work,
                PilotKey = item.Pilot,
                item.StartsOn,
                item.StartsPrecision,
                EndsOn = amended.TryGetValue("phase:" + item.Key, out var end) ? end : item.EndsOn,
                EndsPrecision = amended.ContainsKey("phase:" + item.Key) ? DatePrecision.Day : item.EndsPrecision,
                item.IsTestDatum,
                item.IsRequired,
                SourceKey = item.Source,
            }),
            cancellation);
        await rows.UpsertAsync<Body>(
            files.Bodies.Bodies.Select(item => new { item.Key, item.Name, item.GenitiveName, item.Source }), cancellation);
    }

    /// <summary>What is owed and by when: an indicator or a deliverable finds its deadline by the deadline's subject.</summary>
    private static async Task DuesAsync(
        ProcesDbContext db, RegisterRows rows, ProgrammeFiles files, DemoFiles? demo, CancellationToken cancellation)
    {
        var deadlines = files.Deadlines.Deadlines.Select(item => (Item: item, IsDemo: false))
            .Concat((demo?.Deadlines.Deadlines ?? []).Select(item => (Item: item, IsDemo: true)))
            .ToList();
        var existing = await db.Deadlines.ToDictionaryAsync(deadline => deadline.Key, cancellation);
        var dates = existing.ToDictionary(entry => entry.Key, entry => entry.Value.DueOn);
        foreach (var (item, isDemo) in deadlines)
        {
            rows.Count();
            var precision = item.Precision.ToString().ToLowerInvariant();
            var rule = item.Follows is { } follows ? new DerivedDate(follows.Deadline, follows.WorkingDays) : null;
            if (rule is not null && !dates.ContainsKey(rule.BaseKey))
            {
                throw new DataFileException("deadlines.json", item.Key, $"„{rule.BaseKey}” must stand before it.");
            }

            var dueOn = rule?.From(dates[rule.BaseKey]) ?? item.DueOn!.Value;
            if (existing.TryGetValue(item.Key, out var deadline))
            {
                deadline.Title = item.Title;
                deadline.Source = item.Source;
                if (deadline.AmendmentId is null)
                {
                    deadline.Precision = precision;
                    deadline.CorrectTo(dueOn, rule);
                }

                dates[item.Key] = deadline.DueOn;
            }
            else
            {
                db.Add(new Deadline(item.Key, item.Title, item.Subject, dueOn, precision, item.Source, isDemo, rule));
                dates[item.Key] = dueOn;
            }
        }

        // An import without the demo leaves deadlines that an earlier one brought.
        var dueBySubject = existing.Values.Select(deadline => (deadline.Subject, deadline.Key))
            .Concat(deadlines.Select(deadline => (deadline.Item.Subject, deadline.Item.Key)))
            .DistinctBy(deadline => deadline.Subject)
            .ToDictionary(deadline => deadline.Subject, deadline => deadline.Key);
        await rows.UpsertAsync<Indicator>(
            files.Indicators.Indicators.Select((item, place) => new
            {
                item.Key,
                item.Title,
                item.Unit,
                item.Population,
                item.Target,
                item.IsApproximate,
                item.IsRequired,
                TaskKey = item.Task,
                WorkKey = item.Work,
                PilotKey = item.Pilot,
                DueDeadlineKey = dueBySubject.GetValueOrDefault("indicator:" + item.Key),
                Ordinal = place + 1,
                SourceKey = item.Source,
            }),
            cancellation);
        await rows.UpsertAsync<Deliverable>(
            files.Deliverables.Deliverables.Concat(demo?.Deliverables.Deliverables ?? []).Select(item => new
            {
                item.Key,
                item.Title,
                TaskKey = item.Task,
                WorkKey = item.Work,
                PhaseKey = item.Phase,
                item.Kind,
                ExpectedFileKinds = item.ExpectedFileKinds.ToList(),
                item.IsRequiredForProgrammeEnd,
                AuthorOrganisationKeys = item.AuthorOrganisations.ToList(),
                DueDeadlineKey = dueBySubject.GetValueOrDefault("deliverable:" + item.Key),
                SourceKey = item.Source,
            }),
            cancellation);
    }

    private static async Task DemoAsync(ProcesDbContext db, RegisterRows rows, DemoFiles files, CancellationToken cancellation)
    {
        var idOf = files.People.People.ToDictionary(person => person.Key, person => person.Id);
        await rows.AddMissingAsync<Person>(
            files.People.People.Select(item => new
            {
                item.Id,
                item.Key,
                item.DisplayName,
                item.Email,
                OrganisationKey = item.Organisation,
                item.Language,
                IsActive = true,
                IsDemo = true,
            }),
            cancellation);
        await rows.AddMissingAsync<RoleAssignment>(
            files.People.Roles.Select(item => new { PersonId = idOf[item.Person], item.Role, item.Scope, item.ValidFrom }),
            cancellation);
        await rows.AddMissingAsync<BodyMember>(
            files.Board.Members.Select(item => new
            {
                BodyKey = item.Body,
                PersonId = idOf[item.Person],
                item.Position,
                AlternateId = item.Alternate is null ? (Guid?)null : idOf[item.Alternate],
                item.Ordinal,
                item.ValidFrom,
            }),
            cancellation);

        var existing = await db.RulesOfProcedure.ToListAsync(cancellation);
        foreach (var item in files.Board.Rules)
        {
            rows.Count();
            var terms = ReadTerms(item);
            var stored = existing.SingleOrDefault(rules => rules.BodyKey == item.Body && rules.Version == item.Version);
            if (stored is null)
            {
                db.Add(new RulesOfProcedure
                {
                    BodyKey = item.Body,
                    Version = item.Version,
                    ValidFrom = item.ValidFrom,
                    IsDemo = true,
                    Terms = terms.ToJson(),
                });
            }
            else if (stored.Read().ToJson() != terms.ToJson())
            {
                throw new DataFileException(
                    "demo/board.json", $"{item.Body} v{item.Version}", "A version of the rules is never changed; add a new one.");
            }
        }
    }

    private static RuleTerms ReadTerms(DemoRules rules)
    {
        try
        {
            return RuleTerms.Parse(rules.Terms.GetRawText());
        }
        catch (System.Text.Json.JsonException error)
        {
            throw new DataFileException("demo/board.json", "rules", error.Message, error);
        }
    }
}
