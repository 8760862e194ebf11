namespace ProcesStandardu.Approval.Refusals;

/// <summary>The thing does not exist, or exists and is not for this person: the two must look alike.</summary>
public sealed record NotFoundOrNotYours : Refusal;

/// <summary>The person may see the thing but not do this act.</summary>
public sealed record ActIsNotYours : Refusal;

/// <summary>The form's key was used before with other contents.</summary>
public sealed record FormWasAlreadyUsed : Refusal;

/// <summary>A required field is empty. <paramref name="FieldName"/> is the field's name in the form.</summary>
public sealed record FieldIsEmpty(string FieldName) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [FieldName];

    public override string? Field => FieldName;
}

/// <summary>The commit's fate is not known yet; the same form sent again gives the true answer.</summary>
public sealed record OutcomeIsUnknown : Refusal;

/// <summary>The act binds, and it was too long ago that the person proved who he is.</summary>
public sealed record IdentityMustBeProvedAnew : Refusal;
