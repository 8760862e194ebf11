-- What every slice stands on: people, their roles, receipts of commands, the history and the programme's clock.

create table person (
  id uuid primary key,
  key text not null unique check (key <> ''),
  display_name text not null check (display_name <> ''),
  email text not null check (position('@' in email) > 1),
  organisation_key text,
  language text not null default 'pl' check (language in ('pl', 'en')),
  is_active boolean not null default true,
  is_demo boolean not null default false
);

create table role_assignment (
  person_id uuid not null references person (id),
  role text not null check (role in ('administrator', 'task_lead', 'observer')),
  scope text not null check (scope = 'programme' or scope like 'task:_%'),
  valid_from date not null,
  valid_until date check (valid_until >= valid_from),
  primary key (person_id, role, scope, valid_from)
);

-- One row per command that a person sent with a key: the same key again gets the same answer.
create table command_receipt (
  actor_id uuid not null,
  key text not null check (key <> '' and length(key) <= 200),
  request_hash bytea not null,
  response jsonb,
  created_at timestamptz not null,
  primary key (actor_id, key)
);

-- The newest link of each subject's chain; its row lock orders the entries of one subject.
create table history_head (
  subject text primary key check (subject <> ''),
  seq bigint not null check (seq >= 0),
  hash bytea not null
);

create table history_entry (
  id uuid primary key,
  subject text not null check (subject <> ''),
  seq bigint not null check (seq >= 1),
  kind text not null check (kind <> ''),
  actor_id uuid references person (id),
  on_behalf_of_id uuid references person (id),
  at timestamptz not null,
  details jsonb not null,
  previous_hash bytea not null,
  hash bytea not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  unique (subject, seq)
);
create index history_entry_at on history_entry (at);

-- One row: how far the programme's clock stands from the real one. Zero microseconds = the real clock.
create table programme_clock (
  only_row boolean primary key default true check (only_row),
  offset_microseconds bigint not null default 0,
  moved_at timestamptz,
  moved_by_id uuid references person (id)
);
insert into programme_clock default values;

create table data_protection_key (
  friendly_name text primary key,
  xml text not null
);

-- Marks of long jobs that must not be repeated: imports and the acts of the demo's history.
create table seeding_mark (
  key text primary key,
  done_at timestamptz not null
);
