-- What designers work on: one draft for each definition, and drafts that could not be saved where they were sent.

alter table workflow_definition
  add column original text,
  add column retracted_at timestamptz,
  add check (retracted_at is null or not is_published);

create table workflow_draft (
  definition_id text primary key check (definition_id <> '' and length(definition_id) <= 200),
  based_on_version_id text references workflow_definition (version_id),
  name text not null,
  source text not null,
  original text,
  revision bigint not null check (revision >= 1),
  saved_from text,
  created_at timestamptz not null,
  saved_at timestamptz not null,
  saved_by_id uuid references person (id)
);

-- Numbers of versions that were deleted: no number is given twice, since what a version says never changes.
create table workflow_version_deleted (
  definition_id text not null,
  version int not null,
  primary key (definition_id, version)
);

-- A draft that was refused or replaced; the newest of each sender, so that a designer that keeps sending fills no table.
create table workflow_draft_kept (
  id uuid primary key,
  definition_id text not null,
  name text not null,
  source text not null,
  reason text not null check (reason in ('refused', 'replaced', 'discarded')),
  kept_from text not null,
  kept_at timestamptz not null,
  kept_by_id uuid references person (id),
  unique (definition_id, reason, kept_from)
);

-- Every version that a designer can see. A draft stands after the newest version and is the latest.
create view workflow_version as
select d.version_id, d.definition_id, d.version, d.name, d.source, d.original, d.created_at, d.created_by_id, d.is_published,
  d.is_latest and not exists (select from workflow_draft w where w.definition_id = d.definition_id) as is_latest,
  false as is_draft, 0::bigint as revision, null::text as saved_from, null::text as based_on_version_id
from workflow_definition d
union all
select w.definition_id || '-szkic', w.definition_id,
  greatest(
    (select max(version) from workflow_definition d where d.definition_id = w.definition_id),
    (select max(version) from workflow_version_deleted x where x.definition_id = w.definition_id), 0) + 1,
  w.name, w.source, w.original, w.saved_at, w.saved_by_id, false, true, true, w.revision, w.saved_from, w.based_on_version_id
from workflow_draft w;
