using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Approval.Tests.Ballots;

/// <summary>A product with a submitted revision of the conclusions of OSL and a ballot of the board on it.</summary>
internal sealed class BallotCase : IAsyncDisposable
{
    public const string Deliverable = "osl-wnioski-1";
    public const string Board = "zespol-doradczy";

    private ServiceProvider? otherNode;
    private int acts;

    private BallotCase(TestProduct product) => Product = product;

    public TestProduct Product { get; }

    public Guid BallotId { get; private set; }

    public string ContentHash { get; private set; } = "";

    /// <summary>Opened on Monday 29 October 2012 at 10:00 with the rules' five working days, so that it ends on 6 November.</summary>
    /// <param name="rule">A term of the rules that this board has otherwise, such as <c>result_is_announced</c>; null for the demo's rules.</param>
    public static async Task<BallotCase> OpenAsync(bool? closesWhenAllVoted = null, string? secrecy = null, string? rule = null)
    {
        var ballot = await SubmittedAsync();
        if (rule is not null)
        {
            // Adopted rules never change; this board adopted others to begin with.
            await ballot.Product.Database.ExecuteAsync(
                $"set session_replication_role = replica; update rules_of_procedure set terms = terms || jsonb_build_object('{rule}', true)");
        }

        ballot.BallotId = (await ballot.OpenAgainAsync(closesWhenAllVoted, secrecy)).Value.BallotId;
        ballot.ContentHash = (await ballot.ShowAsync("anna-nowak"))!.ContentHash;
        return ballot;
    }

    /// <summary>Opens the ballot in another procedure, at the moment that it is.</summary>
    public async Task OpenAsync(string procedure)
    {
        BallotId = (await Product.RunAsync<OpenBallot, Result<OpenBallot.Opened>>(open => open.HandleAsync(
            new OpenBallot.Command(Deliverable, Board, null, null, null, Actor.System, procedure), CancellationToken.None))).Value.BallotId;
        ContentHash = (await ShowAsync("anna-nowak"))!.ContentHash;
    }

    /// <summary>The same morning, before the board is asked.</summary>
    public static async Task<BallotCase> SubmittedAsync()
    {
        var ballot = new BallotCase(await TestProduct.CreateAsync());
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 10, 29, 9, 0));
        await ballot.SubmitAsync("Rozdział 1\n\n§ 1. Wnioski z pilotażu.");
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 10, 29, 10, 0));
        return ballot;
    }

    public Task<Result<OpenBallot.Opened>> OpenAgainAsync(bool? closesWhenAllVoted = null, string? secrecy = null) =>
        Product.RunAsync<OpenBallot, Result<OpenBallot.Opened>>(open => open.HandleAsync(
            new OpenBallot.Command(Deliverable, Board, null, null, closesWhenAllVoted, Actor.System, Secrecy: secrecy), CancellationToken.None));

    public async Task<SubmitRevision.Submitted> SubmitAsync(
        string text, ChangeKind kind = ChangeKind.Material, RevisionStep step = RevisionStep.NextMajor)
    {
        using var file = new MemoryStream(DocxFromText.Write("Wnioski i rekomendacje OSL", text));
        var submitted = await Product.RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(async submit => await submit.HandleAsync(
            new SubmitRevision.Command(
                Deliverable, await Product.PersonAsync("marek-pole"), file, "wnioski.docx", "Wnioski", "Pierwsza wersja",
                kind, step, null, null),
            CancellationToken.None));
        return submitted.Value;
    }

    public async Task<Result<CastVote.Receipt>> VoteAsync(
        string person, string? position, string? formKey = null, string? contentHash = null, string? reason = null, bool isSecret = false)
    {
        var id = await Product.PersonAsync(person);
        return await OnSomeNodeAsync<CastVote, Result<CastVote.Receipt>>(cast => cast.HandleAsync(
            new CastVote.Command(BallotId, id, position, reason, contentHash ?? ContentHash, formKey) { IsSecret = isSecret },
            CancellationToken.None));
    }

    public async Task<ShowBallot.BallotView?> ShowAsync(string person)
    {
        var id = await Product.PersonAsync(person);
        return await Product.RunAsync<ShowBallot, ShowBallot.BallotView?>(show =>
            show.HandleAsync(new ShowBallot.Query(BallotId.ToString("D"), id), CancellationToken.None));
    }

    public Task<int> CloseDueAsync() =>
        OnSomeNodeAsync<CloseDueBallots, int>(close => close.RunOnceAsync(CancellationToken.None));

    public Task<long> CountAsync(string sql) => Product.Database.ScalarAsync<long>(sql)!;

    /// <summary>From now on two nodes take turns: the second has its own connections, its own waiting lines and the same database.</summary>
    public void AddNode() =>
        otherNode ??= TestProduct.Compose(Product.Database.ConnectionString, Product.Clock, Path.GetTempPath());

    /// <summary>Runs a use case on the node whose turn it is.</summary>
    public async Task<TResult> OnSomeNodeAsync<TUseCase, TResult>(Func<TUseCase, Task<TResult>> act)
        where TUseCase : notnull
    {
        if (otherNode is null || Interlocked.Increment(ref acts) % 2 == 0)
        {
            return await Product.RunAsync(act);
        }

        await using var scope = otherNode.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }

    public async ValueTask DisposeAsync()
    {
        if (otherNode is not null)
        {
            await otherNode.DisposeAsync();
        }

        await Product.DisposeAsync();
    }
}
