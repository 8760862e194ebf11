namespace ProcesStandardu.Approval.Documents;

/// <summary>The kinds of document that a deliverable may be submitted as; decided by content, never by name.</summary>
public enum FileKind
{
    Docx,
    Odt,
    Pdf,
}

/// <summary>Stored names, endings and media types of the kinds of file.</summary>
public static class FileKinds
{
    /// <summary>The kind of a stored name („docx”, „odt”, „pdf”); null when there is none such.</summary>
    public static FileKind? FromStored(string name) => name switch
    {
        "docx" => FileKind.Docx,
        "odt" => FileKind.Odt,
        "pdf" => FileKind.Pdf,
        _ => null,
    };

    /// <summary>The constant kept in the database; also the ending of the file's name.</summary>
    public static string ToStored(this FileKind kind) => kind switch
    {
        FileKind.Docx => "docx",
        FileKind.Odt => "odt",
        FileKind.Pdf => "pdf",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static string MediaType(this FileKind kind) => kind switch
    {
        FileKind.Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        FileKind.Odt => "application/vnd.oasis.opendocument.text",
        FileKind.Pdf => "application/pdf",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The kind with a stored media type; null when it is none of ours.</summary>
    public static FileKind? FromMediaType(string mediaType) =>
        Enum.GetValues<FileKind>().Cast<FileKind?>().FirstOrDefault(kind => kind!.Value.MediaType() == mediaType);
}
