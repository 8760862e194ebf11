-- The outbox: finished mails, one row for each recipient, added in the transaction of the act that causes them.

create table outbox_message (
  id uuid primary key,
  -- The order of queueing: mails leave in it. Ids made within one millisecond have none.
  queue_no bigint generated always as identity unique,
  -- kind, cause, occurrence and recipient: the same mail is never queued twice.
  mail_key text not null unique check (mail_key <> ''),
  recipient_person_id uuid not null references person (id),
  recipient_address text not null check (recipient_address <> ''),
  kind text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
  cause text not null check (cause <> ''),
  subject text not null check (subject <> ''),
  -- Asked again in the transaction that claims the mail; null: the mail cannot become stale.
  valid_while jsonb,
  message_id text not null unique check (message_id ~ '^<[^<>[:space:]]+@[^<>[:space:]]+>$'),
  -- What leaves, to the byte; a second try sends the same.
  bytes bytea not null check (octet_length(bytes) > 0),
  state text not null
    check (state in ('pending', 'sending', 'sent', 'retry', 'ambiguous', 'dead', 'suppressed')),
  attempts int not null default 0 check (attempts >= 0),
  -- How often the end of a sending stayed unknown; after the second nothing more is tried by itself.
  ambiguous_ends int not null default 0 check (ambiguous_ends between 0 and 2),
  -- Grows with each claim; only the claim with the current number may write its result.
  epoch bigint not null default 0 check (epoch >= 0),
  -- Real time by the database's clock, unlike the other instants, which are the programme's.
  lease_until timestamptz,
  -- Set right before the last step of a sending that cannot be undone; a sender lost before it has sent nothing.
  handed_over boolean not null default false,
  next_attempt_at timestamptz,
  -- The transport's last words, or the stored reason why the mail was not sent.
  last_error text,
  created_at timestamptz not null,
  sent_at timestamptz,
  check ((state = 'sending') = (lease_until is not null)),
  check ((state = 'sent') = (sent_at is not null)),
  check (handed_over is false or state = 'sending'),
  check (state not in ('pending', 'retry') or next_attempt_at is not null),
  check (state not in ('sending', 'sent', 'dead', 'suppressed') or next_attempt_at is null),
  check (state <> 'ambiguous' or ambiguous_ends > 0),
  check (state not in ('dead', 'suppressed') or last_error is not null)
);
-- Mails are a small part text and a large part markup in quoted-printable: they compress well.
alter table outbox_message alter column bytes set storage extended;

create index outbox_message_waiting on outbox_message (queue_no) where next_attempt_at is not null;
create index outbox_message_leased on outbox_message (lease_until) where state = 'sending';
create index outbox_message_cause on outbox_message (cause, kind);
create index outbox_message_state on outbox_message (state, queue_no);
create index outbox_message_recipient on outbox_message (recipient_person_id);
