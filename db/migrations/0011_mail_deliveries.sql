-- Who has a mail already, and whom its server asked to try again later: a further attempt goes to the latter only.
alter table messages add column delivered_to text[] not null default '{}', add column delayed_to text[] not null default '{}';
create index messages_delayed on messages (created_at) where cardinality(delayed_to) > 0;

-- A notice may be about the desk instead of a ticket; dedupe_key keeps one per person and hour of those.
alter table notifications alter column ticket_id drop not null, add column dedupe_key text;
alter table notifications add constraint notifications_about check (ticket_id is not null or dedupe_key is not null);
create unique index notifications_dedupe on notifications (user_id, dedupe_key) where dedupe_key is not null;
