-- The engine's memory, made for speed: one row of the journal for each burst, and no index or lock that no question needs.

-- What one burst did in one instance. Written once, never changed.
create table workflow_burst (
  instance_id uuid not null,
  -- 1, 2, 3 … within the instance: of two who believe to run the same burst one fails.
  burst int not null check (burst >= 1),
  -- The number of its first entry in the instance's journal; entries are numbered without gaps.
  first_seq bigint not null check (first_seq >= 1),
  at timestamptz not null,
  -- [number, parent or null, node id, type, version, status, {more}], each execution that was new or changed.
  executions json not null,
  -- [number, event, message or null, outcomes]; what is missing at the end is null.
  entries json not null,
  primary key (instance_id, burst)
) with (fillfactor = 100);

insert into workflow_burst (instance_id, burst, first_seq, at, executions, entries)
select b.instance_id, row_number() over (partition by b.instance_id order by b.first_seq), b.first_seq, b.at,
  (select coalesce(json_agg(json_build_array(
      x.number, x.parent_number, x.activity_node_id, x.activity_type, x.activity_version, left(x.status, 2),
      json_strip_nulls(json_build_object('id', x.activity_id, 'name', x.activity_name, 'faults', nullif(x.fault_count, 0),
        'fault', x.fault_message, 'waits', case when x.has_waits then true end, 'outcomes', x.outcomes)::json)
        ::jsonb || case when x.inputs is null then '{}' else jsonb_build_object('in', x.inputs) end
        || case when x.outputs is null then '{}' else jsonb_build_object('out', x.outputs) end)
      order by x.number), '[]')
    from activity_execution x where x.instance_id = b.instance_id and x.number = any (b.numbers)),
  b.entries
from (
  select instance_id, at, min(seq) as first_seq, array_agg(distinct activity_number) as numbers,
    json_agg(json_build_array(activity_number, left(event, 2), message, outcomes) order by seq) as entries
  from (
    -- Bursts of old were told apart by their moment alone.
    select j.*, seq - row_number() over (partition by instance_id, at order by seq) as run from workflow_journal j) j
  group by instance_id, at, run) b;

drop table workflow_journal;
drop table activity_execution;

-- The journal entry by entry, as people and tests ask for it.
create view workflow_journal as
select b.instance_id, b.first_seq + e.place - 1 as seq, (e.entry ->> 0)::bigint as activity_number,
  (x.execution ->> 1)::bigint as parent_number,
  coalesce(x.execution -> 6 ->> 'id', substring(x.execution ->> 2 from '[^:]*$')) as activity_id,
  x.execution ->> 2 as activity_node_id, x.execution ->> 3 as activity_type, (x.execution ->> 4)::int as activity_version,
  x.execution -> 6 ->> 'name' as activity_name,
  case e.entry ->> 1 when 'St' then 'Started' when 'Su' then 'Suspended' when 'Re' then 'Resumed' when 'Co' then 'Completed'
    when 'Fa' then 'Faulted' when 'Ca' then 'Canceled' when 'Mi' then 'Migrated' else 'Intervened' end as event,
  b.at, e.entry ->> 2 as message,
  case when json_typeof(e.entry -> 3) = 'array' then array(select json_array_elements_text(e.entry -> 3)) end as outcomes
from workflow_burst b
cross join lateral json_array_elements(b.entries) with ordinality as e (entry, place)
left join lateral (
  select execution from json_array_elements(b.executions) as execution where execution ->> 0 = e.entry ->> 0) x on true;

-- Each execution as its last burst left it.
create view activity_execution as
select distinct on (instance_id, number) instance_id, number, (execution ->> 1)::bigint as parent_number,
  coalesce(execution -> 6 ->> 'id', substring(execution ->> 2 from '[^:]*$')) as activity_id,
  execution ->> 2 as activity_node_id, execution ->> 3 as activity_type, (execution ->> 4)::int as activity_version,
  execution -> 6 ->> 'name' as activity_name,
  case execution ->> 5 when 'ru' then 'running' when 'co' then 'completed' when 'ca' then 'canceled' else 'faulted' end as status,
  min(at) over (partition by instance_id, number) as started_at,
  case when execution ->> 5 in ('co', 'ca') then at end as completed_at,
  case when json_typeof(execution -> 6 -> 'outcomes') = 'array'
    then array(select json_array_elements_text(execution -> 6 -> 'outcomes')) end as outcomes,
  coalesce((execution -> 6 ->> 'faults')::int, 0) as fault_count, execution -> 6 ->> 'fault' as fault_message,
  coalesce((execution -> 6 ->> 'waits')::boolean, false) as has_waits,
  (execution -> 6 -> 'in')::jsonb as inputs, (execution -> 6 -> 'out')::jsonb as outputs
from (
  select b.instance_id, b.burst, b.at, (execution ->> 0)::bigint as number, execution
  from workflow_burst b cross join lateral json_array_elements(b.executions) as execution) e
order by instance_id, number, burst desc;

-- A foreign key locks the row it points to: every start would lock, and so write, the row of its definition's version, and every
-- burst its instance once more. The other direction says the same: what is pointed to cannot be taken away.
alter table workflow_instance drop constraint workflow_instance_definition_version_id_fkey;
alter table workflow_bookmark drop constraint workflow_bookmark_instance_id_fkey;

create function workflow_definition_is_in_use() returns trigger language plpgsql as $$
begin
  if exists (select from workflow_instance where definition_version_id = old.version_id) then
    raise exception 'definition version % has instances', old.version_id using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create trigger workflow_definition_is_in_use before delete or update of version_id on workflow_definition
  for each row execute function workflow_definition_is_in_use();

create function workflow_instance_is_in_use() returns trigger language plpgsql as $$
begin
  if exists (select from workflow_bookmark where instance_id = old.id)
    or exists (select from workflow_burst where instance_id = old.id) then
    raise exception 'workflow instance % has waits or a journal', old.id using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create trigger workflow_instance_is_in_use before delete or update of id on workflow_instance
  for each row execute function workflow_instance_is_in_use();

-- What a node takes on trust travels as a condition with the commit; when it no longer holds the act is run again and asks.
create procedure nothing_kept_may_fit(hashes text[]) language plpgsql as $$
begin
  if exists (select from kept_delivery where kind = 'stimulus' and attempts = 0 and hash = any (hashes)) then
    raise exception 'a kept stimulus may fit' using errcode = 'PS002';
  end if;
end $$;
