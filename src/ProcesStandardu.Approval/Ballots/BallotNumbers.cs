using System.Globalization;
using Npgsql;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Numbers of ballots and resolutions: per board and year, without gaps, since a rolled back act gives its number back.</summary>
internal static class BallotNumbers
{
    public static async Task<string> NextBallotNumberAsync(
        this UnitOfWork work, string bodyKey, int year, CancellationToken cancellation) =>
        string.Format(
            CultureInfo.InvariantCulture, "G-{0}/{1:00}", year, await NextAsync(work, bodyKey, "ballot", year, cancellation));

    public static async Task<string> NextResolutionNumberAsync(
        this UnitOfWork work, string bodyKey, int year, CancellationToken cancellation) =>
        string.Format(
            CultureInfo.InvariantCulture, "{0}/{1}", await NextAsync(work, bodyKey, "resolution", year, cancellation), year);

    public static async Task<string> NextMeetingNumberAsync(
        this UnitOfWork work, string bodyKey, int year, CancellationToken cancellation) =>
        string.Format(
            CultureInfo.InvariantCulture, "{0}/{1}", await NextAsync(work, bodyKey, "meeting", year, cancellation), year);

    private static async Task<int> NextAsync(
        UnitOfWork work, string bodyKey, string kind, int year, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into body_counter (body_key, kind, year, last) values ($1, $2, $3, 1)
            on conflict (body_key, kind, year) do update set last = body_counter.last + 1
            returning last
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = bodyKey });
        command.Parameters.Add(new NpgsqlParameter { Value = kind });
        command.Parameters.Add(new NpgsqlParameter { Value = year });
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }
}

/// <summary>What the mails about a ballot say of it.</summary>
internal static class BallotCases
{
    public static BallotCase Of(Ballot ballot, Revision revision) =>
        new(ballot.Id, ballot.Number, ballot.Title, ballot.DeliverableKey, revision.Number.ToString(), ballot.DueOn);
}
