using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ProcesStandardu.ElsaApi;

/// <summary>Lets an act through only when it carries the token that our own page gave it and the browser names no other site as its sender.</summary>
internal sealed class ForgedRequests : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.CacheControl = "no-store";
            return await next(context);
        }

        var site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        return site is "" or "same-origin" or "none"
            && await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http)
            ? await next(context)
            : http.RequestServices.GetRequiredService<Answers>().Say("RequestIsNotOurs");
    }
}
