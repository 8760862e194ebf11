using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Web.Forms;

/// <summary>What somebody sent with a form: its fields, its files and the key that was made when it was shown.</summary>
public sealed class PostedForm
{
    /// <summary>The name of the hidden field with the key that makes a second press of the button harmless.</summary>
    public const string KeyField = "klucz";

    /// <summary>The name of the hidden field that says which form of the page was sent.</summary>
    public const string NameField = "formularz";

    private readonly IFormCollection fields;

    private PostedForm(IFormCollection fields) => this.fields = fields;

    /// <summary>The form's name in the page.</summary>
    public string Name => this[NameField] ?? "";

    /// <summary>Made when the form was shown; null when the sender left it out.</summary>
    public string? Key => this[KeyField];

    /// <summary>A field's text, trimmed; null when it is absent or empty.</summary>
    public string? this[string field] =>
        fields.TryGetValue(field, out var value) && !string.IsNullOrWhiteSpace(value) ? value.ToString().Trim() : null;

    /// <summary>A field's text as it was typed; null when it was not sent.</summary>
    public string? Typed(string field) => fields.TryGetValue(field, out var value) ? value.ToString() : null;

    /// <summary>What was sent, with the antiforgery token but without the form's name and key.</summary>
    public IEnumerable<KeyValuePair<string, string>> Fields() =>
        from field in fields
        where field.Key is not (KeyField or NameField)
        from value in field.Value
        where !string.IsNullOrEmpty(value)
        select KeyValuePair.Create(field.Key, value);

    /// <summary>True when files came with it, which no page can carry on.</summary>
    public bool HasFiles => fields.Files.Count > 0;

    /// <summary>The form of a request that has been read already; null when there is none.</summary>
    public static PostedForm? Of(HttpContext http) =>
        http.Features.Get<Microsoft.AspNetCore.Http.Features.IFormFeature>()?.Form is { } read ? new PostedForm(read) : null;

    /// <summary>True when a box with this value was ticked.</summary>
    public bool Has(string field, string value) => fields[field].Contains(value);

    /// <summary>Every value sent under a name, in the order sent; empty when there is none.</summary>
    public IReadOnlyList<string> All(string field) => [.. fields[field].OfType<string>()];

    /// <summary>A field's id; the empty one, which nothing has, when it is absent or none.</summary>
    public Guid Id(string field) => Guid.TryParse(this[field], out var id) ? id : Guid.Empty;

    /// <summary>The file chosen in a field; null when none was.</summary>
    public IFormFile? File(string field) => fields.Files.GetFile(field) is { Length: > 0 } file ? file : null;

    /// <summary>Lets an endpoint take the form as an argument.</summary>
    public static async ValueTask<PostedForm?> BindAsync(HttpContext http) =>
        http.Request.HasFormContentType
            ? new PostedForm(await http.Request.ReadFormAsync(http.RequestAborted))
            : throw new BadHttpRequestException("A form is expected.", StatusCodes.Status415UnsupportedMediaType);
}

/// <summary>A form that was not carried out: shown again with why and with everything that was typed.</summary>
/// <param name="Refusals">Empty when nothing is wrong and the form is only shown again, to be checked or corrected.</param>
public sealed record RefusedForm(PostedForm Form, IReadOnlyList<Refusal> Refusals);
