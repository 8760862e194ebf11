using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>
/// Plays the demo's history through the real use cases, with the programme's clock at each act's time and every pass run
/// at each instant at which something falls due on the way. An act and the mark that it was played are one transaction:
/// a process that dies in the middle goes on where it stood and repeats nothing.
/// </summary>
public sealed class PlayHistory(IServiceProvider services, ProgrammeClock clock, TimeTravel travel, ILogger<PlayHistory> logger)
{
    private const string EndMark = "history:end";

    public sealed record Command(DataFolder Folder);

    /// <param name="Acts">How many acts were played now.</param>
    /// <param name="IsNew">False when the history had been played to its end before; then the clock was not touched.</param>
    public sealed record Played(int Acts, bool IsNew);

    /// <exception cref="DataFileException">The script cannot be read.</exception>
    /// <exception cref="HistoryRefusedException">The product refused an act; those before it stand.</exception>
    public async Task<Played> HandleAsync(Command command, CancellationToken cancellation)
    {
        var script = await HistoryScript.ReadAsync(command.Folder, cancellation);
        var done = await MarksAsync(cancellation);
        if (done.Contains(EndMark))
        {
            return new Played(0, false);
        }

        var played = 0;
        var before = script.Acts.LastOrDefault(act => done.Contains(MarkOf(act))) ?? script.Acts[0];
        await clock.SetToAsync(HistoryScript.Instant(before.At), null, cancellation);
        foreach (var act in script.Acts.Where(act => !done.Contains(MarkOf(act))))
        {
            await travel.AdvanceToAsync(HistoryScript.Instant(act.At), null, cancellation);
            await PlayAsync(act, command.Folder, cancellation);
            await Passes.RunAllDueAsync(services, cancellation);
            played++;
            logger.LogInformation("The demo's history: {At:yyyy-MM-dd HH:mm} {Act}", act.At, act.Id);
        }

        await travel.AdvanceToAsync(HistoryScript.Instant(script.EndsAt), null, cancellation);
        await InScopeAsync(async (work, _) => await work.RunAsync<bool>(
            async db =>
            {
                await MarkAsync(db, EndMark, cancellation);
                return true;
            },
            cancellation));
        return new Played(played, true);
    }

    private Task PlayAsync(HistoryAct act, DataFolder folder, CancellationToken cancellation) => InScopeAsync(
        async (work, scope) =>
        {
            var text = act is SubmitRevisionAct submission
                ? await folder.ReadTextAsync("demo/texts/" + submission.Text, cancellation)
                : "";
            var outcome = await work.RunAsync<Done>(
                async db =>
                {
                    if (await new HistoryStage(scope, db, text).PerformAsync(act, cancellation) is { } refusal)
                    {
                        return refusal;
                    }

                    await MarkAsync(db, MarkOf(act), cancellation);
                    return default(Done);
                },
                cancellation);
            if (outcome.Refusal is { } problem)
            {
                throw new HistoryRefusedException(act.Id, problem);
            }
        });

    private async Task<HashSet<string>> MarksAsync(CancellationToken cancellation)
    {
        var marks = new HashSet<string>(StringComparer.Ordinal);
        await InScopeAsync(async (work, _) => marks.UnionWith(await work.RunAsync(
            db => db.Database.SqlQuery<string>($"select key from seeding_mark where key like 'history:%'").ToListAsync(cancellation),
            cancellation)));
        return marks;
    }

    private async Task InScopeAsync(Func<UnitOfWork, IServiceProvider, Task> act)
    {
        await using var scope = services.CreateAsyncScope();
        await act(scope.ServiceProvider.GetRequiredService<UnitOfWork>(), scope.ServiceProvider);
    }

    private static string MarkOf(HistoryAct act) => "history:" + act.Id;

    private Task<int> MarkAsync(ProcesDbContext db, string key, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync($"insert into seeding_mark (key, done_at) values ({key}, {clock.GetUtcNow()})", cancellation);
}

/// <summary>The product refused an act of the demo's history, so the script and the rules disagree.</summary>
public sealed class HistoryRefusedException(string actId, Refusal refusal)
    : Exception($"The act „{actId}” of the demo's history was refused: {refusal}")
{
    public string ActId { get; } = actId;

    public Refusal Refusal { get; } = refusal;
}
