using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Shouldly;

namespace ProcesStandardu.Web.Tests.Harness;

/// <summary>A page as somebody got it.</summary>
public sealed record Screen(string Path, HttpStatusCode Status, string? Location, IHtmlDocument Document)
{
    public string Text => string.Join(' ', (Document.Body?.TextContent ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>Somebody's visit over HTTP: cookies are kept, forms are sent as a browser without JavaScript would send them.</summary>
public sealed class Visit(HttpClient client) : IDisposable
{
    public HttpClient Client => client;

    public async Task SignInAsync(string person)
    {
        var page = await GetAsync("/logowanie");
        var answer = await SendAsync(page, "wejscie-" + person);
        answer.Status.ShouldBe(HttpStatusCode.SeeOther);
    }

    public async Task<Screen> GetAsync(string path)
    {
        using var answer = await client.GetAsync(path);
        return await ScreenAsync(path, answer);
    }

    /// <summary>Fills a form of the page and sends it.</summary>
    /// <param name="form">The form's id.</param>
    /// <param name="typed">Fields to fill or overwrite; a name with <c>null</c> is left out.</param>
    public async Task<Screen> SendAsync(Screen page, string form, params (string Name, string? Value)[] typed)
    {
        using var request = Request(page, form, typed);
        using var answer = await client.SendAsync(request);
        return await ScreenAsync(request.RequestUri!.ToString(), answer);
    }

    /// <summary>The same form with a file.</summary>
    public async Task<Screen> SendFileAsync(
        Screen page, string form, string field, string fileName, byte[] file, params (string Name, string? Value)[] typed)
    {
        using var request = Request(page, form, typed);
        using var parts = new MultipartFormDataContent();
        foreach (var (name, value) in Fields(page, form, typed))
        {
            parts.Add(new StringContent(value), name);
        }

        using var content = new ByteArrayContent(file);
        parts.Add(content, field, fileName);
        request.Content = parts;
        using var answer = await client.SendAsync(request);
        return await ScreenAsync(request.RequestUri!.ToString(), answer);
    }

    /// <summary>A request that can be sent by the test itself, several at once.</summary>
    public static HttpRequestMessage Request(Screen page, string form, params (string Name, string? Value)[] typed)
    {
        var element = Form(page, form);
        var action = element.GetAttribute("action") is { Length: > 0 } named ? named : page.Path;
        return new HttpRequestMessage(HttpMethod.Post, new Uri(action, UriKind.Relative))
        {
            Content = new FormUrlEncodedContent(Fields(page, form, typed).Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
    }

    public void Dispose() => client.Dispose();

    private static IHtmlFormElement Form(Screen page, string form) =>
        page.Document.QuerySelector($"form#{form}") as IHtmlFormElement ?? throw new ShouldAssertException($"No form {form} on {page.Path}: {page.Text}");

    private static List<(string Name, string Value)> Fields(Screen page, string form, (string Name, string? Value)[] typed)
    {
        var fields = new List<(string Name, string Value)>();
        foreach (var element in Form(page, form).Elements)
        {
            (string? Name, string? Value) found = element switch
            {
                IHtmlInputElement { Type: "radio" or "checkbox", IsChecked: false } => default,
                IHtmlInputElement { Type: "file" or "submit" } => default,
                IHtmlInputElement input => (input.Name, input.Value),
                IHtmlTextAreaElement area => (area.Name, area.Value),
                IHtmlSelectElement select => (select.Name, select.Value),
                _ => default,
            };
            if (found is { Name: { } name, Value: { } value } && typed.All(field => field.Name != name))
            {
                fields.Add((name, value));
            }
        }

        fields.AddRange(typed.Where(field => field.Value is not null).Select(field => (field.Name, field.Value!)));
        return fields;
    }

    private static async Task<Screen> ScreenAsync(string path, HttpResponseMessage answer)
    {
        var text = answer.Content.Headers.ContentType?.MediaType == "text/html" ? await answer.Content.ReadAsStringAsync() : "";
        return new Screen(path, answer.StatusCode, answer.Headers.Location?.ToString(), new HtmlParser().ParseDocument(text));
    }
}
