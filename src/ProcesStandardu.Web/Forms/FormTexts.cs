namespace ProcesStandardu.Web.Forms;

/// <summary>Names the resources with the words of forms.</summary>
public sealed class FormTexts;
