using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>How a new version of a workflow is decided on; configuration section <c>Publication</c>.</summary>
public sealed class PublicationOptions
{
    public const string Section = "Publication";

    /// <summary>True lets nobody publish a new version who described its change; a second administrator does. Default false.</summary>
    public bool RequiresSecondPerson { get; set; }
}

/// <summary>
/// Describes what a draft changes and puts it before a second administrator. It counts for this draft as it is: one that was
/// saved with another content since has to be described again.
/// </summary>
public sealed class ProposePublication(
    UnitOfWork work, Rights rights, DefinitionVersions versions, PublicationRequests requests, PublishDraft publish, AuditTrail audit)
{
    /// <param name="Description">What changes and why, for those who read the versions later.</param>
    public sealed record Command(string DefinitionId, Guid PersonId, string? Description, string? FormKey);

    public sealed record Proposed(int Version);

    /// <returns>The version it would become, or why it cannot be proposed: <see cref="NothingToPublish"/>, <see cref="DraftHasProblems"/> …</returns>
    public Task<Result<Proposed>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Proposed>(
        command.PersonId,
        command.FormKey,
        new { act = "publication_proposed", command.DefinitionId, command.Description },
        async _ =>
        {
            if (!(await rights.OfAsync(command.PersonId, cancellation)).Administers)
            {
                return new NotFoundOrNotYours();
            }

            if (string.IsNullOrWhiteSpace(command.Description))
            {
                return new FieldIsEmpty("Description");
            }

            await versions.LockAsync(command.DefinitionId, cancellation);
            if (await versions.LatestAsync(command.DefinitionId, cancellation) is not { IsDraft: true } draft)
            {
                return new NothingToPublish();
            }

            if (await publish.ProblemsAsync(draft.Json, null, cancellation) is { Count: > 0 } problems)
            {
                return new DraftHasProblems(problems);
            }

            await requests.StoreAsync(draft, command.Description, command.PersonId, cancellation);
            audit.Record(
                Subjects.Definition(command.DefinitionId), "publication_proposed", new Actor(command.PersonId),
                new { version = draft.Version, description = command.Description });
            return new Proposed(draft.Version);
        },
        cancellation);
}

/// <summary>The descriptions of drafts that wait to be published; inside the caller's transaction.</summary>
public sealed class PublicationRequests(UnitOfWork work, TimeProvider time)
{
    /// <param name="ProposedBy">The person's name.</param>
    public sealed record Request(string Description, Guid ProposedById, string ProposedBy, DateTimeOffset ProposedAt);

    /// <summary>The request for exactly this content; null when there is none, or the draft has changed since.</summary>
    public async Task<Request?> FindAsync(StoredVersion draft, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select r.change_description, r.proposed_by_id, p.display_name, r.proposed_at
            from publication_request r join person p on p.id = r.proposed_by_id
            where r.definition_id = $1 and r.content_sha256 = $2
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = draft.DefinitionId });
        command.Parameters.Add(new NpgsqlParameter { Value = PostgresDefinitionStore.ContentHash(draft.Json) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new Request(reader.GetString(0), reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3))
            : null;
    }

    internal async Task StoreAsync(StoredVersion draft, string description, Guid personId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into publication_request (definition_id, content_sha256, change_description, proposed_by_id, proposed_at)
            values ($1, $2, $3, $4, $5)
            on conflict (definition_id) do update set content_sha256 = excluded.content_sha256,
              change_description = excluded.change_description, proposed_by_id = excluded.proposed_by_id, proposed_at = excluded.proposed_at
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = draft.DefinitionId });
        command.Parameters.Add(new NpgsqlParameter { Value = PostgresDefinitionStore.ContentHash(draft.Json) });
        command.Parameters.Add(new NpgsqlParameter { Value = description });
        command.Parameters.Add(new NpgsqlParameter { Value = personId });
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow().ToUniversalTime() });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    internal async Task RemoveAsync(string definitionId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("delete from publication_request where definition_id = $1", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = definitionId });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>There is no draft that differs from what is published.</summary>
public sealed record NothingToPublish : Refusal;

/// <summary>A later version needs a word on what it changes; <paramref name="Path"/> is the page where it is written.</summary>
public sealed record ChangeIsNotDescribed(string Name, string Path) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name, Path];
}

/// <summary>Who describes a change does not publish it; <paramref name="Path"/> is the page where another administrator does.</summary>
public sealed record SecondPersonMustPublish(string Name, string Path) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name, Path];
}
