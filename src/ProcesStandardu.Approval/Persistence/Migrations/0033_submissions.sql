-- A submission before it is a revision: a draft that waits for its author, or one that was confirmed and can still be taken back.
-- And a revision after it was one: withdrawn by two persons, its bytes gone, its hash and its number kept.

-- What must be in place before a deliverable of a kind goes to the board. '*' stands for every kind without lines of its own.
-- „field” is seen in the form itself; „declared” is what the submitter says under his name.
create table completeness_item (
  kind text not null check (kind = '*' or kind ~ '^[a-z][a-z0-9_]*$'),
  item text not null check (item ~ '^[a-z][a-z0-9_]*$'),
  ordinal integer not null,
  shown_by text not null check (shown_by in ('field', 'declared')),
  primary key (kind, item)
);
insert into completeness_item (kind, item, ordinal, shown_by) values
  ('*', 'summary', 1, 'field'),
  ('*', 'change_list', 2, 'field'),
  ('*', 'template', 3, 'declared'),
  ('*', 'logos', 4, 'declared'),
  ('educational_package', 'summary', 1, 'field'),
  ('educational_package', 'change_list', 2, 'field'),
  ('educational_package', 'template', 3, 'declared'),
  ('educational_package', 'logos', 4, 'declared'),
  ('educational_package', 'no_participants', 5, 'declared'),
  ('pilot_summary', 'summary', 1, 'field'),
  ('pilot_summary', 'change_list', 2, 'field'),
  ('pilot_summary', 'template', 3, 'declared'),
  ('pilot_summary', 'logos', 4, 'declared'),
  ('pilot_summary', 'no_participants', 5, 'declared'),
  ('legal_proposals', 'summary', 1, 'field'),
  ('legal_proposals', 'change_list', 2, 'field'),
  ('legal_proposals', 'justification', 3, 'declared');

create table submission (
  id uuid primary key,
  deliverable_key text not null references deliverable (key),
  person_id uuid not null references person (id),
  file_id uuid references stored_file (id),
  summary text not null,
  change_list text not null,
  change_kind text not null check (change_kind in ('material', 'editorial')),
  step text not null check (step in ('minor', 'major')),
  base_revision_id uuid,
  declared text[] not null,
  state text not null check (state in ('draft', 'confirmed', 'released', 'taken_back', 'refused')),
  saved_at timestamptz not null,
  confirmed_at timestamptz,
  releases_at timestamptz,
  revision_id uuid references revision (id),
  refusal text,
  foreign key (base_revision_id, deliverable_key) references revision (id, deliverable_key),
  check (state = 'draft' or confirmed_at is not null),
  check ((state = 'confirmed') = (releases_at is not null)),
  check (state <> 'confirmed' or file_id is not null),
  check ((state = 'released') = (revision_id is not null)),
  check ((state = 'refused') = (refusal is not null))
);
create unique index submission_draft on submission (deliverable_key, person_id) where state = 'draft';
create unique index submission_confirmed on submission (deliverable_key, person_id) where state = 'confirmed';
create index submission_due on submission (releases_at) where state = 'confirmed';

create table revision_withdrawal (
  id uuid primary key,
  revision_id uuid not null references revision (id),
  ground text not null check (ground in ('personal_data', 'wrong_file', 'other_rights', 'other')),
  reason text not null check (reason <> ''),
  asked_by_id uuid not null references person (id),
  asked_at timestamptz not null,
  decided_by_id uuid references person (id),
  decided_at timestamptz,
  is_confirmed boolean,
  check ((decided_by_id is null) = (decided_at is null) and (decided_at is null) = (is_confirmed is null)),
  check (decided_by_id <> asked_by_id or not is_confirmed)
);
create unique index revision_withdrawal_open on revision_withdrawal (revision_id) where decided_at is null;
create unique index revision_withdrawal_done on revision_withdrawal (revision_id) where is_confirmed;
