using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Crash;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Crash;

/// <summary>Nodes that are killed at every place of their work; <c>make crash</c> does the same at length and prints its counts.</summary>
[Trait("Category", "Process")]
public sealed class CrashTests
{
    [Fact]
    [Trait("Fault", "S02")]
    [Trait("Fault", "S05")]
    [Trait("Fault", "S07")]
    [Trait("Fault", "S15")]
    [Trait("Fault", "S16")]
    public async Task No_kill_at_any_place_loses_doubles_or_strands_anything()
    {
        var report = await CrashRun.RunAsync(new CrashPlan(CrashPlan.EveryPlace, KillsEach: 1, Voters: 4, Instances: 2, Seed: 1));

        report.Findings.Examples.ShouldBeEmpty();
        report.Unreached.ShouldBeEmpty();
        report.Kills.ShouldBe(CrashPlan.EveryPlace.Count);
        report.Unknown.ShouldBeGreaterThan(0, "somebody must have been left without an answer");
        report.Findings.Acknowledged.ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task A_node_that_answers_before_it_commits_is_found_out()
    {
        var report = await CrashRun.RunAsync(new CrashPlan(
            [Failpoints.BeforeCommit], KillsEach: 1, Voters: 3, Instances: 2, Seed: 1, AcknowledgesEarly: true));

        report.Kills.ShouldBe(1);
        report.Findings.Lost.ShouldBeGreaterThan(0);
    }
}
