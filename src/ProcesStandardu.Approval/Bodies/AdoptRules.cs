using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Bodies;

/// <summary>
/// The chair or an administrator enters a new version of a board's rules of procedure. Ballots that run keep the version they
/// opened under; terms that contradict themselves are not adopted.
/// </summary>
public sealed class AdoptRules(UnitOfWork work, AuditTrail audit, Rights rights, TimeProvider time)
{
    /// <param name="BasedOn">The newest version when the form was shown; another one since then is shown first.</param>
    /// <param name="Reason">What changes and on what ground; required.</param>
    public sealed record Command(
        string BodyKey, Guid PersonId, int BasedOn, DateOnly? ValidFrom, RuleTerms Terms, string? Reason, string? FormKey = null);

    /// <returns>
    /// The new version's number, or <see cref="NotFoundOrNotYours"/>, <see cref="RulesWereChanged"/>,
    /// <see cref="RulesNeedADay"/>, <see cref="RulesNeedAReason"/>, <see cref="RulesContradict"/>.
    /// </returns>
    public Task<Result<int>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<int>(
        command.PersonId,
        command.FormKey,
        new { command.BodyKey, command.BasedOn, command.ValidFrom, Terms = command.Terms.ToJson(), command.Reason },
        async db =>
        {
            if (!MayAdopt(await rights.OfAsync(command.PersonId, cancellation), command.BodyKey)
                || !await RowLock.LockAsync(work, "select 1 from body where key = $1 for no key update", command.BodyKey, cancellation))
            {
                return new NotFoundOrNotYours();
            }

            var newest = await db.RulesOfProcedure.Where(rules => rules.BodyKey == command.BodyKey)
                .OrderByDescending(rules => rules.Version).FirstOrDefaultAsync(cancellation);
            if ((newest?.Version ?? 0) != command.BasedOn)
            {
                return new RulesWereChanged(newest!.Version);
            }

            var now = time.GetUtcNow();
            if (command.ValidFrom is not { } validFrom || validFrom < Warsaw.DateOf(now) || validFrom < newest?.ValidFrom)
            {
                return new RulesNeedADay();
            }

            if (string.IsNullOrWhiteSpace(command.Reason))
            {
                return new RulesNeedAReason();
            }

            if (RuleContradictions.Of(command.Terms) is [var contradiction, ..])
            {
                return contradiction;
            }

            var version = command.BasedOn + 1;
            db.RulesOfProcedure.Add(new RulesOfProcedure
            {
                BodyKey = command.BodyKey,
                Version = version,
                ValidFrom = validFrom,
                IsDemo = newest?.IsDemo ?? false,
                Terms = command.Terms.ToJson(),
                AdoptedById = command.PersonId,
                AdoptedAt = now,
                Reason = command.Reason.Trim(),
            });
            audit.Record(
                Subjects.Body(command.BodyKey), "rules_adopted", new Actor(command.PersonId),
                new { version, validFrom, words = command.Reason.Trim(), terms = JsonSerializer.SerializeToNode(JsonDocument.Parse(command.Terms.ToJson())) });
            return version;
        },
        cancellation);

    /// <summary>The board's chair and administrators.</summary>
    internal static bool MayAdopt(PersonRights person, string bodyKey) =>
        person.Administers || (person.IsActive && person.Positions.GetValueOrDefault(bodyKey) == BodyPosition.Chair);
}

/// <summary>Somebody adopted a newer version while the form was filled in.</summary>
public sealed record RulesWereChanged(int Version) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Version];
}

/// <summary>New rules hold from today or a later day, and not from before the rules they follow.</summary>
public sealed record RulesNeedADay : Refusal
{
    public override string Field => "ValidFrom";
}

/// <summary>Whoever changes the rules says what changes and why.</summary>
public sealed record RulesNeedAReason : Refusal
{
    public override string Field => "Reason";
}
