using System.Diagnostics;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace ProcesStandardu.Conventions.Tests;

/// <summary>
/// What the cluster is told about the program, field by field, in the rendered overlays: the one with PostgreSQL outside and the
/// one with PostgreSQL as the cluster's own.
/// </summary>
public sealed partial class KubernetesTests
{
    private const string External = "example";
    private const string OfTheCluster = "cloudnativepg";

    private static readonly Dictionary<string, IReadOnlyList<YamlMappingNode>> Objects =
        new[] { External, OfTheCluster }.ToDictionary(overlay => overlay, overlay => Kustomization.Render(Folder(overlay)));

    /// <summary>Each overlay with the kinds whose pods run the program.</summary>
    public static TheoryData<string, string> Workloads => new()
    {
        { External, "Deployment" }, { External, "Job" }, { OfTheCluster, "Deployment" }, { OfTheCluster, "Job" },
    };

    public static TheoryData<string> Overlays => [External, OfTheCluster];

    /// <summary>Where a kubectl is at hand, it says the same as the tests' own rendering.</summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public void The_overlays_render_as_kubectl_renders_them(string overlay)
    {
        if (Rendered(overlay) is { } rendered)
        {
            var theirs = Kustomization.Documents(rendered).ToDictionary(NameOf, Canonical);
            Objects[overlay].Select(NameOf).ShouldBe(theirs.Keys, ignoreOrder: true);
            foreach (var node in Objects[overlay])
            {
                Canonical(node).ShouldBe(theirs[NameOf(node)]);
            }
        }

        Objects[overlay].Count.ShouldBeGreaterThan(12);
        Objects[overlay].Select(node => $"{Text(node, "kind")}/{Text(node, "metadata", "name")}").ShouldBeUnique();
        Objects[overlay].Where(node => Text(node, "kind") != "Namespace").ShouldAllBe(node => Text(node, "metadata", "namespace") == "processtandardu");
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_pod_is_nobody_in_particular_and_may_do_nothing(string overlay, string kind)
    {
        var pod = Pod(overlay, kind);
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
    public void A_container_has_limits_and_writes_only_to_a_bounded_tmp(string overlay, string kind)
    {
        var pod = Pod(overlay, kind);
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
    public void Secrets_come_by_reference_never_in_the_open(string overlay, string kind)
    {
        var pod = Pod(overlay, kind);
        Nodes(pod, "volumes").ShouldContain(volume => Text(volume, "secret", "secretName") == "processtandardu");
        foreach (var container in Containers(pod))
        {
            Nodes(container, "env").ShouldAllBe(variable => At(variable, "value") == null);
        }

        All(overlay, "Secret").ShouldBeEmpty();
        var settings = All(overlay, "ConfigMap").SelectMany(map => ((YamlMappingNode)At(map, "data")!).Children.Keys).Select(key => key.ToString());
        settings.ShouldNotContain(name => name.Contains("Password") && !name.EndsWith("PasswordFile"));
        Setting(overlay, "ConnectionStrings__Database").ShouldBe(
            overlay == External
                ? null
                : "Host=processtandardu-db-rw;Database=proces;Username=proces;Passfile=/run/secrets/database/pgpass;SSL Mode=VerifyFull;"
                    + "Root Certificate=/run/secrets/database-ca/ca.crt");
        foreach (var volume in Nodes(pod, "volumes").Where(volume => At(volume, "secret") is not null))
        {
            Text(volume, "secret", "defaultMode").ShouldBe("0440");
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Two_nodes_serve_are_asked_the_right_questions_and_end_in_order(string overlay)
    {
        var deployment = All(overlay, "Deployment").Single();
        var pod = Pod(overlay, "Deployment");
        var web = Containers(pod).Single();

        At(deployment, "spec", "replicas").ShouldBeNull("the autoscaler says how many");
        var autoscaler = All(overlay, "HorizontalPodAutoscaler").Single();
        Text(autoscaler, "spec", "scaleTargetRef", "name").ShouldBe("processtandardu");
        int.Parse(Text(autoscaler, "spec", "minReplicas")!, null).ShouldBeGreaterThanOrEqualTo(2);
        // 30 connections of requests and 3 of health and heartbeat on each node; CloudNativePG's cluster has 300.
        (int.Parse(Text(autoscaler, "spec", "maxReplicas")!, null) * 33).ShouldBeLessThan(300);
        Text(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable").ShouldBe("0");
        Text(web, "livenessProbe", "httpGet", "path").ShouldBe("/health/live");
        Text(web, "startupProbe", "httpGet", "path").ShouldBe("/health/start");
        Text(web, "readinessProbe", "httpGet", "path").ShouldBe("/health/ready");
        Nodes(pod, "topologySpreadConstraints").Select(spread => Text(spread, "topologyKey"))
            .ShouldBe(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
        foreach (var spread in Nodes(pod, "topologySpreadConstraints"))
        {
            foreach (var (name, value) in ((YamlMappingNode)At(spread, "labelSelector", "matchLabels")!).Children)
            {
                Text(deployment, "spec", "template", "metadata", "labels", name.ToString()).ShouldBe(value.ToString());
            }
        }

        // preStop, then the drain in which the node says "not ready", then the host's own 15 s, must fit before the kill.
        var preStop = int.Parse(Text(web, "lifecycle", "preStop", "sleep", "seconds")!, null);
        var drain = TimeSpan.Parse(Setting(overlay, "Shutdown__Drain")!, null).TotalSeconds;
        var failing = int.Parse(Text(web, "readinessProbe", "periodSeconds")!, null) * int.Parse(Text(web, "readinessProbe", "failureThreshold")!, null);
        drain.ShouldBeGreaterThanOrEqualTo(failing, "balancers must have seen it");
        int.Parse(Text(pod, "terminationGracePeriodSeconds")!, null).ShouldBeGreaterThan((int)(preStop + drain + 15));
        Text(All(overlay, "PodDisruptionBudget").Single(), "spec", "minAvailable").ShouldBe("1");
        Text(All(overlay, "ServiceAccount").Single(), "automountServiceAccountToken").ShouldBe("false");
        All(overlay, "Service").ShouldAllBe(service => Text(service, "spec", "type") == "ClusterIP");
        Containers(pod).ShouldAllBe(container => !Text(container, "image")!.EndsWith(":latest") && Text(container, "image")!.Contains(':'));
        Nodes(web, "ports").Select(port => Text(port, "containerPort")).ShouldBe(["8080", Setting(overlay, "Metrics__Port")]);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Traffic_is_denied_both_ways_and_every_exception_names_its_neighbour_and_port(string overlay)
    {
        var policies = All(overlay, "NetworkPolicy").ToList();
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

        var toNames = Nodes(Nodes(policies.Single(policy => Text(policy, "metadata", "name") == "processtandardu-to-dns"), "spec", "egress").Single(), "to").Single();
        Canonical(At(toNames, "podSelector")!).ShouldBe("{matchLabels:{k8s-app:kube-dns}}");

        // Who may speak to the program, and to whom it may speak: nobody else.
        var program = policies.Where(policy => Text(policy, "spec", "podSelector", "matchLabels", "cnpg.io/cluster") is null).ToList();
        Ports(program, "egress").ShouldBe(["53", "5432", "587", "443"], ignoreOrder: true);
        Ports(program, "ingress").ShouldBe(overlay == External ? ["8080"] : ["8080", "9090"], ignoreOrder: true);
        var database = policies.Except(program).ToList();
        database.Count.ShouldBe(overlay == External ? 0 : 2);
        if (database.Count > 0)
        {
            Ports(database, "ingress").ShouldBe(["5432", "8000"], ignoreOrder: true);
            Ports(database, "egress").ShouldBe(["5432", "8000", "6443", "443"], ignoreOrder: true);
        }

        static IEnumerable<string?> Ports(IEnumerable<YamlNode> policies, string way) =>
            policies.SelectMany(policy => Nodes(policy, "spec", way)).SelectMany(rule => Nodes(rule, "ports"))
                .Select(port => Text(port, "port")).Distinct();
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void The_namespace_enforces_the_restricted_standard_and_the_ingress_ends_tls(string overlay)
    {
        Text(All(overlay, "Namespace").Single(), "metadata", "labels", "pod-security.kubernetes.io/enforce").ShouldBe("restricted");
        Text(All(overlay, "Namespace").Single(), "metadata", "labels", "pod-security.kubernetes.io/enforce-version").ShouldBe("latest");
        var hosts = new List<string>();
        foreach (var ingress in All(overlay, "Ingress"))
        {
            var host = Text(Nodes(ingress, "spec", "rules").Single(), "host")!;
            Texts(Nodes(ingress, "spec", "tls").Single(), "hosts").ShouldBe([host]);
            Text(Nodes(ingress, "spec", "tls").Single(), "secretName").ShouldNotBeNullOrEmpty();
            Text(ingress, "metadata", "annotations", "nginx.ingress.kubernetes.io/force-ssl-redirect").ShouldBe("true");
            Nodes(Nodes(ingress, "spec", "rules").Single(), "http", "paths").Select(path => Text(path, "backend", "service", "port", "name"))
                .ShouldBe(["http"]);
            host.ShouldNotEndWith(".invalid");
            hosts.Add(host);
        }

        // Studio answers at a host of its own, and the program is told which.
        hosts.ShouldBe(["proces.example.org", "studio.proces.example.org"]);
        Setting(overlay, "Studio__Host").ShouldBe(hosts[1]);
        Setting(overlay, "Site__BaseAddress").ShouldBe($"https://{hosts[0]}/");
        Setting(overlay, "Demo__Enabled").ShouldBe("false");
    }

    [Fact]
    public void The_clusters_own_database_keeps_what_it_acknowledges_on_two_machines_and_elsewhere()
    {
        var database = All(OfTheCluster, "Cluster").Single();
        int.Parse(Text(database, "spec", "instances")!, null).ShouldBeGreaterThanOrEqualTo(3);
        Text(database, "spec", "minSyncReplicas").ShouldBe("1");
        Text(database, "spec", "postgresql", "parameters", "synchronous_commit").ShouldBe("on");
        Text(database, "spec", "bootstrap", "initdb", "dataChecksums").ShouldBe("true");
        Text(database, "spec", "seccompProfile", "type").ShouldBe("RuntimeDefault");
        Text(database, "spec", "affinity", "podAntiAffinityType").ShouldBe("required");
        Texts(database, "spec", "postgresql", "pg_hba").ShouldBe(["hostssl proces proces all scram-sha-256"]);
        Text(database, "spec", "resources", "limits", "memory").ShouldNotBeNullOrEmpty();

        var store = All(OfTheCluster, "ObjectStore").Single();
        var plugin = Nodes(database, "spec", "plugins").Single();
        Text(plugin, "isWALArchiver").ShouldBe("true");
        Text(plugin, "parameters", "barmanObjectName").ShouldBe(Text(store, "metadata", "name"));
        Text(store, "spec", "configuration", "wal", "encryption").ShouldBe("AES256");
        Text(store, "spec", "configuration", "data", "encryption").ShouldBe("AES256");
        var nightly = All(OfTheCluster, "ScheduledBackup").Single();
        Text(nightly, "spec", "cluster", "name").ShouldBe(Text(database, "metadata", "name"));
    }

    [Fact]
    public void What_is_measured_is_collected_by_a_port_that_no_ingress_reaches()
    {
        var service = All(OfTheCluster, "Service").Single(one => Text(one, "metadata", "name") == "processtandardu-metrics");
        var monitor = All(OfTheCluster, "ServiceMonitor").Single();
        foreach (var (name, value) in ((YamlMappingNode)At(monitor, "spec", "selector", "matchLabels")!).Children)
        {
            Text(service, "metadata", "labels", name.ToString()).ShouldBe(value.ToString());
        }

        Text(Nodes(monitor, "spec", "endpoints").Single(), "port").ShouldBe(Text(Nodes(service, "spec", "ports").Single(), "name"));
        Objects.Values.SelectMany(objects => objects).Where(one => Text(one, "kind") == "Ingress")
            .SelectMany(ingress => Nodes(ingress, "spec", "rules")).SelectMany(rule => Nodes(rule, "http", "paths"))
            .ShouldAllBe(path => Text(path, "backend", "service", "name") == "processtandardu");
    }

    [Fact]
    public void The_image_runs_as_nobody_and_holds_no_debugger()
    {
        var last = RepositoryFiles.Read("Containerfile").Split("\nFROM ")[^1];

        last.ShouldContain("chiseled");
        last.ShouldContain("USER 10001:10001");
        last.ShouldContain("DOTNET_EnableDiagnostics=0");
    }

    private static IEnumerable<YamlMappingNode> All(string overlay, string kind) => Objects[overlay].Where(node => Text(node, "kind") == kind);

    private static YamlNode Pod(string overlay, string kind) => At(All(overlay, kind).Single(), "spec", "template", "spec")!;

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

    private static string? Setting(string overlay, string name) => Text(All(overlay, "ConfigMap").Single(), "data", name);

    private static string Folder(string overlay) => Path.Combine(RepositoryFiles.Root, "k8s", "overlays", overlay);

    private static string NameOf(YamlNode node) => $"{Text(node, "kind")}/{Canonical(At(node, "metadata", "name")!)}";

    /// <summary>An object as one line: keys in order, without the ending that kustomize gives the names of settings.</summary>
    private static string Canonical(YamlNode node) => node switch
    {
        YamlMappingNode map => "{" + string.Join(',', map.Children
            .OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal).Select(pair => pair.Key + ":" + Canonical(pair.Value))) + "}",
        YamlSequenceNode list => "[" + string.Join(',', list.Children.Select(Canonical)) + "]",
        // kubectl writes a file's mode as the number it is.
        _ => GeneratedName().Replace(((YamlScalarNode)node).Value is "0440" ? "288" : ((YamlScalarNode)node).Value ?? "", "processtandardu"),
    };

    [GeneratedRegex("^processtandardu-[2456789bcdfghkmt]{10}$")]
    private static partial Regex GeneratedName();

    /// <summary>Null where there is no kubectl, or one from before "labels" and "components".</summary>
    private static string? Rendered(string overlay)
    {
        var start = new ProcessStartInfo("kubectl", ["kustomize", Folder(overlay)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var kubectl = Process.Start(start)!;
            var errors = kubectl.StandardError.ReadToEndAsync();
            var text = kubectl.StandardOutput.ReadToEnd();
            kubectl.WaitForExit();
            if (errors.Result.Contains("unknown field", StringComparison.Ordinal))
            {
                return null;
            }

            kubectl.ExitCode.ShouldBe(0, errors.Result);
            return text;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
