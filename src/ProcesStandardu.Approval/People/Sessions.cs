using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.People;

/// <summary>
/// Opens visits, finds them by the cookie's id and ends them. Visits are not the programme's record: they are told to the
/// security log and not to the history, and they last real time.
/// </summary>
public sealed class Sessions(UnitOfWork work)
{
    private readonly TimeProvider real = TimeProvider.System;

    /// <summary>How long the answer to a sign-in may take; an answer that was used is remembered as long.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromMinutes(10);

    /// <summary>An open visit and whose it is.</summary>
    public sealed record Visit(SignInSession Session, Person Person);

    /// <summary>Opens a visit.</summary>
    /// <returns>The visit's id, for the cookie.</returns>
    public Task<Guid> StartAsync(
        Guid personId, string way, string? providerSession, string? providerHint, CancellationToken cancellation) => work.RunAsync(
        db =>
        {
            var now = real.GetUtcNow();
            var session = new SignInSession
            {
                Id = Guid.CreateVersion7(now),
                PersonId = personId,
                Way = way,
                StartedAt = now,
                ProvedAt = now,
                ProviderSession = providerSession,
                ProviderHint = providerHint,
            };
            db.Add(session);
            return Task.FromResult(session.Id);
        },
        cancellation);

    /// <summary>The open visit and whose it is; null when it is over, unknown, or its person has left.</summary>
    public Task<Visit?> FindAsync(Guid id, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var found = await (
                    from session in db.Set<SignInSession>().AsNoTracking()
                    join person in db.People.AsNoTracking() on session.PersonId equals person.Id
                    where session.Id == id && person.IsActive
                    select new { session, person })
                .SingleOrDefaultAsync(cancellation);
            return found is not null && found.session.IsOpen(real.GetUtcNow()) ? new Visit(found.session, found.person) : null;
        },
        cancellation);

    /// <summary>Ends a visit; one that is over stays over.</summary>
    public Task<bool> EndAsync(Guid id, CancellationToken cancellation) =>
        EndAsync(session => session.Id == id, cancellation);

    /// <summary>Ends every open visit of a person.</summary>
    public Task<bool> EndAllAsync(Guid personId, CancellationToken cancellation) =>
        EndAsync(session => session.PersonId == personId, cancellation);

    /// <summary>Ends the visits that the provider calls by this name.</summary>
    public Task<bool> EndByProviderAsync(string providerSession, CancellationToken cancellation) =>
        EndAsync(session => session.ProviderSession == providerSession, cancellation);

    /// <summary>Notes that the person of a visit has proved anew who he is.</summary>
    public Task<bool> ProveAsync(Guid id, CancellationToken cancellation) => work.RunAsync(
        async db => await db.Set<SignInSession>().Where(session => session.Id == id && session.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(session => session.ProvedAt, real.GetUtcNow()), cancellation) == 1,
        cancellation);

    /// <summary>Takes the provider's answer to a sign-in. False when it was taken before.</summary>
    public Task<bool> TakeAnswerAsync(string state, CancellationToken cancellation) => work.RunAsync(
        async () =>
        {
            var now = real.GetUtcNow();
            await using var command = new NpgsqlCommand(
                """
                with gone as (delete from sign_in_answer where used_at < $2)
                insert into sign_in_answer (state_hash, used_at) values ($1, $3) on conflict do nothing
                """,
                work.Connection);
            command.Parameters.Add(new NpgsqlParameter { Value = SHA256.HashData(Encoding.UTF8.GetBytes(state)) });
            command.Parameters.Add(new NpgsqlParameter { Value = now - (2 * AnswerWithin) });
            command.Parameters.Add(new NpgsqlParameter { Value = now });
            return await command.ExecuteNonQueryAsync(cancellation) == 1;
        },
        cancellation);

    private Task<bool> EndAsync(
        System.Linq.Expressions.Expression<Func<SignInSession, bool>> which, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var now = real.GetUtcNow();
            return await db.Set<SignInSession>().Where(which).Where(session => session.EndedAt == null).ExecuteUpdateAsync(
                set => set.SetProperty(session => session.EndedAt, session => session.StartedAt > now ? session.StartedAt : now)
                    .SetProperty(session => session.ProviderHint, (string?)null),
                cancellation) > 0;
        },
        cancellation);
}
