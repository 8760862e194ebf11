namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// Names the resources with the words of this slice: its refusals by their keys, and labels as <c>DeliverableStatus_…</c>,
/// <c>ChangeKind_…</c> and so on with the value's name, <c>DeliverableKind_…</c> with the stored kind.
/// </summary>
public sealed class DocumentTexts;
