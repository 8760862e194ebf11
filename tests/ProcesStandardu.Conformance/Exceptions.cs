namespace ProcesStandardu.Conformance;

/// <summary>Recorded quirks that this engine answers differently on purpose, with the reason; nothing of tier 1 or 2 is here.</summary>
internal static class Exceptions
{
    /// <summary>By scenario: how the allowed differences begin, and why they are right.</summary>
    public static readonly IReadOnlyDictionary<string, (string[] Allowed, string Reason)> All =
        new Dictionary<string, (string[], string)>
        {
            ["062-parallelforeach-event"] = (["step 0 main log"],
                "The first execution of an activity is Started, also when a sibling of the same activity waits already."),
            ["104-startat-future"] = (["step 0 result"],
                "A wait of decades is a row with a due time; starting it throws nothing."),
            ["131-rerun-suspended-instance"] = (["step 1", "step 2"],
                "A suspended instance goes on by its waits alone; running it again does nothing."),
            ["151-execute-workflow-wait"] = (["step 1 main variables"],
                "The result of a child that waited is delivered like that of one that did not."),
            ["join-default-mode"] = (["step 0 stdout", "step 0 main log"],
                "A join runs once in a round: what it cancels when it runs does not schedule it again."),
            ["complete-nested-flow"] = (["step 0", "end"],
                "Complete inside a flowchart of a flowchart completes the workflow; cancelling the outer one is no fault."),
            ["nested-loops"] = (["step", "end"],
                "A loop inside a loop runs again in the outer one's next round; its work is not passed over."),
            ["for-no-body"] = (["step 0", "end"], "A loop without a body is through at once; it does not wait for ever."),
            ["foreach-object-items"] = (["step 0", "end"], "Any value has a text: an object's is its JSON."),
            ["foreach-break-in-fork"] = (["step", "end"],
                "What begins to wait after its container has completed is cancelled: nobody is left for whom it could wait."),
            ["var-no-driver"] = (["step 1"], "A variable is forgotten only where the definition says so, not where it says nothing."),
            ["var-datetime"] = (["step 0 stdout"], "A date as text is written as in the definition, not in American order."),
            ["io-default"] = (["step 0"], "An input that is not given has the default that its declaration names."),
            ["event-trigger-and-resume"] = (["step", "end"], "One event takes one step: what starts an instance does not also resume it."),
            ["delay-zero"] = (["step 0 main log"], "A delay of no time waits for nothing."),
            ["cancel-parent-plain"] = (["step 2", "end"], "A cancelled workflow leaves no children behind that run on."),
            ["exec-wait-child-cancelled"] = (["step 1", "end"], "A parent learns of its child's end, however it was cancelled."),
            ["singleton-start-twice"] = (["step 1", "end"], "A workflow that may run once does so however it is started."),
        };
}
