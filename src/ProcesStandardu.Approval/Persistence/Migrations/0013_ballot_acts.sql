-- Everything a board may do with a ballot besides opening and closing it.

alter table rules_of_procedure
  add column adopted_by_id uuid references person (id),
  add column adopted_at timestamptz,
  add column reason text check (reason <> ''),
  add check ((adopted_by_id is null) = (adopted_at is null) and (adopted_by_id is null) = (reason is null));

create function rules_of_procedure_are_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'rules of procedure % version % are immutable', old.body_key, old.version using errcode = 'restrict_violation';
end $$;
create trigger rules_of_procedure_are_immutable before update or delete on rules_of_procedure
  for each row execute function rules_of_procedure_are_immutable();

-- When a member is away, and whether the alternate votes then.
create table absence (
  id uuid primary key,
  person_id uuid not null references person (id),
  starts_on date not null,
  ends_on date not null check (ends_on >= starts_on),
  mode text not null check (mode in ('alternate', 'remote', 'none')),
  recorded_by_id uuid not null references person (id),
  recorded_at timestamptz not null,
  -- Back earlier: the absence ends at this instant and not before it.
  ended_at timestamptz check (ended_at >= recorded_at)
);
create index absence_person on absence (person_id, starts_on);

alter table ballot drop constraint ballot_state_check;
alter table ballot drop constraint ballot_close_reason_check;
-- Adopted means that somebody is in favour, or consented by silence.
alter table ballot drop constraint ballot_check3;
alter table ballot
  alter column due_on drop not null,
  alter column due_at drop not null,
  add column procedure text not null default 'written' check (procedure in ('written', 'sitting', 'tacit')),
  add column secrecy text not null default 'open' check (secrecy in ('open', 'secret')),
  -- From the last proven notice; null while one is not proven. Other procedures run from their notice.
  add column term_started_at timestamptz,
  add column notice_round int not null default 1 check (notice_round >= 1),
  add column extensions int not null default 0 check (extensions >= 0),
  add column undecided_at timestamptz,
  add column decision_due_on date,
  add column predecessor_id uuid references ballot (id),
  add column relation text check (relation in ('re_ballot', 'reopening')),
  -- The ballot that a workflow waits for: the first of a row of repeated ones; null for itself.
  add column awaited_as_id uuid references ballot (id),
  add column closed_by_id uuid references person (id),
  add column announced_at timestamptz,
  add column announced_by_id uuid references person (id),
  add column silent_count int check (silent_count >= 0),
  add column blocking_count int check (blocking_count >= 0),
  add constraint ballot_state_check check (state in ('open', 'undecided', 'closed')),
  add constraint ballot_close_reason_check check (
    close_reason in ('deadline', 'all_voted', 'discontinued', 'by_chair', 'new_revision', 'to_sitting', 'ended')),
  add constraint ballot_adopted_by_somebody check (
    outcome is distinct from 'adopted' or in_favour_count > 0 or silent_count > 0),
  add constraint ballot_term check ((due_on is null) = (due_at is null) and (due_at is not null or procedure = 'tacit')),
  add constraint ballot_undecided check ((state = 'undecided') <= (undecided_at is not null and decision_due_on is not null)),
  add constraint ballot_relation check ((predecessor_id is null) = (relation is null)),
  add constraint ballot_secret_is_not_tacit check (secrecy = 'open' or procedure <> 'tacit'),
  add constraint ballot_announced check (announced_at is null or outcome in ('adopted', 'not_adopted')),
  add constraint ballot_resolution_is_announced check (resolution_number is null or announced_at is not null) not valid;
update ballot set announced_at = closed_at where outcome in ('adopted', 'not_adopted');
alter table ballot validate constraint ballot_resolution_is_announced;

drop index ballot_one_open;
create unique index ballot_one_running on ballot (deliverable_key) where state in ('open', 'undecided');
create unique index ballot_one_successor on ballot (predecessor_id);
create index ballot_undecided_due on ballot (decision_due_on) where state = 'undecided';

alter table ballot_elector
  add column alternate_id uuid references person (id) check (alternate_id <> person_id),
  add column alternate_barred_basis text check (alternate_barred_basis <> ''),
  add column alternate_revoked_at timestamptz,
  -- A fact that speaks against impartiality, put to the member; what he declared; what was decided.
  add column conflict_basis text check (conflict_basis <> ''),
  add column declaration text check (declaration in ('recuses', 'stays')),
  add column declaration_text text,
  add column declared_at timestamptz,
  add column cleared_at timestamptz,
  add column recusal_reason text,
  add column recused_at timestamptz,
  add column recused_by_id uuid references person (id),
  add column notice_confirmed_at timestamptz,
  add column notice_confirmed_by_id uuid references person (id),
  add column notice_confirmation text,
  add column notice_bounced_at timestamptz,
  -- In a secret ballot: that the member voted, not when and not what.
  add column voted_secretly boolean not null default false,
  add check ((declaration is null) = (declared_at is null)),
  add check ((notice_confirmed_at is null) = (notice_confirmed_by_id is null)),
  add check (recusal_basis is null or not voted_secretly);

alter table ballot_position
  add column capacity text not null default 'self' check (capacity in ('self', 'alternate', 'secretary')),
  add column ground text,
  add column objection text check (objection <> ''),
  add column upholds_id uuid references ballot_position (id),
  add check (objection is null or kind = 'against'),
  add check (capacity <> 'secretary' or ground <> '');

-- The counts of a secret ballot: no person, no order, no time.
create table ballot_urn (
  ballot_id uuid primary key references ballot (id),
  in_favour int not null default 0 check (in_favour >= 0),
  against int not null default 0 check (against >= 0),
  abstain int not null default 0 check (abstain >= 0)
);

create table dissenting_opinion (
  ballot_id uuid not null,
  person_id uuid not null,
  text text not null check (text <> ''),
  filed_at timestamptz not null,
  primary key (ballot_id, person_id),
  foreign key (ballot_id, person_id) references ballot_elector (ballot_id, person_id)
);
