-- People who work on the same tickets: drafts kept across devices, signatures, canned replies, who looks at a ticket, notices that
-- everybody chooses for themselves, and what stands beside a ticket.

-- What somebody has typed and not sent. A revision is never used twice, so that a late save cannot bring back what was sent.
-- message_id: the message it was sent as. From the commit that accepts that message, the draft is nobody's any more.
create sequence composer_draft_revisions;
create table composer_drafts (
  user_id uuid not null references users (id),
  ticket_id bigint not null references tickets (id),
  kind text not null check (kind in ('reply', 'note', 'forward')),
  revision bigint not null default nextval('composer_draft_revisions'),
  content jsonb not null,
  attachment_ids uuid[] not null default '{}',
  message_id uuid,
  updated_at timestamptz not null default now(),
  primary key (user_id, ticket_id, kind)
);
create index composer_drafts_newest on composer_drafts (user_id, revision desc);
create index composer_drafts_ticket on composer_drafts (ticket_id);
create index composer_drafts_files on composer_drafts using gin (attachment_ids);

alter table users add column signature text not null default '', add column signature_html text;

-- shared ones may be named by a shortcut once in the desk, private ones once by their owner.
create table canned_replies (
  id uuid primary key default uuidv7(),
  name text not null check (length(name) between 1 and 200),
  shortcut citext,
  body text not null,
  body_html text,
  visibility text not null check (visibility in ('private', 'team', 'everyone')),
  team_ids uuid[] not null default '{}',
  owner_id uuid not null references users (id),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((visibility = 'team') = (cardinality(team_ids) > 0))
);
create unique index canned_replies_shared_shortcut on canned_replies (shortcut) where visibility <> 'private';
create unique index canned_replies_own_shortcut on canned_replies (owner_id, shortcut) where visibility = 'private';
create index canned_replies_name on canned_replies (name, id);
-- What somebody keeps for themselves is nobody else's to read, the audit log's readers included.
create trigger canned_replies_audit_new after insert on canned_replies
  for each row when (new.visibility <> 'private') execute function audit_row('cannedReply');
create trigger canned_replies_audit_changed after update on canned_replies
  for each row when (old.visibility <> 'private' or new.visibility <> 'private') execute function audit_row('cannedReply');
create trigger canned_replies_audit_gone after delete on canned_replies
  for each row when (old.visibility <> 'private') execute function audit_row('cannedReply');

-- Who has a ticket open. Worth nothing after a crash, so it is not written ahead.
create unlogged table ticket_presence (
  ticket_id bigint not null,
  user_id uuid not null,
  state text not null check (state in ('viewing', 'typing')),
  seen_at timestamptz not null default now(),
  primary key (ticket_id, user_id)
);

-- Where people are told of what. user_id null: what holds for whoever has not chosen.
create table notification_settings (
  id uuid primary key default uuidv7(),
  user_id uuid references users (id),
  topic text not null check (topic in ('assigned', 'mentioned', 'customerReplied', 'statusChanged', 'slaDueSoon', 'slaOverdue',
    'escalated', 'deliveryFailed')),
  bell boolean not null,
  browser boolean not null,
  email boolean not null,
  unique nulls not distinct (user_id, topic)
);
insert into notification_settings (user_id, topic, bell, browser, email)
select null, t.topic, true, t.topic in ('assigned', 'mentioned', 'slaOverdue', 'escalated'), false
from unnest(array['assigned', 'mentioned', 'customerReplied', 'statusChanged', 'slaDueSoon', 'slaOverdue', 'escalated',
  'deliveryFailed']) as t(topic);
create trigger notification_settings_audit after insert or update on notification_settings
  for each row when (new.user_id is null) execute function audit_row('notificationDefaults');

-- Where a notice shows, as its person had chosen when it came. mail: what became of the mail; null when none was wanted.
alter table notifications
  add column bell boolean not null default true,
  add column browser boolean not null default false,
  add column mail text check (mail in ('owed', 'sent', 'failed', 'skipped'));
create index notifications_unread on notifications (user_id, at desc, id desc) where read_at is null and bell;
create index notifications_at on notifications (at);
create index notifications_ticket on notifications (ticket_id);
create index notifications_owed on notifications (at) where mail = 'owed';
create index notifications_mailed on notifications (user_id, at) where mail = 'sent';

alter table relay_outbox drop constraint relay_outbox_kind_check;
alter table relay_outbox add constraint relay_outbox_kind_check
  check (kind in ('ticketBorn', 'ticketSignal', 'assignQueue', 'bulkJob', 'rollout', 'simulation', 'availability', 'accountMail', 'noticeMail'));

-- What stands beside a ticket: one layout for everybody, and one for each team that wants its own.
create table sidebar_layouts (
  id uuid primary key default uuidv7(),
  name text not null check (length(name) between 1 and 200),
  team_id uuid references teams (id),
  cards jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (team_id)
);
insert into sidebar_layouts (id, name, cards) values ('00000000-0000-7000-8000-000000000003', 'Default',
  '[{"type": "properties", "title": null, "fields": ["assigneeId", "teamId", "status", "priority", "pipelineId", "tags"]},
    {"type": "sla"}, {"type": "contact"}, {"type": "company"}, {"type": "otherTickets"}, {"type": "followers"}, {"type": "routing"},
    {"type": "workflow"}]');
create trigger sidebar_layouts_audit after insert or update or delete on sidebar_layouts
  for each row execute function audit_row('sidebarLayout');
