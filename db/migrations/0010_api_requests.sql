-- Under an Idempotency-Key a ticket is made once even when the API dies between the ticket's commit and its answer: the number stands
-- in the key's row from the transaction that made the ticket. claimed_at says since when a request is being answered; created_at how old
-- the key is, which is when it may be forgotten.
alter table idempotency_keys add column ticket_id bigint references tickets (id),
  add column claimed_at timestamptz not null default now();

-- Uploads that no message has taken, and attachments that are copied from message to message, are looked for by age.
create index attachments_loose on attachments (created_at) where message_id is null;
