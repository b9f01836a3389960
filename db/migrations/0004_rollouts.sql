-- A save of rules that open tickets follow, which tickets it concerns and which of them have followed.
create table rollouts (
  id uuid primary key default uuidv7(),
  subject_kind text not null check (subject_kind in ('slaPolicy', 'calendar')),
  subject_id uuid not null,
  subject_version integer not null,
  revision bigint not null,
  state text not null default 'planning'
    check (state in ('planning', 'running', 'paused', 'cancelled', 'superseded', 'finished')),
  asked_by uuid references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);
create index rollouts_subject on rollouts (subject_id, created_at desc);
create index rollouts_unfinished on rollouts (updated_at) where state in ('planning', 'running', 'paused');

-- urgent: its next deadline moves earlier, so it is told before those that lose nothing by waiting.
create table rollout_tickets (
  rollout_id uuid not null references rollouts (id),
  ticket_id bigint not null references tickets (id),
  urgent boolean not null,
  attempts integer not null default 0,
  outcome text check (outcome in ('followed', 'failed')),
  followed_at timestamptz,
  primary key (rollout_id, ticket_id)
);
create index rollout_tickets_pending on rollout_tickets (rollout_id, urgent desc, attempts, ticket_id) where outcome is null;

-- Which save the ticket's rules are of, and by which hours its deadlines count.
alter table tickets add column rules_revision bigint not null default 0, add column calendar_version integer;

alter table sla_policy_versions add column reason text;
alter table calendar_versions add column reason text;

alter table relay_outbox drop constraint relay_outbox_kind_check;
alter table relay_outbox add constraint relay_outbox_kind_check
  check (kind in ('ticketBorn', 'ticketSignal', 'assignQueue', 'bulkJob', 'rollout'));
