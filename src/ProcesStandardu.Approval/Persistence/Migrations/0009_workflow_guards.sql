-- What can never be in the engine's memory, said by the database.

alter table workflow_instance add check (
  (status = 'running') = (sub_status in ('pending', 'executing', 'suspended', 'interrupted')));

alter table activity_execution add check (status = 'running' or not has_waits);
alter table activity_execution add check (parent_number < number);

-- A version that was published, or that an instance runs by, says what it said.
create function workflow_definition_is_immutable() returns trigger language plpgsql as $$
begin
  if (new.version_id, new.definition_id, new.version, new.source, new.sha256)
      is distinct from (old.version_id, old.definition_id, old.version, old.source, old.sha256)
    and (old.published_at is not null
      or exists (select from workflow_instance where definition_version_id = old.version_id)) then
    raise exception 'definition version % is immutable', old.version_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger workflow_definition_is_immutable before update on workflow_definition
  for each row execute function workflow_definition_is_immutable();

-- Kept stimuli for one instance go with it.
create index kept_delivery_instance on kept_delivery (instance_id) where instance_id is not null;
