-- Deadlines are rows: the clock is compared with them, nothing else remembers them.

create table deadline (
  key text primary key check (key <> ''),
  title text not null check (title <> ''),
  subject text not null check (subject ~ '^(deliverable|phase|indicator|programme):'),
  due_on date not null,
  precision text not null check (precision in ('day', 'month', 'year')),
  zone text not null default 'Europe/Warsaw',
  due_at timestamptz not null,
  source text not null check (source <> ''),
  state text not null default 'pending' check (state in ('pending', 'met', 'passed', 'cancelled')),
  met_at timestamptz,
  passed_at timestamptz,
  is_demo boolean not null default false,
  check ((state = 'passed') <= (passed_at is not null and passed_at >= due_at)),
  check ((state = 'met') <= (met_at is not null))
);
create index deadline_pending on deadline (due_at) where state = 'pending';
create index deadline_subject on deadline (subject);
