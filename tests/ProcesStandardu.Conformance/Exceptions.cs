namespace ProcesStandardu.Conformance;

/// <summary>Recorded quirks that this engine answers differently on purpose, with the reason; nothing of tier 1 or 2 is here.</summary>
internal static class Exceptions
{
    /// <summary>By scenario: how the allowed differences begin, and why they are right.</summary>
    public static readonly IReadOnlyDictionary<string, (string[] Allowed, string Reason)> All =
        new Dictionary<string, (string[], string)>
        {
            ["030-flow-end-with-pending-scheduled"] = (["step 0 stdout", "step 0 main log"],
                "End completes its container: what was only scheduled in it is dropped, nothing runs after the workflow's end."),
            ["062-parallelforeach-event"] = (["step 0 main log"],
                "The first execution of an activity is Started, also when a sibling of the same activity waits already."),
            ["104-startat-future"] = (["step 0 result"],
                "A wait of decades is a row with a due time; starting it throws nothing."),
            ["131-rerun-suspended-instance"] = (["step 1", "step 2"],
                "A suspended instance goes on by its waits alone; running it again does nothing."),
            ["151-execute-workflow-wait"] = (["step 1 main variables"],
                "The result of a child that waited is delivered like that of one that did not."),
        };
}
