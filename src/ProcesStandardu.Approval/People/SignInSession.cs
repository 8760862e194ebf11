namespace ProcesStandardu.Approval.People;

/// <summary>One visit of a person, from sign-in to sign-out. The cookie holds its id alone; once it has ended the cookie is worth nothing.</summary>
/// <remarks>A visit lasts real time, whatever the programme's clock says.</remarks>
public sealed class SignInSession
{
    /// <summary>However busy somebody is, after this he signs in again.</summary>
    public static readonly TimeSpan LongestVisit = TimeSpan.FromHours(12);

    /// <summary>How long a proof of identity is good enough to sign a resolution.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(10);

    public required Guid Id { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>One of <see cref="SignInWays"/>.</summary>
    public required string Way { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the person last proved who he is.</summary>
    public required DateTimeOffset ProvedAt { get; set; }

    /// <summary>Null while the visit is open.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The provider's own name of the visit; null when it has none.</summary>
    public string? ProviderSession { get; init; }

    /// <summary>What the provider wants to see at sign-out, encrypted; null when nothing.</summary>
    public string? ProviderHint { get; set; }

    /// <summary>True while requests of this visit are served.</summary>
    public bool IsOpen(DateTimeOffset now) => EndedAt is null && now - StartedAt < LongestVisit;

    /// <summary>True when the person has proved who he is just now.</summary>
    public bool IsFresh(DateTimeOffset now) => IsOpen(now) && now - ProvedAt < FreshFor;
}

/// <summary>The stored names of ways to sign in.</summary>
public static class SignInWays
{
    /// <summary>One click, in the demo; proves nothing.</summary>
    public const string Demo = "demo";

    /// <summary>An OpenID Connect provider, such as Entra ID.</summary>
    public const string Provider = "provider";
}

/// <summary>Who a person is to the identity provider. The provider's e-mail and name say nothing about it: they can be anybody's.</summary>
public sealed class PersonLogin
{
    /// <summary>The provider's tenant (claim <c>tid</c>).</summary>
    public required string Tenant { get; init; }

    /// <summary>The person's key in the tenant (claim <c>oid</c>).</summary>
    public required string ObjectId { get; init; }

    public required Guid PersonId { get; set; }

    public required DateTimeOffset LinkedAt { get; set; }
}
