using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Notifications;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// Conditions that travel with what was written on trust. Where one does not hold, a row goes into <c>broken_trust</c>, which
/// takes none: the transaction fails, and the act is run again and asks.
/// </summary>
/// <remarks>Plain insertions, since they are planned once for each connection, and answer with no rows when all is well.</remarks>
internal static class Trust
{
    private static readonly string OneRecipient = Broken(
        "recipient", "not exists (select from person where id = $1 and is_active and display_name = $2 and email = $3 and language = $4)");

    private static readonly string ManyRecipients = Broken(
        "recipient",
        """
        exists (select from unnest($1, $2, $3, $4) as taken (id, display_name, email, language)
          where not exists (select from person p where p.id = taken.id and p.is_active
            and (p.display_name, p.email, p.language) = (taken.display_name, taken.email, taken.language)))
        """);

    private static readonly string Published = Broken(
        "version", "not exists (select from workflow_definition where version_id = $1 and is_published)");

    private static readonly string OneHash = Broken("kept", Kept("= $1"));

    private static readonly string ManyHashes = Broken("kept", Kept("= any($1)"));

    /// <summary>These people are active and called, addressed and spoken to as they were taken to be.</summary>
    public static NpgsqlBatchCommand RecipientsAre(IReadOnlyCollection<MailRecipient> trusted)
    {
        if (trusted.Count == 1)
        {
            var person = trusted.First();
            return new NpgsqlBatchCommand(OneRecipient)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = person.Id },
                    new NpgsqlParameter<string> { TypedValue = person.DisplayName },
                    new NpgsqlParameter<string> { TypedValue = person.Address },
                    new NpgsqlParameter<string> { TypedValue = person.Language },
                },
            };
        }

        return new NpgsqlBatchCommand(ManyRecipients)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = trusted.Select(person => person.Id).ToArray() },
                Texts(trusted.Select(person => person.DisplayName)),
                Texts(trusted.Select(person => person.Address)),
                Texts(trusted.Select(person => person.Language)),
            },
        };
    }

    /// <summary>This version is its definition's published one.</summary>
    public static NpgsqlBatchCommand VersionIsPublished(string versionId) =>
        new(Published) { Parameters = { new NpgsqlParameter<string> { TypedValue = versionId } } };

    /// <summary>No stimulus was kept for waits with these hashes.</summary>
    public static NpgsqlBatchCommand NothingKeptMayFit(string[] hashes) => hashes.Length == 1
        ? new(OneHash) { Parameters = { new NpgsqlParameter<string> { TypedValue = hashes[0] } } }
        : new(ManyHashes) { Parameters = { Texts(hashes) } };

    private static string Broken(string what, string condition) => $"insert into broken_trust select '{what}' where {condition}";

    private static string Kept(string comparison) =>
        $"exists (select from kept_delivery where kind = 'stimulus' and attempts = 0 and hash {comparison})";

    private static NpgsqlParameter Texts(IEnumerable<string> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
