-- How news reaches people: at once, in one mail a day, or not at all. Duties are no news and cannot be chosen away.

create table mail_choice (
  person_id uuid not null references person (id),
  kind text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
  delivery text not null check (delivery in ('at_once', 'digest', 'none')),
  changed_at timestamptz not null,
  primary key (person_id, kind)
);

-- What holds for people who chose nothing themselves; of several roles the one that tells soonest.
create table mail_role_choice (
  role text not null check (role in ('administrator', 'task_lead', 'observer', 'chair', 'vice_chair', 'member', 'secretary')),
  kind text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
  delivery text not null check (delivery in ('at_once', 'digest', 'none')),
  changed_at timestamptz not null,
  changed_by_id uuid not null references person (id),
  primary key (role, kind)
);

create function mail_delivery(person uuid, mail_kind text, day date) returns text language sql stable as $$
  select coalesce(
    (select delivery from mail_choice where person_id = person and kind = mail_kind),
    (select delivery from mail_role_choice as rule
     where rule.kind = mail_kind and (
       exists (select from role_assignment as held where held.person_id = person and held.role = rule.role
         and held.valid_from <= day and (held.valid_until is null or day <= held.valid_until))
       or exists (select from body_member as place where place.person_id = person and place.position = rule.role
         and place.valid_from <= day and (place.valid_until is null or day <= place.valid_until)))
     order by array_position(array['at_once', 'digest', 'none'], delivery) limit 1),
    'at_once')
$$;

-- News that waits for its person's next digest. It goes with the digest that was sent; one that was not gives it back.
create table digest_item (
  id uuid primary key,
  item_key text not null unique check (item_key <> ''),
  person_id uuid not null references person (id),
  cause text not null check (cause <> ''),
  title text not null check (title <> ''),
  path text not null check (path ~ '^/'),
  valid_while jsonb,
  happened_at timestamptz not null,
  -- The mail key of the digest that holds it; null while none does.
  digest_key text
);
create index digest_item_waiting on digest_item (person_id) where digest_key is null;
create index digest_item_digest on digest_item (digest_key) where digest_key is not null;

-- For which day a person's digest was last looked at: also where there was nothing to say.
create table digest_day (
  person_id uuid primary key references person (id),
  last_on date not null
);
