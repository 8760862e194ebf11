namespace ProcesStandardu.Web.Layout;

/// <summary>How a state is to be felt; the words beside it say what it is.</summary>
public enum Tone
{
    /// <summary>Not begun, nothing to do.</summary>
    Quiet,

    /// <summary>Under way.</summary>
    Running,

    /// <summary>Waits for somebody.</summary>
    Waiting,

    /// <summary>Finished well.</summary>
    Done,

    /// <summary>Late, missing or failed.</summary>
    Alert,

    /// <summary>Ended without the result hoped for.</summary>
    Stopped,
}
