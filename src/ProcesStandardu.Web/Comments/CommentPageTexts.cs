namespace ProcesStandardu.Web.Comments;

/// <summary>Names the resources of the pages of comment tables.</summary>
public sealed class CommentPageTexts;
