using System.Buffers.Binary;
using System.Xml;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// Finds by its content which kind of document a file is, and refuses what a document of ours never contains. The
/// policy: DOCX, ODT and PDF as office programs write them, without programs, files inside, a password, or anything
/// that is fetched or done by opening; links that a reader clicks are welcome.
/// </summary>
public static class FileTypeCheck
{
    /// <summary>The kind of the file, or the reason not to take it. Reads it piece by piece; never fetches anything.</summary>
    /// <param name="file">The whole file, seekable; its position afterwards is undefined.</param>
    /// <param name="cleanName">The name from <see cref="FileName.Clean"/>; its ending must not contradict the content.</param>
    public static Result<FileKind> Check(Stream file, string cleanName)
    {
        if (file.Length == 0)
        {
            return new FileIsEmpty();
        }

        try
        {
            var found = Recognise(file, cleanName);
            if (!found.Succeeded)
            {
                return found;
            }

            var ending = FileName.Ending(cleanName);
            return ending.Length == 0 || ending == found.Value.ToStored()
                ? found
                : new FileNameDoesNotMatchContent(cleanName, found.Value.ToStored().ToUpperInvariant());
        }
        catch (TooMuchUnpackedException)
        {
            return new FileUnpacksTooLarge();
        }
        catch (XmlException)
        {
            return new FileHasForbiddenXml();
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            return new FileIsDamaged();
        }
    }

    private static Result<FileKind> Recognise(Stream file, string name)
    {
        var start = new byte[Math.Min(8, file.Length)];
        file.Position = 0;
        file.ReadExactly(start);

        if (start.AsSpan().StartsWith("%PDF-"u8))
        {
            return PdfCheck.Check(file) is { } refusal ? refusal : FileKind.Pdf;
        }

        if (start.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(start) != 0x04034b50)
        {
            return new FileIsNotADocument(name);
        }

        var package = ZipPackage.Read(file, UnpackedLimit.MostEntries);
        if (package.Entries.Any(entry => entry.IsEncrypted))
        {
            return new FileIsEncrypted();
        }

        if (OdtCheck.IsOpenDocument(package))
        {
            return OdtCheck.Check(package, name) is { } refusal ? refusal : FileKind.Odt;
        }

        return package.Find(DocxCheck.ContentTypes) is null
            ? new FileIsNotADocument(name)
            : DocxCheck.Check(package, name) is { } problem ? problem : FileKind.Docx;
    }
}
