-- What a node takes on trust travels as a condition with the commit; when it no longer holds the act is run again and asks.
create procedure recipients_must_be(ids uuid[], names text[], addresses text[], languages text[]) language plpgsql as $$
begin
  if exists (
    select from unnest(ids, names, addresses, languages) as taken (id, display_name, email, language)
    where not exists (
      select from person p where p.id = taken.id and p.is_active
        and (p.display_name, p.email, p.language) = (taken.display_name, taken.email, taken.language))) then
    raise exception 'a recipient has changed' using errcode = 'PS003';
  end if;
end $$;

create procedure version_must_be_published(wanted text) language plpgsql as $$
begin
  if not exists (select from workflow_definition where version_id = wanted and is_published) then
    raise exception 'version % is not the published one', wanted using errcode = 'PS001';
  end if;
end $$;
