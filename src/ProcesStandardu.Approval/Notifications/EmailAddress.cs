using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// An address that both a header and an SMTP command can carry: ASCII, a plain local part, a host name. Quoted local
/// parts, comments and addresses in brackets are refused, because they are where line ends and second recipients hide.
/// </summary>
public sealed record EmailAddress
{
    private const string LocalPartSigns = "!#$%&'*+/=?^_`{|}~-";

    private static EmailAddress? lastParsed;

    private EmailAddress(string value) => Value = value;

    /// <summary>The address as it is sent, for example <c>anna.nowak@example.org</c>; a national domain in its ASCII form.</summary>
    public string Value { get; }

    /// <summary>The part after the @, in lower case.</summary>
    public string Domain => Value[(Value.IndexOf('@') + 1)..];

    /// <summary>Reads an address as typed. Nothing is trimmed or repaired: what is not an address is refused.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        var at = text?.IndexOf('@') ?? -1;
        if (at < 1 || text!.Length > 254)
        {
            return false;
        }

        var local = text[..at];
        if (!IsLocalPart(local) || ToAscii(text[(at + 1)..]) is not { } domain || !IsHostName(domain))
        {
            return false;
        }

        address = new EmailAddress(local + "@" + domain);
        return true;
    }

    /// <summary>Reads an address that configuration or the programme itself wrote.</summary>
    /// <exception cref="FormatException">It is not an address.</exception>
    public static EmailAddress Parse(string text)
    {
        // What is configured is asked for with each mail.
        if (lastParsed is { } last && last.Value == text)
        {
            return last;
        }

        return TryParse(text, out var address) ? lastParsed = address : throw new FormatException("Not an e-mail address.");
    }

    public override string ToString() => Value;

    private static bool IsLocalPart(string local) =>
        local.Length <= 64 && local.Split('.').All(atom =>
            atom.Length > 0 && atom.All(c => char.IsAsciiLetterOrDigit(c) || LocalPartSigns.Contains(c)));

    private static bool IsHostName(string domain) =>
        domain.Length <= 253 && domain.Split('.').All(label =>
            label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));

    private static string? ToAscii(string domain)
    {
        try
        {
            return new IdnMapping { UseStd3AsciiRules = true }.GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>An address with the name shown beside it; a null name shows the address alone.</summary>
public sealed record Mailbox(string? DisplayName, EmailAddress Address);
