-- The sittings of the boards.

alter table body_counter drop constraint body_counter_kind_check;
alter table body_counter add constraint body_counter_kind_check check (kind in ('ballot', 'resolution', 'meeting'));

create table meeting (
  id uuid primary key,
  body_key text not null references body (key),
  -- Given with the convocation; a plan that comes to nothing uses up no number.
  number text check (number <> ''),
  rules_version int not null,
  starts_at timestamptz not null,
  place text not null check (place <> ''),
  state text not null check (state in ('planned', 'convened', 'held', 'cancelled')),
  planned_by_id uuid not null references person (id),
  planned_at timestamptz not null,
  convened_by_id uuid references person (id),
  convened_at timestamptz,
  cancellation text check (cancellation <> ''),
  held_at timestamptz,
  minutes text not null default '',
  minutes_approved_by_id uuid references person (id),
  minutes_approved_at timestamptz,
  foreign key (body_key, rules_version) references rules_of_procedure (body_key, version),
  unique (body_key, number),
  check ((number is null) = (convened_at is null) and (convened_at is null) = (convened_by_id is null)),
  check (state not in ('convened', 'held') or convened_at is not null),
  check ((state = 'held') = (held_at is not null)),
  check ((state = 'cancelled') = (cancellation is not null)),
  check ((minutes_approved_at is null) = (minutes_approved_by_id is null)),
  check (minutes_approved_at is null or state = 'held')
);
create index meeting_body on meeting (body_key, starts_at);

create table agenda_item (
  id uuid primary key,
  meeting_id uuid not null references meeting (id),
  ordinal int not null check (ordinal >= 1),
  title text not null check (title <> ''),
  deliverable_key text references deliverable (key),
  -- The vote taken on it at the sitting.
  ballot_id uuid references ballot (id),
  course text not null default '',
  unique (meeting_id, ordinal) deferrable initially deferred
);
create index agenda_item_ballot on agenda_item (ballot_id) where ballot_id is not null;

create table attendance (
  meeting_id uuid not null references meeting (id),
  person_id uuid not null references person (id),
  position text not null check (position in ('chair', 'vice_chair', 'member')),
  ordinal int not null,
  presence text not null check (presence in ('present', 'represented', 'excused', 'absent')),
  alternate_id uuid references person (id) check (alternate_id <> person_id),
  recorded_by_id uuid not null references person (id),
  recorded_at timestamptz not null,
  primary key (meeting_id, person_id),
  check ((presence = 'represented') = (alternate_id is not null))
);
