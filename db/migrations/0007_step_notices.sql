-- Notices of escalation steps that leave the desk, by mail or webhook: what became of each. The server's own words stay here.
create table step_notices (
  ticket_id bigint not null references tickets (id),
  -- The escalated event, and which of its actions.
  seq integer not null,
  action integer not null,
  kind text not null check (kind in ('email', 'webhook')),
  state text not null check (state in ('trying', 'sent', 'failed')),
  attempts integer not null default 0,
  failure jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  sent_at timestamptz,
  primary key (ticket_id, seq, action)
);
