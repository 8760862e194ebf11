using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>What a mail says, before it has a form.</summary>
/// <param name="Subject">Action first; cut to 60 characters.</param>
/// <param name="Heading">What the mail is about, in words.</param>
/// <param name="Paragraphs">What is asked or what happened, the most important first.</param>
/// <param name="Facts">Names and values, for example the end of the voting.</param>
/// <param name="Button">The words on the one button, which opens the case and does nothing else.</param>
/// <param name="Reason">Why the recipient gets it and who can change that.</param>
public sealed record MailContent(
    string Subject,
    string Heading,
    IReadOnlyList<string> Paragraphs,
    IReadOnlyList<KeyValuePair<string, string>> Facts,
    string Button,
    string Reason)
{
    /// <summary>Lists of pages, for a mail about many things; none in most mails.</summary>
    public IReadOnlyList<MailSection> Sections { get; init; } = [];
}

/// <summary>A list of pages under a heading.</summary>
public sealed record MailSection(string Heading, IReadOnlyList<MailSection.Line> Lines)
{
    /// <param name="Text">What it is, in one line.</param>
    /// <param name="Path">Its page, one of <see cref="SitePaths"/>.</param>
    public sealed record Line(string Text, string Path);
}

/// <summary>
/// Gives a mail's contents their two forms. The text is complete on its own; the HTML has one column, real headings, no
/// remote image and colours for light and dark.
/// </summary>
public static class MailLayout
{
    [ThreadStatic]
    private static StringBuilder? builder;

    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>The mail as plain text, LF line ends.</summary>
    /// <param name="page">Makes the addresses of the sections' pages; needed where there are any.</param>
    public static string ToText(MailContent content, Uri link, Func<string, Uri>? page = null)
    {
        var text = new StringBuilder();
        var heading = MailText.OneLine(content.Heading);
        text.Append(heading).Append('\n').Append('=', Math.Min(heading.Length, 72)).Append("\n\n");
        foreach (var paragraph in content.Paragraphs)
        {
            text.Append(MailText.Clean(paragraph)).Append("\n\n");
        }

        foreach (var (name, value) in content.Facts)
        {
            text.Append(name).Append(": ").Append(MailText.OneLine(value)).Append('\n');
        }

        text.Append(content.Facts.Count > 0 ? "\n" : "");
        foreach (var section in content.Sections)
        {
            text.Append(MailText.OneLine(section.Heading)).Append("\n\n");
            foreach (var line in section.Lines)
            {
                text.Append("* ").Append(MailText.OneLine(line.Text)).Append("\n  ").Append(page!(line.Path).AbsoluteUri).Append('\n');
            }

            text.Append('\n');
        }

        text.Append(content.Button).Append(":\n").Append(link.AbsoluteUri).Append("\n\n-- \n").Append(content.Reason);
        return text.ToString();
    }

    /// <summary>The mail as an HTML document.</summary>
    /// <param name="language">For the document's <c>lang</c>.</param>
    public static string ToHtml(MailContent content, Uri link, string language, Func<string, Uri>? page = null)
    {
        var html = builder ??= new StringBuilder(8192);
        html.Clear();
        html.Append(CultureInfo.InvariantCulture, $$"""
            <!DOCTYPE html>
            <html lang="{{language}}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{{Encode(MailText.OneLine(content.Heading))}}</title>
            <style>
            body { margin: 0; background: #f4f5f7; color: #1d2125; font: 16px/1.5 "Segoe UI", Arial, sans-serif; }
            main { max-width: 600px; margin: 0 auto; padding: 24px; background: #ffffff; overflow-wrap: anywhere; }
            h1 { font-size: 22px; line-height: 1.3; margin: 0 0 16px; }
            h2 { font-size: 18px; line-height: 1.3; margin: 20px 0 8px; } ul { margin: 0; padding-left: 20px; } li { margin: 0 0 8px; }
            th { text-align: left; vertical-align: top; font-weight: 600; padding: 4px 16px 4px 0; }
            td { vertical-align: top; padding: 4px 0; }
            a { color: #0b5394; }
            .button { display: inline-block; margin: 16px 0; padding: 12px 20px; background: #0b5394; color: #ffffff; text-decoration: none; border-radius: 4px; }
            .why { margin-top: 24px; padding-top: 12px; border-top: 1px solid #8a9199; font-size: 14px; }
            @media (prefers-color-scheme: dark) {
            body { background: #121416; color: #f1f3f5; } main { background: #1d2125; } a { color: #9ecbff; }
            .button { background: #9ecbff; color: #10151a; }
            }
            </style>
            </head>
            <body>
            <main>
            <h1>{{Encode(MailText.OneLine(content.Heading))}}</h1>

            """);
        foreach (var paragraph in content.Paragraphs)
        {
            html.Append("<p>").Append(Encode(MailText.Clean(paragraph)).Replace("\n", "<br>\n", StringComparison.Ordinal)).Append("</p>\n");
        }

        if (content.Facts.Count > 0)
        {
            html.Append("<table>\n");
            foreach (var (name, value) in content.Facts)
            {
                html.Append("<tr><th scope=\"row\">").Append(Encode(name)).Append("</th><td>")
                    .Append(Encode(MailText.OneLine(value))).Append("</td></tr>\n");
            }

            html.Append("</table>\n");
        }

        foreach (var section in content.Sections)
        {
            html.Append("<h2>").Append(Encode(MailText.OneLine(section.Heading))).Append("</h2>\n<ul>\n");
            foreach (var line in section.Lines)
            {
                html.Append("<li><a href=\"").Append(Encode(page!(line.Path).AbsoluteUri)).Append("\">")
                    .Append(Encode(MailText.OneLine(line.Text))).Append("</a></li>\n");
            }

            html.Append("</ul>\n");
        }

        var address = Encode(link.AbsoluteUri);
        html.Append(CultureInfo.InvariantCulture, $"""
            <p><a class="button" href="{address}">{Encode(content.Button)}</a></p>
            <p><a href="{address}">{address}</a></p>
            <p class="why">{Encode(content.Reason)}</p>
            </main>
            </body>
            </html>
            """);
        return html.ToString();
    }

    // The line ends of the encoder's input stay line ends, so that they can become <br>.
    private static string Encode(string text) =>
        text.Contains('\n') ? string.Join('\n', text.Split('\n').Select(line => Html.Encode(line))) : Html.Encode(text);
}
