-- Requests that workflows send and the endpoints at which they wait for requests.

-- A trigger may be fired by several stimuli: an endpoint by one for each method.
alter table workflow_trigger drop constraint workflow_trigger_pkey;
alter table workflow_trigger add primary key (definition_version_id, activity_id, hash);

-- The endpoint of a path without parameters is found by its path; those with parameters are few and read all.
create index workflow_bookmark_endpoint on workflow_bookmark (lower((payload::jsonb) ->> 'Path')) where name = 'Elsa.HttpEndpoint';
create index workflow_bookmark_endpoint_template on workflow_bookmark (payload)
  where name = 'Elsa.HttpEndpoint' and (payload::jsonb) ->> 'Path' like '%{%';
create index workflow_trigger_endpoint on workflow_trigger (name) where name = 'Elsa.HttpEndpoint';

-- The id is also the Idempotency-Key: a request that is sent again says so to whoever receives it.
create table workflow_http_request (
  id uuid primary key,
  instance_id uuid not null references workflow_instance (id) deferrable initially deferred,
  activity_id text not null,
  stimulus_name text not null check (stimulus_name <> ''),
  method text not null check (method ~ '^[A-Z]{3,10}$'),
  url text not null check (length(url) <= 4000),
  headers jsonb not null,
  content_type text,
  content text,
  expected_status_codes int[] not null,
  state text not null check (state in ('pending', 'sending', 'retry', 'answered', 'failed', 'withdrawn')),
  attempts int not null default 0 check (attempts >= 0),
  epoch bigint not null default 0,
  lease_until timestamptz,
  next_attempt_at timestamptz,
  status_code int check (status_code between 100 and 599),
  last_error text,
  created_at timestamptz not null,
  ended_at timestamptz,
  check ((state in ('pending', 'retry')) = (next_attempt_at is not null)),
  check ((state = 'sending') = (lease_until is not null)),
  check ((state in ('answered', 'failed', 'withdrawn')) = (ended_at is not null)),
  -- What may be secret does not outlive the sending.
  check (ended_at is null or (headers = '[]' and content is null))
);
create index workflow_http_request_due on workflow_http_request (next_attempt_at) where next_attempt_at is not null;
create index workflow_http_request_lease on workflow_http_request (lease_until) where lease_until is not null;
create index workflow_http_request_instance on workflow_http_request (instance_id);
