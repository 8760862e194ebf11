using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>The stored names of how news reaches a person; each has its text <c>Delivery_…</c> among the mail texts.</summary>
public static class MailDelivery
{
    public const string AtOnce = "at_once";
    public const string Digest = "digest";
    public const string None = "none";

    public static IReadOnlyList<string> All { get; } = [AtOnce, Digest, None];

    /// <summary>True when mails of this kind may be chosen to come so.</summary>
    public static bool Suits(string kind, string delivery) =>
        MailKinds.Choosable.Contains(kind) && (delivery is AtOnce or Digest || (delivery == None && MailKinds.Dispensable.Contains(kind)));
}

/// <summary>This kind of mail is a duty, or it cannot come that way.</summary>
public sealed record MailCannotBeChosen(string Kind) : Refusal
{
    public override string? Field => Kind;
}

/// <summary>What people and roles chose about news: read and changed here. Where nothing is chosen all comes at once.</summary>
public sealed class MailChoices(UnitOfWork work, Rights rights, AuditTrail audit, TimeProvider time)
{
    /// <summary>The roles for which the secretary chooses.</summary>
    public static IReadOnlyList<string> Roles { get; } =
        ["chair", "vice_chair", "member", "secretary", "task_lead", "administrator", "observer"];

    /// <param name="Own">What the person chose; null where nothing.</param>
    /// <param name="Effective">What holds.</param>
    public sealed record Line(string Kind, string? Own, string Effective);

    /// <param name="Deliveries">By kind; an empty value takes a choice back.</param>
    /// <param name="Role">For whom it is chosen; null for the person alone.</param>
    public sealed record Command(Guid PersonId, IReadOnlyDictionary<string, string?> Deliveries, string? Role = null, string? FormKey = null);

    /// <summary>Every kind that the person can choose about.</summary>
    public Task<IReadOnlyList<Line>> OfAsync(Guid personId, CancellationToken cancellation) => work.RunAsync<IReadOnlyList<Line>>(
        async () =>
        {
            await using var command = new NpgsqlCommand(
                """
                select one.kind, choice.delivery, mail_delivery($1, one.kind, $3) from unnest($2) with ordinality as one (kind, place)
                left join mail_choice as choice on choice.kind = one.kind and choice.person_id = $1 order by place
                """,
                work.Connection);
            Add(command, personId, MailKinds.Choosable.ToArray(), Warsaw.DateOf(time.GetUtcNow()));
            var lines = new List<Line>();
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                lines.Add(new Line(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetString(2)));
            }

            return lines;
        },
        cancellation);

    /// <summary>What is chosen for a role, by kind.</summary>
    public Task<IReadOnlyDictionary<string, string>> OfRoleAsync(string role, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyDictionary<string, string>>(
            async () =>
            {
                await using var command = new NpgsqlCommand("select kind, delivery from mail_role_choice where role = $1", work.Connection);
                Add(command, role);
                return await ReadPairsAsync<string>(command, cancellation);
            },
            cancellation);

    /// <returns>Done, or <see cref="MailCannotBeChosen"/>; roles are chosen for by those who keep the outbox.</returns>
    public Task<Result<Done>> ChooseAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId,
        command.FormKey,
        new { command.Role, choices = command.Deliveries.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}") },
        async _ =>
        {
            var person = await rights.OfAsync(command.PersonId, cancellation);
            if (!person.IsActive || (command.Role is { } role && (!person.KeepsOutbox || !Roles.Contains(role))))
            {
                return new NotFoundOrNotYours();
            }

            if (command.Deliveries.FirstOrDefault(one => one.Value is { } value && !MailDelivery.Suits(one.Key, value)) is { Key: { } kind })
            {
                return new MailCannotBeChosen(kind);
            }

            foreach (var (chosen, delivery) in command.Deliveries)
            {
                await SetAsync(command.PersonId, command.Role, chosen, delivery, cancellation);
            }

            audit.Record(
                command.Role is null ? Subjects.Person(command.PersonId) : Subjects.Programme, "mail_choices_set", new Actor(command.PersonId), new { role = command.Role, choices = command.Deliveries });
            return default(Done);
        },
        cancellation);

    /// <summary>
    /// Ends mails of one mail's kind for its recipient, who shows by the mail's id that he has it: a digest's news comes at once
    /// again or, where it is dispensable, not at all. Again changes nothing.
    /// </summary>
    /// <returns>The kind, or <see cref="NotFoundOrNotYours"/> for an id of no such mail.</returns>
    public Task<Result<string>> EndAsync(Guid mailId, CancellationToken cancellation) => work.RunAsync<string>(
        async _ =>
        {
            if (await KindOfAsync(mailId, cancellation) is not ({ } kind, var person))
            {
                return new NotFoundOrNotYours();
            }

            var day = Warsaw.DateOf(time.GetUtcNow());
            var ended = kind == MailKinds.DailyDigest
                ? (await DigestedAsync(person, day, cancellation)).ToDictionary(
                    one => one, one => MailKinds.Dispensable.Contains(one) ? MailDelivery.None : MailDelivery.AtOnce)
                : new Dictionary<string, string> { [kind] = MailDelivery.None };
            foreach (var (one, delivery) in ended)
            {
                await SetAsync(person, null, one, delivery, cancellation);
            }

            if (ended.Count > 0)
            {
                audit.Record(Subjects.Person(person), "mail_choices_ended", new Actor(person), new { choices = ended });
            }

            return kind;
        },
        cancellation);

    /// <summary>The kind of a mail that its recipient may end, for the page that asks; null for any other id.</summary>
    public Task<string?> MayEndAsync(Guid mailId, CancellationToken cancellation) =>
        work.RunAsync(async () => (await KindOfAsync(mailId, cancellation)).Kind, cancellation);

    /// <summary>Those of these people whom news of a kind does not reach at once, and how it does.</summary>
    internal static async Task<Dictionary<Guid, string>> OtherThanAtOnceAsync(
        UnitOfWork work, string kind, Guid[] people, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select person, delivery from (select person, mail_delivery(person, $1, $3) as delivery from unnest($2) as person) as chosen
            where delivery <> 'at_once' and exists (select from mail_choice union all select from mail_role_choice)
            """,
            work.Connection);
        Add(command, kind, people, Warsaw.DateOf(now));
        return await ReadPairsAsync<Guid>(command, cancellation);
    }

    private async Task<(string? Kind, Guid Person)> KindOfAsync(Guid mailId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select kind, recipient_person_id from outbox_message where id = $1", work.Connection);
        Add(command, mailId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) && reader.GetString(0) is var kind && MailKinds.MayBeEnded(kind)
            ? (kind, reader.GetGuid(1))
            : default;
    }

    private async Task<List<string>> DigestedAsync(Guid personId, DateOnly day, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select kind from unnest($2) as kind where mail_delivery($1, kind, $3) = 'digest'", work.Connection);
        Add(command, personId, MailKinds.Choosable.ToArray(), day);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var kinds = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            kinds.Add(reader.GetString(0));
        }

        return kinds;
    }

    private async Task SetAsync(Guid personId, string? role, string kind, string? delivery, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            (role, delivery) switch
            {
                (null, null) => "delete from mail_choice where person_id = $1 and kind = $2",
                (null, _) =>
                    """
                    insert into mail_choice (person_id, kind, delivery, changed_at) values ($1, $2, $3, $4)
                    on conflict (person_id, kind) do update set delivery = excluded.delivery, changed_at = excluded.changed_at
                    """,
                (_, null) => "delete from mail_role_choice where role = $1 and kind = $2",
                _ =>
                    """
                    insert into mail_role_choice (role, kind, delivery, changed_at, changed_by_id) values ($1, $2, $3, $4, $5)
                    on conflict (role, kind) do update set delivery = excluded.delivery, changed_at = excluded.changed_at,
                      changed_by_id = excluded.changed_by_id
                    """,
            },
            work.Connection);
        Add(command, role is null ? personId : role, kind);
        if (delivery is not null)
        {
            Add(command, delivery, time.GetUtcNow());
            if (role is not null)
            {
                Add(command, personId);
            }
        }

        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<Dictionary<TKey, string>> ReadPairsAsync<TKey>(NpgsqlCommand command, CancellationToken cancellation)
        where TKey : notnull
    {
        var pairs = new Dictionary<TKey, string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            pairs[reader.GetFieldValue<TKey>(0)] = reader.GetString(1);
        }

        return pairs;
    }

    private static void Add(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
    }
}
