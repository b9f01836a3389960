-- Saved views, who has pinned which, and what search and lists look up.
create table views (
  id uuid primary key default uuidv7(),
  owner_id uuid not null references users (id),
  name text not null check (length(name) between 1 and 100),
  conditions jsonb not null,
  columns text[] not null,
  sort text not null,
  layout text not null check (layout in ('table', 'split', 'board')),
  group_by text,
  visibility text not null check (visibility in ('private', 'teams', 'everyone')),
  team_ids uuid[] not null default '{}',
  position integer not null default 0,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index views_owner on views (owner_id);

-- view: the name of a default view, or the id of a saved one.
create table view_pins (
  user_id uuid not null references users (id),
  view text not null,
  pinned_at timestamptz not null default now(),
  primary key (user_id, view)
);
create function views_unpin() returns trigger language plpgsql as $$
begin
  delete from view_pins where view = old.id::text;
  return null;
end $$;
create trigger views_unpin after delete on views for each row execute function views_unpin();

-- What is shared is audited; what somebody keeps for themselves is nobody's business.
create trigger views_made_audit after insert on views for each row when (new.visibility <> 'private')
  execute function audit_row('view');
create trigger views_changed_audit after update on views for each row
  when (new.visibility <> 'private' or old.visibility <> 'private') execute function audit_row('view');
create trigger views_removed_audit after delete on views for each row when (old.visibility <> 'private')
  execute function audit_row('view');

-- Contacts by a piece of name or address, as somebody types it.
create index contacts_words on contacts using gin ((coalesce(name, '') || ' ' || coalesce(email::text, '')) gin_trgm_ops);

-- Notices under way, for operators and for the reconciler, who looks for them every two minutes.
create index step_notices_trying on step_notices (created_at) where state = 'trying';
create index messages_failed on messages (created_at) where state = 'failed';

-- Deadlines of open tickets in their order. One expression, which gets statistics of its own: "open" and "has a deadline" go together,
-- and taken for independent they made the planner expect a tenth of what there is.
create index tickets_open_due on tickets
  ((case when category <> 'closed' and not spam and merged_into_id is null then next_due_at end), id)
  where (case when category <> 'closed' and not spam and merged_into_id is null then next_due_at end) is not null;
drop index tickets_due;
