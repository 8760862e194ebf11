using System.Globalization;
using System.Resources;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

public sealed class ReadingTests(DocumentProduct documents) : IClassFixture<DocumentProduct>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deliverable_s_page_shows_every_revision_and_what_the_reader_may_do()
    {
        var key = await documents.DeliverableAsync();
        var first = await documents.SubmitAsync(key, "jeden");
        documents.Product.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await documents.SubmitAsync(key, "dwa");
        var late = (await documents.SubmitAsync(documents.Command(key, DocumentProduct.Text("trzy")) with
        {
            BaseRevisionId = first.RevisionId,
            Step = RevisionStep.NextMajor,
            ChangeKind = ChangeKind.Editorial,
        })).Value;
        await documents.ChangeAsync(key, deliverable => deliverable.EnterBallot(second.RevisionId));

        var view = (await ShowAsync(key, documents.MarekPole)).Value;

        view.Revisions.Select(r => (r.Label, r.BasedOn, r.NotOn, r.IsInBallot, r.PreviousLabel)).ShouldBe(
        [
            ("1.0", "0.9", "0.10", false, "0.10"), ("0.10", "0.9", null, true, "0.9"), ("0.9", null, null, false, null),
        ]);
        view.Revisions[0].ShouldSatisfyAllConditions(
            r => r.Id.ShouldBe(late.RevisionId),
            r => r.ChangeKind.ShouldBe(ChangeKind.Editorial),
            r => r.SubmittedBy.ShouldBe("Marek Pole"),
            r => (r.FileName, r.FileKind).ShouldBe(("wnioski.docx", "DOCX")),
            r => r.Sha256.Length.ShouldBe(64));
        (view.Status, view.MaySubmit, view.MayComment, view.NeedsChangeList).ShouldBe((DeliverableStatus.InBallot, true, true, true));
        (view.NextMinor, view.NextMajor, view.AcceptedEndings).ShouldBe(("1.1", "2.0", ".docx,.odt,.pdf"));
        (await ShowAsync(key, documents.AnnaNowak)).Value.MaySubmit.ShouldBeFalse();
    }

    [Fact]
    public async Task Observers_read_what_is_voted_on_or_adopted_and_nothing_else()
    {
        var key = await documents.DeliverableAsync();
        var draft = await documents.SubmitAsync(key, "szkic");
        var voted = await documents.SubmitAsync(key, "do głosowania");

        (await DownloadAsync(draft.RevisionId, documents.Observer)).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await ShowAsync(key, documents.Observer)).Value.Revisions.ShouldBeEmpty();

        await documents.ChangeAsync(key, deliverable => deliverable.EnterBallot(voted.RevisionId));

        (await ShowAsync(key, documents.Observer)).Value.Revisions.ShouldHaveSingleItem().Label.ShouldBe("0.10");
        (await DownloadAsync(voted.RevisionId, documents.Observer)).Succeeded.ShouldBeTrue();
        (await DownloadAsync(draft.RevisionId, documents.Observer)).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await CompareAsync(draft.RevisionId, voted.RevisionId, documents.Observer)).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await ListAsync(key, documents.Observer)).Refusal.ShouldBe(new NotFoundOrNotYours());

        await documents.ChangeAsync(key, deliverable => deliverable.MarkNotAdopted());
        (await DownloadAsync(voted.RevisionId, documents.Observer)).Refusal.ShouldBe(new NotFoundOrNotYours());
    }

    [Fact]
    public async Task Strangers_learn_nothing_not_even_that_there_is_something()
    {
        var key = await documents.DeliverableAsync();
        var revision = await documents.SubmitAsync(key, "tajne");

        (await ShowAsync(key, Guid.Empty)).Refusal.ShouldBe((await ShowAsync("nie-ma", documents.MarekPole)).Refusal);
        (await DownloadAsync(revision.RevisionId, Guid.Empty)).Refusal.ShouldBe((await DownloadAsync(Guid.Empty, documents.MarekPole)).Refusal);
    }

    [Fact]
    [Trait("Scenario", "S1")]
    public async Task Two_revisions_are_compared_clause_by_clause()
    {
        var key = await documents.DeliverableAsync();
        var before = await documents.SubmitAsync(key, "# 1. Cele\nCele programu.\n# 2. Zasady\n4. Wizyta odbywa się raz w roku.");
        var after = (await documents.SubmitAsync(documents.Command(key, TestFiles.Odt(
            "Wnioski", "Rozdział 1. Cele", "Cele programu.", "Rozdział 2. Zasady", "4. Wizyta odbywa się raz w miesiącu."))
            with
        { FileName = "wnioski.odt" })).Value;

        var view = (await CompareAsync(before.RevisionId, after.RevisionId, documents.AnnaNowak)).Value;

        (view.From, view.To, view.NotCompared, view.UnchangedCount).ShouldBe(("0.9", "0.10", null, 3));
        var change = view.Changes.ShouldHaveSingleItem();
        change.ReferenceAfter.ShouldBe("rozdz. 2, pkt 4");
        change.Pieces.Where(piece => piece.Kind != TextPieceKind.Same).Select(piece => piece.Text).ShouldBe(["roku", "miesiącu"]);
    }

    [Fact]
    public async Task A_pdf_is_not_compared_and_the_page_says_so()
    {
        var key = await documents.DeliverableAsync();
        var before = await documents.SubmitAsync(key, "tekst");
        var after = (await documents.SubmitAsync(documents.Command(key, TestFiles.Pdf()) with { FileName = "wnioski.pdf" })).Value;

        var view = (await CompareAsync(before.RevisionId, after.RevisionId, documents.AnnaNowak)).Value;

        view.NotCompared.ShouldBe(new PdfHasNoWords("0.10"));
        view.Changes.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "S1")]
    public async Task A_comment_is_a_row_bound_to_its_revision_and_the_same_form_adds_it_once()
    {
        var key = await documents.DeliverableAsync();
        var revision = await documents.SubmitAsync(key, "tekst");
        var command = Comment(revision.RevisionId) with { FormKey = "uwaga-1" };

        var both = await Task.WhenAll(CommentAsync(command), CommentAsync(command));
        await documents.SubmitAsync(key, "nowszy tekst");
        await CommentAsync(Comment(revision.RevisionId) with { Kind = CommentKind.General, ClauseReference = "", PersonId = documents.MarekPole });

        both[0].Value.ShouldBe(both[1].Value);
        var view = (await ListAsync(key, documents.AnnaNowak)).Value;
        view.Rows.Select(row => (row.Number, row.Revision, row.Author, row.ClauseReference, row.Kind, row.IsMine)).ShouldBe(
        [
            (1, "0.9", "Anna Nowak", "rozdz. 2, pkt 4", CommentKind.Technical, true),
            (2, "0.9", "Marek Pole", "", CommentKind.General, false),
        ]);
        view.Rows[0].ProposedChange.ShouldBe("raz w miesiącu");
        view.Revisions.Select(r => r.Label).ShouldBe(["0.10", "0.9"]);
        (await documents.ScalarAsync(
            "select count(*) from history_entry where subject = 'deliverable:' || $1 and kind = 'comment_submitted'", key)).ShouldBe(2);
    }

    [Fact]
    public async Task A_comment_that_says_too_little_or_too_much_is_refused()
    {
        var key = await documents.DeliverableAsync();
        var good = Comment((await documents.SubmitAsync(key, "tekst")).RevisionId);

        (await CommentAsync(good with { Text = "  " })).Refusal.ShouldBe(new FieldIsEmpty("Text"));
        (await CommentAsync(good with { ClauseReference = "" })).Refusal.ShouldBe(new ClauseReferenceIsMissing());
        (await CommentAsync(good with { Text = new string('a', 10_001) })).Refusal.ShouldBe(new TextIsTooLong("Text", 10_000));
        (await CommentAsync(good with { PersonId = documents.Observer })).Refusal.ShouldBe(new ActIsNotYours());
        (await CommentAsync(good with { RevisionId = Guid.Empty })).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await documents.ScalarAsync("select count(*) from comment where deliverable_key = $1", key)).ShouldBe(0);
    }

    [Fact]
    public async Task My_deliverables_are_those_of_my_tasks_with_what_is_due_first_on_top()
    {
        var mine = await documents.Product.RunAsync<DeliverablesOf, IReadOnlyList<DeliverablesOf.Line>>(
            query => query.HandleAsync(new(documents.MarekPole), Cancellation));
        var nobodys = await documents.Product.RunAsync<DeliverablesOf, IReadOnlyList<DeliverablesOf.Line>>(
            query => query.HandleAsync(new(documents.AnnaNowak), Cancellation));

        nobodys.ShouldBeEmpty();
        mine.ShouldAllBe(line => line.TaskKey == "zadanie-3");
        mine[0].Key.ShouldBe("osl-projekt-standardu");
        (mine[0].IsOverdue, mine[0].DueOn).ShouldBe((true, new DateOnly(2011, 5, 27)));
        mine.Single(line => line.Key == "osl-pakiet-edukacyjny").IsOverdue.ShouldBeFalse();
    }

    [Fact]
    public void Every_refusal_and_every_state_has_words_in_both_languages()
    {
        var texts = new ResourceManager(typeof(DocumentTexts));
        var refusals = typeof(DocumentTexts).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(DocumentTexts).Namespace && !type.IsAbstract && type.IsSubclassOf(typeof(Refusal)))
            .Where(type => type != typeof(SubmissionIsIncomplete)).Select(type => type.Name);
        string[] fields = ["File", "Summary", "ChangeList"];
        var incomplete = Enumerable.Range(1, 7).Select(mask =>
            new SubmissionIsIncomplete([.. fields.Where((_, place) => (mask & (1 << place)) != 0)]).Key);
        var states = Names<DeliverableStatus>().Concat(Names<RevisionStatus>()).Concat(Names<ChangeKind>())
            .Concat(Names<RevisionStep>()).Concat(Names<ClauseChangeKind>());

        foreach (var key in refusals.Concat(incomplete).Concat(states))
        {
            var polish = texts.GetString(key, CultureInfo.GetCultureInfo("pl"));
            polish.ShouldNotBeNullOrWhiteSpace(key);
            texts.GetString(key, CultureInfo.GetCultureInfo("en")).ShouldNotBeNullOrWhiteSpace(key);
        }

        static IEnumerable<string> Names<T>()
            where T : struct, Enum => Enum.GetNames<T>().Select(name => $"{typeof(T).Name}_{name}");
    }

    private SubmitComment.Command Comment(Guid revisionId) => new(
        revisionId, documents.AnnaNowak, "rozdz. 2, pkt 4", CommentKind.Technical, "Za rzadko.", "Potrzeby rodzin.", "raz w miesiącu", null);

    private Task<Result<SubmitComment.Submitted>> CommentAsync(SubmitComment.Command command) =>
        documents.Product.RunAsync<SubmitComment, Result<SubmitComment.Submitted>>(act => act.HandleAsync(command, Cancellation));

    private Task<Result<ListComments.View>> ListAsync(string key, Guid person) =>
        documents.Product.RunAsync<ListComments, Result<ListComments.View>>(query => query.HandleAsync(new(key, person), Cancellation));

    private Task<Result<ShowDeliverable.View>> ShowAsync(string key, Guid person) =>
        documents.Product.RunAsync<ShowDeliverable, Result<ShowDeliverable.View>>(query => query.HandleAsync(new(key, person), Cancellation));

    private Task<Result<DownloadFile.Download>> DownloadAsync(Guid revision, Guid person) =>
        documents.Product.RunAsync<DownloadFile, Result<DownloadFile.Download>>(query => query.HandleAsync(new(revision, person), Cancellation));

    private Task<Result<CompareRevisions.View>> CompareAsync(Guid from, Guid to, Guid person) =>
        documents.Product.RunAsync<CompareRevisions, Result<CompareRevisions.View>>(query => query.HandleAsync(new(from, to, person), Cancellation));
}
