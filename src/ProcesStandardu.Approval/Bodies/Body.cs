namespace ProcesStandardu.Approval.Bodies;

/// <summary>A board that decides, such as the Zespół Doradczy.</summary>
public sealed class Body
{
    public required string Key { get; init; }

    public required string Name { get; set; }

    /// <summary>The name as Polish sentences need it after „głosowanie” or „decyzja”.</summary>
    public required string GenitiveName { get; set; }

    /// <summary>The source that names the body; null for one made in the product.</summary>
    public string? Source { get; set; }
}

/// <summary>A person's place in a board for a period of local days.</summary>
public sealed class BodyMember
{
    public required string BodyKey { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>One of <see cref="BodyPosition"/>.</summary>
    public required string Position { get; init; }

    /// <summary>The permanent alternate, named in advance; null when there is none.</summary>
    public Guid? AlternateId { get; set; }

    /// <summary>The place on the list that people see, from 1.</summary>
    public required int Ordinal { get; set; }

    public required DateOnly ValidFrom { get; init; }

    /// <summary>The last day; null while the membership has no end.</summary>
    public DateOnly? ValidUntil { get; set; }

    /// <summary>True when the place is held on <paramref name="day"/>.</summary>
    public bool Covers(DateOnly day) => ValidFrom <= day && (ValidUntil is null || day <= ValidUntil);

    /// <summary>The secretary keeps the board's papers and does not vote.</summary>
    public bool Votes => Position != BodyPosition.Secretary;
}

/// <summary>The stored names of places in a board.</summary>
public static class BodyPosition
{
    public const string Chair = "chair";
    public const string ViceChair = "vice_chair";
    public const string Member = "member";
    public const string Secretary = "secretary";
}
