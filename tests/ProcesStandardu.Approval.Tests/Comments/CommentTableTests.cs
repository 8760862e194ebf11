using System.Text;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Tests.Documents;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Comments;

[Trait("Scenario", "S2")]
[Trait("Scenario", "S9")]
public sealed class CommentTableTests(DocumentProduct documents) : IClassFixture<DocumentProduct>
{
    private const string Heading = "Lp.;Zgłaszający;Jednostka redakcyjna;Rodzaj;Treść uwagi;Uzasadnienie;Propozycja zmiany\r\n";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Comments_of_one_instant_have_an_order_and_nobodys_number_is_given_twice()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Tekst.")).RevisionId;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SubmitAsync(revision, $"Uwaga {i}", i % 2 == 0 ? documents.AnnaNowak : documents.MarekPole)));

        var first = (await ListAsync(key)).Rows.Select(row => (row.Number, row.Id)).ToList();
        first.Select(row => row.Number).ShouldBe(Enumerable.Range(1, 20));
        (await ListAsync(key)).Rows.Select(row => (row.Number, row.Id)).ShouldBe(first);
    }

    [Fact]
    public async Task A_table_is_shown_first_then_taken_whole_and_the_second_time_adds_nothing()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Tekst.")).RevisionId;
        var file = Heading + "1;UM Kielce;§ 1;merytoryczna;Za rzadko.;Potrzeby;raz w miesiącu\r\n2;MOPS;;;Brak kosztów.;;\r\n";
        var shown = await ReadAsync(key, revision, file);

        var preview = await ShowAsync(shown);
        (await documents.ScalarAsync("select count(*) from comment where deliverable_key = $1", key)).ShouldBe(0);
        var taken = (await ImportAsync(shown)).Value;
        var again = await ImportAsync(shown);
        var second = await ReadAsync(key, revision, file);
        var secondPreview = await ShowAsync(second);
        var secondTaken = (await ImportAsync(second)).Value;

        (preview.Count(RowFate.Added), preview.SameFileTakenAt).ShouldBe((2, null));
        (taken.Added, taken.Joined, taken.Known).ShouldBe((2, 0, 0));
        again.Refusal.ShouldBe(new CommentTableIsTaken());
        secondPreview.SameFileTakenAt.ShouldNotBeNull();
        (secondTaken.Added, secondTaken.Joined, secondTaken.Known).ShouldBe((0, 0, 2));
        (await ListAsync(key)).Rows.Select(row => (row.Number, row.Author, row.ClauseReference, row.Kind, row.IsMine)).ShouldBe(
        [
            (1, "UM Kielce", "§ 1", CommentKind.Technical, false), (2, "MOPS", "", CommentKind.General, false),
        ]);
        (await documents.ScalarAsync(
            "select count(*) from history_entry where kind = 'comments_imported' and subject = 'deliverable:' || $1", key)).ShouldBe(2);
    }

    [Fact]
    public async Task A_table_with_one_wrong_row_adds_nothing_at_all()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Tekst.")).RevisionId;
        var shown = await ReadAsync(key, revision, Heading + "1;UM;§ 1;;Dobra.;;\r\n2;UM;§ 1;;;brak treści;\r\n");

        (await ImportAsync(shown)).Refusal.ShouldBe(new CommentTableHasMistakes(1));
        (await documents.ScalarAsync("select count(*) from comment where deliverable_key = $1", key)).ShouldBe(0);
    }

    [Fact]
    public async Task Two_people_with_the_same_table_at_the_same_moment_add_each_comment_once()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Tekst.")).RevisionId;
        var file = Heading + string.Concat(Enumerable.Range(1, 30).Select(i => $"{i};UM;§ {i};;Uwaga {i};;\r\n"));
        var imports = new List<(Guid Id, Guid Person)>();
        foreach (var person in new[] { documents.AnnaNowak, documents.MarekPole, documents.AnnaNowak, documents.MarekPole })
        {
            imports.Add((await ReadAsync(key, revision, file, person), person));
        }

        var taken = await Task.WhenAll(imports.Select(import => ImportAsync(import.Id, import.Person)));

        taken.Sum(result => result.Value.Added).ShouldBe(30);
        taken.Sum(result => result.Value.Known).ShouldBe(90);
        (await ListAsync(key)).Rows.Select(row => row.Number).ShouldBe(Enumerable.Range(1, 30));
    }

    [Fact]
    public async Task Several_offices_tables_become_one_and_who_said_what_is_kept()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Tekst.")).RevisionId;
        await ImportAsync(await ReadAsync(key, revision, Heading + "1;UM Kielce;§ 1;;Za rzadko.;Potrzeby;\r\n"));
        await ImportAsync(await ReadAsync(key, revision, Heading + "1;MOPS Radom;§ 1;;za  rzadko;Koszty;raz na kwartał\r\n2;MOPS Radom;§ 2;;Nowa.;;\r\n"));

        var rows = (await ListAsync(key)).Rows;
        var entry = (await ShowCommentAsync(rows[0].Id, documents.MarekPole)).Entry;

        rows.Select(row => (row.Number, row.Author, string.Join(',', row.AlsoSaidBy))).ShouldBe(
            [(1, "UM Kielce", "MOPS Radom"), (2, "MOPS Radom", "")]);
        (entry.Comment.Rationale, entry.Voices.Single().Rationale, entry.Voices.Single().ProposedChange)
            .ShouldBe(("Potrzeby", "Koszty", "raz na kwartał"));
    }

    [Theory]
    [InlineData("docx")]
    [InlineData("csv")]
    public async Task A_table_that_is_exported_and_read_in_again_adds_nothing_and_elsewhere_gives_the_same_table(string kind)
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Tekst.")).RevisionId;
        await ImportAsync(await ReadAsync(key, revision, Tricky));
        await SubmitAsync(revision, "=1+1 to nie formuła\u000b", documents.AnnaNowak);
        var exported = await ExportAsync(key, kind);
        var other = await documents.DeliverableAsync();
        var otherRevision = (await documents.SubmitAsync(other, "§ 1. Inny tekst.")).RevisionId;

        var again = (await ImportAsync(await ReadAsync(key, revision, exported.Content, exported.FileName))).Value;
        await ImportAsync(await ReadAsync(other, otherRevision, exported.Content, exported.FileName));
        var back = await ExportAsync(other, "csv");

        (again.Added, again.Joined).ShouldBe((0, 0));
        again.Known.ShouldBe(6);
        Encoding.UTF8.GetString(back.Content).ShouldBe(Encoding.UTF8.GetString((await ExportAsync(key, "csv")).Content));
    }

    [Fact]
    public async Task Our_table_saved_again_by_LibreOffice_reads_the_same()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Tekst.")).RevisionId;
        await ImportAsync(await ReadAsync(key, revision, Tricky));

        var again = (await ImportAsync(await ReadAsync(
            key, revision, CommentSheetTests.Fixture("uwagi-zapisane-w-libreoffice.docx"), "uwagi.docx"))).Value;

        (again.Added, again.Joined, again.Known).ShouldBe((0, 0, 5));
    }

    [Fact]
    public async Task Accepted_must_point_at_a_place_that_really_reads_otherwise()
    {
        var key = await documents.DeliverableAsync();
        var first = (await documents.SubmitAsync(key, "§ 1. Praca z rodziną.\n\n§ 2. Koszty ponosi gmina.")).RevisionId;
        var comment = (await SubmitAsync(first, "Za rzadko.", documents.AnnaNowak)).CommentId;
        var second = (await documents.SubmitAsync(key, "§ 1. Praca z rodziną raz w miesiącu.\n\n§ 2. Koszty ponosi gmina.")).RevisionId;
        var accept = new DisposeComment.Command(comment, documents.MarekPole, DispositionKind.Accepted, "", second, "§ 1", 0, null);

        (await DisposeAsync(accept with { ChangeRevisionId = null })).Refusal.ShouldBe(new DispositionNeedsChange());
        (await DisposeAsync(accept with { ChangeRevisionId = first })).Refusal.ShouldBe(new ChangeMustBeLater("0.9", "0.9"));
        (await DisposeAsync(accept with { ChangeClause = "§ 2" })).Refusal.ShouldBe(new NothingChangedThere("§ 2", "0.10"));
        (await DisposeAsync(accept with { Kind = DispositionKind.AcceptedInPart })).Refusal.ShouldBe(new DispositionNeedsReason());
        (await DisposeAsync(accept with { Kind = DispositionKind.NotAccepted })).Refusal.ShouldBe(new DispositionNeedsReason());
        (await DisposeAsync(accept with { PersonId = documents.AnnaNowak })).Refusal.ShouldBe(new ActIsNotYours());
        (await DisposeAsync(accept with { PersonId = documents.Observer })).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await documents.ScalarAsync("select count(*) from comment_disposition where comment_id = $1", comment)).ShouldBe(0);

        (await DisposeAsync(accept)).Succeeded.ShouldBeTrue();
        (await DisposeAsync(accept)).Refusal.ShouldBe(new DispositionIsNotTheLast());
        (await DisposeAsync(accept with { AfterOrdinal = 1 })).Refusal.ShouldBe(new DispositionIsTheSame());
        var view = await ShowCommentAsync(comment, documents.AnnaNowak);
        (view.Entry.State, view.Entry.Disposition!.ChangeClause, view.Entry.Disposition.ChangeProof)
            .ShouldBe((CommentState.Decided, "§ 1", ChangeProof.Comparison));
        (await documents.ScalarAsync(
            "select count(*) from history_entry where kind = 'comment_disposed' and subject = 'deliverable:' || $1", key)).ShouldBe(1);
    }

    [Fact]
    public async Task Where_a_PDF_stands_between_the_change_list_must_name_the_place()
    {
        var key = await documents.DeliverableAsync();
        var first = (await documents.SubmitAsync(key, "§ 1. Praca.")).RevisionId;
        var comment = (await SubmitAsync(first, "Za rzadko.", documents.AnnaNowak)).CommentId;
        var second = (await documents.SubmitAsync(documents.Command(key, TestFiles.Pdf()) with
        {
            FileName = "wnioski.pdf",
            ChangeList = "§ 7 ust. 2: częstotliwość",
        })).Value.RevisionId;
        var accept = new DisposeComment.Command(comment, documents.MarekPole, DispositionKind.Accepted, "", second, "§ 9", 0, null);

        (await DisposeAsync(accept)).Refusal.ShouldBe(new ChangeListDoesNotName("§ 9", "0.10"));
        (await DisposeAsync(accept with { ChangeClause = "§7 ust. 2" })).Succeeded.ShouldBeTrue();
        (await ShowCommentAsync(comment, documents.AnnaNowak)).Entry.Disposition!.ChangeProof.ShouldBe(ChangeProof.ChangeList);
    }

    [Fact]
    public async Task What_is_upheld_and_not_editorial_goes_into_the_divergence_report()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Praca.")).RevisionId;
        var substance = (await SubmitAsync(revision, "Za rzadko.", documents.AnnaNowak)).CommentId;
        var editorial = (await SubmitAsync(revision, "Przecinek.", documents.AnnaNowak, CommentKind.Editorial)).CommentId;
        var quiet = (await SubmitAsync(revision, "Bez odpowiedzi.", documents.AnnaNowak)).CommentId;
        await SubmitAsync(revision, "Bez stanowiska.", documents.AnnaNowak);
        var withdrawn = (await SubmitAsync(revision, "Pomyłka.", documents.AnnaNowak)).CommentId;
        foreach (var comment in new[] { substance, editorial, quiet })
        {
            (await DisposeAsync(new DisposeComment.Command(
                comment, documents.MarekPole, DispositionKind.NotAccepted, "Brak środków.", null, null, 0, null))).Succeeded.ShouldBeTrue();
        }

        await AnswerAsync(substance, ResponseKind.NotSatisfied, "Nadal za rzadko.");
        await AnswerAsync(editorial, ResponseKind.NotSatisfied, "");
        var withdraw = new AnswerDisposition.Withdrawal(withdrawn, documents.AnnaNowak, 0, null);
        (await RunAsync<AnswerDisposition, Result<Done>>(answer => answer.WithdrawAsync(
            withdraw with { PersonId = documents.MarekPole }, Cancellation))).Refusal.ShouldBe(new ActIsNotYours());
        (await RunAsync<AnswerDisposition, Result<Done>>(answer => answer.WithdrawAsync(withdraw, Cancellation))).Succeeded.ShouldBeTrue();

        var report = (await RunAsync<DivergenceReport, Result<DivergenceReport.View>>(act =>
            act.HandleAsync(new DivergenceReport.Query(key, documents.MarekPole), Cancellation))).Value;
        report.Divergences.Select(entry => entry.Comment.Id).ShouldBe([substance]);
        (report.UndecidedCount, report.UnansweredCount).ShouldBe((1, 1));
        Words(DivergenceReport.Docx(report).Content).ShouldContain("Anna Nowak: podtrzymuje uwagę. Nadal za rzadko.");
        (await ListAsync(key)).Rows.Select(row => row.State).ShouldBe(
            [CommentState.Upheld, CommentState.Upheld, CommentState.Decided, CommentState.Open, CommentState.Withdrawn]);

        // Who changes his mind is no divergence any more; his first answer stays on record.
        await AnswerAsync(substance, ResponseKind.Satisfied, "");
        (await ShowCommentAsync(substance, documents.AnnaNowak)).Entry.State.ShouldBe(CommentState.Settled);
        (await documents.ScalarAsync(
            "select count(*) from comment_response r join comment_disposition d on d.id = r.disposition_id where d.comment_id = $1",
            substance)).ShouldBe(2);

        // A new disposition asks anew.
        await DisposeAsync(new DisposeComment.Command(
            substance, documents.MarekPole, DispositionKind.Clarified, "Częstotliwość wynika z ustawy.", null, null, 1, null));
        var view = await ShowCommentAsync(substance, documents.AnnaNowak);
        (view.Entry.State, view.Earlier.Count, view.MayAnswer).ShouldBe((CommentState.Decided, 1, true));
    }

    [Fact]
    public async Task Each_commenter_is_told_once_of_everything_that_was_decided()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Praca.")).RevisionId;
        for (var i = 0; i < 3; i++)
        {
            var comment = (await SubmitAsync(revision, $"Uwaga {i}", documents.AnnaNowak)).CommentId;
            await DisposeAsync(new DisposeComment.Command(
                comment, documents.MarekPole, DispositionKind.Clarified, "Tak ma być.", null, null, 0, null));
        }

        var tell = new TellCommenters.Command(key, documents.MarekPole, null);
        (await TellAsync(tell with { PersonId = documents.AnnaNowak })).Refusal.ShouldBe(new ActIsNotYours());
        (await TellAsync(tell)).Value.ShouldBe(new TellCommenters.Told(1, 3));
        (await TellAsync(tell)).Refusal.ShouldBe(new NobodyToTell());
        (await documents.ScalarAsync(
            "select count(*) from outbox_message where kind = 'comments_decided' and cause = 'deliverable:' || $1", key)).ShouldBe(1);
    }

    [Fact]
    public async Task A_file_goes_with_a_comment_and_passes_the_same_checks()
    {
        var key = await documents.DeliverableAsync();
        var revision = (await documents.SubmitAsync(key, "§ 1. Praca.")).RevisionId;
        var good = Comment(revision, "Zob. załącznik.", documents.AnnaNowak, CommentKind.General);

        (await RunAsync<SubmitComment, Result<SubmitComment.Submitted>>(act => act.HandleAsync(
            good with { File = new MemoryStream("MZ nie dokument"u8.ToArray()), FileName = "x.docx" }, Cancellation)))
            .Refusal.ShouldBeAssignableTo<FileRefusal>();
        var comment = (await RunAsync<SubmitComment, Result<SubmitComment.Submitted>>(act => act.HandleAsync(
            good with { File = new MemoryStream(TestFiles.Pdf()), FileName = "zalacznik.pdf" }, Cancellation))).Value.CommentId;

        (await documents.ScalarAsync("select count(*) from comment where deliverable_key = $1", key)).ShouldBe(1);
        (await ShowCommentAsync(comment, documents.MarekPole)).FileName.ShouldBe("zalacznik.pdf");
        var file = (await RunAsync<ShowComment, Result<DownloadFile.Download>>(act =>
            act.OpenAsync(new ShowComment.Query(comment, documents.MarekPole), Cancellation))).Value;
        file.Length.ShouldBe(TestFiles.Pdf().Length);
        (await RunAsync<ShowComment, Result<DownloadFile.Download>>(act =>
            act.OpenAsync(new ShowComment.Query(comment, documents.Observer), Cancellation))).Refusal.ShouldBe(new NotFoundOrNotYours());
    }

    /// <summary>Five voices in four comments, with everything that tables trip over.</summary>
    private static string Tricky =>
        Heading
        + "1;UM Kielce;§ 1;merytoryczna;\"Za rzadko; proszę \"\"częściej\"\".\n\nDrugi akapit.\";Potrzeby;'=raz w miesiącu\r\n"
        + "2;\"Związek Miast\nZwiązek Powiatów\";;ogólna;Brak kosztów – zażółć gęślą jaźń.;;\r\n"
        + "3;MOPS;§ 2 ust. 1;redakcyjna;Przecinek.;;\r\n"
        + "4;MOPS;§ 1;merytoryczna;\"Za rzadko; proszę \"\"częściej\"\".\n\nDrugi akapit.\";Koszty;\r\n";

    private static string Words(byte[] docx)
    {
        using var content = new MemoryStream(docx);
        return string.Join('\n', TextExtraction.Read(content, FileKind.Docx).Select(paragraph => paragraph.Text));
    }

    private static SubmitComment.Command Comment(Guid revision, string text, Guid person, CommentKind kind) =>
        new(revision, person, kind == CommentKind.General ? "" : "§ 1", kind, text, "", "", null);

    private async Task<SubmitComment.Submitted> SubmitAsync(Guid revision, string text, Guid person, CommentKind kind = CommentKind.Technical) =>
        (await RunAsync<SubmitComment, Result<SubmitComment.Submitted>>(act =>
            act.HandleAsync(Comment(revision, text, person, kind), Cancellation))).Value;

    private async Task<ListComments.View> ListAsync(string key) => (await RunAsync<ListComments, Result<ListComments.View>>(query =>
        query.HandleAsync(new ListComments.Query(key, documents.AnnaNowak), Cancellation))).Value;

    private async Task<ShowComment.View> ShowCommentAsync(Guid comment, Guid person) =>
        (await RunAsync<ShowComment, Result<ShowComment.View>>(query =>
            query.HandleAsync(new ShowComment.Query(comment, person), Cancellation))).Value;

    private Task<Guid> ReadAsync(string key, Guid revision, string csv, Guid? person = null) =>
        ReadAsync(key, revision, Encoding.UTF8.GetBytes(csv), "uwagi.csv", person);

    private async Task<Guid> ReadAsync(string key, Guid revision, byte[] file, string name, Guid? person = null) =>
        (await RunAsync<ReadCommentTable, Result<ReadCommentTable.Kept>>(act => act.HandleAsync(
            new ReadCommentTable.Command(key, revision, person ?? documents.AnnaNowak, new MemoryStream(file), name, "", null),
            Cancellation))).Value.ImportId;

    private async Task<ImportComments.View> ShowAsync(Guid import) => (await RunAsync<ImportComments, Result<ImportComments.View>>(act =>
        act.ShowAsync(new ImportComments.Query(import, documents.AnnaNowak), Cancellation))).Value;

    private Task<Result<ImportComments.Imported>> ImportAsync(Guid import, Guid? person = null) =>
        RunAsync<ImportComments, Result<ImportComments.Imported>>(act =>
            act.HandleAsync(new ImportComments.Command(import, person ?? documents.AnnaNowak, null), Cancellation));

    private async Task<ExportComments.Paper> ExportAsync(string key, string kind) =>
        (await RunAsync<ExportComments, Result<ExportComments.Paper>>(act => kind == "docx"
            ? act.DocxAsync(new ExportComments.Query(key, documents.AnnaNowak), Cancellation)
            : act.CsvAsync(new ExportComments.Query(key, documents.AnnaNowak), Cancellation))).Value;

    private Task<Result<DisposeComment.Disposed>> DisposeAsync(DisposeComment.Command command) =>
        RunAsync<DisposeComment, Result<DisposeComment.Disposed>>(act => act.HandleAsync(command, Cancellation));

    private async Task AnswerAsync(Guid comment, ResponseKind kind, string words)
    {
        var disposition = (await ShowCommentAsync(comment, documents.AnnaNowak)).Entry.Disposition!.Id;
        (await RunAsync<AnswerDisposition, Result<Done>>(act => act.HandleAsync(
            new AnswerDisposition.Command(comment, disposition, documents.AnnaNowak, kind, words, null), Cancellation))).Succeeded.ShouldBeTrue();
    }

    private Task<Result<TellCommenters.Told>> TellAsync(TellCommenters.Command command) =>
        RunAsync<TellCommenters, Result<TellCommenters.Told>>(act => act.HandleAsync(command, Cancellation));

    private Task<TResult> RunAsync<TUseCase, TResult>(Func<TUseCase, Task<TResult>> act)
        where TUseCase : notnull => documents.Product.RunAsync(act);
}
