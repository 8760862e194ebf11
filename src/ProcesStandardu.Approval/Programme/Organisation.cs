namespace ProcesStandardu.Approval.Programme;

public enum OrganisationKind
{
    PublicAuthority,
    PublicInstitution,
    NonGovernmental,
}

/// <summary>What an organisation is in the programme; one may be several.</summary>
public enum OrganisationRole
{
    Leader,
    Beneficiary,
    ProjectPromoter,
    SystemicBeneficiary,
    Initiator,
    Partner,
    PilotImplementer,
    CounsellingProvider,
}

/// <summary>A body that takes part in the programme: its leader, initiator, partners and implementers of pilots.</summary>
public sealed class Organisation
{
    private readonly List<OrganisationRoleHeld> roles = [];

    public string Key { get; private set; } = "";

    public string Name { get; private set; } = "";

    /// <summary>The name that lists and votes show: „CAL”, „FORUM”.</summary>
    public string ShortName { get; private set; } = "";

    public OrganisationKind Kind { get; private set; }

    public int Ordinal { get; private set; }

    /// <summary>A contact datum: shown only where the reader's role needs it. Null when no source gives it.</summary>
    public string? Address { get; private set; }

    public string? Website { get; private set; }

    public string SourceKey { get; private set; } = "";

    public IReadOnlyList<OrganisationRoleHeld> Roles => roles;
}

/// <summary>An organisation holds a role, as a source says.</summary>
public sealed class OrganisationRoleHeld
{
    public string OrganisationKey { get; private set; } = "";

    public OrganisationRole Role { get; private set; }

    public string SourceKey { get; private set; } = "";
}
