-- Who a person is to an identity provider, the visits that are open, and which answers of the provider were used already.
create table person_login (
  tenant text not null check (tenant <> ''),
  object_id text not null check (object_id <> ''),
  person_id uuid not null references person (id),
  linked_at timestamptz not null,
  primary key (tenant, object_id)
);
create index person_login_person on person_login (person_id);

create table sign_in_session (
  id uuid primary key,
  person_id uuid not null references person (id),
  way text not null check (way in ('demo', 'provider')),
  started_at timestamptz not null,
  -- When the person last proved who he is.
  proved_at timestamptz not null,
  ended_at timestamptz check (ended_at >= started_at),
  -- The provider's own name of the visit, by which it may end it.
  provider_session text,
  -- What the provider wants to see when it is told that the visit ends; encrypted with the keys of the cookies.
  provider_hint text
);
create index sign_in_session_open on sign_in_session (person_id) where ended_at is null;
create index sign_in_session_provider on sign_in_session (provider_session) where ended_at is null;

create table sign_in_answer (
  state_hash bytea primary key,
  used_at timestamptz not null
);

-- Roles that the provider's token brought stand beside those of the programme and end when the token brings them no more.
alter table role_assignment add column from_provider boolean not null default false;
