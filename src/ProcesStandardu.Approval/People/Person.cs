namespace ProcesStandardu.Approval.People;

/// <summary>Somebody who acts in the programme. Identity stands here alone; every record elsewhere holds the id.</summary>
public sealed class Person
{
    public required Guid Id { get; init; }

    /// <summary>The stable name used by imported files, for example <c>anna-nowak</c>.</summary>
    public required string Key { get; init; }

    public required string DisplayName { get; set; }

    public required string Email { get; set; }

    /// <summary>The organisation the person comes from; null for independent people.</summary>
    public string? OrganisationKey { get; set; }

    /// <summary>The language of the person's mails: <c>pl</c> or <c>en</c>.</summary>
    public string Language { get; set; } = "pl";

    /// <summary>False once the person has left: past acts keep the name, no new act is accepted.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>True for the invented persons of the demo, who sign in with one click.</summary>
    public bool IsDemo { get; init; }
}

/// <summary>A role of a person outside the boards (those stand in the boards' composition), for a period of local days.</summary>
public sealed class RoleAssignment
{
    public required Guid PersonId { get; init; }

    /// <summary>One of <see cref="Roles"/>.</summary>
    public required string Role { get; init; }

    /// <summary><c>programme</c>, or <c>task:</c> and the key of a task.</summary>
    public required string Scope { get; init; }

    public required DateOnly ValidFrom { get; init; }

    /// <summary>The last day; null while the role has no end.</summary>
    public DateOnly? ValidUntil { get; set; }

    /// <summary>True when the identity provider's token brought it; it ends when the token brings it no more.</summary>
    public bool FromProvider { get; init; }

    /// <summary>True when the role is held on <paramref name="day"/>.</summary>
    public bool Covers(DateOnly day) => ValidFrom <= day && (ValidUntil is null || day <= ValidUntil);
}

/// <summary>The stored names of roles.</summary>
public static class Roles
{
    public const string Administrator = "administrator";
    public const string TaskLead = "task_lead";
    public const string Observer = "observer";
}
