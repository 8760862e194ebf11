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

    public bool IsSignedIn => Person is not null;

    /// <summary>The person's key.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in; the endpoint's policy should have refused.</exception>
    public Guid Id => Person?.Id ?? throw new InvalidOperationException("Nobody is signed in.");

    internal void Enter(Person person, PersonRights rights)
    {
        Person = person;
        Rights = rights;
    }
}
