namespace ProcesStandardu.Approval.Refusals;

/// <summary>
/// A true sentence that says why an act was not carried out; nothing was changed. The type's name is the key of its
/// text in the slice's resources, its <see cref="Arguments"/> fill the text's places {0}, {1}….
/// </summary>
public abstract record Refusal
{
    /// <summary>The resource key: the sentence's name.</summary>
    public virtual string Key => GetType().Name;

    /// <summary>What fills the text's places, in order; empty when the text has none.</summary>
    public virtual IReadOnlyList<object?> Arguments => [];

    /// <summary>The form field to point at; null when the refusal concerns the act as a whole.</summary>
    public virtual string? Field => null;
}

/// <summary>An answer that tells whether the act was carried out; the unit of work keeps nothing of one that was not.</summary>
internal interface IOutcome
{
    bool Succeeded { get; }
}

/// <summary>Either the value of an act that was carried out or the refusal that says why it was not.</summary>
public readonly record struct Result<T> : IOutcome
{
    private Result(T? value, Refusal? refusal)
    {
        ValueOrDefault = value;
        Refusal = refusal;
    }

    /// <summary>Why the act was refused; null when it was carried out.</summary>
    public Refusal? Refusal { get; }

    /// <summary>True when the act was carried out.</summary>
    public bool Succeeded => Refusal is null;

    /// <summary>What the act produced.</summary>
    /// <exception cref="InvalidOperationException">The act was refused: ask <see cref="Succeeded"/> first.</exception>
    public T Value => Refusal is null ? ValueOrDefault! : throw new InvalidOperationException($"Refused: {Refusal.Key}");

    private T? ValueOrDefault { get; }

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal);
}

/// <summary>The value of acts whose whole outcome is that they were done.</summary>
public readonly record struct Done;
