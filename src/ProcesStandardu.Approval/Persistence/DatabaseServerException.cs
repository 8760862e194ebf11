using System.Resources;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>The database server cannot be used as it stands. The message is for the person who starts the program.</summary>
public sealed class DatabaseServerException : Exception
{
    private static readonly ResourceManager Texts = new(typeof(DatabaseServerTexts));

    private DatabaseServerException(string message)
        : base(message)
    {
    }

    /// <summary>The exception whose text is <paramref name="key"/> in <see cref="DatabaseServerTexts"/>, filled with its facts.</summary>
    public static DatabaseServerException Because(string key, params object[] facts) => new(BothLanguages.Say(Texts, key, facts));
}

/// <summary>Texts of <see cref="DatabaseServerException"/>.</summary>
public sealed class DatabaseServerTexts;
