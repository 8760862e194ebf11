using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Persistence;

public sealed class JournalMigrationTests
{
    private const string Journal =
        """
        select string_agg(concat_ws('|', seq, activity_number, coalesce(parent_number, 0), activity_id, activity_node_id, activity_type,
          activity_version, activity_name, event, at, message, outcomes), E'\n' order by seq) from workflow_journal
        """;

    private const string Executions =
        """
        select string_agg(concat_ws('|', number, coalesce(parent_number, 0), activity_id, activity_node_id, activity_type, activity_version,
          activity_name, status, started_at, completed_at, outcomes, fault_count, fault_message, has_waits, inputs, outputs), E'\n' order by number)
        from activity_execution
        """;

    private const string Old =
        """
        insert into workflow_definition (version_id, definition_id, version, name, source, sha256, usable_as_activity, is_latest, is_published, created_at)
        values ('v1', 'd', 1, 'd', '{}', sha256('x'), false, true, false, '2012-11-05');
        insert into workflow_instance (id, definition_id, definition_version_id, version, status, sub_status, created_at, updated_at, incident_count, state, variables, output)
        values ('0193a000-0000-7000-8000-000000000001', 'd', 'v1', 1, 'running', 'suspended', '2012-11-05', '2012-11-06', 0, '{}', '{}', '{}');
        insert into workflow_journal (instance_id, seq, activity_number, parent_number, activity_id, activity_node_id, activity_type, activity_version, activity_name, event, at, message, outcomes)
        select '0193a000-0000-7000-8000-000000000001', * from (values
          (1, 1, null, 'Workflow1', 'Workflow1', 'Elsa.Workflow', 1, null, 'Started', '2012-11-05 08:00Z'::timestamptz, null, null::text[]),
          (2, 2, 1, 'a:b', 'Workflow1:a:b', 'Elsa.Event', 1, 'Głos', 'Started', '2012-11-05 08:00Z', null, null),
          (3, 2, 1, 'a:b', 'Workflow1:a:b', 'Elsa.Event', 1, 'Głos', 'Suspended', '2012-11-05 08:00Z', null, null),
          (4, 2, 1, 'a:b', 'Workflow1:a:b', 'Elsa.Event', 1, 'Głos', 'Resumed', '2012-11-06 08:00Z', null, null),
          (5, 2, 1, 'a:b', 'Workflow1:a:b', 'Elsa.Event', 1, 'Głos', 'Completed', '2012-11-06 08:00Z', null, '{Za,Inne}'),
          (6, 3, 1, 'c', 'Workflow1:c', 'Elsa.WriteLine', 1, null, 'Started', '2012-11-06 08:00Z', null, null),
          (7, 3, 1, 'c', 'Workflow1:c', 'Elsa.WriteLine', 1, null, 'Faulted', '2012-11-06 08:00Z', 'Nie ma "tego"', null)) as j;
        insert into activity_execution (instance_id, number, parent_number, activity_id, activity_node_id, activity_type, activity_version, activity_name, status, started_at, completed_at, outcomes, fault_count, fault_message, has_waits, inputs, outputs)
        select '0193a000-0000-7000-8000-000000000001', * from (values
          (1, null, 'Workflow1', 'Workflow1', 'Elsa.Workflow', 1, null, 'running', '2012-11-05 08:00Z'::timestamptz, null::timestamptz, null::text[], 1, null, false, null::jsonb, null::jsonb),
          (2, 1, 'a:b', 'Workflow1:a:b', 'Elsa.Event', 1, 'Głos', 'completed', '2012-11-05 08:00Z', '2012-11-06 08:00Z', '{Za,Inne}', 0, null, false, '{"EventName": "x", "Nothing": null}', '{"Result": {"by": null}}'),
          (3, 1, 'c', 'Workflow1:c', 'Elsa.WriteLine', 1, null, 'faulted', '2012-11-06 08:00Z', null, null, 1, 'Nie ma "tego"', false, '{"Text": "t"}', null)) as x;
        """;

    [Fact]
    public async Task A_journal_that_was_written_entry_by_entry_reads_the_same_afterwards()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(TestContext.Current.CancellationToken);
        var assembly = typeof(DatabaseMigrator).Assembly;
        var files = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var turn = files.FindIndex(name => name.EndsWith("0018_engine_speed.sql", StringComparison.Ordinal));
        foreach (var file in files[..turn])
        {
            await RunAsync(file);
        }

        await database.ExecuteAsync(Old.Replace("\r", "", StringComparison.Ordinal));
        var (journal, executions) = (await database.ScalarAsync<string>(Journal), await database.ScalarAsync<string>(Executions));
        await RunAsync(files[turn]);

        (await database.ScalarAsync<string>(Journal)).ShouldBe(journal);
        (await database.ScalarAsync<string>(Executions)).ShouldBe(executions);
        (await database.ScalarAsync<long>("select count(*) from workflow_burst")).ShouldBe(2);

        async Task RunAsync(string file)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(file)!);
            await database.ExecuteAsync(await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }
    }
}
