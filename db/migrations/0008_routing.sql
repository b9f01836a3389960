-- Routing in full: skills with levels, capacity by channel, ranges out of office, fallbacks of rules, and who looks after a contact.
alter table users
  add column skill_levels jsonb not null default '{}',
  add column channel_capacity jsonb not null default '{}';

alter table teams drop constraint teams_strategy_check;
alter table teams add constraint teams_strategy_check
  check (strategy in ('manual', 'roundRobin', 'leastLoaded', 'leastLoadedShare'));
-- A team that was taken out of use does not hold its name for ever.
alter table teams drop constraint teams_name_key;
create unique index teams_name on teams (name) where active;

alter table contacts add column owner_id uuid references users (id);

-- Absolute instants: a range means the same whatever zone its author and the agent are in. Overlapping ones are allowed.
create table user_absences (
  id uuid primary key default uuidv7(),
  user_id uuid not null references users (id),
  from_at timestamptz not null,
  to_at timestamptz not null,
  note text check (length(note) <= 500),
  created_at timestamptz not null default now(),
  check (from_at < to_at)
);
create index user_absences_user on user_absences (user_id, to_at);

-- What an agent's availability workflow has made of the facts so far: since when they are there or away, when it looks again,
-- and whether the tickets of somebody who is away went back. next_at in the past means that the workflow was lost.
create table user_availability (
  user_id uuid primary key references users (id),
  availability text not null check (availability in ('available', 'away')),
  since timestamptz not null,
  next_at timestamptz,
  handed_back boolean not null default false,
  updated_at timestamptz not null default now()
);
create index user_availability_next on user_availability (next_at) where next_at is not null;

-- required_levels only has those above 1. fallback: [{afterSeconds, to: 'team' | {teamId}}], in order.
alter table routing_rules
  add column required_levels jsonb not null default '{}',
  add column preferred_skills text[] not null default '{}',
  add column sticky text not null default 'none' check (sticky in ('none', 'lastAssignee', 'contactOwner')),
  add column fallback jsonb not null default '[]';

-- Load is counted from the tickets themselves and from places that no ticket has taken over yet: an agent's places of closed tickets
-- grow for ever and need not be read. The index holds all that is counted, so that its scan drops what is dead by itself.
create index tickets_load on tickets (assignee_id, channel)
  where category in ('new', 'open') and not spam and merged_into_id is null and assignee_id is not null;
create index ticket_assignments_unconfirmed on ticket_assignments (user_id) where not confirmed;
-- The last assignee of a requester, for rules that stick to them.
create index tickets_requester_assigned on tickets (requester_id, created_at desc, id desc) where assignee_id is not null;

drop trigger users_audit on users;
create trigger users_audit after insert or delete or update of name, email, role, seat, capacity, channel_capacity, skills, skill_levels,
  availability, working_hours, active on users for each row execute function audit_row('user');
create trigger user_absences_audit after insert or delete or update on user_absences
  for each row execute function audit_row('outOfOffice');

alter table relay_outbox drop constraint relay_outbox_kind_check;
alter table relay_outbox add constraint relay_outbox_kind_check
  check (kind in ('ticketBorn', 'ticketSignal', 'assignQueue', 'bulkJob', 'rollout', 'simulation', 'availability'));
