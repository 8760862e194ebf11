using System.Resources;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Web.Host;

/// <summary>What the program says on its console.</summary>
public sealed class HostTexts
{
    private static readonly ResourceManager Texts = new(typeof(HostTexts));

    /// <summary>The text <paramref name="key"/> in both languages.</summary>
    internal static string Say(string key, params object[] facts) => BothLanguages.Say(Texts, key, facts);
}
