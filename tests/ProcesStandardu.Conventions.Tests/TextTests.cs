using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Conventions.Tests;

public sealed partial class TextTests
{
    // They read Polish documents and cite them in the documents' own words; they say nothing to people.
    private static readonly string[] ReadPolishDocuments =
    [
        "src/ProcesStandardu.Approval/Documents/Clauses.cs",
        "src/ProcesStandardu.Approval/Documents/DocxText.cs",
        "src/ProcesStandardu.Approval/Documents/PdfText.cs",
    ];

    /// <summary>Every resource file with Polish texts, relative to the root.</summary>
    public static TheoryData<string> PolishTexts() =>
        [.. RepositoryFiles.Below("src", ".resx").Where(file => !file.EndsWith(".en.resx", StringComparison.Ordinal)).Order()];

    [Theory]
    [MemberData(nameof(PolishTexts))]
    public void Every_Polish_text_has_its_English_one(string file)
    {
        var english = file[..^".resx".Length] + ".en.resx";

        Keys(english).ShouldBe(Keys(file), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(PolishTexts))]
    public void Both_languages_are_filled_with_the_same_facts(string file)
    {
        var english = Texts(file[..^".resx".Length] + ".en.resx");

        foreach (var (key, polish) in Texts(file))
        {
            polish.ShouldNotBeNullOrWhiteSpace(key);
            english[key].ShouldNotBeNullOrWhiteSpace(key);
            Holes(english[key]).ShouldBe(Holes(polish), ignoreOrder: true, $"{file}, {key}");
        }
    }

    [Theory]
    [MemberData(nameof(PolishTexts))]
    public void Texts_stand_beside_a_class_of_their_name(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        name.ShouldEndWith("Texts");

        RepositoryFiles.Below(Path.GetDirectoryName(file)!, ".cs")
            .Any(code => RepositoryFiles.Read(code).Contains($"class {name}", StringComparison.Ordinal))
            .ShouldBeTrue($"{file} needs a marker class {name} in its folder");
    }

    [Fact]
    public void What_people_read_in_Polish_stands_in_resources_not_in_code()
    {
        var offenders =
            from file in RepositoryFiles.Below("src", ".cs", ".razor", ".js").Except(ReadPolishDocuments)
            from line in RepositoryFiles.Read(file).Split('\n').Select((text, index) => (Text: text, Number: index + 1))
            let said = WithoutComment(line.Text)
            where PolishLetter().IsMatch(said)
            select $"{file}:{line.Number} {line.Text.Trim()}";

        offenders.ShouldBeEmpty();
    }

    /// <summary>A comment may name a Polish word; a text that people read may not hide behind one.</summary>
    private static string WithoutComment(string line)
    {
        var text = line.TrimStart();
        if (text.StartsWith("//", StringComparison.Ordinal) || text.StartsWith("@*", StringComparison.Ordinal) || text.StartsWith('*'))
        {
            return "";
        }

        var comment = line.LastIndexOf("// ", StringComparison.Ordinal);
        return comment < 0 ? line : line[..comment];
    }

    private static List<string> Keys(string file) => [.. Texts(file).Keys];

    private static Dictionary<string, string> Texts(string file) =>
        RepositoryFiles.ReadXml(file).Root!.Elements("data")
            .ToDictionary(data => data.Attribute("name")!.Value, (XElement data) => data.Element("value")!.Value);

    private static IEnumerable<string> Holes(string text) => Hole().Matches(text).Select(hole => hole.Groups[1].Value).Distinct();

    [GeneratedRegex("[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]")]
    private static partial Regex PolishLetter();

    [GeneratedRegex(@"\{(\d+)[^}]*\}")]
    private static partial Regex Hole();
}
