using System.Text;
using System.Xml;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What an ODT must have (its type as the first, stored entry; its text) and must not (scripts, objects, outside parts).</summary>
internal static class OdtCheck
{
    public const string Content = "content.xml";

    private const string TypeEntry = "mimetype";
    private const string Manifest = "META-INF/manifest.xml";
    private const string ScriptNamespace = "urn:oasis:names:tc:opendocument:xmlns:script:1.0";
    private const string LinkNamespace = "http://www.w3.org/1999/xlink";

    /// <summary>True when the package begins as OpenDocument files do, of whatever kind.</summary>
    public static bool IsOpenDocument(ZipPackage package) => package.Entries[0] is { Name: TypeEntry, IsDeflated: false };

    /// <summary>Null when the package is an ODT that we take.</summary>
    public static Refusal? Check(ZipPackage package, string name)
    {
        if (!HasTextType(package))
        {
            return new FileIsNotADocument(name);
        }

        var limit = new UnpackedLimit();
        foreach (var entry in package.Entries)
        {
            if (entry.Name.StartsWith("Basic/", StringComparison.OrdinalIgnoreCase)
                || entry.Name.StartsWith("Scripts/", StringComparison.OrdinalIgnoreCase))
            {
                return new FileContainsMacros();
            }

            if (PackageReading.IsForeignFile(package.Measure(entry, limit)))
            {
                return new FileContainsEmbeddedFiles();
            }
        }

        limit = new UnpackedLimit();
        if (package.Find(Manifest) is null || package.Find(Content) is null)
        {
            throw new InvalidDataException("The manifest or the text is missing.");
        }

        foreach (var entry in package.Entries.Where(entry => entry.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)))
        {
            if (CheckPart(package, entry.Name, limit) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static bool HasTextType(ZipPackage package)
    {
        var expected = Encoding.ASCII.GetBytes(FileKind.Odt.MediaType());
        var entry = package.Entries[0];
        if (entry.StoredLength != expected.Length)
        {
            return false;
        }

        var bytes = new byte[expected.Length];
        using var content = package.Open(entry);
        content.ReadExactly(bytes);
        return bytes.AsSpan().SequenceEqual(expected);
    }

    private static FileRefusal? CheckPart(ZipPackage package, string part, UnpackedLimit limit)
    {
        using var reader = package.ReadXml(part, limit);
        foreach (var element in reader.Elements())
        {
            if (part == Manifest)
            {
                if (element.LocalName is "encryption-data" or "encrypted-key")
                {
                    return new FileIsEncrypted();
                }

                if (TypeOf(element).Contains("oleobject", StringComparison.OrdinalIgnoreCase))
                {
                    return new FileContainsEmbeddedFiles();
                }
            }

            if (element.NamespaceURI == ScriptNamespace)
            {
                return new FileContainsMacros();
            }

            if (element.LocalName is "object-ole" or "applet" or "plugin" or "floating-frame")
            {
                return new FileContainsEmbeddedFiles();
            }

            if (element.LocalName is "dde-source" or "dde-connection-decl" or "dde-link")
            {
                return new FileLoadsExternalContent("DDE");
            }

            if (element.GetAttribute("href", LinkNamespace) is { } target && !IsAccepted(element, target))
            {
                return target.Contains("script:", StringComparison.OrdinalIgnoreCase)
                    ? new FileContainsMacros()
                    : new FileLoadsExternalContent(target);
            }
        }

        return null;
    }

    // The template a document was made from is only a name unless it lies on another machine.
    private static bool IsAccepted(XmlReader element, string target) => element.LocalName switch
    {
        "a" => PackageReading.IsOrdinaryLink(target),
        "template" => !target.Contains("//", StringComparison.Ordinal) || target.StartsWith("file:///", StringComparison.Ordinal),
        _ => !PackageReading.PointsOutside(target) && !target.Contains("../", StringComparison.Ordinal),
    };

    private static string TypeOf(XmlReader entry) =>
        entry.GetAttribute("media-type", "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0") ?? string.Empty;
}
