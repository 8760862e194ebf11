namespace ProcesStandardu.Web.Layout;

/// <summary>The address of the page that is shown, also when it is shown again after a refused form or as an error.</summary>
public sealed class ScreenPath(IHttpContextAccessor http)
{
    /// <summary>Path without the query.</summary>
    public string Page => http.HttpContext?.Request.Path.Value is { Length: > 0 } path ? path : "/";

    /// <summary>Path and query, to come back to.</summary>
    public string Here => Page + http.HttpContext?.Request.QueryString;
}
