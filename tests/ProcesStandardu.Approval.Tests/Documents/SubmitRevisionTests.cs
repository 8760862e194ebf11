using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

[Trait("Scenario", "S3")]
public sealed class SubmitRevisionTests(DocumentProduct documents) : IClassFixture<DocumentProduct>
{
    private const string Waiting =
        """
        {"id": "czekanie-v1", "definitionId": "czekanie", "name": "Czekanie", "version": 1, "isLatest": true, "isPublished": true,
         "root": {"type": "Elsa.Sequence", "version": 1, "id": "kolejno", "nodeId": "czekanie:kolejno", "activities": [
          {"type": "ProcesStandardu.RequestDeliverable", "version": 1, "id": "popros", "nodeId": "czekanie:kolejno:popros",
           "deliverableKey": {"typeName": "String", "expression": {"type": "Literal", "value": "osl-pakiet-edukacyjny"}}}]}}
        """;

    [Fact]
    public async Task A_submission_is_revision_file_history_mail_met_deadline_and_the_workflow_s_next_step()
    {
        const string key = "osl-pakiet-edukacyjny";
        await documents.Product.PublishAsync(Waiting);
        var waiting = await StartAsync();
        var mailsBefore = (await documents.CountAsync(key)).Mails;
        var file = documents.Command(key, DocumentProduct.Text("Pakiet"));

        var submitted = (await documents.SubmitAsync(file)).Value;

        submitted.ShouldBe(new SubmitRevision.Submitted(submitted.RevisionId, "0.9", null, null));
        (await documents.CountAsync(key)).ShouldBe((1, 1, 1, 2, mailsBefore + 1));
        (await KindsAsync(key)).ShouldBe(["revision_submitted", "deadline_met"], ignoreOrder: true);
        (await documents.ScalarAsync("select count(*) from deadline where key = 'osl-pakiet-edukacyjny-termin' and state = 'met'")).ShouldBe(1);
        (await documents.Product.Database.ScalarAsync<string>("select status from deliverable where key = $1", key)).ShouldBe("submitted");
        (await documents.Product.Database.ScalarAsync<string>("select status from workflow_instance where id = $1", waiting)).ShouldBe("finished");
    }

    [Fact]
    public async Task The_very_same_file_is_no_new_revision_and_the_refusal_says_which_it_is()
    {
        var key = await documents.DeliverableAsync();
        await documents.SubmitAsync(key, "jeden");
        await documents.SubmitAsync(key, "dwa");

        (await documents.SubmitAsync(documents.Command(key, DocumentProduct.Text("jeden")))).Refusal
            .ShouldBe(new RevisionHasSameContent("0.9"));
        (await documents.CountAsync(key)).ShouldBe((2, 2, 2, 2, 2));
    }

    [Fact]
    public async Task A_double_click_makes_one_revision_and_both_are_told_the_same()
    {
        var key = await documents.DeliverableAsync();
        var file = DocumentProduct.Text("raz");

        var both = await Task.WhenAll(
            documents.SubmitAsync(documents.Command(key, file, "formularz-1")),
            documents.SubmitAsync(documents.Command(key, file, "formularz-1")));
        var later = await documents.SubmitAsync(documents.Command(key, file, "formularz-1") with { ChangeList = "Co zmienia" });

        both[0].Value.ShouldBe(both[1].Value);
        later.Value.ShouldBe(both[0].Value);
        (await documents.CountAsync(key)).ShouldBe((1, 1, 1, 1, 1));
    }

    [Fact]
    public async Task The_same_form_without_a_change_list_still_gets_its_answer_once_the_first_revision_is_there()
    {
        var key = await documents.DeliverableAsync();
        var first = documents.Command(key, DocumentProduct.Text("raz"), "formularz-2") with { ChangeList = "" };
        var answer = (await documents.SubmitAsync(first)).Value;

        (await documents.SubmitAsync(first with { File = new MemoryStream(DocumentProduct.Text("raz")) })).Value.ShouldBe(answer);
    }

    [Fact]
    [Trait("Scenario", "S12")]
    public async Task Two_at_once_become_two_numbers_and_the_second_is_told_what_it_is_based_on()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = await documents.DeliverableAsync();
            var origin = await documents.SubmitAsync(key, "początek");
            await documents.ChangeAsync(key, deliverable => deliverable.EnterBallot(origin.RevisionId));

            var both = await Task.WhenAll(new[] { "a", "b" }.Select(text => documents.SubmitAsync(
                documents.Command(key, DocumentProduct.Text(text)) with { BaseRevisionId = origin.RevisionId })));

            var submitted = both.Select(result => result.Value).OrderBy(revision => revision.Revision).ToList();
            submitted.Select(revision => revision.Revision).ShouldBe(["0.10", "0.11"]);
            (submitted[0].BasedOn, submitted[0].NotOn).ShouldBe((null, null));
            (submitted[1].BasedOn, submitted[1].NotOn).ShouldBe(("0.9", "0.10"));

            // Neither moves the ballot.
            (await documents.ScalarAsync(
                "select count(*) from deliverable where key = $1 and status = 'in_ballot' and ballot_revision_id = $2",
                key, origin.RevisionId)).ShouldBe(1);
        }
    }

    [Theory]
    [InlineData(StoredFiles.Half, 0)]
    [InlineData(StoredFiles.Stored, 0)]
    [InlineData(Failpoints.BeforeCommit, 1)]
    [Trait("Fault", "S19")]
    public async Task What_breaks_before_the_commit_leaves_neither_row_nor_bytes_nor_history(string place, int afterPassing)
    {
        var key = await documents.DeliverableAsync();
        var pieces = await documents.ScalarAsync("select count(*) from stored_file_chunk");
        var files = await documents.ScalarAsync("select count(*) from stored_file");
        var command = documents.Command(key, DocumentProduct.Text("prąd"), "formularz-" + place);

        using (DocumentProduct.FailAt(place, afterPassing))
        {
            await Should.ThrowAsync<InvalidOperationException>(() => documents.SubmitAsync(command));
        }

        (await documents.CountAsync(key)).ShouldBe((0, 0, 0, 0, 0));
        (await documents.ScalarAsync("select count(*) from stored_file_chunk")).ShouldBe(pieces);
        (await documents.ScalarAsync("select count(*) from stored_file")).ShouldBe(files);
        (await documents.ScalarAsync("select count(*) from deliverable where key = $1 and status = 'awaited'", key)).ShouldBe(1);

        var again = await documents.SubmitAsync(command with { File = new MemoryStream(DocumentProduct.Text("prąd")) });
        again.Value.Revision.ShouldBe("0.9");
        (await documents.CountAsync(key)).ShouldBe((1, 1, 1, 1, 1));
    }

    [Fact]
    [Trait("Fault", "S19")]
    public async Task What_breaks_after_the_commit_is_there_once_and_the_same_form_is_told_so()
    {
        var key = await documents.DeliverableAsync();
        var command = documents.Command(key, DocumentProduct.Text("prąd"), "formularz-po");

        // The question before the upload is a unit of work of its own and passes the place first.
        using (DocumentProduct.FailAt(Failpoints.AfterCommit, afterPassing: 1))
        {
            await Should.ThrowAsync<InvalidOperationException>(() => documents.SubmitAsync(command));
        }

        (await documents.CountAsync(key)).ShouldBe((1, 1, 1, 1, 1));
        (await documents.SubmitAsync(command with { File = new MemoryStream(DocumentProduct.Text("prąd")) })).Value.Revision.ShouldBe("0.9");
        (await documents.CountAsync(key)).ShouldBe((1, 1, 1, 1, 1));
    }

    [Theory]
    [InlineData(true, "", "wykaz", "SubmissionIsIncomplete_Summary")]
    [InlineData(true, "streszczenie", " ", "SubmissionIsIncomplete_ChangeList")]
    [InlineData(true, "", "", "SubmissionIsIncomplete_Summary_ChangeList")]
    [InlineData(false, "", "", "SubmissionIsIncomplete_File_Summary_ChangeList")]
    public async Task An_incomplete_revision_is_refused_with_all_that_is_missing(bool hasFile, string summary, string changes, string expected)
    {
        var key = await documents.DeliverableAsync();
        await documents.SubmitAsync(key, "pierwsza");

        var refused = await documents.SubmitAsync(documents.Command(key, DocumentProduct.Text("druga")) with
        {
            File = hasFile ? new MemoryStream(DocumentProduct.Text("druga")) : null,
            Summary = summary,
            ChangeList = changes,
        });

        refused.Refusal.ShouldNotBeNull().Key.ShouldBe(expected);
        (await documents.CountAsync(key)).ShouldBe((1, 1, 1, 1, 1));
    }

    [Fact]
    public async Task The_first_revision_needs_no_change_list()
    {
        var key = await documents.DeliverableAsync();

        (await documents.SubmitAsync(documents.Command(key, DocumentProduct.Text("a")) with { ChangeList = "", Step = RevisionStep.NextMajor }))
            .Value.Revision.ShouldBe("1.0");
    }

    [Fact]
    public async Task Only_the_lead_of_the_task_submits()
    {
        var key = await documents.DeliverableAsync();
        var command = documents.Command(key, DocumentProduct.Text("a"));

        (await documents.SubmitAsync(command with { PersonId = documents.AnnaNowak })).Refusal.ShouldBe(new ActIsNotYours());
        (await documents.SubmitAsync(command with { PersonId = documents.Observer })).Refusal.ShouldBe(new ActIsNotYours());
        (await documents.SubmitAsync(command with { PersonId = Guid.Empty })).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await documents.SubmitAsync(command with { DeliverableKey = "nieznany" })).Refusal.ShouldBe(new NotFoundOrNotYours());
        (await documents.CountAsync(key)).ShouldBe((0, 0, 0, 0, 0));
    }

    [Fact]
    public async Task A_file_of_another_kind_than_expected_is_refused()
    {
        var key = await documents.DeliverableAsync("odt,pdf");

        (await documents.SubmitAsync(documents.Command(key, DocumentProduct.Text("a")))).Refusal
            .ShouldBe(new FileKindIsNotExpected("DOCX", "ODT, PDF"));
        (await documents.SubmitAsync(documents.Command(key, [1, 2, 3, 4, 5]) with { FileName = "kosztorys_2012.xlsx" })).Refusal
            .ShouldBe(new FileIsNotADocument("kosztorys_2012.xlsx"));
    }

    [Fact]
    [Trait("Fault", "S49")]
    public async Task Reading_stops_at_the_limit_whatever_the_sender_still_has()
    {
        var key = await documents.DeliverableAsync();
        var endless = new EndlessStream();

        (await documents.SubmitAsync(documents.Command(key, []) with { File = endless })).Refusal.ShouldBe(new FileIsTooLarge(50));

        endless.Sent.ShouldBeLessThan(51L * 1024 * 1024);
    }

    [Fact]
    public async Task An_adopted_deliverable_takes_no_new_revision()
    {
        var key = await documents.DeliverableAsync();
        var first = await documents.SubmitAsync(key, "pierwsza");
        await documents.ChangeAsync(key, deliverable =>
        {
            deliverable.EnterBallot(first.RevisionId);
            deliverable.MarkAdopted(documents.Product.Clock.GetUtcNow());
        });

        (await documents.SubmitAsync(documents.Command(key, DocumentProduct.Text("druga")))).Refusal.ShouldBe(new DeliverableIsAdopted("0.9"));
    }

    [Fact]
    public async Task A_base_of_another_deliverable_is_refused()
    {
        var other = await documents.SubmitAsync(await documents.DeliverableAsync(), "inny");
        var key = await documents.DeliverableAsync();

        (await documents.SubmitAsync(documents.Command(key, DocumentProduct.Text("a")) with { BaseRevisionId = other.RevisionId }))
            .Refusal.ShouldBe(new BaseRevisionIsUnknown());
    }

    [Fact]
    public async Task The_exact_bytes_of_a_long_file_come_back_from_any_place()
    {
        var key = await documents.DeliverableAsync();
        var noise = new byte[900_000];
        new Random(1).NextBytes(noise);
        var file = TestFiles.OdtOf("<text:p>a</text:p>", "", ("Pictures/1.png", noise));
        var submitted = (await documents.SubmitAsync(documents.Command(key, file) with { FileName = "../długi.odt" })).Value;

        var download = (await documents.Product.RunAsync<DownloadFile, Result<DownloadFile.Download>>(downloads =>
            downloads.HandleAsync(new(submitted.RevisionId, documents.AnnaNowak), TestContext.Current.CancellationToken))).Value;

        using var received = new MemoryStream();
        await download.Content.CopyToAsync(received, TestContext.Current.CancellationToken);
        received.ToArray().ShouldBe(file);
        (download.Length, download.MediaType, download.FileName).ShouldBe((file.Length, FileKind.Odt.MediaType(), "długi.odt"));
        download.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(file)));

        download.Content.Position = 600_000;
        var part = new byte[1000];
        await download.Content.ReadExactlyAsync(part, TestContext.Current.CancellationToken);
        part.ShouldBe(file[600_000..601_000]);
    }

    private async Task<IReadOnlyList<string>> KindsAsync(string key) => await documents.Product.InUnitOfWorkAsync(async db =>
        await db.History.Where(entry => entry.Subject == "deliverable:" + key).Select(entry => entry.Kind).ToListAsync());

    private async Task<Guid> StartAsync()
    {
        await using var scope = documents.Product.Services.CreateAsyncScope();
        var engine = scope.ServiceProvider.GetRequiredService<WorkflowEngine>();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync<Guid>(
            async _ => (await engine.StartAsync(new StartWorkflow { DefinitionId = "czekanie" }, CancellationToken.None)).InstanceId,
            CancellationToken.None);
    }

    private sealed class EndlessStream : Stream
    {
        public long Sent { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => Sent;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Sent += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
