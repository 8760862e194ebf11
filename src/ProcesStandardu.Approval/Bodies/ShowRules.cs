using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Bodies;

/// <summary>A board's rules of procedure, every version, the newest first.</summary>
public sealed class ShowRules(UnitOfWork work, Rights rights, TimeProvider time)
{
    public sealed record Query(string BodyKey, Guid PersonId);

    /// <param name="AdoptedBy">Null for an imported version.</param>
    /// <param name="Ballots">How many ballots are bound to it.</param>
    public sealed record VersionView(
        int Version, DateOnly ValidFrom, bool IsDemo, RuleTerms Terms, string? AdoptedBy, DateTimeOffset? AdoptedAt, string? Reason,
        int Ballots);

    /// <param name="InForce">The version that a ballot opened today would follow; null when there is none.</param>
    /// <param name="MayAdopt">True when the reader may adopt a new version.</param>
    public sealed record View(string BodyKey, string BodyName, IReadOnlyList<VersionView> Versions, int? InForce, bool MayAdopt);

    /// <returns>Null when there is no such board or it is not for this person.</returns>
    public Task<View?> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            var body = await db.Bodies.AsNoTracking().SingleOrDefaultAsync(b => b.Key == query.BodyKey, cancellation);
            if (body is null || !person.Observes)
            {
                return null;
            }

            var versions = await db.RulesOfProcedure.AsNoTracking().Where(rules => rules.BodyKey == body.Key)
                .OrderByDescending(rules => rules.Version).ToListAsync(cancellation);
            var ballots = await db.Ballots.Where(ballot => ballot.BodyKey == body.Key).GroupBy(ballot => ballot.RulesVersion)
                .Select(group => new { Version = group.Key, Count = group.Count() })
                .ToDictionaryAsync(group => group.Version, group => group.Count, cancellation);
            var ids = versions.Select(rules => rules.AdoptedById).OfType<Guid>().ToList();
            var names = await db.People.AsNoTracking().Where(adopter => ids.Contains(adopter.Id))
                .ToDictionaryAsync(adopter => adopter.Id, adopter => adopter.DisplayName, cancellation);
            var today = Warsaw.DateOf(time.GetUtcNow());
            return new View(
                body.Key, body.Name,
                [.. versions.Select(rules => new VersionView(
                    rules.Version, rules.ValidFrom, rules.IsDemo, rules.Read(),
                    rules.AdoptedById is { } by ? names.GetValueOrDefault(by) : null, rules.AdoptedAt, rules.Reason,
                    ballots.GetValueOrDefault(rules.Version)))],
                versions.FirstOrDefault(rules => rules.ValidFrom <= today)?.Version,
                AdoptRules.MayAdopt(person, body.Key));
        },
        cancellation);
}
