-- An editorial revision that takes the place of the text under ballot while the votes stand, and who was at the sitting.

-- Until the end of this local day anybody on the roll may say that the change is not editorial; null while there was none.
alter table ballot add column editorial_until date;

-- Whether the member, or his alternate, was at the sitting when the ballot closed; null elsewhere.
alter table ballot_elector add column present boolean;

create table ballot_editorial_change (
  ballot_id uuid not null references ballot (id),
  revision_id uuid not null references revision (id),
  before_id uuid not null references revision (id) check (before_id <> revision_id),
  confirmed_by_id uuid not null references person (id),
  confirmed_at timestamptz not null,
  reason text not null check (reason <> ''),
  until date not null,
  contested_by_id uuid references person (id),
  contested_at timestamptz,
  contest text check (contest <> ''),
  primary key (ballot_id, revision_id),
  check ((contested_at is null) = (contested_by_id is null)),
  check ((contested_at is null) = (contest is null))
);

-- How often time, place or agenda of a sitting were changed.
alter table meeting add column revisions int not null default 0 check (revisions >= 0);
