namespace ProcesStandardu.Engine.Execution;

/// <summary>Whether an instance may still do anything; the order is Elsa's and is stored in results of sub-workflows.</summary>
public enum WorkflowStatus
{
    Running,
    Finished,
}

/// <summary>How an instance stands; the order is Elsa's and is stored in results of sub-workflows.</summary>
public enum WorkflowSubStatus
{
    Pending,
    Executing,
    Suspended,
    Finished,
    Cancelled,
    Faulted,
    Interrupted,
}

/// <summary>How one execution of an activity stands; one that waits is running.</summary>
public enum ActivityStatus
{
    Running,
    Completed,
    Canceled,
    Faulted,
}
