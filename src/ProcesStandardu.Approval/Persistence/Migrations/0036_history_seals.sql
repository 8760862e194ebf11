-- How far each chain of the history is sealed, and the seals themselves, as they also stand in a file outside this database.
create table history_seal (
  number bigint primary key check (number >= 1),
  at timestamptz not null,
  line text not null check (line <> ''),
  hash bytea not null check (length(hash) = 32)
);

create table history_sealed (
  subject text primary key check (subject <> ''),
  seq bigint not null check (seq >= 1),
  hash bytea not null
);

-- The record is added to and never changed. Whoever owns the database can remove this; the seals show what he did then.
create function history_is_only_added_to() returns trigger language plpgsql as $$
begin
  raise exception 'the history is only added to' using errcode = 'PS010';
end $$;
create trigger history_entry_stands before update or delete or truncate on history_entry
  for each statement execute function history_is_only_added_to();
create trigger history_seal_stands before update or delete or truncate on history_seal
  for each statement execute function history_is_only_added_to();
