using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Repair;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

/// <summary>What administrators do to running workflows: each act once, with a reason, in the journal and in the history.</summary>
public sealed class RepairTests : IAsyncLifetime
{
    // Someone is asked; yes leads to a term, no to a correction that cannot work until its variable is set.
    private const string Definition =
        """
        {"id":"case-v1","definitionId":"case","version":1,"name":"Sprawa",
         "variables":[{"id":"days","name":"Dni","typeName":"Int32","value":"3"},{"id":"who","name":"Kto","typeName":"String"}],
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
            {"id":"ask","type":"ProcesStandardu.AskForDecision","version":1,
              "role":{"expression":{"type":"Literal","value":"secretary"}},"title":{"expression":{"type":"Literal","value":"Czy dalej?"}},
              "choices":{"expression":{"type":"Literal","value":"[\"Tak\",\"Nie\"]"}}},
            {"id":"term","type":"Elsa.Delay","version":1,"timeSpan":{"expression":{"type":"Literal","value":"10.00:00:00"}}},
            {"id":"mend","type":"Elsa.Fault","version":1,"message":{"expression":{"type":"Literal","value":"zepsute"}}},
            {"id":"end","type":"Elsa.WriteLine","version":1,"text":{"expression":{"type":"Literal","value":"koniec"}}}],
          "connections":[
            {"source":{"activity":"ask","port":"Tak"},"target":{"activity":"term"}},
            {"source":{"activity":"ask","port":"Nie"},"target":{"activity":"mend"}},
            {"source":{"activity":"term","port":"Done"},"target":{"activity":"end"}},
            {"source":{"activity":"mend","port":"Done"},"target":{"activity":"end"}}]}}
        """;

    private TestProduct _product = null!;
    private Guid _administrator;
    private Guid _id;

    public async ValueTask InitializeAsync()
    {
        _product = await TestProduct.CreateAsync();
        _administrator = await _product.PersonAsync("rafal-zdun");
        await _product.PublishAsync(Definition);
        _id = (await _product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "case" })).InstanceId;
    }

    public ValueTask DisposeAsync() => _product.DisposeAsync();

    [Fact]
    public async Task A_skipped_question_is_withdrawn_and_its_chosen_answer_leads_on()
    {
        var step = (await ShowAsync()).Living.Single();
        step.Outcomes.ShouldBe(["Tak", "Nie"], ignoreOrder: true);
        step.Waits.Single().ShouldSatisfyAllConditions(
            wait => wait.Kind.ShouldBe("decision"), wait => wait.What.ShouldBe("Czy dalej?"), wait => wait.Role.ShouldBe("secretary"));

        (await SkipAsync(step.Number, "Może")).Refusal!.Key.ShouldBe("OutcomeIsUnknown");
        (await SkipAsync(step.Number, "Tak")).Succeeded.ShouldBeTrue();

        (await ShowAsync()).Living.Single().ActivityId.ShouldBe("term");
        (await CountAsync("decision_request where state = 'withdrawn'")).ShouldBe(1);
        await ShouldBeRecordedAsync("workflow_step_skipped", "skip");
        (await SkipAsync(step.Number, "Tak")).Refusal!.Key.ShouldBe("ActivityIsNotLiving", "the step has gone on");
    }

    [Fact]
    public async Task A_faulted_step_is_run_again_or_skipped_and_the_instance_lives()
    {
        await SkipAsync((await ShowAsync()).Living.Single().Number, "Nie");
        var view = await ShowAsync();
        view.Condition.ShouldBe(InstanceCondition.Faulted);
        var faulted = view.Living.Single();
        faulted.Message.ShouldBe("zepsute");

        (await RunAsync<RetryActivity>(use => use.HandleAsync(new RetryActivity.Command(By(), _id, faulted.Number), CancellationToken.None))).Succeeded.ShouldBeTrue();
        (await ShowAsync()).Living.Single().Number.ShouldNotBe(faulted.Number, "it ran again, and is still broken");
        await ShouldBeRecordedAsync("workflow_retried", "retry");

        (await SkipAsync((await ShowAsync()).Living.Single().Number, "Done")).Succeeded.ShouldBeTrue();
        (await ShowAsync()).Condition.ShouldBe(InstanceCondition.Ended);
        (await RunAsync<RetryActivity>(use => use.HandleAsync(new RetryActivity.Command(By(), _id, null), CancellationToken.None)))
            .Refusal.ShouldBeOfType<NothingIsToBeRetried>();
    }

    [Fact]
    public async Task The_token_moves_on_and_back_and_the_flow_goes_its_way()
    {
        var ask = (await ShowAsync()).Living.Single();
        (await MoveAsync(ask.Number, "nowhere")).Refusal!.Key.ShouldBe("TargetIsElsewhere");
        (await MoveAsync(ask.Number, "term")).Succeeded.ShouldBeTrue();
        var term = (await ShowAsync()).Living.Single();
        term.ActivityId.ShouldBe("term");
        (await MoveAsync(term.Number, "ask")).Succeeded.ShouldBeTrue();
        var again = (await ShowAsync()).Living.Single();
        (await SkipAsync(again.Number, "Tak")).Succeeded.ShouldBeTrue();
        (await SkipAsync((await ShowAsync()).Living.Single().Number, "Done")).Succeeded.ShouldBeTrue();

        var view = await ShowAsync();
        view.Condition.ShouldBe(InstanceCondition.Ended);
        view.Steps.Single(step => step.ActivityId == "end").State.ShouldBe("completed");
        (await CountAsync("history_entry where kind = 'workflow_token_moved'")).ShouldBe(2);
    }

    [Fact]
    public async Task A_term_is_moved_and_fires_at_its_new_time_only()
    {
        await SkipAsync((await ShowAsync()).Living.Single().Number, "Tak");
        var wait = (await ShowAsync()).Living.Single().Waits.Single();
        var sooner = _product.Clock.GetUtcNow().AddHours(2);

        (await RescheduleAsync(wait.BookmarkId, null)).Refusal.ShouldBeOfType<DueDateIsMissing>();
        (await RescheduleAsync(Guid.CreateVersion7(sooner), sooner)).Refusal!.Key.ShouldBe("ActivityIsNotLiving");
        (await RescheduleAsync(wait.BookmarkId, sooner)).Succeeded.ShouldBeTrue();
        await ShouldBeRecordedAsync("workflow_rescheduled", "reschedule");

        (await WakeAsync()).ShouldBe(0);
        _product.Clock.Advance(TimeSpan.FromHours(2));
        (await WakeAsync()).ShouldBe(1);
        (await ShowAsync()).Condition.ShouldBe(InstanceCondition.Ended);
    }

    [Fact]
    public async Task A_variable_takes_what_fits_its_type()
    {
        (await SetAsync("Dni", "dużo")).Refusal!.Key.ShouldBe("ValueDoesNotFit");
        (await SetAsync("Nic", "1")).Refusal!.Key.ShouldBe("VariableIsUnknown");
        (await SetAsync("Dni", "7")).Succeeded.ShouldBeTrue();
        (await SetAsync("Kto", "Zofia Mak")).Succeeded.ShouldBeTrue();

        (await ShowAsync()).Variables!["Dni"].ShouldBe("7");
        (await ShowAsync()).Variables!["Kto"].ShouldBe("\"Zofia Mak\"");
        await ShouldBeRecordedAsync("workflow_variable_changed", "variable:Dni");
    }

    [Fact]
    public async Task A_cancelled_instance_ends_and_cannot_be_repaired()
    {
        (await CancelAsync()).Succeeded.ShouldBeTrue();

        (await ShowAsync()).Condition.ShouldBe(InstanceCondition.Ended);
        (await CountAsync("workflow_bookmark")).ShouldBe(0);
        await ShouldBeRecordedAsync("workflow_cancelled", "cancel");
        (await CancelAsync()).Refusal!.Key.ShouldBe("InstanceIsFinished");
    }

    [Fact]
    public async Task One_form_acts_once_and_only_administrators_act_and_only_with_a_reason()
    {
        var number = (await ShowAsync()).Living.Single().Number;
        var member = await _product.PersonAsync("anna-nowak");
        (await SkipAsync(number, "Tak", new OperatorActs.By(member, "bo tak"))).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
        (await SkipAsync(number, "Tak", new OperatorActs.By(_administrator, "  "))).Refusal.ShouldBe(new FieldIsEmpty("Reason"));
        (await SkipAsync(number, "Tak", new OperatorActs.By(_administrator, new string('x', 2001)))).Refusal.ShouldBeOfType<ReasonIsTooLong>();

        var by = new OperatorActs.By(_administrator, "bo tak", "form-1");
        var pressed = await Task.WhenAll(SkipAsync(number, "Tak", by), SkipAsync(number, "Tak", by));

        pressed.ShouldAllBe(result => result.Succeeded);
        (await CountAsync("history_entry where kind = 'workflow_step_skipped'")).ShouldBe(1);
        (await SkipAsync(number, "Nie", by)).Refusal.ShouldBeOfType<FormWasAlreadyUsed>();
    }

    [Fact]
    public async Task The_list_says_who_needs_help_and_what_the_others_wait_for()
    {
        var faulted = (await _product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "case" })).InstanceId;
        var living = (await ShowAsync(faulted)).Living.Single().Number;
        await RunAsync<SkipActivity>(use => use.HandleAsync(new SkipActivity.Command(By(), faulted, living, "Nie"), CancellationToken.None));
        var stuck = (await _product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "case" })).InstanceId;
        await _product.Database.ExecuteAsync("delete from workflow_bookmark where instance_id = $1", stuck);

        var view = (await _product.RunAsync<ListInstances, Result<ListInstances.View>>(list =>
            list.HandleAsync(new ListInstances.Query(_administrator), CancellationToken.None))).Value;

        view.Rows.Select(row => (row.Id, row.Condition)).ShouldBe(
            [(faulted, InstanceCondition.Faulted), (stuck, InstanceCondition.Stuck), (_id, InstanceCondition.Waiting)]);
        view.Rows[0].Trouble.ShouldBe("zepsute");
        view.Rows[2].Waits.Single().What.ShouldBe("Czy dalej?");
        (view.Counts[InstanceCondition.Faulted], view.Counts[InstanceCondition.Stuck], view.Counts[InstanceCondition.Waiting]).ShouldBe((1, 1, 1));
    }

    [Fact]
    [Trait("Fault", "S33")]
    public async Task A_parked_delivery_is_shown_and_tried_again_when_asked()
    {
        await SkipAsync((await ShowAsync()).Living.Single().Number, "Tak");
        await _product.Database.ExecuteAsync(
            """
            insert into kept_delivery (id, kind, name, request, instance_id, bookmark_id, attempts, last_error, kept_at, parked_at)
            select gen_random_uuid(), 'resume', '', jsonb_build_object('bookmarkId', id, 'isDue', true), instance_id, id, 5, 'awaria', created_at, created_at
            from workflow_bookmark
            """);
        var view = await ShowAsync();
        view.Condition.ShouldBe(InstanceCondition.Parked);

        var retry = new RetryActivity.DeliveryCommand(By(), _id, view.Parked.Single().Id);
        (await RunAsync<RetryActivity>(use => use.HandleAsync(retry, CancellationToken.None))).Succeeded.ShouldBeTrue();
        (await RunAsync<RetryActivity>(use => use.HandleAsync(retry, CancellationToken.None))).Refusal.ShouldBeOfType<NothingIsToBeRetried>();

        await WakeAsync();
        (await ShowAsync()).Condition.ShouldBe(InstanceCondition.Ended);
        (await CountAsync("kept_delivery")).ShouldBe(0);
    }

    private OperatorActs.By By() => new(_administrator, "bo tak trzeba");

    private Task<Result<Done>> SkipAsync(long number, string outcome, OperatorActs.By? by = null) =>
        RunAsync<SkipActivity>(use => use.HandleAsync(new SkipActivity.Command(by ?? By(), _id, number, outcome), CancellationToken.None));

    private Task<Result<Done>> MoveAsync(long number, string target) =>
        RunAsync<MoveToken>(use => use.HandleAsync(new MoveToken.Command(By(), _id, number, target), CancellationToken.None));

    private Task<Result<Done>> RescheduleAsync(Guid bookmark, DateTimeOffset? dueAt) =>
        RunAsync<RescheduleWait>(use => use.HandleAsync(new RescheduleWait.Command(By(), _id, bookmark, dueAt), CancellationToken.None));

    private Task<Result<Done>> SetAsync(string name, string value) =>
        RunAsync<ChangeVariable>(use => use.HandleAsync(new ChangeVariable.Command(By(), _id, null, name, value), CancellationToken.None));

    private Task<Result<Done>> CancelAsync() =>
        RunAsync<CancelInstance>(use => use.HandleAsync(new CancelInstance.Command(By(), _id), CancellationToken.None));

    private Task<Result<Done>> RunAsync<TUseCase>(Func<TUseCase, Task<Result<Done>>> act)
        where TUseCase : notnull => _product.RunAsync(act);

    private async Task<ShowInstance.View> ShowAsync(Guid? id = null) => (await _product.RunAsync<ShowInstance, Result<ShowInstance.View>>(show =>
        show.HandleAsync(new ShowInstance.Query(_administrator, id ?? _id), CancellationToken.None))).Value;

    private async Task<int> WakeAsync()
    {
        var counts = await _product.RunAsync<Approval.Workflows.WakeDueWorkflows, Approval.Workflows.WakeDueWorkflows.Counts>(wake =>
            wake.RunOnceAsync(CancellationToken.None));
        return counts.Total;
    }

    private async Task ShouldBeRecordedAsync(string kind, string message)
    {
        (await CountAsync($"history_entry where kind = '{kind}' and subject = 'workflow:{_id:D}' and details->>'why' = 'bo tak trzeba' and actor_id is not null"))
            .ShouldBeGreaterThan(0);
        (await CountAsync($"workflow_journal where event = 'Intervened' and message = '{message}' and instance_id = '{_id}'")).ShouldBeGreaterThan(0);
    }

    private Task<long> CountAsync(string what) => _product.Database.ScalarAsync<long>($"select count(*) from {what}");
}
