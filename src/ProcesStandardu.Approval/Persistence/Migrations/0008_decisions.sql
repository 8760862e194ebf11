-- Questions that workflows put to the holders of roles.

create table decision_request (
  id uuid primary key,
  instance_id uuid not null,
  role text not null check (role in ('chair', 'secretary', 'task_lead', 'administrators')),
  title text not null check (title <> ''),
  choices text[] not null check (cardinality(choices) > 0),
  deliverable_key text references deliverable (key),
  asked_at timestamptz not null,
  state text not null check (state in ('open', 'decided', 'withdrawn')),
  choice text check (choice = any (choices)),
  decided_at timestamptz,
  decided_by_id uuid references person (id),
  check ((state = 'decided') = (choice is not null and decided_at is not null and decided_by_id is not null))
);
create index decision_request_open on decision_request (asked_at) where state = 'open';
create index decision_request_instance on decision_request (instance_id);
