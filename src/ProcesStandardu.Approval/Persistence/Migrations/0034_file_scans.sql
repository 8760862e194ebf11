-- What a virus scanner said of each file. Null: never asked. Where a scanner is configured nothing is read before it said „clean”.
alter table stored_file
  add column scan_verdict text check (scan_verdict in ('clean', 'infected', 'over_limit')),
  add column scan_detail text,
  add column scanned_at timestamptz,
  add check ((scan_verdict is null) = (scanned_at is null));
create index stored_file_unscanned on stored_file (created_at) where scan_verdict is null;
