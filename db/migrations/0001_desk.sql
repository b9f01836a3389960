-- The desk: people, settings that are versioned, tickets as a read model, messages, mail, and what is owed to Temporal.
create extension if not exists citext;
create extension if not exists pg_trgm;

-- People ---------------------------------------------------------------------------------------------------------
create table users (
  id uuid primary key default uuidv7(),
  name text not null check (length(name) between 1 and 200),
  email citext not null unique,
  role text not null check (role in ('admin', 'agent', 'readOnly')),
  seat boolean not null default true,
  capacity integer check (capacity >= 0),
  skills text[] not null default '{}',
  availability text not null default 'away' check (availability in ('available', 'away')),
  working_hours jsonb,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table api_keys (
  id uuid primary key default uuidv7(),
  user_id uuid not null references users (id),
  name text not null,
  token_hash bytea not null unique,
  token_start text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table teams (
  id uuid primary key default uuidv7(),
  name text not null unique,
  strategy text not null default 'roundRobin' check (strategy in ('manual', 'roundRobin', 'leastLoaded')),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- last_turn orders round robin: the member with the smallest number is next; taken from assignment_turns under the team's lock.
create sequence assignment_turns;
create table team_members (
  team_id uuid not null references teams (id),
  user_id uuid not null references users (id),
  main boolean not null default true,
  lead boolean not null default false,
  last_turn bigint not null default 0,
  primary key (team_id, user_id)
);
create index team_members_user on team_members (user_id);

create table companies (
  id uuid primary key default uuidv7(),
  name text not null,
  domain citext unique,
  created_at timestamptz not null default now()
);

create table contacts (
  id uuid primary key default uuidv7(),
  email citext unique,
  phone text unique,
  name text,
  company_id uuid references companies (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Settings -------------------------------------------------------------------------------------------------------
create table settings (
  id integer primary key default 1 check (id = 1),
  value jsonb not null default '{}',
  updated_at timestamptz not null default now()
);
insert into settings default values;

-- Counts every save of a policy, calendar, pipeline or the settings: a ticket whose rules carry an older number looks again.
create table desk_revision (
  id integer primary key default 1 check (id = 1),
  revision bigint not null default 1
);
insert into desk_revision default values;

create table pipelines (
  id uuid primary key default uuidv7(),
  name text not null unique,
  position integer not null default 0
);
create table pipeline_statuses (
  pipeline_id uuid not null references pipelines (id),
  id text not null check (id ~ '^[a-zA-Z][a-zA-Z0-9]{0,63}$'),
  name text not null,
  category text not null check (category in ('new', 'open', 'waiting', 'closed')),
  position integer not null default 0,
  primary key (pipeline_id, id)
);
insert into pipelines (id, name) values ('00000000-0000-7000-8000-000000000001', 'Support');
insert into pipeline_statuses (pipeline_id, id, name, category, position) values
  ('00000000-0000-7000-8000-000000000001', 'new', 'New', 'new', 0),
  ('00000000-0000-7000-8000-000000000001', 'waitingOnContact', 'Waiting on contact', 'waiting', 1),
  ('00000000-0000-7000-8000-000000000001', 'waitingOnUs', 'Waiting on us', 'open', 2),
  ('00000000-0000-7000-8000-000000000001', 'closed', 'Closed', 'closed', 3);

create table calendars (
  id uuid primary key default uuidv7(),
  name text not null,
  version integer not null,
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index calendars_name on calendars (name) where deleted_at is null;
create table calendar_versions (
  calendar_id uuid not null references calendars (id),
  version integer not null,
  definition jsonb not null,
  compiled jsonb not null,
  saved_by uuid references users (id),
  saved_at timestamptz not null default now(),
  primary key (calendar_id, version)
);

create table sla_policies (
  id uuid primary key default uuidv7(),
  version integer not null,
  position integer not null default 0,
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);
create table sla_policy_versions (
  policy_id uuid not null references sla_policies (id),
  version integer not null,
  name text not null,
  definition jsonb not null,
  applies_to text not null check (applies_to in ('newTickets', 'newAndOpenTickets')),
  saved_by uuid references users (id),
  saved_at timestamptz not null default now(),
  primary key (policy_id, version)
);

create table routing_rules (
  id uuid primary key default uuidv7(),
  version integer not null default 1,
  name text not null,
  position integer not null default 0,
  enabled boolean not null default true,
  conditions jsonb not null default '[]',
  assign jsonb not null,
  required_skills text[] not null default '{}',
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- A channel is one connection to the outside: a mail address with its mailbox, the API, a form.
-- settings holds what the kind needs, for email {imap?, smtp?, fromName?}; secrets in it are never sent back by the API.
create table channels (
  id uuid primary key default uuidv7(),
  kind text not null check (kind in ('email', 'api', 'form')),
  name text not null,
  address citext unique,
  enabled boolean not null default true,
  settings jsonb not null default '{}',
  health jsonb not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Where an IMAP mailbox stands: every UID up to last_uid is committed (or quarantined) under this uid validity.
create table mailbox_cursors (
  channel_id uuid not null references channels (id),
  folder text not null,
  uid_validity bigint not null,
  last_uid bigint not null default 0,
  updated_at timestamptz not null default now(),
  primary key (channel_id, folder)
);

-- Tickets: the projection ----------------------------------------------------------------------------------------
create table tickets (
  id bigint generated by default as identity primary key,
  subject text not null,
  pipeline_id uuid not null references pipelines (id),
  status text not null,
  category text not null check (category in ('new', 'open', 'waiting', 'closed')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  requester_id uuid not null references contacts (id),
  company_id uuid references companies (id),
  assignee_id uuid references users (id),
  team_id uuid references teams (id),
  channel text not null,
  channel_id uuid references channels (id),
  tags text[] not null default '{}',
  fields jsonb not null default '{}',
  followers uuid[] not null default '{}',
  language text,
  sla jsonb not null default '{"policyId":null,"policyVersion":null,"paused":false,"goals":{},"mostUrgent":null}',
  policy_id uuid,
  policy_version integer,
  sla_state text not null default 'none' check (sla_state in ('none', 'ok', 'dueSoon', 'overdue', 'paused', 'completed')),
  next_due_at timestamptz,
  next_wake_at timestamptz,
  next_wake_reason text,
  routing jsonb,
  escalation_level integer not null default 0,
  snoozed_until timestamptz,
  snoozed_until_reply boolean not null default false,
  merged_into_id bigint references tickets (id),
  follow_up_of_id bigint references tickets (id),
  split_from_id bigint references tickets (id),
  spam boolean not null default false,
  ended boolean not null default false,
  -- What the creator asked for and the workflow takes at its birth: {status?, teamId?, assigneeId?}.
  birth jsonb not null default '{}',
  version integer not null default 0,
  fence_run_started_ms bigint not null default 0,
  fence_history_length integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  closed_at timestamptz,
  search tsvector generated always as (to_tsvector('simple', left(subject, 1000))) stored
);
create index tickets_open_updated on tickets (updated_at desc, id desc) where category <> 'closed' and not spam and merged_into_id is null;
create index tickets_open_unassigned on tickets (updated_at desc, id desc) where assignee_id is null and category <> 'closed' and not spam and merged_into_id is null;
create index tickets_open_assignee on tickets (assignee_id, updated_at desc, id desc) where category <> 'closed' and not spam and merged_into_id is null;
create index tickets_open_team on tickets (team_id, updated_at desc, id desc) where category <> 'closed' and not spam and merged_into_id is null;
create index tickets_team_waiting on tickets (team_id, created_at, id) where assignee_id is null and category in ('new', 'open') and not spam and merged_into_id is null;
create index tickets_closed_updated on tickets (updated_at desc, id desc) where category = 'closed' and not spam and merged_into_id is null;
create index tickets_spam_updated on tickets (updated_at desc, id desc) where spam;
create index tickets_updated on tickets (updated_at desc, id desc);
create index tickets_created on tickets (created_at desc, id desc);
create index tickets_due on tickets (next_due_at, id) where category <> 'closed' and next_due_at is not null;
create index tickets_wake on tickets (next_wake_at) where not ended and next_wake_at is not null;
create index tickets_requester on tickets (requester_id, updated_at desc, id desc);
create index tickets_status_updated on tickets (status, updated_at desc, id desc);
create index tickets_priority_updated on tickets (priority, updated_at desc, id desc) where category <> 'closed';
create index tickets_sla_state on tickets (sla_state, next_due_at, id) where category <> 'closed';
create index tickets_tags on tickets using gin (tags);
create index tickets_followers on tickets using gin (followers);
create index tickets_merged_into on tickets (merged_into_id) where merged_into_id is not null;
create index tickets_policy_open on tickets (policy_id, policy_version) where category <> 'closed' and not ended;
create index tickets_search on tickets using gin (search);

-- The whole state of the workflow as of the row's version: what a lost workflow is rebuilt from.
create table ticket_snapshots (
  ticket_id bigint primary key references tickets (id),
  version integer not null,
  state jsonb not null
);

-- What happened to a ticket, by its workflow's own numbering. position orders the live stream; xid tells which rows are settled.
create table ticket_events (
  ticket_id bigint not null references tickets (id),
  seq integer not null,
  position bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null,
  type text not null,
  actor jsonb not null,
  data jsonb not null,
  primary key (ticket_id, seq)
);
create index ticket_events_position on ticket_events (position);

-- Personal data that a command must not carry through Temporal: the new subject or fields, by reference.
create table ticket_edits (
  id uuid primary key,
  ticket_id bigint not null references tickets (id),
  subject text,
  fields jsonb,
  created_at timestamptz not null default now()
);

-- An agent's place held for a ticket. Capacity is counted here, under the team's lock, so that two routings never take one place.
create table ticket_assignments (
  ticket_id bigint primary key references tickets (id),
  user_id uuid not null references users (id),
  team_id uuid references teams (id),
  -- false while the ticket's workflow has not yet taken it over.
  confirmed boolean not null default false,
  reason jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index ticket_assignments_user on ticket_assignments (user_id);

-- Messages --------------------------------------------------------------------------------------------------------
create table messages (
  id uuid primary key default uuidv7(),
  ticket_id bigint not null references tickets (id),
  kind text not null check (kind in ('inbound', 'reply', 'note', 'forward')),
  -- draft: written by the API, not yet accepted by the ticket's workflow, shown to nobody.
  state text not null check (state in ('draft', 'received', 'queued', 'sending', 'sent', 'failed', 'cancelled', 'posted')),
  author_user_id uuid references users (id),
  author_contact_id uuid references contacts (id),
  channel_id uuid references channels (id),
  automatic boolean not null default false,
  subject text,
  body text not null default '',
  body_html text,
  quoted text,
  from_address text,
  to_addresses text[] not null default '{}',
  cc_addresses text[] not null default '{}',
  bcc_addresses text[] not null default '{}',
  message_id_header text,
  in_reply_to_header text,
  references_header text[] not null default '{}',
  send_at timestamptz,
  sent_at timestamptz,
  failure jsonb,
  attempts integer not null default 0,
  created_at timestamptz not null,
  search tsvector generated always as (to_tsvector('simple', left(coalesce(subject, '') || ' ' || body, 200000))) stored
);
create index messages_ticket on messages (ticket_id, created_at, id);
create index messages_header on messages (message_id_header) where message_id_header is not null;
create index messages_search on messages using gin (search);
create index messages_undelivered on messages (created_at) where state in ('draft', 'queued', 'sending');

create table attachments (
  id uuid primary key default uuidv7(),
  message_id uuid references messages (id),
  name text not null,
  content_type text not null,
  size_bytes bigint not null,
  sha256 text not null,
  store_key text not null,
  content_id text,
  inline boolean not null default false,
  uploaded_by uuid references users (id),
  created_at timestamptz not null default now()
);
create index attachments_message on attachments (message_id);

-- Every message that ever arrived, whatever became of it. dedupe_key: Message-ID, provider id or content hash.
create table inbound_messages (
  id uuid primary key default uuidv7(),
  channel_id uuid not null references channels (id),
  dedupe_key text not null,
  external_id text,
  outcome text not null check (outcome in ('ticket', 'reply', 'ignored', 'quarantined')),
  reason text,
  sender text,
  ticket_id bigint references tickets (id),
  message_id uuid references messages (id),
  source bytea not null,
  source_bytes integer not null,
  received_at timestamptz not null,
  retried_at timestamptz,
  unique (channel_id, dedupe_key)
);
create index inbound_messages_received on inbound_messages (received_at desc, id desc);
create index inbound_messages_outcome on inbound_messages (outcome, received_at desc, id desc);
create index inbound_messages_sender on inbound_messages (sender, received_at desc);

-- What Postgres owes Temporal: written in the transaction that makes it true, deleted when Temporal has taken it.
create table relay_outbox (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('ticketBorn', 'ticketSignal', 'assignQueue')),
  ticket_id bigint references tickets (id),
  team_id uuid references teams (id),
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text
);
create index relay_outbox_due on relay_outbox (next_attempt_at, id);

create table ticket_merges (
  id uuid primary key,
  loser_id bigint not null references tickets (id),
  survivor_id bigint not null references tickets (id),
  state text not null check (state in ('running', 'merged', 'released', 'undoing', 'undone')),
  reason text,
  asked_by uuid references users (id),
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index ticket_merges_live on ticket_merges (loser_id) where state in ('running', 'merged', 'undoing');

create table notifications (
  id uuid primary key default uuidv7(),
  user_id uuid not null references users (id),
  ticket_id bigint not null references tickets (id),
  -- One notice per (ticket, event): the projection may write an event twice.
  seq integer not null,
  type text not null,
  data jsonb not null default '{}',
  at timestamptz not null,
  read_at timestamptz,
  unique (user_id, ticket_id, seq)
);
create index notifications_user on notifications (user_id, at desc);

-- Answers already given, by key, for POSTs that create.
create table idempotency_keys (
  user_id uuid not null references users (id),
  key text not null,
  request_hash text not null,
  status integer,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);

create table bulk_jobs (
  id uuid primary key default uuidv7(),
  asked_by uuid references users (id),
  command jsonb not null,
  total integer not null,
  done integer not null default 0,
  failed integer not null default 0,
  failures jsonb not null default '[]',
  state text not null default 'running' check (state in ('running', 'finished')),
  created_at timestamptz not null default now()
);

-- What each round of the reconciler found; its counts are a metric of the desk's health.
create table reconcile_runs (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  full_round boolean not null,
  findings jsonb not null
);
