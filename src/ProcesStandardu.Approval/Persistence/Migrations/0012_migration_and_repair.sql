-- What operators do to workflows is in the journal, and an instance goes to another version only with a word about it there.

alter table workflow_journal drop constraint workflow_journal_event_check;
alter table workflow_journal add constraint workflow_journal_event_check check (
  event in ('Started', 'Suspended', 'Resumed', 'Completed', 'Faulted', 'Canceled', 'Migrated', 'Intervened'));

-- Both statements of a move are in one batch; the order in which they come does not matter.
create function workflow_instance_moves_with_a_word() returns trigger language plpgsql as $$
begin
  if not exists (
    select from workflow_journal j where j.instance_id = new.id and j.event = 'Migrated'
      and j.message = old.definition_version_id || ' → ' || new.definition_version_id) then
    raise exception 'instance % goes to another version without a journal entry', new.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create constraint trigger workflow_instance_moves_with_a_word after update on workflow_instance
  deferrable initially deferred for each row
  when (old.definition_version_id is distinct from new.definition_version_id)
  execute function workflow_instance_moves_with_a_word();

create index workflow_journal_migrated on workflow_journal (instance_id) where event = 'Migrated';
