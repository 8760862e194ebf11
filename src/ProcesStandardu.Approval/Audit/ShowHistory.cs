using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Audit;

/// <summary>What happened to one subject, the newest first, as far as this person may know it.</summary>
public sealed class ShowHistory(UnitOfWork work, Rights rights)
{
    /// <summary>Entries on one page.</summary>
    public const int PageSize = 50;

    /// <summary>Kinds that tell of drafts, working papers and who has voted so far; observers are not told of them.</summary>
    private static readonly string[] WorkingPapers =
    [
        "revision_submitted", "comment_submitted", "comments_imported", "comment_disposed", "comment_answered", "comment_withdrawn",
        "commenters_told", "vote_cast", "vote_changed", "vote_cast_secretly",
    ];

    /// <param name="Subject">See <see cref="Subjects"/>.</param>
    /// <param name="Page">From 1; what is below counts as 1.</param>
    public sealed record Query(string Subject, Guid PersonId, int Page = 1);

    /// <param name="Actor">Who acted; null when the system did.</param>
    /// <param name="OnBehalfOf">The person represented; null when the actor acted in his own name.</param>
    /// <param name="Details">The recorded facts by name; only those that are texts or numbers.</param>
    public sealed record Entry(
        long Seq, string Kind, string? Actor, string? OnBehalfOf, DateTimeOffset At, IReadOnlyDictionary<string, string> Details);

    public sealed record View(IReadOnlyList<Entry> Entries, int Page, bool HasMore);

    /// <returns>No entries for people who may not read them.</returns>
    public Task<View> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            if (!person.Observes || (query.Subject.StartsWith("mail:", StringComparison.Ordinal) && !person.KeepsOutbox))
            {
                return new View([], 1, false);
            }

            var page = Math.Clamp(query.Page, 1, 100_000);
            var hidden = person.ReadsWorkingPapers ? [] : WorkingPapers;
            var rows = await db.History.AsNoTracking()
                .Where(entry => entry.Subject == query.Subject && !hidden.Contains(entry.Kind))
                .OrderByDescending(entry => entry.Seq).Skip((page - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);
            var ids = rows.SelectMany(row => new[] { row.ActorId, row.OnBehalfOfId, MemberOf(row.Details) }).OfType<Guid>().Distinct().ToList();
            var names = await db.People.AsNoTracking().Where(candidate => ids.Contains(candidate.Id))
                .ToDictionaryAsync(candidate => candidate.Id, candidate => candidate.DisplayName, cancellation);
            var phases = await db.Phases.AsNoTracking().ToDictionaryAsync(phase => phase.Key, phase => phase.Title, cancellation);
            return new View(
                [.. rows.Take(PageSize).Select(row => new Entry(
                    row.Seq, row.Kind, NameOf(row.ActorId), NameOf(row.OnBehalfOfId), row.At, Facts(row.Details, phases, names)))],
                page,
                rows.Count > PageSize);

            string? NameOf(Guid? id) => id is { } known ? names.GetValueOrDefault(known) : null;
        },
        cancellation);

    /// <summary>The member whom an act concerned; null when it concerned none.</summary>
    private static Guid? MemberOf(string details)
    {
        using var document = JsonDocument.Parse(details);
        return document.RootElement.TryGetProperty("member", out var member) && member.TryGetGuid(out var id) ? id : null;
    }

    /// <summary>A phase is told by its title, a member by the name, everything else as it was recorded.</summary>
    private static Dictionary<string, string> Facts(
        string details, IReadOnlyDictionary<string, string> phases, IReadOnlyDictionary<Guid, string> names)
    {
        using var document = JsonDocument.Parse(details);
        return document.RootElement.EnumerateObject()
            .Where(fact => fact.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .ToDictionary(
                fact => fact.Name,
                fact => fact.Name switch
                {
                    "phase" => phases.GetValueOrDefault(fact.Value.ToString(), fact.Value.ToString()),
                    "member" => fact.Value.TryGetGuid(out var id) ? names.GetValueOrDefault(id, "") : "",
                    _ => fact.Value.ToString(),
                });
    }
}
