using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// Writes the blocks of a document as one HTML page that needs nothing else: no script, no picture, nothing fetched. The
/// same content gives the same bytes.
/// </summary>
public static class HtmlDocument
{
    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);

    public static byte[] Write(string title, IEnumerable<DocxBlock> blocks)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"pl\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
            .Append("<title>").Append(Encode(title)).Append("</title>\n<style>\n")
            .Append("body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 Calibri, Arial, sans-serif; color: #1d2125; background: #fff; overflow-wrap: anywhere; }\n")
            .Append("table { border-collapse: collapse; width: 100%; margin: 0 0 1rem; }\n")
            .Append("caption { text-align: left; font-style: italic; }\n")
            .Append("th, td { border: 1px solid #5b646d; padding: .25rem .5rem; text-align: left; vertical-align: top; white-space: pre-line; }\n")
            .Append(".tracked { white-space: pre-line; } ins { background: #e3f4e6; } del { background: #fbe5e5; }\n")
            .Append("@media print { body { margin: 0; } tr { break-inside: avoid; } thead { display: table-header-group; } @page { size: A4; margin: 20mm; } }\n")
            .Append("</style>\n</head>\n<body>\n<main>\n<h1>").Append(Encode(title)).Append("</h1>\n");
        var inList = false;
        foreach (var block in blocks)
        {
            var isItem = block is DocxBlock.Paragraph { IsItem: true };
            if (isItem != inList)
            {
                html.Append(isItem ? "<ul>\n" : "</ul>\n");
                inList = isItem;
            }

            Append(html, block);
        }

        html.Append(inList ? "</ul>\n" : "").Append("</main>\n</body>\n</html>\n");
        return Encoding.UTF8.GetBytes(html.ToString());
    }

    private static void Append(StringBuilder html, DocxBlock block)
    {
        switch (block)
        {
            case DocxBlock.Heading heading:
                html.Append("<h").Append(heading.Level + 1).Append('>').Append(Encode(heading.Text)).Append("</h").Append(heading.Level + 1).Append(">\n");
                break;
            case DocxBlock.Paragraph paragraph:
                var element = paragraph.IsItem ? "li" : "p";
                html.Append('<').Append(element).Append('>').Append(Encode(paragraph.Text)).Append("</").Append(element).Append(">\n");
                break;
            case DocxBlock.Tracked tracked:
                html.Append("<p class=\"tracked\">");
                foreach (var piece in tracked.Pieces)
                {
                    var (open, close) = piece.Kind switch
                    {
                        TextPieceKind.Inserted => ("<ins>", "</ins>"),
                        TextPieceKind.Deleted => ("<del>", "</del>"),
                        _ => ("", ""),
                    };
                    html.Append(open).Append(Encode(piece.Text)).Append(close);
                }

                html.Append("</p>\n");
                break;
            case DocxBlock.Table table:
                html.Append("<table>\n<caption>").Append(Encode(table.Caption)).Append("</caption>\n<thead><tr>");
                foreach (var heading in table.Headings)
                {
                    html.Append("<th scope=\"col\">").Append(Encode(heading)).Append("</th>");
                }

                html.Append("</tr></thead>\n<tbody>\n");
                foreach (var row in table.Rows)
                {
                    html.Append("<tr>");
                    foreach (var cell in row)
                    {
                        html.Append("<td>").Append(Encode(cell)).Append("</td>");
                    }

                    html.Append("</tr>\n");
                }

                html.Append("</tbody>\n</table>\n");
                break;
            default:
                throw new InvalidOperationException("There are no other blocks.");
        }
    }

    private static string Encode(string text) => Html.Encode(text.ReplaceLineEndings("\n")).Replace("&#xA;", "\n", StringComparison.Ordinal);
}
