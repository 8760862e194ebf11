using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

/// <summary>A task lead's week: the wrong file taken back, a draft completed, a revision withdrawn by two, the next one sent.</summary>
[Trait("Scenario", "S3")]
public sealed class SubmissionStoryTests(DocumentProduct documents) : IClassFixture<DocumentProduct>
{
    private static readonly string[] Everything = ["template", "logos", "no_participants"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_week_of_a_task_lead()
    {
        var key = await PackageAsync();
        var clock = documents.Product.Clock;
        var joanna = await documents.Product.PersonAsync("joanna-cicha");

        // Monday, 10:00: the wrong file. 10:03: taken back; nobody was told and no number is gone.
        clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 10, 0));
        var wrong = (await HandInAsync(Form(key, "kosztorys"))).Value;
        wrong.ReleasesAt.ShouldBe(clock.GetUtcNow().AddMinutes(10));
        clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 10, 3));
        var waiting = (await ShowAsync(key)).Own!;
        (waiting.IsDraft, waiting.MinutesLeft).ShouldBe((false, 7));
        (await TakeBackAsync(wrong.SubmissionId)).Value.WasDraft.ShouldBeFalse();
        (await documents.CountAsync(key)).ShouldBe((0, 0, 0, 2, 0));
        (await KindsAsync(key)).ShouldBe(["revision_handed_in", "revision_taken_back"]);

        // 10:20: the right one lacks the declarations: kept as a draft, not sent; completed, sent, released.
        clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 10, 20));
        var incomplete = Form(key, "pakiet") with { Declared = ["template"] };
        (await HandInAsync(incomplete)).Refusal.ShouldBe(new SubmissionLacksDeclarations(["logos", "no_participants"]));
        (await HandInAsync(incomplete with { File = File("pakiet"), IsDraft = true })).Value.ReleasesAt.ShouldBeNull();
        var draft = await ShowAsync(key);
        draft.Lines.Where(line => !line.IsInPlace).Select(line => line.Item).ShouldBe(["logos", "no_participants"]);
        (await HandInAsync(Form(key, "pakiet") with { File = null, FileName = null })).Succeeded.ShouldBeTrue();
        (await ReleaseAsync()).ShouldBe(0);
        clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 10, 30));
        (await ReleaseAsync()).ShouldBe(1);
        (await ReleaseAsync()).ShouldBe(0);
        var first = await NewestAsync(key);
        first.Label.ShouldBe("0.9");
        (await documents.CountAsync(key)).Mails.ShouldBe(1);
        await CommentAsync(first.Id);

        // Tuesday: withdrawn for personal data; the one who asks cannot confirm.
        clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 12, 30));
        (await AskAsync(first.Id, documents.AnnaNowak)).Refusal.ShouldBe(new ActIsNotYours());
        (await AskAsync(first.Id, documents.MarekPole)).Value.IsWithdrawn.ShouldBeFalse();
        (await AskAsync(first.Id, joanna)).Refusal.ShouldBe(new WithdrawalIsAskedAlready("0.9"));
        (await DecideAsync(first.Id, documents.MarekPole, true)).Refusal.ShouldBe(new WithdrawalNeedsSecondPerson());
        (await DecideAsync(first.Id, joanna, true)).Value.IsWithdrawn.ShouldBeTrue();
        (await DecideAsync(first.Id, joanna, true)).Refusal.ShouldBe(new RevisionIsWithdrawn("0.9"));
        (await documents.Product.RunAsync<DownloadFile, Result<DownloadFile.Download>>(
            query => query.HandleAsync(new(first.Id, documents.AnnaNowak), Cancellation))).Refusal.ShouldBe(new RevisionIsWithdrawn("0.9"));
        (await documents.CountAsync(key)).ShouldBe((1, 1, 0, 7, 2));
        (await documents.ScalarAsync("select count(*) from outbox_message where kind = 'revision_withdrawn' and cause = 'deliverable:' || $1", key)).ShouldBe(1);
        (await documents.Product.Database.ScalarAsync<string>("select status from deliverable where key = $1", key)).ShouldBe("awaited");

        // 13:10: the next one. The same bytes again would say which revision they were.
        clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 13, 10));
        (await HandInAsync(Form(key, "pakiet") with { ChangeList = "bez nazwisk" })).Refusal.ShouldBe(new RevisionHasSameContent("0.9"));
        var second = (await HandInAsync(Form(key, "pakiet bez nazwisk") with { ChangeList = "bez nazwisk" })).Value;
        var released = await documents.Product.RunAsync<ReleaseSubmissions, Result<SubmitRevision.Submitted>>(
            act => act.HandleAsync(new(second.SubmissionId, documents.MarekPole), Cancellation));
        released.Value.Revision.ShouldBe("0.10");

        var view = (await documents.Product.RunAsync<ShowDeliverable, Result<ShowDeliverable.View>>(
            query => query.HandleAsync(new(key, documents.AnnaNowak), Cancellation))).Value;
        view.Revisions.Select(line => (line.Label, line.Status)).ShouldBe([("0.10", RevisionStatus.Submitted), ("0.9", RevisionStatus.Withdrawn)]);
        view.Revisions[1].Withdrawal!.Ground.ShouldBe(WithdrawalGround.PersonalData);
        view.Revisions[1].Withdrawal!.Reason.ShouldBe("", "a member reads that it was withdrawn, not the words about it");
        view.Revisions[0].PreviousId.ShouldBeNull("there is nothing to compare with");
        (await documents.Product.RunAsync<ListComments, Result<ListComments.View>>(
            query => query.HandleAsync(new(key, documents.AnnaNowak), Cancellation))).Value.Rows.Single().Revision.ShouldBe("0.9");

        // Friday: 1.0 goes to the board; what was voted on cannot be withdrawn.
        clock.SetTo(TestClock.InWarsaw(2012, 11, 9, 9, 0));
        var final = (await HandInAsync(Form(key, "całość") with { ChangeList = "wszystko", Step = RevisionStep.NextMajor })).Value;
        await documents.Product.RunAsync<ReleaseSubmissions, Result<SubmitRevision.Submitted>>(
            act => act.HandleAsync(new(final.SubmissionId, documents.MarekPole), Cancellation));
        (await NewestAsync(key)).Label.ShouldBe("1.0");
    }

    [Fact]
    public async Task A_double_click_is_one_submission_and_who_waits_cannot_send_another()
    {
        var key = await PackageAsync();
        var form = Form(key, "raz") with { FormKey = "podwójne" };

        var both = await Task.WhenAll(HandInAsync(form), HandInAsync(form with { File = File("raz") }));

        both[0].Value.ShouldBe(both[1].Value);
        (await HandInAsync(Form(key, "dwa"))).Refusal.ShouldBe(new SubmissionWaitsAlready());
        (await documents.ScalarAsync("select count(*) from submission where deliverable_key = $1", key)).ShouldBe(1);
        (await TakeBackAsync(both[0].Value.SubmissionId)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Taking_back_and_the_end_of_the_window_are_one_or_the_other()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = await PackageAsync();
            var submission = (await HandInAsync(Form(key, "wyścig"))).Value.SubmissionId;
            var back = TakeBackAsync(submission);
            var now = documents.Product.RunAsync<ReleaseSubmissions, Result<SubmitRevision.Submitted>>(
                act => act.HandleAsync(new(submission, documents.MarekPole), Cancellation));
            await Task.WhenAll(back, now);

            (await back).Succeeded.ShouldNotBe((await now).Succeeded);
            var counts = await documents.CountAsync(key);
            counts.Revisions.ShouldBe((await now).Succeeded ? 1 : 0);
            counts.Mails.ShouldBe((await now).Succeeded ? 1 : 0);
        }
    }

    [Fact]
    public async Task What_is_under_ballot_stays_and_what_became_impossible_is_told()
    {
        var key = await PackageAsync();
        var revision = await documents.SubmitAsync(key, "pod głosowaniem");
        (await AskAsync(revision.RevisionId, documents.MarekPole)).Succeeded.ShouldBeTrue();
        await documents.ChangeAsync(key, deliverable => deliverable.EnterBallot(revision.RevisionId));
        await documents.ChangeAsync(key, deliverable => deliverable.MarkAdopted(documents.Product.Clock.GetUtcNow()));
        (await DecideAsync(revision.RevisionId, await documents.Product.PersonAsync("joanna-cicha"), true)).Refusal
            .ShouldBe(new RevisionWasVotedOn("0.9"));

        var late = await PackageAsync();
        var submission = (await HandInAsync(Form(late, "za późno"))).Value;
        var adopted = await documents.SubmitAsync(late, "inna");
        await documents.ChangeAsync(late, deliverable => deliverable.EnterBallot(adopted.RevisionId));
        await documents.ChangeAsync(late, deliverable => deliverable.MarkAdopted(documents.Product.Clock.GetUtcNow()));
        documents.Product.Clock.SetTo(submission.ReleasesAt!.Value);
        (await ReleaseAsync()).ShouldBe(1);
        (await ShowAsync(late)).LastRefused.ShouldBe(nameof(DeliverableIsAdopted));
        (await documents.ScalarAsync("select count(*) from revision where deliverable_key = $1", late)).ShouldBe(1);
    }

    private async Task<string> PackageAsync()
    {
        var key = await documents.DeliverableAsync();
        await documents.Product.Database.ExecuteAsync("update deliverable set kind = 'educational_package' where key = $1", key);
        return key;
    }

    private static MemoryStream File(string text) => new(DocumentProduct.Text(text));

    private HandInSubmission.Command Form(string key, string text) => new(
        key, documents.MarekPole, File(text), "pakiet.docx", "Co zawiera", "", ChangeKind.Material, RevisionStep.NextMinor, null, Everything, false, null);

    private Task<Result<HandInSubmission.HandedIn>> HandInAsync(HandInSubmission.Command command) =>
        documents.Product.RunAsync<HandInSubmission, Result<HandInSubmission.HandedIn>>(act => act.HandleAsync(command, Cancellation));

    private Task<Result<TakeBackSubmission.TakenBack>> TakeBackAsync(Guid submission) =>
        documents.Product.RunAsync<TakeBackSubmission, Result<TakeBackSubmission.TakenBack>>(
            act => act.HandleAsync(new(submission, documents.MarekPole), Cancellation));

    private Task<ShowSubmission.View> ShowAsync(string key) =>
        documents.Product.RunAsync<ShowSubmission, ShowSubmission.View>(query => query.HandleAsync(new(key, documents.MarekPole), Cancellation));

    private Task<int> ReleaseAsync() => documents.Product.RunAsync<ReleaseSubmissions, int>(pass => pass.RunOnceAsync(Cancellation));

    private Task<Result<WithdrawRevision.Answer>> AskAsync(Guid revision, Guid person) =>
        documents.Product.RunAsync<WithdrawRevision, Result<WithdrawRevision.Answer>>(
            act => act.HandleAsync(new WithdrawRevision.Ask(revision, person, WithdrawalGround.PersonalData, "nazwiska w śledzonych zmianach"), Cancellation));

    private Task<Result<WithdrawRevision.Answer>> DecideAsync(Guid revision, Guid person, bool isConfirmed) =>
        documents.Product.RunAsync<WithdrawRevision, Result<WithdrawRevision.Answer>>(
            act => act.HandleAsync(new WithdrawRevision.Decide(revision, person, isConfirmed), Cancellation));

    private Task<Result<SubmitComment.Submitted>> CommentAsync(Guid revision) => documents.Product.RunAsync<SubmitComment, Result<SubmitComment.Submitted>>(act => act.HandleAsync(
        new(revision, documents.AnnaNowak, "§ 1", CommentKind.Technical, "Za mało.", "", "więcej", null), Cancellation));

    private async Task<ShowDeliverable.RevisionLine> NewestAsync(string key) =>
        (await documents.Product.RunAsync<ShowDeliverable, Result<ShowDeliverable.View>>(
            query => query.HandleAsync(new(key, documents.MarekPole), Cancellation))).Value.Revisions[0];

    private async Task<string[]> KindsAsync(string key) => (await documents.Product.Database.ScalarAsync<string>(
        "select string_agg(kind, ',' order by seq) from history_entry where subject = 'deliverable:' || $1", key))!.Split(',');
}
