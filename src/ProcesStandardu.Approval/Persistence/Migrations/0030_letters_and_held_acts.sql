-- Letters: mails that an act owes, as facts and people. They become finished mails, to the byte, in a transaction of their own
-- before anything is sent: what makes ten thousand mails at one instant does not render them while it holds its locks.

create table outbox_letter (
  id uuid primary key,
  queue_no bigint generated always as identity unique,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
  facts jsonb not null,
  -- Ids of people, as the act found them.
  recipients jsonb not null check (jsonb_typeof(recipients) = 'array'),
  created_at timestamptz not null,
  next_attempt_at timestamptz not null,
  failures int not null default 0 check (failures >= 0),
  last_error text,
  check ((failures > 0) = (last_error is not null))
);

-- Acts that a person asked for and may still take back: nothing of them has happened yet.
create table held_act (
  id uuid primary key,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
  -- What it is about, for pages that show what is held.
  subject text not null check (subject <> ''),
  title text not null check (title <> ''),
  command jsonb not null,
  person_id uuid not null references person (id),
  asked_at timestamptz not null,
  due_at timestamptz not null check (due_at >= asked_at),
  state text not null default 'held' check (state in ('held', 'done', 'undone', 'refused')),
  ended_at timestamptz,
  -- The stored name of the refusal that met it in the end.
  refusal text,
  failures int not null default 0 check (failures >= 0),
  check ((state = 'held') = (ended_at is null)),
  check ((state = 'refused') = (refusal is not null))
);
create index held_act_due on held_act (due_at) where state = 'held';
-- The same act on the same thing is held once.
create unique index held_act_once on held_act (kind, subject) where state = 'held';
create index held_act_person on held_act (person_id, asked_at);
