using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What a DOCX must have (content types, a main part) and must not (programs, objects, outside parts).</summary>
internal static partial class DocxCheck
{
    public const string ContentTypes = "[Content_Types].xml";

    private const string PackageRelationships = "_rels/.rels";
    private const string MainType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

    private static readonly string[] MacroTypes = ["macroenabled", "vbaproject", "vbadata", "keymapcustomizations"];
    private static readonly string[] ObjectTypes = ["oleobject", "activex", "/control", "/package", "afchunk", "embeddedpackage"];

    // Fields that run or fetch when the document opens or its fields are refreshed.
    private static readonly string[] DangerousFields =
        ["DDE", "DDEAUTO", "INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "INCLUDE", "LINK", "DATABASE", "RD"];

    /// <summary>Null when the package is a DOCX that we take.</summary>
    public static Refusal? Check(ZipPackage package, string name)
    {
        var limit = new UnpackedLimit();
        foreach (var entry in package.Entries)
        {
            var path = entry.Name.ToLowerInvariant();
            if (path.Contains("vbaproject", StringComparison.Ordinal) || path.Contains("vbadata", StringComparison.Ordinal))
            {
                return new FileContainsMacros();
            }

            if (path.Contains("/activex/", StringComparison.Ordinal) || path.Contains("/embeddings/", StringComparison.Ordinal)
                || PackageReading.IsForeignFile(package.Measure(entry, limit)))
            {
                return new FileContainsEmbeddedFiles();
            }
        }

        // Each part has just been unpacked once under the limit; reading it again counts anew.
        limit = new UnpackedLimit();
        var (main, refusal) = FindMainPart(package, limit);
        if (refusal is not null || main is null)
        {
            return refusal ?? new FileIsNotADocument(name);
        }

        foreach (var entry in package.Entries.Where(entry => entry.Name != ContentTypes))
        {
            var problem = entry.Name.EndsWith(".rels", StringComparison.OrdinalIgnoreCase)
                ? CheckRelationships(package, entry.Name, limit)
                : entry.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)
                    ? CheckPart(package, entry.Name, isMain: entry.Name == main, limit)
                    : null;
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>The name of the part that holds the text; null when the package is no document.</summary>
    public static string? MainPart(ZipPackage package, UnpackedLimit limit) => FindMainPart(package, limit).Main;

    private static (string? Main, Refusal? Refusal) FindMainPart(ZipPackage package, UnpackedLimit limit)
    {
        var types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using (var reader = package.ReadXml(ContentTypes, limit))
        {
            foreach (var element in reader.Elements())
            {
                var type = element.GetAttribute("ContentType") ?? string.Empty;
                if (MacroTypes.Any(part => type.Contains(part, StringComparison.OrdinalIgnoreCase)))
                {
                    return (null, new FileContainsMacros());
                }

                if (ObjectTypes.Any(part => type.Contains(part, StringComparison.OrdinalIgnoreCase)))
                {
                    return (null, new FileContainsEmbeddedFiles());
                }

                // A type is given to one part by its name („/word/document.xml”) or to all parts of an ending („.xml”).
                types[element.GetAttribute("PartName") ?? "." + element.GetAttribute("Extension")] = type;
            }
        }

        var main = MainTarget(package, limit);
        var mainType = main is null ? null
            : types.GetValueOrDefault("/" + main) ?? types.GetValueOrDefault(Path.GetExtension(main));
        return (mainType == MainType && package.Find(main!) is not null ? main : null, null);
    }

    private static string? MainTarget(ZipPackage package, UnpackedLimit limit)
    {
        if (package.Find(PackageRelationships) is null)
        {
            return null;
        }

        using var reader = package.ReadXml(PackageRelationships, limit);
        return reader.Elements()
            .Where(element => (element.GetAttribute("Type") ?? string.Empty).EndsWith("/officeDocument", StringComparison.Ordinal))
            .Select(element => element.GetAttribute("Target")?.TrimStart('/'))
            .FirstOrDefault();
    }

    private static Refusal? CheckRelationships(ZipPackage package, string part, UnpackedLimit limit)
    {
        using var reader = package.ReadXml(part, limit);
        foreach (var element in reader.Elements().Where(element => element.LocalName == "Relationship"))
        {
            var type = element.GetAttribute("Type") ?? string.Empty;
            var target = element.GetAttribute("Target") ?? string.Empty;
            var isExternal = element.GetAttribute("TargetMode") == "External" || PackageReading.PointsOutside(target);
            if (MacroTypes.Any(word => type.Contains(word, StringComparison.OrdinalIgnoreCase)))
            {
                return new FileContainsMacros();
            }

            if (isExternal && !IsHarmless(type, target))
            {
                return new FileLoadsExternalContent(target);
            }

            if (!isExternal && ObjectTypes.Any(word => type.EndsWith(word, StringComparison.OrdinalIgnoreCase)))
            {
                return new FileContainsEmbeddedFiles();
            }
        }

        return null;
    }

    // Word names the template a document was made from; one on the author's own disk is found nowhere else.
    private static bool IsHarmless(string type, string target) =>
        (type.EndsWith("/hyperlink", StringComparison.Ordinal) && PackageReading.IsOrdinaryLink(target))
        || (type.EndsWith("/attachedTemplate", StringComparison.Ordinal) && LocalDisk().IsMatch(target));

    [GeneratedRegex(@"^(file:///)?[A-Za-z]:[\\/]", RegexOptions.CultureInvariant)]
    private static partial Regex LocalDisk();

    private static FileRefusal? CheckPart(ZipPackage package, string part, bool isMain, UnpackedLimit limit)
    {
        // A field's words may be cut into runs anywhere; they are put together from its beginning to its result.
        var field = new StringBuilder();
        var isRoot = true;
        using var reader = package.ReadXml(part, limit);
        foreach (var element in reader.Elements())
        {
            if (isRoot && isMain && element is not { LocalName: "document" })
            {
                throw new InvalidDataException("The main part is no document.");
            }

            isRoot = false;
            switch (element.LocalName)
            {
                case "instrText":
                    AppendText(element, field);
                    break;
                case "fldSimple" when IsDangerous(element.GetAttribute("instr", element.NamespaceURI) ?? string.Empty):
                    return new FileLoadsExternalContent(element.GetAttribute("instr", element.NamespaceURI)!.Trim());
                case "fldChar":
                    if (IsDangerous(field.ToString()))
                    {
                        return new FileLoadsExternalContent(field.ToString().Trim());
                    }

                    field.Clear();
                    break;
                case "OLEObject" or "control":
                    return new FileContainsEmbeddedFiles();
            }
        }

        return IsDangerous(field.ToString()) ? new FileLoadsExternalContent(field.ToString().Trim()) : null;
    }

    private static void AppendText(XmlReader element, StringBuilder into)
    {
        if (element.IsEmptyElement)
        {
            return;
        }

        var depth = element.Depth;
        while (element.Read() && element.Depth > depth)
        {
            if (into.Length < 4096 && element.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
            {
                into.Append(element.Value);
            }
        }
    }

    private static bool IsDangerous(string field)
    {
        var first = field.TrimStart().Split([' ', '\t', '\r', '\n', '"', '\\'], 2)[0];
        return DangerousFields.Contains(first, StringComparer.OrdinalIgnoreCase);
    }
}
