using ProcesStandardu.Conformance;

// Runs every recorded scenario of a folder over PostgreSQL (or, with --memory, in memory) and compares: `dotnet run -c Release --project tests/ProcesStandardu.Conformance -- FOLDER [NAME…]`.
var folder = args.FirstOrDefault(argument => !argument.StartsWith("--", StringComparison.Ordinal));
if (folder is null || !Directory.Exists(folder))
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/ProcesStandardu.Conformance -- FOLDER [NAME…] [--memory]");
    return 2;
}

var names = args.Where(argument => argument != folder && !argument.StartsWith("--", StringComparison.Ordinal)).ToList();
var inMemory = args.Contains("--memory");
var passed = 0;
var failed = 0;
foreach (var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
{
    var fixture = Fixture.Read(file);
    if (names.Count > 0 && !names.Exists(name => fixture.Name.StartsWith(name, StringComparison.Ordinal)))
    {
        continue;
    }

    IReadOnlyList<string> differences;
    try
    {
        await using IConformanceHost host = inMemory ? new InMemoryHost() : await PostgresHost.CreateAsync();
        differences = await new ScenarioRunner(fixture, host).RunAsync();
    }
    catch (Exception exception)
    {
        differences = [exception.ToString()];
    }

    var (allowed, reason) = Exceptions.All.GetValueOrDefault(fixture.Name, ([], ""));
    var open = differences.Where(difference => !allowed.Any(start => difference.StartsWith(start, StringComparison.Ordinal))).ToList();
    if (open.Count == 0)
    {
        passed++;
        if (differences.Count > 0)
        {
            Console.WriteLine($"{fixture.Name} (tier {fixture.Tier}): differs on purpose. {reason}");
        }
    }
    else
    {
        failed++;
        Console.WriteLine($"{fixture.Name} (tier {fixture.Tier}): FAILED");
        foreach (var difference in open)
        {
            Console.WriteLine($"    {difference}");
        }
    }
}

Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 ? 0 : 1;
