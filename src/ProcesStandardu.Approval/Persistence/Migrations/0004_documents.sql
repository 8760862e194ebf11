-- Deliverables, their revisions with the files, and the comments on them.

-- Keys of tasks, works, phases and deadlines are those of the imported registers; the import checks them.
create table deliverable (
  key text primary key check (key <> ''),
  title text not null check (title <> ''),
  task_key text not null check (task_key <> ''),
  work_key text,
  phase_key text,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
  expected_file_kinds text[] not null
    check (cardinality(expected_file_kinds) > 0 and expected_file_kinds <@ array['docx', 'odt', 'pdf']),
  is_required_for_programme_end boolean not null default false,
  author_organisation_keys text[] not null default '{}',
  due_deadline_key text,
  source_key text references source (key),
  status text not null default 'awaited' check (status in ('awaited', 'submitted', 'in_ballot', 'adopted', 'not_adopted')),
  ballot_revision_id uuid,
  adopted_revision_id uuid,
  adopted_at timestamptz,
  published_at timestamptz,
  check (status <> 'in_ballot' or ballot_revision_id is not null),
  check ((status = 'adopted') = (adopted_revision_id is not null)),
  check ((adopted_revision_id is null) = (adopted_at is null)),
  check (published_at is null or adopted_at is not null)
);
create index deliverable_task on deliverable (task_key);
create index deliverable_work on deliverable (work_key);

create table stored_file (
  id uuid primary key,
  sha256 bytea not null check (octet_length(sha256) = 32),
  length bigint not null check (length > 0),
  media_type text not null check (media_type <> ''),
  file_name text not null check (file_name <> '' and octet_length(file_name) <= 255),
  created_at timestamptz not null
);
create index stored_file_sha256 on stored_file (sha256);

-- The bytes in pieces of 256 KiB, all but the last exactly so long.
create table stored_file_chunk (
  file_id uuid not null references stored_file (id),
  ordinal integer not null check (ordinal >= 0),
  bytes bytea not null check (octet_length(bytes) between 1 and 262144),
  primary key (file_id, ordinal)
);
-- Documents are compressed already.
alter table stored_file_chunk alter column bytes set storage external;

create table revision (
  id uuid primary key,
  deliverable_key text not null references deliverable (key),
  major integer not null check (major >= 0),
  minor integer not null check (minor >= 0),
  base_revision_id uuid,
  status text not null default 'submitted' check (status in ('submitted', 'withdrawn')),
  change_kind text not null check (change_kind in ('material', 'editorial')),
  summary text not null check (summary <> ''),
  change_list text not null,
  submitted_by_id uuid not null references person (id),
  submitted_at timestamptz not null,
  file_id uuid not null unique references stored_file (id),
  unique (deliverable_key, major, minor),
  unique (id, deliverable_key),
  foreign key (base_revision_id, deliverable_key) references revision (id, deliverable_key),
  check (major + minor > 0),
  check (base_revision_id is distinct from id),
  check (base_revision_id is null or change_list <> '')
);

-- A deliverable points only at revisions of its own.
alter table deliverable
  add foreign key (ballot_revision_id, key) references revision (id, deliverable_key),
  add foreign key (adopted_revision_id, key) references revision (id, deliverable_key);

create table comment (
  id uuid primary key,
  deliverable_key text not null references deliverable (key),
  revision_id uuid not null,
  author_id uuid not null references person (id),
  clause_reference text not null check (length(clause_reference) <= 200),
  kind text not null check (kind in ('general', 'technical', 'editorial')),
  text text not null check (text <> ''),
  rationale text not null,
  proposed_change text not null,
  submitted_at timestamptz not null,
  foreign key (revision_id, deliverable_key) references revision (id, deliverable_key)
);
create index comment_deliverable on comment (deliverable_key, submitted_at);
