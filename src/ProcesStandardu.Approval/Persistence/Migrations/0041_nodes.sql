-- Which processes serve, and which database this is: a copy or an older state must not send mail or fire deadlines by itself.

-- One row for each process, written by its heartbeat. Every instant is real time by the database's clock.
create table node (
  id uuid primary key,
  name text not null check (name <> ''),
  version text not null,
  -- The newest migration that the program knows.
  schema text not null,
  state text not null check (state in ('serving', 'draining', 'stopped')),
  started_at timestamptz not null,
  seen_at timestamptz not null,
  -- How far the machine's own clock is ahead of the database's; negative: behind. Nothing is decided by that clock.
  clock_ahead_ms bigint not null,
  memory_bytes bigint not null check (memory_bytes >= 0)
) with (fillfactor = 50);

create table database_identity (
  the_only_one boolean primary key default true check (the_only_one),
  -- Of the server and the database in which the last heartbeat ran; null before the first.
  system_identifier text,
  database_oid bigint,
  -- Grows when the server was recovered or promoted.
  timeline text,
  -- Heartbeats of all nodes so far: a node that has seen more than the database remembers has seen a future that is gone.
  beats bigint not null default 0,
  beat_at timestamptz,
  -- While set, no background duty runs: nothing fires and nothing leaves until a person has decided.
  quarantined_at timestamptz,
  quarantine_reason text check (quarantine_reason in ('copied', 'recovered', 'went_back', 'asked')),
  -- The last heartbeat that the database remembered when the quarantine began: what came after it may be lost.
  remembers_until timestamptz,
  check ((quarantined_at is null) = (quarantine_reason is null)),
  check ((system_identifier is null) = (database_oid is null) and (system_identifier is null) = (timeline is null))
) with (fillfactor = 50);
insert into database_identity default values;
