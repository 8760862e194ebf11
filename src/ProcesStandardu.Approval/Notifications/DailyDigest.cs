using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>One mail a day for those who do not want each news by itself: what waits for them, and what happened since the last.</summary>
/// <param name="Day">The local day; one digest a day.</param>
/// <param name="Ballots">Votes that the recipient still owes, the earliest end first.</param>
/// <param name="Documents">Documents that the recipient still owes, the earliest end first.</param>
/// <param name="News">The newest first; each once.</param>
public sealed record DailyDigest(
    DateOnly Day, Guid PersonId, IReadOnlyList<DailyDigest.Owed> Ballots, IReadOnlyList<DailyDigest.Owed> Documents,
    IReadOnlyList<MailSection.Line> News) : OutboundMail
{
    /// <param name="DueOn">The last local day; null while a term does not run yet.</param>
    /// <param name="DaysLeft">Working days after today up to it; negative for those since an end that is over.</param>
    public sealed record Owed(string Title, string Path, DateOnly? DueOn, int DaysLeft);

    public override string Kind => MailKinds.DailyDigest;

    public override string Cause => Audit.Subjects.Person(PersonId);

    public override string Occurrence => Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public override string Path => SitePaths.MyMatters;

    public override MailContent ToMail(MailTexts texts) => new(
        Ballots.Count + Documents.Count > 0
            ? texts["DigestSubjectOwed", texts.ShortDate(Day), Ballots.Count + Documents.Count]
            : texts["DigestSubject", texts.ShortDate(Day)],
        texts["DigestHeading", texts.Date(Day)],
        [texts["DigestWhat"]],
        [],
        texts["ButtonMyMatters"],
        texts["ReasonDigest"])
    {
        Sections =
        [
            .. Section(texts["DigestBallots"], Ballots.Select(owed => Line(owed, "DigestBallot", texts))),
            .. Section(texts["DigestDocuments"], Documents.Select(owed => Line(owed, "DigestDocument", texts))),
            .. Section(texts["DigestNews"], News),
        ],
    };

    private static MailSection.Line Line(Owed owed, string text, MailTexts texts) => new(
        owed.DueOn is not { } day ? texts[text + "WithoutTerm", owed.Title]
            : owed.DaysLeft < 0 ? texts[text + "Late", owed.Title, texts.Date(day), -owed.DaysLeft]
            : texts[text, owed.Title, texts.DateAndTime(ProcesStandardu.Approval.Time.Warsaw.EndOf(day)), owed.DaysLeft],
        owed.Path);

    private static MailSection[] Section(string heading, IEnumerable<MailSection.Line> lines) =>
        lines.ToList() is { Count: > 0 } some ? [new MailSection(heading, some)] : [];
}

/// <summary>News that waits for its person's next digest.</summary>
internal sealed record DigestItem(
    Guid Id, string ItemKey, Guid PersonId, string Cause, string Title, string Path, string? ValidWhile, DateTimeOffset HappenedAt)
{
    private static readonly RowSet<DigestItem> Rows = new(
        "digest_item",
        [
            RowColumn.Of<DigestItem, Guid>("id", NpgsqlDbType.Uuid, item => item.Id),
            RowColumn.Of<DigestItem, string>("item_key", NpgsqlDbType.Text, item => item.ItemKey),
            RowColumn.Of<DigestItem, Guid>("person_id", NpgsqlDbType.Uuid, item => item.PersonId),
            RowColumn.Of<DigestItem, string>("cause", NpgsqlDbType.Text, item => item.Cause),
            RowColumn.Of<DigestItem, string>("title", NpgsqlDbType.Text, item => item.Title),
            RowColumn.Of<DigestItem, string>("path", NpgsqlDbType.Text, item => item.Path),
            RowColumn.OrNull<DigestItem, string>("valid_while", NpgsqlDbType.Jsonb, item => item.ValidWhile),
            RowColumn.Of<DigestItem, DateTime>("happened_at", NpgsqlDbType.TimestampTz, item => item.HappenedAt.UtcDateTime),
        ],
        "on conflict (item_key) do nothing");

    /// <param name="title">The mail's subject line in the person's language.</param>
    public static DigestItem Of(OutboundMail mail, MailRecipient person, string mailKey, string title, DateTimeOffset at) =>
        new(Guid.CreateVersion7(at), mailKey, person.Id, mail.Cause, title, mail.Path, mail.ValidWhile?.ToJson(), at);

    /// <returns>How many were not there before.</returns>
    public static async Task<int> InsertAsync(UnitOfWork work, IReadOnlyList<DigestItem> items, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(work.Connection);
        Rows.Insert(batch, items);
        return await batch.ExecuteNonQueryAsync(cancellation);
    }
}
