using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>Where people find the product; configuration section <c>Site</c>.</summary>
public sealed class SiteOptions
{
    public const string Section = "Site";

    /// <summary>
    /// The address that links in mails begin with, for example <c>https://proces.example.org/</c>. It is configured and
    /// never taken from a request, because a request can name any host.
    /// </summary>
    [Required]
    public string BaseAddress { get; set; } = "http://localhost:5080/";

    /// <summary>The absolute address of a page.</summary>
    /// <param name="path">A path of <see cref="SitePaths"/>; it begins with one slash.</param>
    /// <exception cref="ArgumentException">The path leads elsewhere.</exception>
    public Uri To(string path)
    {
        if (path.Length == 0 || path[0] != '/' || path.StartsWith("//", StringComparison.Ordinal)
            || path.Any(c => c is <= ' ' or > '~' or '\\'))
        {
            throw new ArgumentException("A link in a mail leads to a page of this site.", nameof(path));
        }

        return new Uri(BaseAddress.TrimEnd('/') + path, UriKind.Absolute);
    }
}

/// <summary>The pages that mails lead to. Each only shows: acting needs the person's sign-in and a form.</summary>
public static class SitePaths
{
    public const string MyMatters = "/";
    public const string Deadlines = "/terminy";
    public const string OutgoingMail = "/poczta";
    public const string Watch = "/straznik";

    public static string Ballot(Guid id) => $"/glosowania/{id:D}";

    public static string Deliverable(string key) => "/produkty/" + Uri.EscapeDataString(key);

    public static string Comments(string deliverableKey) => Deliverable(deliverableKey) + "/uwagi";

    public static string Meeting(Guid id) => $"/posiedzenia/{id:D}";

    public static string Deadline(string key) => Deadlines + "/" + Uri.EscapeDataString(key);

    public static string Amendment(Guid id) => $"{Deadlines}/aneksy/{id:D}";

    public static string Procedure(string definitionId) => "/obiegi/" + Uri.EscapeDataString(definitionId);

    public static string PublicationEffects(string definitionId) => Procedure(definitionId) + "/skutki";

    public static string Work(string key) => "/standardy/" + Uri.EscapeDataString(key);

    /// <summary>Where the recipient of a mail ends mails of its kind: its id, 74 random bits of it, is the secret.</summary>
    public static string EndMails(Guid id) => $"/powiadomienia/koniec/{id:D}";

    public static string Mail(Guid id) => $"/poczta/{id:D}";
}

internal sealed class SiteOptionsRules : IValidateOptions<SiteOptions>
{
    public ValidateOptionsResult Validate(string? name, SiteOptions options) =>
        Uri.TryCreate(options.BaseAddress, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            && address.Query.Length == 0 && address.Fragment.Length == 0 && address.UserInfo.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Site:BaseAddress must be an http or https address without query.");
}
