using ProcesStandardu.Approval.People;

namespace ProcesStandardu.Web.Layout;

/// <summary>
/// Who sends the present request and what he may do today; read from the database for each request, so that a person who has left is
/// out at once. Nobody until the sign-in has been checked.
/// </summary>
public sealed class Visitor
{
    /// <summary>The person; null for an anonymous visitor.</summary>
    public Person? Person { get; private set; }

    /// <summary>The rights of today; null for an anonymous visitor.</summary>
    public PersonRights? Rights { get; private set; }

    /// <summary>The visit of a browser; null for an anonymous visitor and for a program with a key of its own.</summary>
    public SignInSession? Session { get; private set; }

    /// <summary>
    /// True when an act that binds, such as a signature, asks for a new proof of identity first. The demo's clicks prove nothing and are
    /// not asked to.
    /// </summary>
    public bool MustProveAnew => Session is { Way: SignInWays.Provider } session && !session.IsFresh(TimeProvider.System.GetUtcNow());

    public bool IsSignedIn => Person is not null;

    /// <summary>The person's key.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in; the endpoint's policy should have refused.</exception>
    public Guid Id => Person?.Id ?? throw new InvalidOperationException("Nobody is signed in.");

    internal void Enter(Person person, PersonRights rights, SignInSession? session = null)
    {
        Person = person;
        Rights = rights;
        Session = session;
    }
}
