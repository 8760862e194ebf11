using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Why a file is not accepted; all of them point at the form's file field.</summary>
public abstract record FileRefusal : Refusal
{
    public override string Field => "File";
}

/// <summary>No file came, or one without a single byte.</summary>
public sealed record FileIsEmpty : FileRefusal;

/// <summary>The file is longer than accepted.</summary>
public sealed record FileIsTooLarge(long LimitInMegabytes) : FileRefusal
{
    public override IReadOnlyList<object?> Arguments => [LimitInMegabytes];
}

/// <summary>The content is no document of any kind we take, whatever its name says.</summary>
public sealed record FileIsNotADocument(string FileName) : FileRefusal
{
    public override IReadOnlyList<object?> Arguments => [FileName];
}

/// <summary>It is a document, but this deliverable expects other kinds.</summary>
/// <param name="Found">The kind that came, for example DOCX.</param>
/// <param name="Expected">The kinds expected, separated by commas.</param>
public sealed record FileKindIsNotExpected(string Found, string Expected) : FileRefusal
{
    public override IReadOnlyList<object?> Arguments => [Found, Expected];
}

/// <summary>The name's ending promises another kind than the content is.</summary>
public sealed record FileNameDoesNotMatchContent(string FileName, string Found) : FileRefusal
{
    public override IReadOnlyList<object?> Arguments => [FileName, Found];
}

/// <summary>The file cannot be read as the document it begins as.</summary>
public sealed record FileIsDamaged : FileRefusal;

/// <summary>The document needs a password; nobody could check or compare it.</summary>
public sealed record FileIsEncrypted : FileRefusal;

/// <summary>The document carries programs (VBA, Basic, scripts).</summary>
public sealed record FileContainsMacros : FileRefusal;

/// <summary>The document carries other files inside it: OLE objects, workbooks, archives, attachments.</summary>
public sealed record FileContainsEmbeddedFiles : FileRefusal;

/// <summary>Opening the document would fetch something from elsewhere.</summary>
public sealed record FileLoadsExternalContent(string Target) : FileRefusal
{
    public override IReadOnlyList<object?> Arguments => [Target.Length <= 120 ? Target : Target[..120] + "…"];
}

/// <summary>The document acts by itself when opened: PDF scripts, programs to launch, forms that send.</summary>
public sealed record FileActsByItself : FileRefusal;

/// <summary>The file unpacks to more than is allowed.</summary>
public sealed record FileUnpacksTooLarge : FileRefusal;

/// <summary>The document's XML declares what documents never need (DTD, entities) or cannot be read.</summary>
public sealed record FileHasForbiddenXml : FileRefusal;

/// <summary>The virus scanner found something.</summary>
public sealed record FileIsInfected(string Found) : FileRefusal
{
    public override IReadOnlyList<object?> Arguments => [Found.Length <= 120 ? Found : Found[..120] + "…"];
}

/// <summary>The virus scanner did not look at all of the file.</summary>
public sealed record FileIsTooLargeToScan : FileRefusal;

/// <summary>The virus scanner has not spoken yet; nobody reads the file before.</summary>
public sealed record FileAwaitsScan : Refusal;

/// <summary>The virus scanner found something in a stored file; nobody reads it.</summary>
public sealed record FileIsHeld(string Found) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Found.Length <= 120 ? Found : Found[..120] + "…"];
}
