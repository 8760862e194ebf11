using System.Diagnostics;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace ProcesStandardu.Conventions.Tests;

/// <summary>
/// What the cluster is told about the program, field by field: as kustomize renders the example where kubectl is at hand,
/// otherwise as the files stand.
/// </summary>
public sealed class KubernetesTests
{
    private static readonly Lazy<IReadOnlyList<YamlMappingNode>> Objects = new(Load);

    /// <summary>The kinds whose pods run the program.</summary>
    public static TheoryData<string> Workloads => ["Deployment", "Job"];

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_pod_is_nobody_in_particular_and_may_do_nothing(string kind)
    {
        var pod = Pod(kind);
        Text(pod, "automountServiceAccountToken").ShouldBe("false");
        Text(pod, "enableServiceLinks").ShouldBe("false");
        Text(pod, "securityContext", "runAsNonRoot").ShouldBe("true");
        int.Parse(Text(pod, "securityContext", "runAsUser")!, null).ShouldBeGreaterThan(10_000);
        int.Parse(Text(pod, "securityContext", "runAsGroup")!, null).ShouldBeGreaterThan(10_000);
        Text(pod, "securityContext", "seccompProfile", "type").ShouldBe("RuntimeDefault");
        foreach (var forbidden in new[] { "hostNetwork", "hostPID", "hostIPC" })
        {
            Text(pod, forbidden).ShouldBeNull();
        }

        foreach (var container in Containers(pod))
        {
            Text(container, "securityContext", "allowPrivilegeEscalation").ShouldBe("false");
            Text(container, "securityContext", "readOnlyRootFilesystem").ShouldBe("true");
            Text(container, "securityContext", "privileged").ShouldBeNull();
            Texts(container, "securityContext", "capabilities", "drop").ShouldBe(["ALL"]);
            At(container, "securityContext", "capabilities", "add").ShouldBeNull();
        }
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_container_has_limits_and_writes_only_to_a_bounded_tmp(string kind)
    {
        var pod = Pod(kind);
        foreach (var container in Containers(pod))
        {
            foreach (var bound in new[] { "requests", "limits" })
            {
                Text(container, "resources", bound, "cpu").ShouldNotBeNullOrEmpty();
                Text(container, "resources", bound, "memory").ShouldNotBeNullOrEmpty();
            }

            foreach (var mount in Nodes(container, "volumeMounts"))
            {
                var isTmp = Text(mount, "mountPath") == "/tmp";
                (isTmp || Text(mount, "readOnly") == "true").ShouldBeTrue($"{Text(mount, "mountPath")} must be read-only");
            }
        }

        foreach (var volume in Nodes(pod, "volumes"))
        {
            At(volume, "hostPath").ShouldBeNull();
            if (At(volume, "emptyDir") is not null)
            {
                Text(volume, "emptyDir", "sizeLimit").ShouldNotBeNullOrEmpty();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Secrets_come_by_reference_never_in_the_open(string kind)
    {
        var pod = Pod(kind);
        Nodes(pod, "volumes").ShouldContain(volume => Text(volume, "secret", "secretName") == "processtandardu");
        foreach (var container in Containers(pod))
        {
            Nodes(container, "env").ShouldAllBe(variable => At(variable, "value") == null);
        }

        All("Secret").ShouldBeEmpty();
        var settings = All("ConfigMap").SelectMany(map => ((YamlMappingNode)At(map, "data")!).Children.Keys).Select(key => key.ToString());
        settings.ShouldNotContain(name => name.Contains("ConnectionString") || (name.Contains("Password") && !name.EndsWith("PasswordFile")));
    }

    [Fact]
    public void Two_nodes_serve_are_asked_the_right_questions_and_end_in_order()
    {
        var deployment = All("Deployment").Single();
        var pod = Pod("Deployment");
        var web = Containers(pod).Single();

        int.Parse(Text(deployment, "spec", "replicas")!, null).ShouldBeGreaterThanOrEqualTo(2);
        Text(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable").ShouldBe("0");
        Text(web, "livenessProbe", "httpGet", "path").ShouldBe("/health/live");
        Text(web, "startupProbe", "httpGet", "path").ShouldBe("/health/live");
        Text(web, "readinessProbe", "httpGet", "path").ShouldBe("/health/ready");
        Nodes(pod, "topologySpreadConstraints").ShouldContain(spread => Text(spread, "topologyKey") == "kubernetes.io/hostname");

        // preStop, then the host's own 15 s, must fit before the kill.
        var drain = int.Parse(Text(web, "lifecycle", "preStop", "sleep", "seconds")!, null);
        int.Parse(Text(pod, "terminationGracePeriodSeconds")!, null).ShouldBeGreaterThan(drain + 15);
        Text(All("PodDisruptionBudget").Single(), "spec", "minAvailable").ShouldBe("1");
        Text(All("ServiceAccount").Single(), "automountServiceAccountToken").ShouldBe("false");
        Text(All("Service").Single(), "spec", "type").ShouldBe("ClusterIP");
    }

    [Fact]
    public void Traffic_is_denied_both_ways_and_every_exception_names_its_neighbour_and_port()
    {
        var policies = All("NetworkPolicy").ToList();
        var deny = policies.Single(policy => Text(policy, "metadata", "name") == "processtandardu-deny");
        Texts(deny, "spec", "policyTypes").ShouldBe(["Ingress", "Egress"], ignoreOrder: true);
        At(deny, "spec", "ingress").ShouldBeNull();
        At(deny, "spec", "egress").ShouldBeNull();

        foreach (var policy in policies.Where(policy => policy != deny))
        {
            foreach (var (way, neighbours) in new[] { ("ingress", "from"), ("egress", "to") })
            {
                foreach (var rule in Nodes(policy, "spec", way))
                {
                    Nodes(rule, neighbours).ShouldNotBeEmpty(Text(policy, "metadata", "name"));
                    Nodes(rule, "ports").ShouldNotBeEmpty(Text(policy, "metadata", "name"));
                    Nodes(rule, neighbours).ShouldAllBe(to => Text(to, "ipBlock", "cidr") != "0.0.0.0/0");
                }
            }
        }

        var ports = policies.SelectMany(policy => Nodes(policy, "spec", "egress")).SelectMany(rule => Nodes(rule, "ports"));
        ports.Select(port => Text(port, "port")).Distinct().ShouldBe(["53", "5432", "587", "443"], ignoreOrder: true);
    }

    [Fact]
    public void The_namespace_enforces_the_restricted_standard_and_the_ingress_ends_tls()
    {
        Text(All("Namespace").Single(), "metadata", "labels", "pod-security.kubernetes.io/enforce").ShouldBe("restricted");
        var ingress = All("Ingress").Single();
        var host = Text(Nodes(ingress, "spec", "rules").Single(), "host");
        Texts(Nodes(ingress, "spec", "tls").Single(), "hosts").ShouldBe([host]);
    }

    [Fact]
    public void The_image_runs_as_nobody_and_holds_no_debugger()
    {
        var last = RepositoryFiles.Read("Containerfile").Split("\nFROM ")[^1];

        last.ShouldContain("chiseled");
        last.ShouldContain("USER 10001:10001");
        last.ShouldContain("DOTNET_EnableDiagnostics=0");
    }

    private static IEnumerable<YamlMappingNode> All(string kind) => Objects.Value.Where(node => Text(node, "kind") == kind);

    private static YamlNode Pod(string kind) => At(All(kind).Single(), "spec", "template", "spec")!;

    private static IReadOnlyList<YamlNode> Containers(YamlNode pod) =>
        [.. Nodes(pod, "containers"), .. Nodes(pod, "initContainers")];

    private static YamlNode? At(YamlNode node, params string[] path)
    {
        foreach (var name in path)
        {
            if (node is not YamlMappingNode mapping || !mapping.Children.TryGetValue(new YamlScalarNode(name), out var next))
            {
                return null;
            }

            node = next;
        }

        return node;
    }

    private static string? Text(YamlNode node, params string[] path) => (At(node, path) as YamlScalarNode)?.Value;

    private static IEnumerable<YamlNode> Nodes(YamlNode node, params string[] path) =>
        (At(node, path) as YamlSequenceNode)?.Children ?? Enumerable.Empty<YamlNode>();

    private static IEnumerable<string?> Texts(YamlNode node, params string[] path) =>
        Nodes(node, path).Select(item => ((YamlScalarNode)item).Value);

    private static List<YamlMappingNode> Load()
    {
        var rendered = Render();
        var texts = rendered is null
            ? RepositoryFiles.Below("k8s", ".yaml").Select(RepositoryFiles.Read)
            : [rendered];
        return
        [
            .. texts.SelectMany(text =>
            {
                var stream = new YamlStream();
                stream.Load(new StringReader(text));
                return stream.Documents.Select(document => (YamlMappingNode)document.RootNode);
            }),
        ];
    }

    /// <summary>Null where there is no kubectl.</summary>
    private static string? Render()
    {
        var start = new ProcessStartInfo("kubectl", ["kustomize", Path.Combine(RepositoryFiles.Root, "k8s", "overlays", "example")])
        {
            RedirectStandardOutput = true,
        };
        try
        {
            using var kubectl = Process.Start(start)!;
            var text = kubectl.StandardOutput.ReadToEnd();
            kubectl.WaitForExit();
            kubectl.ExitCode.ShouldBe(0, "kubectl kustomize refuses the example");
            return text;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
