-- Which due waits a pass is firing; what a process leaves here when it dies is what it died of.
create table wake_attempt (
  id uuid primary key,
  bookmark_ids uuid[] not null,
  lease_until timestamptz not null
);
