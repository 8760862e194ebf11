-- Publishing is a decision: what changes is described before, and where two persons decide the first one's word waits here.

alter table workflow_definition
  add column change_description text check (change_description <> ''),
  add column proposed_by_id uuid references person (id);

create table publication_request (
  definition_id text primary key check (definition_id <> '' and length(definition_id) <= 200),
  content_sha256 bytea not null check (length(content_sha256) = 32),
  change_description text not null check (change_description <> ''),
  proposed_by_id uuid not null references person (id),
  proposed_at timestamptz not null
);
