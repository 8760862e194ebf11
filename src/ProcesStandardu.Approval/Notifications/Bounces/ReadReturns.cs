using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications.Bounces;

/// <summary>
/// One pass that reads the mailbox of returns, see <see cref="MailOptions.ReturnsMailbox"/>. Each message is dealt with once; what is
/// no report of a failure of ours is noted and changes nothing, and nothing is ever answered.
/// </summary>
public sealed class ReadReturns(
    IServiceScopeFactory scopes, NpgsqlDataSource dataSource, TimeProvider time, IOptions<MailOptions> options, ILogger<ReadReturns> logger)
{
    private (long Length, DateTime WrittenAt) last;

    /// <returns>How many mails turned out to have come back.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        if (options.Value.ReturnsMailbox is not { } path)
        {
            return 0;
        }

        // A file that nobody wrote to since is not read again.
        var file = new FileInfo(path);
        var now = file.Exists ? (file.Length, file.LastWriteTimeUtc) : default;
        if (file.Exists && now == last)
        {
            return 0;
        }

        var returned = 0;
        foreach (var message in ReturnedMailbox.Read(path))
        {
            var hash = SHA256.HashData(message);
            if (!await IsReadAsync(hash, cancellation))
            {
                returned += await DealWithAsync(hash, message, cancellation) ? 1 : 0;
            }
        }

        last = now;
        return returned;
    }

    private async Task<bool> IsReadAsync(byte[] hash, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand("select exists (select from bounce_message where hash = $1)");
        command.Parameters.Add(new NpgsqlParameter { Value = hash });
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<bool> DealWithAsync(byte[] hash, byte[] message, CancellationToken cancellation)
    {
        var reports = DeliveryReports.Read(message);
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async () =>
            {
                var failure = reports.FirstOrDefault(report => report.IsFailure);
                var mailId = failure is null ? null : await FindAsync(work, failure, cancellation);
                var what = reports.Count == 0 ? "no_report" : failure is null ? "no_failure" : mailId is null ? "unknown_mail" : "failure";
                if (!await KeepAsync(work, hash, what, mailId, cancellation))
                {
                    return false;
                }

                if (mailId is not { } id)
                {
                    logger.LogInformation("A message in the mailbox of returns was read: {What}", what);
                    return false;
                }

                return await scope.ServiceProvider.GetRequiredService<MailReturns>().NoteAsync(id, failure!.ToString(), Actor.System, cancellation);
            },
            cancellation);
    }

    /// <summary>The mail by its Message-ID, which only who had the mail can know. A recipient's name alone proves nothing.</summary>
    private static async Task<Guid?> FindAsync(UnitOfWork work, DeliveryReport report, CancellationToken cancellation)
    {
        // The left side of a Message-ID of ours is the mail's id; the whole of it must agree.
        if (!Guid.TryParseExact(report.MessageId?.TrimStart('<').Split('@')[0], "N", out var id))
        {
            return null;
        }

        await using var command = new NpgsqlCommand("select id from outbox_message where id = $1 and message_id = $2", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        command.Parameters.Add(new NpgsqlParameter { Value = report.MessageId! });
        return (Guid?)await command.ExecuteScalarAsync(cancellation);
    }

    private async Task<bool> KeepAsync(UnitOfWork work, byte[] hash, string what, Guid? mailId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "insert into bounce_message (hash, read_at, what, mail_id) values ($1, $2, $3, $4) on conflict do nothing", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = hash, NpgsqlDbType = NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter { Value = what });
        command.Parameters.Add(SqlValue.Id(mailId));
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }
}
