namespace ProcesStandardu.Approval.Workflows.Procedures;

/// <summary>A workflow definition as a numbered procedure in words: who, what, by when, and what if not.</summary>
/// <param name="General">What holds for the whole: description, data it is given and gives back, variables; a line each.</param>
public sealed record Procedure(
    string DefinitionId, int Version, string Name, IReadOnlyList<string> General, IReadOnlyList<ProcedureStep> Steps)
{
    /// <summary>All steps, those inside others included, in reading order.</summary>
    public IEnumerable<ProcedureStep> AllSteps() => Steps.SelectMany(step => step.WithChildren());
}

/// <summary>One step of a procedure, in the reader's language.</summary>
/// <param name="Number">„3”, or „3.1” inside step 3.</param>
/// <param name="ActivityId">The activity's id in the definition; also the page's anchor.</param>
/// <param name="Title">The designer's name for it, else the name of its kind.</param>
/// <param name="Place">Where in the enclosing step it stands, such as „wtedy”; null in a plain list.</param>
/// <param name="Who">Who has to act; „system” when nobody has.</param>
/// <param name="ByWhen">Null when the step sets no term.</param>
/// <param name="Details">Settings that the sentence does not say.</param>
/// <param name="IsKnown">False when the kind of activity is unknown here, so that the definition cannot run.</param>
/// <param name="IsReached">False when no path leads to it.</param>
public sealed record ProcedureStep(
    string Number,
    string ActivityId,
    string Title,
    string? Place,
    string Who,
    string What,
    string? ByWhen,
    IReadOnlyList<ProcedureDetail> Details,
    IReadOnlyList<ProcedureWay> Ways,
    bool IsKnown,
    bool IsReached,
    IReadOnlyList<ProcedureStep> Children)
{
    public IEnumerable<ProcedureStep> WithChildren() => Children.SelectMany(child => child.WithChildren()).Prepend(this);
}

/// <summary>A setting of a step and its value in words.</summary>
public sealed record ProcedureDetail(string Label, string Value);

/// <summary>Where a step leads.</summary>
/// <param name="Outcome">In words; empty when the step has one way out only.</param>
/// <param name="Targets">The steps it leads to, all at once; empty when the way ends here.</param>
public sealed record ProcedureWay(string Outcome, IReadOnlyList<ProcedureTarget> Targets);

/// <summary>A step that another leads to.</summary>
/// <param name="IsBack">True when it stands earlier in the procedure: the work returns to it.</param>
public sealed record ProcedureTarget(string Number, string ActivityId, string Title, bool IsBack);
