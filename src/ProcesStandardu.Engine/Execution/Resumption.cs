using System.Text.Json.Nodes;

namespace ProcesStandardu.Engine.Execution;

/// <summary>Why an activity goes on: which of its waits fired, with what.</summary>
/// <param name="StimulusName">The name the wait was made with.</param>
/// <param name="Payload">The payload the wait was made with; null when it had none.</param>
/// <param name="Input">What the sender of the stimulus gave along; null when nothing, and always when the clock fired.</param>
/// <param name="IsDue">True when the wait's due time came, false when its stimulus did.</param>
public sealed record Resumption(string StimulusName, JsonNode? Payload, JsonNode? Input, bool IsDue);
