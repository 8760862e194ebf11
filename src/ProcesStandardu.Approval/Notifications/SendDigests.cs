using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// One pass that writes each working morning's digests, one transaction a person. A digest of an earlier day that has not left
/// is replaced: its news goes into the new one, so that a day without mail ends in one mail.
/// </summary>
public sealed class SendDigests(IServiceScopeFactory scopes, NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>How far ahead owed documents are told, in working days.</summary>
    private const int Ahead = 10;

    /// <returns>How many digests are queued now.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var local = Warsaw.Local(time.GetUtcNow());
        var today = DateOnly.FromDateTime(local.DateTime);
        if (TimeOnly.FromDateTime(local.DateTime) < SendReminders.Morning || !WorkingCalendar.IsWorkingDay(today))
        {
            return 0;
        }

        var queued = 0;
        foreach (var person in await DueAsync(today, cancellation))
        {
            await using var scope = scopes.CreateAsyncScope();
            queued += await WriteAsync(scope.ServiceProvider, person, today, cancellation);
        }

        return queued;
    }

    /// <summary>The people who have news in a digest and whose digest of the day is still to be looked at.</summary>
    private async Task<List<Guid>> DueAsync(DateOnly today, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            select id from person where is_active
              and (exists (select from mail_choice union all select from mail_role_choice) or exists (select from digest_item where digest_key is null))
              and not exists (select from digest_day where person_id = person.id and last_on >= $2)
              and (exists (select from unnest($1) as kind where mail_delivery(person.id, kind, $2) = 'digest')
                or exists (select from digest_item where person_id = person.id and digest_key is null))
            order by key
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = MailKinds.Choosable.ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = today });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var people = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
        {
            people.Add(reader.GetGuid(0));
        }

        return people;
    }

    private async Task<int> WriteAsync(IServiceProvider services, Guid personId, DateOnly today, CancellationToken cancellation)
    {
        var work = services.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async () =>
            {
                // The day's row is the lock: another node finds the day done.
                if (await ExecuteAsync(
                    work,
                    """
                    insert into digest_day (person_id, last_on) values ($1, $2)
                    on conflict (person_id) do update set last_on = excluded.last_on where digest_day.last_on < excluded.last_on
                    """,
                    cancellation, personId, today) == 0)
                {
                    return 0;
                }

                await TakeBackUnsentAsync(work, personId, cancellation);
                var (news, items) = await NewsAsync(work, personId, cancellation);
                var ballots = await BallotsAsync(services, personId, today, cancellation);
                var digest = new DailyDigest(today, personId, ballots, await DocumentsAsync(services, personId, today, cancellation), news);
                var isWorthAMail = digest.Ballots.Count + digest.Documents.Count + digest.News.Count > 0
                    && await services.GetRequiredService<Outbox>().AddAsync(digest, personId, cancellation);

                // What is out of date goes with the digest too: it is not asked about again.
                await ExecuteAsync(
                    work, "update digest_item set digest_key = $2 where id = any($1)", cancellation, items,
                    Outbox.MailKeyOf(digest, personId));
                return isWorthAMail ? 1 : 0;
            },
            cancellation);
    }

    /// <summary>Digests that nobody is sending are replaced; what a sender has stays as it is.</summary>
    private static async Task TakeBackUnsentAsync(UnitOfWork work, Guid personId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            with unsent as (
              select id, mail_key from outbox_message
              where recipient_person_id = $1 and kind = $2 and state in ('pending', 'retry') for update skip locked
            ), freed as (
              update digest_item set digest_key = null from unsent where digest_key = unsent.mail_key
            )
            update outbox_message as mail set state = 'suppressed', next_attempt_at = null, last_error = $3
            from unsent where mail.id = unsent.id
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = personId });
        command.Parameters.Add(new NpgsqlParameter { Value = MailKinds.DailyDigest });
        command.Parameters.Add(new NpgsqlParameter { Value = MailReasons.NewerDigest });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>What happened and is still true, the newest first, each line once; and every item that was looked at.</summary>
    private async Task<(List<MailSection.Line> News, Guid[] Items)> NewsAsync(UnitOfWork work, Guid personId, CancellationToken cancellation)
    {
        var rows = new List<(Guid Id, string Title, string Path, string? ValidWhile, DateTimeOffset At)>();
        await using (var command = new NpgsqlCommand(
            """
            select id, title, path, valid_while::text, happened_at from digest_item
            where person_id = $1 and digest_key is null order by happened_at desc, id desc
            """,
            work.Connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = personId });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add((
                    reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3),
                    reader.GetFieldValue<DateTimeOffset>(4)));
            }
        }

        var now = time.GetUtcNow();
        var news = new List<MailSection.Line>();
        foreach (var row in rows)
        {
            if (row.ValidWhile is null
                || await ValidWhile.FromJson(row.ValidWhile).StaleReasonAsync(work.Db, personId, row.At, now, cancellation) is null)
            {
                news.Add(new MailSection.Line(row.Title, row.Path));
            }
        }

        return ([.. news.Distinct()], [.. rows.Select(row => row.Id)]);
    }

    private static async Task<List<DailyDigest.Owed>> BallotsAsync(
        IServiceProvider services, Guid personId, DateOnly today, CancellationToken cancellation)
    {
        var ballots = await services.GetRequiredService<ListBallots>().HandleAsync(
            new ListBallots.Query(personId, OnlyToVoteOn: true), cancellation);
        return [.. ballots
            .Where(ballot => ballot.IsElector ? !ballot.HasVoted : ballot.StandsInFor.Any(stand => stand is { MayNow: true, Standing: null }))
            .Select(ballot => new DailyDigest.Owed(
                $"{ballot.Number}: {ballot.Title}", SitePaths.Ballot(ballot.Id), ballot.DueOn,
                ballot.DueOn is { } day ? WorkingCalendar.WorkingDaysBetween(today, day) : 0))];
    }

    private static async Task<List<DailyDigest.Owed>> DocumentsAsync(
        IServiceProvider services, Guid personId, DateOnly today, CancellationToken cancellation)
    {
        var last = WorkingCalendar.AddWorkingDays(today, Ahead);
        return [.. (await services.GetRequiredService<DeliverablesOf>().HandleAsync(new DeliverablesOf.Query(personId), cancellation))
            .Where(line => line.Status is DeliverableStatus.Awaited or DeliverableStatus.NotAdopted && line.DueOn <= last)
            .Select(line => new DailyDigest.Owed(
                line.Title, SitePaths.Deliverable(line.Key), line.DueOn,
                line.DueOn is { } day && day < today
                    ? -WorkingCalendar.WorkingDaysBetween(day, today)
                    : WorkingCalendar.WorkingDaysBetween(today, line.DueOn ?? today)))];
    }

    private static async Task<int> ExecuteAsync(UnitOfWork work, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
