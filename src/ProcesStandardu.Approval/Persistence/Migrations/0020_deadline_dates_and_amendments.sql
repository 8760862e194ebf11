-- Where a deadline's date comes from: its source, the rule that derives it from another deadline, and every amendment of the
-- agreement that moved it. A date is never overwritten without the one before it staying readable.

create table agreement_amendment (
  id uuid primary key,
  number text not null check (number <> '' and length(number) <= 100),
  dated_on date not null,
  file_id uuid not null references stored_file (id),
  note text not null check (length(note) <= 2000),
  -- draft: only its author sees what it would do; proposed: waits for a second person; the rest is the end.
  state text not null default 'draft' check (state in ('draft', 'proposed', 'approved', 'rejected', 'withdrawn')),
  proposed_by_id uuid not null references person (id),
  drafted_at timestamptz not null,
  proposed_at timestamptz,
  decided_by_id uuid references person (id),
  decided_at timestamptz,
  -- What its author was shown; the approval computes it again and does nothing else than this.
  preview jsonb not null,
  -- The second person is another person.
  check (state not in ('approved', 'rejected') or decided_by_id <> proposed_by_id),
  check ((state in ('draft', 'proposed')) = (decided_at is null)),
  check (state not in ('approved', 'rejected') or decided_by_id is not null),
  check (state not in ('proposed', 'approved') or proposed_at is not null)
);
create unique index agreement_amendment_number on agreement_amendment (number) where state in ('proposed', 'approved');

create table amendment_change (
  amendment_id uuid not null references agreement_amendment (id),
  deadline_key text not null references deadline (key),
  to_due_on date not null,
  primary key (amendment_id, deadline_key)
);

alter table deadline
  -- Deferred: an import may bring a deadline before the one that it follows.
  add rule_base_key text references deadline (key) deferrable initially deferred,
  -- Working days after the base's date, before it where negative, the same day where zero.
  add rule_days int check (rule_days between -2000 and 2000),
  add amendment_id uuid references agreement_amendment (id),
  -- When the present date was decided; null: the sources had it from the beginning.
  add dated_at timestamptz,
  add check ((rule_base_key is null) = (rule_days is null)),
  add check (rule_base_key <> key),
  add check (amendment_id is null or dated_at is not null);
create index deadline_rule_base on deadline (rule_base_key) where rule_base_key is not null;

create table deadline_date (
  deadline_key text not null references deadline (key) on delete cascade,
  ordinal int not null check (ordinal > 0),
  due_on date not null,
  precision text not null,
  source text not null,
  amendment_id uuid references agreement_amendment (id),
  dated_at timestamptz,
  primary key (deadline_key, ordinal)
);

insert into deadline_date (deadline_key, ordinal, due_on, precision, source) select key, 1, due_on, precision, source from deadline;

-- Whoever changes a date, by whatever statement, leaves the chain complete.
create function keep_deadline_date() returns trigger language plpgsql as $$
begin
  insert into deadline_date (deadline_key, ordinal, due_on, precision, source, amendment_id, dated_at)
  select new.key, coalesce(max(ordinal), 0) + 1, new.due_on, new.precision, new.source, new.amendment_id, new.dated_at
  from deadline_date where deadline_key = new.key;
  return null;
end $$;
create trigger keep_first_deadline_date after insert on deadline for each row execute function keep_deadline_date();
create trigger keep_next_deadline_date after update of due_on on deadline for each row
  when (old.due_on is distinct from new.due_on) execute function keep_deadline_date();

create function deadline_date_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'the dates of deadline % are kept as they were', old.deadline_key using errcode = 'restrict_violation';
end $$;
create trigger deadline_date_is_kept before update on deadline_date for each row execute function deadline_date_is_kept();
