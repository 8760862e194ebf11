-- The boards, their rules of procedure and their ballots.

create table body (
  key text primary key check (key <> ''),
  name text not null check (name <> ''),
  genitive_name text not null check (genitive_name <> ''),
  source text
);

create table body_member (
  body_key text not null references body (key),
  person_id uuid not null references person (id),
  position text not null check (position in ('chair', 'vice_chair', 'member', 'secretary')),
  alternate_id uuid references person (id) check (alternate_id <> person_id),
  ordinal int not null,
  valid_from date not null,
  valid_until date check (valid_until >= valid_from),
  primary key (body_key, person_id, position, valid_from)
);

-- A version is never changed: a ballot is bound to the one that was in force when it opened.
create table rules_of_procedure (
  body_key text not null references body (key),
  version int not null check (version >= 1),
  valid_from date not null,
  is_demo boolean not null default false,
  terms jsonb not null,
  primary key (body_key, version)
);

create table body_counter (
  body_key text not null references body (key),
  kind text not null check (kind in ('ballot', 'resolution')),
  year int not null,
  last int not null check (last >= 1),
  primary key (body_key, kind, year)
);

create table ballot (
  id uuid primary key,
  number text not null check (number <> ''),
  body_key text not null references body (key),
  rules_version int not null,
  deliverable_key text not null references deliverable (key),
  revision_id uuid not null references revision (id),
  title text not null check (title <> ''),
  state text not null check (state in ('open', 'closed')),
  outcome text check (outcome in ('adopted', 'not_adopted', 'inquorate', 'discontinued')),
  close_reason text check (close_reason in ('deadline', 'all_voted', 'discontinued')),
  closes_when_all_voted boolean not null,
  noticed_at timestamptz not null,
  due_on date not null,
  due_at timestamptz not null check (due_at > noticed_at),
  closed_at timestamptz,
  resolution_number text,
  entitled_count int,
  quorum int,
  in_favour_count int,
  against_count int,
  abstain_count int,
  casting_vote_by_id uuid references person (id),
  foreign key (body_key, rules_version) references rules_of_procedure (body_key, version),
  unique (body_key, number),
  unique (body_key, resolution_number),
  check ((state = 'closed') = (outcome is not null and closed_at is not null and close_reason is not null)),
  check (resolution_number is null or outcome = 'adopted'),
  check (outcome is distinct from 'adopted' or in_favour_count > 0)
);
create index ballot_open_due on ballot (due_at) where state = 'open';
create index ballot_deliverable on ballot (deliverable_key);

-- One ballot at a time on a document.
create unique index ballot_one_open on ballot (deliverable_key) where state = 'open';

create table ballot_elector (
  ballot_id uuid not null references ballot (id),
  person_id uuid not null references person (id),
  position text not null check (position in ('chair', 'vice_chair', 'member')),
  ordinal int not null,
  recusal_basis text check (recusal_basis <> ''),
  primary key (ballot_id, person_id)
);

-- Positions are added, never overwritten: the standing one is not superseded.
create table ballot_position (
  id uuid primary key,
  ballot_id uuid not null,
  elector_id uuid not null,
  cast_by_id uuid not null references person (id),
  kind text not null check (kind in ('in_favour', 'against', 'abstain')),
  reason text,
  revision_id uuid not null references revision (id),
  content_hash bytea not null check (length(content_hash) = 32),
  cast_at timestamptz not null,
  superseded_by_id uuid references ballot_position (id) deferrable initially deferred,
  foreign key (ballot_id, elector_id) references ballot_elector (ballot_id, person_id)
);
create unique index ballot_position_standing on ballot_position (ballot_id, elector_id) where superseded_by_id is null;
