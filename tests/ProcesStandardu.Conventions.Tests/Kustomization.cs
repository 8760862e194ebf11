using YamlDotNet.RepresentationModel;

namespace ProcesStandardu.Conventions.Tests;

/// <summary>
/// Renders a folder of k8s/ as kustomize does, as far as this repository uses it: so that what is asserted is what a cluster gets,
/// also on machines without kubectl. Anything it does not know is an error.
/// </summary>
internal static class Kustomization
{
    private static readonly string[] Known =
    [
        "apiVersion", "kind", "namespace", "resources", "components", "labels", "images", "configMapGenerator", "patches",
    ];

    public static IReadOnlyList<YamlMappingNode> Render(string folder)
    {
        var objects = new List<YamlMappingNode>();
        Apply(folder, objects);
        return objects;
    }

    /// <summary>Every document of a text.</summary>
    public static IEnumerable<YamlMappingNode> Documents(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }

    private static void Apply(string folder, List<YamlMappingNode> objects)
    {
        var file = Documents(File.ReadAllText(Path.Combine(folder, "kustomization.yaml"))).Single();
        if (file.Children.Keys.Select(key => key.ToString()).Except(Known).FirstOrDefault() is { } unknown)
        {
            throw new NotSupportedException($"{folder}: {unknown}");
        }

        foreach (var resource in Texts(file, "resources").Select(name => Path.GetFullPath(Path.Combine(folder, name))))
        {
            if (Directory.Exists(resource))
            {
                Apply(resource, objects);
            }
            else
            {
                objects.AddRange(Documents(File.ReadAllText(resource)));
            }
        }

        foreach (var component in Texts(file, "components"))
        {
            Apply(Path.GetFullPath(Path.Combine(folder, component)), objects);
        }

        foreach (var map in Maps(file, "configMapGenerator"))
        {
            Generate(map, objects);
        }

        foreach (var patch in Maps(file, "patches"))
        {
            Patch(folder, patch, objects);
        }

        if (Maps(file, "labels").Any(label => Text(label, "includeSelectors") != "false" || Text(label, "includeTemplates") != "true"))
        {
            throw new NotSupportedException($"{folder}: labels that are not for metadata and templates alone");
        }

        foreach (var label in Maps(file, "labels").SelectMany(label => ((YamlMappingNode)label["pairs"]).Children))
        {
            objects.ForEach(one => Label(one, label.Key, label.Value));
        }

        foreach (var image in Maps(file, "images"))
        {
            objects.ForEach(one => Name(one, image));
        }

        if (Text(file, "namespace") is { } space)
        {
            foreach (var one in objects.Where(one => Text(one, "kind") != "Namespace"))
            {
                Map(one, "metadata").Children[new YamlScalarNode("namespace")] = new YamlScalarNode(space);
            }
        }
    }

    private static void Generate(YamlMappingNode generator, List<YamlMappingNode> objects)
    {
        var name = Text(generator, "name")!;
        var found = objects.SingleOrDefault(one => Text(one, "kind") == "ConfigMap" && Text(Map(one, "metadata"), "name") == name);
        if (found is null)
        {
            found = new YamlMappingNode { { "apiVersion", "v1" }, { "kind", "ConfigMap" } };
            Map(found, "metadata").Add("name", name);
            objects.Add(found);
        }

        foreach (var literal in Texts(generator, "literals"))
        {
            var parts = literal.Split('=', 2);
            Map(found, "data").Children[new YamlScalarNode(parts[0])] = new YamlScalarNode(parts[1]);
        }
    }

    private static void Patch(string folder, YamlMappingNode patch, List<YamlMappingNode> objects)
    {
        var target = (YamlMappingNode)patch["target"];
        var stream = new YamlStream();
        stream.Load(new StringReader(Text(patch, "path") is { } path ? File.ReadAllText(Path.Combine(folder, path)) : Text(patch, "patch")!));
        var hit = objects.Where(one => Text(one, "kind") == Text(target, "kind")
            && (Text(target, "name") is not { } name || Text(Map(one, "metadata"), "name") == name)).ToList();
        if (hit.Count == 0)
        {
            throw new InvalidOperationException($"{folder}: a patch changes nothing.");
        }

        foreach (var one in hit)
        {
            foreach (var step in ((YamlSequenceNode)stream.Documents[0].RootNode).Children.Cast<YamlMappingNode>())
            {
                var names = Text(step, "path")!.Split('/')[1..];
                var parent = names[..^1].Aggregate((YamlNode)one, (node, name) => node is YamlSequenceNode list ? list[int.Parse(name, null)] : node[name]);
                switch (parent, Text(step, "op"))
                {
                    case (YamlSequenceNode list, "add") when names[^1] == "-":
                        list.Add(step["value"]);
                        break;
                    case (YamlSequenceNode list, "replace"):
                        list.Children[int.Parse(names[^1], null)] = step["value"];
                        break;
                    case (YamlMappingNode map, "add" or "replace"):
                        map.Children[new YamlScalarNode(names[^1])] = step["value"];
                        break;
                    default:
                        throw new NotSupportedException($"{folder}: {Text(step, "op")} {Text(step, "path")}");
                }
            }
        }
    }

    private static void Label(YamlMappingNode one, YamlNode key, YamlNode value)
    {
        Map(Map(one, "metadata"), "labels").Children[key] = value;
        if (Text(one, "kind") is "Deployment" or "Job")
        {
            Map(Map(Map(Map(one, "spec"), "template"), "metadata"), "labels").Children[key] = value;
        }
    }

    private static void Name(YamlMappingNode one, YamlMappingNode image)
    {
        if (Text(one, "kind") is not ("Deployment" or "Job"))
        {
            return;
        }

        foreach (var container in Maps(Map(Map(Map(one, "spec"), "template"), "spec"), "containers")
            .Where(container => Text(container, "image")!.Split(':')[0] == Text(image, "name")))
        {
            container.Children[new YamlScalarNode("image")] = new YamlScalarNode($"{Text(image, "newName")}:{Text(image, "newTag")}");
        }
    }

    private static YamlMappingNode Map(YamlMappingNode node, string name)
    {
        if (!node.Children.TryGetValue(new YamlScalarNode(name), out var map))
        {
            node.Add(name, map = new YamlMappingNode());
        }

        return (YamlMappingNode)map;
    }

    private static string? Text(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var text) ? ((YamlScalarNode)text).Value : null;

    private static IEnumerable<YamlMappingNode> Maps(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var list) ? ((YamlSequenceNode)list).Children.Cast<YamlMappingNode>() : [];

    private static IEnumerable<string> Texts(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var list) ? ((YamlSequenceNode)list).Children.Select(item => item.ToString()) : [];
}
