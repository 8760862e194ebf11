-- Who is reminded when, what the watch found amiss, and the personal feeds of the calendar.

-- A kind without a row follows the product's defaults.
create table reminder_setting (
  kind text primary key check (kind in ('ballot', 'deadline', 'escalation')),
  -- Working days: before the end for reminders; after it for the escalation to lead, secretary and chair, in this order.
  steps int[] not null check (cardinality(steps) between 0 and 10 and 0 <= all (steps) and 60 >= all (steps)),
  changed_at timestamptz not null,
  changed_by_id uuid not null references person (id),
  check (kind <> 'escalation' or cardinality(steps) = 3)
);

-- What should have happened and did not. A finding is told once; it is gone when its cause is.
create table watch_finding (
  id uuid primary key,
  -- What it is and about what, for example 'deadline_not_fired:osl-wnioski-1-termin'.
  key text not null check (key <> ''),
  kind text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
  title text not null,
  path text,
  since timestamptz not null,
  found_at timestamptz not null,
  gone_at timestamptz check (gone_at >= found_at)
);
create unique index watch_finding_standing on watch_finding (key) where gone_at is null;
create index watch_finding_found on watch_finding (found_at);

-- When each background duty last ran, by the database's own clock: programme time may be moved, this cannot.
create table pass_tick (
  pass text primary key,
  rang_at timestamptz not null
) with (fillfactor = 50);

create table calendar_feed (
  id uuid primary key,
  person_id uuid not null references person (id),
  -- SHA-256 of the address's secret; the secret itself is shown once and kept nowhere.
  token_hash bytea not null unique check (length(token_hash) = 32),
  created_at timestamptz not null,
  revoked_at timestamptz check (revoked_at >= created_at)
);
create unique index calendar_feed_current on calendar_feed (person_id) where revoked_at is null;
