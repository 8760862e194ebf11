-- The programme as its sources tell it: where each fact comes from, who does what, the works, phases and indicators.
-- Rows with a text key come from the files under data/; what happens to them (started, completed, reported, closed)
-- is written by people's acts and never by an import.

create table source (
  key text primary key check (key <> ''),
  title text not null check (title <> ''),
  publisher text not null check (publisher <> ''),
  published_on date,
  published_precision text check (published_precision in ('day', 'month', 'year')),
  dating text not null default '',
  address text,
  is_external boolean not null,
  note text not null default '',
  check ((published_on is null) = (published_precision is null))
);

create table fact (
  key text primary key check (key <> ''),
  subject text not null check (subject <> ''),
  statement text not null check (statement <> ''),
  certainty text not null check (certainty in ('stated', 'inferred', 'uncertain', 'not_stated')),
  is_external boolean not null,
  ordinal integer not null check (ordinal > 0),
  -- What the fact is about, as 'kind:key' ('indicator:osl-sesje'): the question „skąd to wiadomo?” is asked with it.
  about text[] not null default '{}'
);
create index fact_about on fact using gin (about);

create table fact_source (
  fact_key text not null references fact (key) on delete cascade,
  source_key text not null references source (key),
  primary key (fact_key, source_key)
);

create table conflict (
  key text primary key check (key <> ''),
  title text not null check (title <> ''),
  chosen_reading text not null check (chosen_reading <> ''),
  reason text not null default '',
  chosen_by text not null check (chosen_by <> ''),
  ordinal integer not null check (ordinal > 0),
  about text[] not null default '{}'
);
create index conflict_about on conflict using gin (about);

create table conflict_reading (
  conflict_key text not null references conflict (key) on delete cascade,
  ordinal integer not null check (ordinal > 0),
  text text not null check (text <> ''),
  source_key text references source (key),
  is_chosen boolean not null,
  primary key (conflict_key, ordinal)
);

create table organisation (
  key text primary key check (key <> ''),
  name text not null check (name <> ''),
  short_name text not null check (short_name <> ''),
  kind text not null check (kind in ('public_authority', 'public_institution', 'non_governmental')),
  ordinal integer not null check (ordinal > 0),
  address text,
  website text,
  source_key text not null references source (key)
);

create table organisation_role (
  organisation_key text not null references organisation (key) on delete cascade,
  role text not null check (role in (
    'leader', 'beneficiary', 'project_promoter', 'systemic_beneficiary', 'initiator', 'partner',
    'pilot_implementer', 'counselling_provider')),
  source_key text not null references source (key),
  primary key (organisation_key, role)
);
-- The programme has one leader and one initiator.
create unique index organisation_role_single on organisation_role (role)
  where role in ('leader', 'beneficiary', 'project_promoter', 'systemic_beneficiary', 'initiator');

create table programme (
  key text primary key check (key <> ''),
  title text not null check (title <> ''),
  short_title text not null check (short_title <> ''),
  goal text not null,
  framework text not null,
  funding text not null,
  website text,
  starts_on date not null,
  ends_on date not null check (ends_on >= starts_on),
  source_key text not null references source (key),
  status text not null default 'running'
    check (status in ('running', 'concluded_on_time', 'overdue', 'concluded_late')),
  status_since timestamptz,
  concluded_at timestamptz,
  check ((concluded_at is not null) = (status in ('concluded_on_time', 'concluded_late')))
);

create table programme_task (
  key text primary key check (key <> ''),
  programme_key text not null references programme (key),
  number integer not null check (number between 1 and 99),
  title text not null check (title <> ''),
  goal text not null default '',
  source_key text not null references source (key),
  unique (programme_key, number)
);

create table task_partner (
  task_key text not null references programme_task (key) on delete cascade,
  organisation_key text not null references organisation (key),
  role text not null check (role in ('lead', 'partner')),
  source_key text not null references source (key),
  primary key (task_key, organisation_key)
);

create table standard_work (
  key text primary key check (key <> ''),
  title text not null check (title <> ''),
  short_title text not null check (short_title <> ''),
  kind text not null check (kind in ('service_standard', 'institution_model')),
  aliases text[] not null default '{}',
  description text not null default '',
  task_key text not null references programme_task (key),
  ordinal integer not null check (ordinal > 0),
  source_key text not null references source (key)
);

create table pilot (
  key text primary key check (key <> ''),
  title text not null check (title <> ''),
  aim text not null default '',
  task_key text not null references programme_task (key),
  implementer_key text references organisation (key),
  place text not null default '',
  starts_on date,
  starts_precision text check (starts_precision in ('day', 'month', 'year')),
  ends_on date check (ends_on >= starts_on),
  ends_precision text check (ends_precision in ('day', 'month', 'year')),
  value_pln numeric(14, 2) check (value_pln >= 0),
  elements text[] not null default '{}',
  roles text[] not null default '{}',
  source_key text not null references source (key),
  check ((starts_on is null) = (starts_precision is null)),
  check ((ends_on is null) = (ends_precision is null))
);

create table pilot_work (
  pilot_key text not null references pilot (key) on delete cascade,
  work_key text not null references standard_work (key),
  primary key (pilot_key, work_key)
);

create table phase (
  key text primary key check (key <> ''),
  -- Phases of one path are numbered: 'osl', 'zadanie-2', 'pilotaz-gdansk'. A path belongs to a task, and more
  -- closely to a work or a pilot where the sources speak of one.
  path text not null check (path <> ''),
  ordinal integer not null check (ordinal > 0),
  title text not null check (title <> ''),
  description text not null default '',
  task_key text not null references programme_task (key),
  work_key text references standard_work (key),
  pilot_key text references pilot (key),
  starts_on date,
  starts_precision text check (starts_precision in ('day', 'month', 'year')),
  ends_on date check (ends_on >= starts_on),
  ends_precision text check (ends_precision in ('day', 'month', 'year')),
  is_test_datum boolean not null default false,
  is_required boolean not null default false,
  source_key text not null references source (key),
  status text not null default 'planned' check (status in ('planned', 'running', 'completed')),
  started_at timestamptz,
  -- True when the phase was started while the one before it was still open: allowed, and kept as a named derogation.
  started_before_gate boolean not null default false,
  completed_at timestamptz check (completed_at >= started_at),
  unique (path, ordinal),
  check ((starts_on is null) = (starts_precision is null)),
  check ((ends_on is null) = (ends_precision is null)),
  check ((started_at is null) = (status = 'planned')),
  check ((completed_at is not null) = (status = 'completed'))
);
create index phase_task on phase (task_key);
create index phase_work on phase (work_key) where work_key is not null;

create table indicator (
  key text primary key check (key <> ''),
  title text not null check (title <> ''),
  unit text not null check (unit <> ''),
  population text not null default '',
  target numeric(14, 2) not null check (target > 0),
  is_approximate boolean not null,
  is_required boolean not null,
  task_key text references programme_task (key),
  work_key text references standard_work (key),
  pilot_key text references pilot (key),
  -- The deadlines live in their own slice; a constant that is never due has none.
  due_deadline_key text,
  ordinal integer not null check (ordinal > 0),
  source_key text not null references source (key)
);

-- Values are appended; the newest by as_of_on, then by reported_at, is the current one.
create table indicator_value (
  id uuid primary key,
  indicator_key text not null references indicator (key),
  value numeric(14, 2) not null check (value >= 0),
  as_of_on date not null,
  evidence text not null check (evidence <> ''),
  reported_by_id uuid not null references person (id),
  reported_at timestamptz not null
);
create index indicator_value_current on indicator_value (indicator_key, as_of_on desc, reported_at desc);
