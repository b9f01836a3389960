-- Who may do what: roles that a desk makes for itself, the new built-in role lead, and which tickets somebody sees.

create table roles (
  id uuid primary key default uuidv7(),
  name text not null unique check (length(name) between 1 and 200),
  permissions text[] not null default '{}',
  ticket_access text not null default 'all' check (ticket_access in ('own', 'team', 'all')),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create trigger roles_audit after insert or delete or update of name, permissions, ticket_access
  on roles for each row execute function audit_row('role');

-- ticket_access null: as the role has it.
alter table users drop constraint users_role_check;
alter table users
  add column role_id uuid references roles (id),
  add column ticket_access text check (ticket_access in ('own', 'team', 'all')),
  add constraint users_role_check check (role in ('admin', 'lead', 'agent', 'readOnly', 'custom')),
  add constraint users_role_id_check check ((role = 'custom') = (role_id is not null)),
  add constraint users_admin_sees_all check (role <> 'admin' or coalesce(ticket_access, 'all') = 'all');
create index users_role_id on users (role_id) where role_id is not null;

drop trigger users_audit on users;
create trigger users_audit after insert or delete or update of name, email, role, role_id, ticket_access, seat, capacity, channel_capacity,
  skills, skill_levels, availability, working_hours, active on users for each row execute function audit_row('user');

-- What somebody with limited access sees is found by these when it is little, and met in the order of the list when it is much.
-- Both columns change seldom; most changes of a ticket find their place in the index as it was.
create index tickets_assignee on tickets (assignee_id);
create index tickets_team on tickets (team_id);
create index tickets_without_team on tickets (assignee_id, id) where team_id is null;
