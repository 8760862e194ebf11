-- The comment table: places in it, who said what, tables read from files, dispositions and the answers to them.

create table comment_import (
  id uuid primary key,
  deliverable_key text not null references deliverable (key),
  revision_id uuid not null,
  file_name text not null check (file_name <> ''),
  sha256 bytea not null check (octet_length(sha256) = 32),
  person_id uuid not null references person (id),
  content jsonb not null,
  read_at timestamptz not null,
  done_at timestamptz,
  added_count int,
  joined_count int,
  known_count int,
  foreign key (revision_id, deliverable_key) references revision (id, deliverable_key),
  check ((done_at is null) = (added_count is null) and (done_at is null) = (joined_count is null) and (done_at is null) = (known_count is null))
);

-- A place is given under the document's lock and never changes; those that came before got theirs in the order of arrival.
alter table comment add column number int;
update comment set number = placed.number
  from (select id, row_number() over (partition by revision_id order by submitted_at, id) as number from comment) placed
  where placed.id = comment.id;
alter table comment
  alter column number set not null,
  add check (number >= 1),
  add unique (revision_id, number),
  add column reported_by text not null default '' check (length(reported_by) <= 200),
  add column import_id uuid references comment_import (id),
  add column file_id uuid unique references stored_file (id);

-- The same words about the same place from somebody else: the comment stays one, who said it is kept.
create table comment_voice (
  id uuid primary key,
  comment_id uuid not null references comment (id),
  ordinal int not null check (ordinal >= 1),
  reported_by text not null check (length(reported_by) <= 200),
  entered_by_id uuid not null references person (id),
  rationale text not null,
  proposed_change text not null,
  import_id uuid references comment_import (id),
  joined_at timestamptz not null,
  unique (comment_id, ordinal)
);

-- Added, never overwritten: the one with the highest ordinal stands.
create table comment_disposition (
  id uuid primary key,
  comment_id uuid not null references comment (id),
  ordinal int not null check (ordinal >= 1),
  kind text not null check (kind in ('accepted', 'accepted_in_part', 'not_accepted', 'clarified', 'withdrawn')),
  reason text not null,
  change_revision_id uuid references revision (id),
  change_clause text,
  change_proof text check (change_proof in ('comparison', 'change_list')),
  decided_by_id uuid not null references person (id),
  decided_at timestamptz not null,
  told_at timestamptz,
  unique (comment_id, ordinal),
  check ((kind in ('accepted', 'accepted_in_part')) = (change_revision_id is not null)),
  check ((change_revision_id is null) = (change_clause is null) and (change_revision_id is null) = (change_proof is null)),
  check (reason <> '' or kind in ('accepted', 'withdrawn'))
);
create index comment_disposition_untold on comment_disposition (comment_id) where told_at is null;

create table comment_response (
  id uuid primary key,
  disposition_id uuid not null references comment_disposition (id),
  ordinal int not null check (ordinal >= 1),
  kind text not null check (kind in ('satisfied', 'not_satisfied')),
  words text not null,
  given_by_id uuid not null references person (id),
  entered_by_id uuid not null references person (id),
  given_at timestamptz not null,
  unique (disposition_id, ordinal)
);
