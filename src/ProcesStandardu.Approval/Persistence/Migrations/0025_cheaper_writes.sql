-- What each act writes made smaller: conditions without calls, fewer indexes on the outbox, no lock on people and no conversion of state.

-- Takes no row: whoever finds that what was taken on trust does not hold tries to write one, and fails with the whole transaction.
-- Older nodes that run while this is installed still call the procedures; they go with a later version.
create table broken_trust (what text not null, constraint trust_is_broken check (false));

-- Every mail wrote its key, its Message-ID and its state into indexes. The key is found by its hash; the Message-ID is made of
-- the row's id and needs no index of its own; by state one asks for those that are rare.
alter table outbox_message drop constraint outbox_message_mail_key_key;
create unique index outbox_message_mail_key on outbox_message ((md5(mail_key)::uuid));
alter table outbox_message drop constraint outbox_message_message_id_key;
drop index outbox_message_state;
create index outbox_message_rare on outbox_message (state, queue_no) where state not in ('pending', 'sent');

-- The bytes come compressed by the program, better than the server would; see the slice's PackedMail.
alter table outbox_message alter column bytes set storage external;

-- A foreign key locks the person whom a mail goes to: everybody who writes to one waits in one line. People are never deleted;
-- should somebody try, this says what the key said.
alter table outbox_message drop constraint outbox_message_recipient_person_id_fkey;
create function person_has_mail() returns trigger language plpgsql as $$
begin
  if exists (select from outbox_message where recipient_person_id = old.id) then
    raise exception 'person % has mail', old.id using errcode = 'foreign_key_violation';
  end if;
  return old;
end $$;
create trigger person_has_mail before delete or update of id on person for each row execute function person_has_mail();

-- Nothing is asked of the state but as a whole; as text it is smaller and costs no conversion.
alter table workflow_instance alter column state type json using state::text::json;
