using System.Collections.Concurrent;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// Active people as this node saw them last. They are never used without the database agreeing: the condition that they
/// are still so travels with the mails, and when it does not hold the act is run again and reads them.
/// </summary>
public sealed class KnownRecipients
{
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<Guid, MailRecipient> people = new();

    /// <summary>The active ones among these people, each once and in this order, as the transaction sees them.</summary>
    internal async Task<IReadOnlyList<MailRecipient>> ReadAsync(
        UnitOfWork work, IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
    {
        var wanted = ids.Distinct().ToArray();
        if (wanted.Length == 0)
        {
            return [];
        }

        var question = new NpgsqlBatchCommand(
            "select id, display_name, email, language from person where id = any($1) and is_active order by array_position($1, id)");
        question.Parameters.Add(new NpgsqlParameter { Value = wanted });
        var found = new List<MailRecipient>();
        await using var reader = await work.AskAsync(cancellation, question);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(new MailRecipient(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        }

        if (people.Count > Most)
        {
            people.Clear();
        }

        foreach (var person in found)
        {
            people[person.Id] = person;
        }

        return found;
    }

    /// <summary>The same without asking, where all are known; then what was taken on trust must be checked with the mails.</summary>
    internal async Task<(IReadOnlyList<MailRecipient> People, bool AreTrusted)> TrustAsync(
        UnitOfWork work, IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
    {
        var trusted = new List<MailRecipient>(ids.Count);
        foreach (var id in ids.Distinct())
        {
            if (work.IsCareful || !people.TryGetValue(id, out var person))
            {
                return (await ReadAsync(work, ids, cancellation), false);
            }

            trusted.Add(person);
        }

        return (trusted, true);
    }

    /// <summary>Fails when one of these people is not any more as they were taken to be.</summary>
    internal static NpgsqlBatchCommand Check(IReadOnlyCollection<MailRecipient> trusted) => Trust.RecipientsAre(trusted);
}
