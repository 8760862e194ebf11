namespace ProcesStandardu.Testing;

/// <summary>
/// A clock that stands until a test moves it. It starts on Monday 5 November 2012 at 8:00 in Warsaw. It has no timers: the product's
/// passes are called, never awaited.
/// </summary>
public sealed class TestClock : TimeProvider
{
    private static readonly TimeZoneInfo Warsaw = TimeZoneInfo.FindSystemTimeZoneById("Europe/Warsaw");
    private readonly Lock _gate = new();
    private DateTimeOffset _now;

    /// <summary>A clock at the usual start.</summary>
    public TestClock()
        : this(InWarsaw(2012, 11, 5, 8, 0))
    {
    }

    /// <summary>A clock that stands at <paramref name="now"/>.</summary>
    public TestClock(DateTimeOffset now) => _now = now.ToUniversalTime();

    /// <summary>The programme's zone, whatever the machine's is.</summary>
    public override TimeZoneInfo LocalTimeZone => Warsaw;

    /// <summary>The instant at which a clock on a wall in Warsaw shows this.</summary>
    public static DateTimeOffset InWarsaw(int year, int month, int day, int hour = 0, int minute = 0, int second = 0)
    {
        var wall = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified);
        return new DateTimeOffset(wall, Warsaw.GetUtcOffset(wall));
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    /// <summary>Moves on by <paramref name="length"/>, which is not negative.</summary>
    public void Advance(TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, TimeSpan.Zero);
        lock (_gate)
        {
            _now += length;
        }
    }

    /// <summary>Stands at <paramref name="instant"/> from now on; back as well as forth.</summary>
    public void SetTo(DateTimeOffset instant)
    {
        lock (_gate)
        {
            _now = instant.ToUniversalTime();
        }
    }
}
