-- The engine's memory: definitions that never change, instances with their waits, and the journal of what happened.

create table workflow_definition (
  version_id text primary key check (version_id <> '' and length(version_id) <= 200),
  definition_id text not null check (definition_id <> '' and length(definition_id) <= 200),
  version int not null check (version >= 1),
  name text not null,
  source text not null,
  sha256 bytea not null check (length(sha256) = 32),
  usable_as_activity boolean not null,
  is_latest boolean not null,
  is_published boolean not null,
  created_at timestamptz not null,
  created_by_id uuid references person (id),
  published_at timestamptz,
  unique (definition_id, version),
  check (not is_published or published_at is not null)
);
create unique index workflow_definition_published on workflow_definition (definition_id) where is_published;
create unique index workflow_definition_latest on workflow_definition (definition_id) where is_latest;

create table workflow_trigger (
  definition_version_id text not null references workflow_definition (version_id),
  activity_id text not null,
  name text not null,
  payload text,
  hash text not null,
  due_at timestamptz,
  primary key (definition_version_id, activity_id)
);
create index workflow_trigger_hash on workflow_trigger (hash);
create index workflow_trigger_due on workflow_trigger (due_at) where due_at is not null;

create table workflow_instance (
  id uuid primary key,
  definition_id text not null,
  definition_version_id text not null references workflow_definition (version_id),
  version int not null,
  status text not null check (status in ('running', 'finished')),
  sub_status text not null check (sub_status in ('pending', 'executing', 'suspended', 'finished', 'cancelled', 'faulted', 'interrupted')),
  correlation_id text,
  name text,
  parent_instance_id uuid references workflow_instance (id),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  incident_count int not null check (incident_count >= 0),
  state jsonb not null,
  variables jsonb not null,
  output jsonb not null,
  check ((status = 'finished') = (finished_at is not null))
) with (fillfactor = 70);
create index workflow_instance_version on workflow_instance (definition_version_id);
create index workflow_instance_parent on workflow_instance (parent_instance_id) where parent_instance_id is not null;
create index workflow_instance_correlation on workflow_instance (correlation_id) where correlation_id is not null;
create index workflow_instance_running on workflow_instance (definition_id) where status = 'running';

create table workflow_bookmark (
  id uuid primary key,
  instance_id uuid not null references workflow_instance (id),
  activity_number bigint not null,
  activity_id text not null,
  activity_node_id text not null,
  name text not null check (name <> ''),
  payload text,
  hash text not null,
  due_at timestamptz,
  created_at timestamptz not null
);
create index workflow_bookmark_hash on workflow_bookmark (hash);
create index workflow_bookmark_instance on workflow_bookmark (instance_id);
create index workflow_bookmark_due on workflow_bookmark (due_at) where due_at is not null;

create table workflow_journal (
  instance_id uuid not null references workflow_instance (id),
  seq bigint not null check (seq >= 1),
  activity_number bigint not null,
  parent_number bigint,
  activity_id text not null,
  activity_node_id text not null,
  activity_type text not null,
  activity_version int not null,
  activity_name text,
  event text not null check (event in ('Started', 'Suspended', 'Resumed', 'Completed', 'Faulted', 'Canceled')),
  at timestamptz not null,
  message text,
  outcomes text[],
  primary key (instance_id, seq)
);

create table activity_execution (
  instance_id uuid not null references workflow_instance (id),
  number bigint not null check (number >= 1),
  parent_number bigint,
  activity_id text not null,
  activity_node_id text not null,
  activity_type text not null,
  activity_version int not null,
  activity_name text,
  status text not null check (status in ('running', 'completed', 'canceled', 'faulted')),
  started_at timestamptz not null,
  completed_at timestamptz,
  outcomes text[],
  fault_count int not null,
  fault_message text,
  has_waits boolean not null,
  inputs jsonb,
  outputs jsonb,
  primary key (instance_id, number)
);

create table workflow_incident (
  id uuid primary key,
  instance_id uuid not null references workflow_instance (id),
  activity_number bigint not null,
  activity_id text not null,
  activity_node_id text not null,
  activity_type text not null,
  code text not null,
  message text not null,
  details text,
  at timestamptz not null
);
create index workflow_incident_instance on workflow_incident (instance_id);

-- Deliveries that could not be made: stimuli before their wait, bursts that failed. They stay until they are delivered.
create table kept_delivery (
  id uuid primary key,
  kind text not null check (kind in ('stimulus', 'start', 'resume')),
  name text not null,
  hash text,
  request jsonb not null,
  correlation_id text,
  instance_id uuid,
  bookmark_id uuid,
  attempts int not null check (attempts >= 0),
  last_error text,
  kept_at timestamptz not null,
  next_attempt_at timestamptz,
  parked_at timestamptz,
  check (parked_at is null or attempts > 0),
  check ((attempts > 0 and parked_at is null) = (next_attempt_at is not null))
);
create index kept_delivery_hash on kept_delivery (hash) where attempts = 0;
create index kept_delivery_next on kept_delivery (next_attempt_at) where next_attempt_at is not null;
create index kept_delivery_bookmark on kept_delivery (bookmark_id) where bookmark_id is not null;

create table received_stimulus (
  id text primary key check (id <> ''),
  at timestamptz not null
);

create table user_task (
  id uuid primary key,
  instance_id uuid not null references workflow_instance (id),
  bookmark_id uuid not null,
  activity_number bigint not null,
  activity_id text not null,
  name text not null,
  payload jsonb,
  created_at timestamptz not null,
  state text not null check (state in ('open', 'completed', 'withdrawn')),
  result jsonb,
  closed_at timestamptz,
  check ((state = 'open') = (closed_at is null))
);
create index user_task_open on user_task (created_at) where state = 'open';
