-- Resolutions as papers.

-- The resolution as it was drawn up: what was signed stands still, whatever becomes of names and registers.
create table resolution_record (
  ballot_id uuid primary key references ballot (id),
  core text not null check (core <> ''),
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  drawn_up_by_id uuid not null references person (id),
  drawn_up_at timestamptz not null
);

create table resolution_signature (
  ballot_id uuid not null references resolution_record (ballot_id),
  capacity text not null check (capacity in ('chair', 'secretary')),
  person_id uuid not null references person (id),
  position text not null check (position in ('chair', 'vice_chair', 'secretary')),
  signed_at timestamptz not null,
  primary key (ballot_id, capacity)
);
