-- Mails that the server took and that came back, and what somebody did about a mail that did not arrive.

alter table outbox_message
  add bounced_at timestamptz,
  -- What the other side said: status, recipient, words.
  add bounce_report text,
  -- When a person saw to it that the failure needs nothing more.
  add settled_at timestamptz,
  add settled_by_id uuid references person (id),
  add check ((bounced_at is null) = (bounce_report is null)),
  add check ((settled_at is null) = (settled_by_id is null));
create index outbox_message_undelivered on outbox_message (queue_no)
  where settled_at is null and (state = 'dead' or bounced_at is not null or (state = 'ambiguous' and next_attempt_at is null));

-- What was read from the mailbox of returns: each message is dealt with once, however often the file is read.
create table bounce_message (
  hash bytea primary key check (length(hash) = 32),
  read_at timestamptz not null,
  -- What it was: a failure of a mail of ours, a report of something else, or no report at all.
  what text not null check (what in ('failure', 'no_failure', 'no_report', 'unknown_mail')),
  mail_id uuid references outbox_message (id)
);
create index bounce_message_mail on bounce_message (mail_id) where mail_id is not null;
