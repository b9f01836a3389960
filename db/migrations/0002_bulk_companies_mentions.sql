-- Bulk changes with one row per ticket, edits of contacts and companies by version, mentions in notes, and what new lists walk.

-- A job's counts are those of its rows, so a row that is written twice is counted once.
alter table bulk_jobs drop column done, drop column failed, drop column failures, drop constraint bulk_jobs_state_check;
alter table bulk_jobs add column finished_at timestamptz, add column updated_at timestamptz not null default now();
alter table bulk_jobs add constraint bulk_jobs_state_check check (state in ('running', 'cancelling', 'finished', 'cancelled'));
create index bulk_jobs_unfinished on bulk_jobs (updated_at) where state in ('running', 'cancelling');

-- outcome null: not yet tried, or tried without an answer. No reference to tickets: an id that does not exist is a failure like others.
create table bulk_job_tickets (
  job_id uuid not null references bulk_jobs (id),
  ticket_id bigint not null,
  position integer not null,
  attempts integer not null default 0,
  outcome text check (outcome in ('done', 'failed')),
  code text,
  detail text,
  primary key (job_id, ticket_id)
);
create index bulk_job_tickets_pending on bulk_job_tickets (job_id, attempts, position) where outcome is null;
create index bulk_job_tickets_failed on bulk_job_tickets (job_id, position) where outcome = 'failed';

alter table relay_outbox drop constraint relay_outbox_kind_check;
alter table relay_outbox add constraint relay_outbox_kind_check
  check (kind in ('ticketBorn', 'ticketSignal', 'assignQueue', 'bulkJob'));

alter table contacts add column version integer not null default 1;
alter table companies add column version integer not null default 1, add column updated_at timestamptz not null default now();
create index contacts_company on contacts (company_id, id) where company_id is not null;
create index contacts_domain on contacts (lower(split_part(email::text, '@', 2))) where company_id is null;
create index tickets_company on tickets (company_id) where company_id is not null;

-- Who is named in a note. The ticket is the message's, wherever a split or merge has put it.
create table message_mentions (
  message_id uuid not null references messages (id) on delete cascade,
  user_id uuid not null references users (id),
  created_at timestamptz not null default now(),
  primary key (message_id, user_id)
);
create index message_mentions_user on message_mentions (user_id, created_at desc);
create index messages_sent_by on messages (author_user_id, created_at desc) where kind in ('reply', 'forward');

create index idempotency_keys_created on idempotency_keys (created_at);
