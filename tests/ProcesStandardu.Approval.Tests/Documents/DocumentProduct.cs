using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

/// <summary>One product for a class of tests; every test makes a deliverable of its own.</summary>
public sealed class DocumentProduct : IAsyncLifetime
{
    private int _deliverables;

    public TestProduct Product { get; private set; } = null!;

    /// <summary>Leads the task of every deliverable made here.</summary>
    public Guid MarekPole { get; private set; }

    public Guid AnnaNowak { get; private set; }

    public Guid Observer { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Product = await TestProduct.CreateAsync();
        MarekPole = await Product.PersonAsync("marek-pole");
        AnnaNowak = await Product.PersonAsync("anna-nowak");
        Observer = await Product.PersonAsync("krystyna-jasna");
    }

    public async ValueTask DisposeAsync() => await Product.DisposeAsync();

    /// <summary>A new deliverable of Marek Pole's task; the answer is its key.</summary>
    public async Task<string> DeliverableAsync(string fileKinds = "docx,odt,pdf")
    {
        var key = $"produkt-{Interlocked.Increment(ref _deliverables)}";
        await Product.Database.ExecuteAsync(
            """
            insert into deliverable (key, title, task_key, kind, expected_file_kinds)
            values ($1, 'Produkt ' || $1, 'zadanie-3', 'conclusions', string_to_array($2, ','))
            """,
            key, fileKinds);
        return key;
    }

    /// <summary>A complete submission by Marek Pole.</summary>
    public SubmitRevision.Command Command(string key, byte[] file, string? formKey = null) => new(
        key, MarekPole, new MemoryStream(file), "wnioski.docx", "Co zawiera", "Co zmienia", ChangeKind.Material,
        RevisionStep.NextMinor, null, formKey);

    /// <summary>A DOCX whose content is this text.</summary>
    public static byte[] Text(string text) => DocxFromText.Write("Wnioski", text);

    public Task<Result<SubmitRevision.Submitted>> SubmitAsync(SubmitRevision.Command command) =>
        Product.RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(submit =>
            submit.HandleAsync(command, TestContext.Current.CancellationToken));

    /// <summary>Submits a text that must be accepted; the answer is the revision.</summary>
    public async Task<SubmitRevision.Submitted> SubmitAsync(string key, string text) =>
        (await SubmitAsync(Command(key, Text(text)))).Value;

    /// <summary>Changes a deliverable in a transaction of its own.</summary>
    public Task ChangeAsync(string key, Action<Deliverable> change) => Product.InUnitOfWorkAsync(async db =>
    {
        change((await db.Deliverables.FindAsync(key))!);
        return 0;
    });

    /// <summary>Rows, pieces, history and mails that a deliverable has caused.</summary>
    public async Task<(long Revisions, long Files, long Pieces, long History, long Mails)> CountAsync(string key) => (
        await ScalarAsync("select count(*) from revision where deliverable_key = $1", key),
        await ScalarAsync("select count(*) from stored_file where id in (select file_id from revision where deliverable_key = $1)", key),
        await ScalarAsync("select count(*) from stored_file_chunk where file_id in (select file_id from revision where deliverable_key = $1)", key),
        await ScalarAsync("select count(*) from history_entry where subject = 'deliverable:' || $1", key),
        await ScalarAsync("select count(*) from outbox_message where cause = 'deliverable:' || $1", key));

    public Task<long> ScalarAsync(string sql, params object[] parameters) => Product.Database.ScalarAsync<long>(sql, parameters);

    /// <summary>Throws at a place, once, in the flow of the caller, after it was passed so many times.</summary>
    public static IDisposable FailAt(string place, int afterPassing)
    {
        Failpoints.OnReached = reached =>
        {
            if (reached == place && afterPassing-- == 0)
            {
                Failpoints.OnReached = null;
                throw new InvalidOperationException("The test cut the power here: " + place);
            }
        };
        return new Restored();
    }

    private sealed class Restored : IDisposable
    {
        public void Dispose() => Failpoints.OnReached = null;
    }
}
