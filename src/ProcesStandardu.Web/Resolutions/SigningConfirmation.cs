using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Resolutions;
using ProcesStandardu.Web.Forms;

namespace ProcesStandardu.Web.Resolutions;

/// <summary>
/// How whoever signs a resolution proves, in a step of its own, that it is he and that he means it. Each way of signing in has its
/// own; the signature's event keeps the name of the one that was used.
/// </summary>
public interface ISigningConfirmation
{
    /// <summary>The stored name, lower_snake; it never changes.</summary>
    string Name { get; }

    /// <summary>
    /// The component with the step's fields, shown inside the form of the signature; its parameter <c>Data</c> takes the resolution
    /// (<see cref="EvidenceData"/>).
    /// </summary>
    Type Fields { get; }

    /// <summary>Why the proof does not hold; null when it does. Nothing is signed before.</summary>
    Task<Refusal?> RefusalAsync(HttpContext http, PostedForm form, EvidenceData data, CancellationToken cancellation);
}

/// <summary>
/// The signer types the resolution's number. It proves that he means it and not who he is, which is all that can be asked of a person
/// who signs in by one click.
/// </summary>
public sealed class TypedNumberConfirmation : ISigningConfirmation
{
    /// <summary>The field into which the number is typed.</summary>
    public const string Field = "Number";

    public string Name => "typed_number";

    public Type Fields => typeof(TypedNumberField);

    public Task<Refusal?> RefusalAsync(HttpContext http, PostedForm form, EvidenceData data, CancellationToken cancellation) =>
        Task.FromResult<Refusal?>(
            string.Equals(form[Field], data.One(EvidenceSections.Resolution)["number"], StringComparison.Ordinal) ? null : new TypedNumberDiffers());
}

/// <summary>What was typed is not the number of the resolution that is signed.</summary>
public sealed record TypedNumberDiffers : Refusal
{
    public override string Field => TypedNumberConfirmation.Field;
}
