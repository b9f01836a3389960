-- Who changed what an admin may change, when, and what it was before. Written by triggers, so that no path forgets it, in the
-- transaction of the change itself. The actor is what the API put into holdfast.actor; without it the system did it.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor jsonb not null,
  subject_kind text not null,
  subject_id text not null,
  action text not null check (action in ('created', 'changed', 'removed')),
  before jsonb,
  after jsonb
);
create index audit_log_subject on audit_log (subject_kind, subject_id, id desc);

create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'The audit log only grows.';
end $$;
create trigger audit_log_grows before update or delete or truncate on audit_log
  for each statement execute function audit_refuse();

-- What of a row is worth a line: no secrets, and none of the columns that count or date.
create function audit_view(kind text, line jsonb) returns jsonb language sql immutable as $$
  select case when line is null then null
    else (line - array['version', 'created_at', 'updated_at', 'last_turn', 'token_hash', 'last_used_at', 'health', 'compiled', 'saved_at', 'saved_by'])
      #- '{settings,smtp,password}' #- '{settings,imap,password}' end
$$;

create function audit_row() returns trigger language plpgsql as $$
declare
  kind text := tg_argv[0];
  old_view jsonb := case when tg_op <> 'INSERT' then audit_view(kind, to_jsonb(old)) end;
  new_view jsonb := case when tg_op <> 'DELETE' then audit_view(kind, to_jsonb(new)) end;
  line jsonb := coalesce(to_jsonb(new), to_jsonb(old));
  secret boolean := kind = 'channel' and tg_op = 'UPDATE'
    and (to_jsonb(old) #> '{settings,smtp,password}', to_jsonb(old) #> '{settings,imap,password}')
      is distinct from (to_jsonb(new) #> '{settings,smtp,password}', to_jsonb(new) #> '{settings,imap,password}');
  gone boolean := tg_op = 'DELETE' or (tg_op = 'UPDATE'
    and ((new_view ->> 'deleted_at' is not null and old_view ->> 'deleted_at' is null)
      or (new_view ->> 'revoked_at' is not null and old_view ->> 'revoked_at' is null)));
begin
  if old_view is not distinct from new_view and not secret then return null; end if;
  insert into audit_log (actor, subject_kind, subject_id, action, before, after) values (
    coalesce(nullif(current_setting('holdfast.actor', true), '')::jsonb, '{"type": "system"}'),
    kind,
    coalesce(line ->> 'id', line ->> 'policy_id', line ->> 'calendar_id', concat_ws(':', line ->> 'team_id', line ->> 'user_id')),
    case when gone then 'removed' when tg_op = 'INSERT' then 'created' else 'changed' end,
    old_view,
    case when gone then null when secret then jsonb_set(new_view, '{passwordChanged}', 'true') else new_view end);
  return null;
end $$;

-- A version is a change of the policy or calendar whose version it is.
create function audit_version() returns trigger language plpgsql as $$
declare
  kind text := tg_argv[0];
  subject uuid := coalesce(to_jsonb(new) ->> 'policy_id', to_jsonb(new) ->> 'calendar_id')::uuid;
  earlier jsonb;
begin
  if kind = 'slaPolicy' then
    select audit_view(kind, to_jsonb(v)) into earlier from sla_policy_versions v
      where v.policy_id = subject and v.version = new.version - 1;
  else
    select audit_view(kind, to_jsonb(v)) into earlier from calendar_versions v
      where v.calendar_id = subject and v.version = new.version - 1;
  end if;
  insert into audit_log (actor, subject_kind, subject_id, action, before, after) values (
    coalesce(nullif(current_setting('holdfast.actor', true), '')::jsonb, '{"type": "system"}'),
    kind, subject::text, case when new.version = 1 then 'created' else 'changed' end, earlier, audit_view(kind, to_jsonb(new)));
  return null;
end $$;

-- A calendar's name belongs to its version, like everything else of it.
alter table calendar_versions add column name text;
update calendar_versions v set name = c.name from calendars c where c.id = v.calendar_id;
alter table calendar_versions alter column name set not null;

create trigger users_audit after insert or delete or update of name, email, role, seat, capacity, skills, availability, working_hours, active
  on users for each row execute function audit_row('user');
create trigger teams_audit after insert or delete or update of name, strategy, active
  on teams for each row execute function audit_row('team');
create trigger team_members_audit after insert or delete or update of main, lead
  on team_members for each row execute function audit_row('teamMember');
create trigger api_keys_audit after insert or delete or update of revoked_at, scopes, name
  on api_keys for each row execute function audit_row('apiKey');
create trigger routing_rules_audit after insert or delete or update
  on routing_rules for each row execute function audit_row('routingRule');
create trigger channels_audit after insert or delete or update of name, address, enabled, settings
  on channels for each row execute function audit_row('channel');
create trigger settings_audit after update of value on settings for each row execute function audit_row('settings');
create trigger pipelines_audit after insert or delete or update on pipelines for each row execute function audit_row('pipeline');
create trigger pipeline_statuses_audit after insert or delete or update
  on pipeline_statuses for each row execute function audit_row('pipelineStatus');
create trigger sla_policies_audit after update of deleted_at, position on sla_policies for each row execute function audit_row('slaPolicy');
create trigger calendars_audit after update of deleted_at on calendars for each row execute function audit_row('calendar');
create trigger sla_policy_versions_audit after insert on sla_policy_versions for each row execute function audit_version('slaPolicy');
create trigger calendar_versions_audit after insert on calendar_versions for each row execute function audit_version('calendar');

-- What a draft would have done: a job with its progress and its answer.
create table simulations (
  id uuid primary key default uuidv7(),
  policy_id uuid not null references sla_policies (id),
  asked_by uuid references users (id),
  draft jsonb not null,
  since timestamptz not null,
  state text not null default 'running' check (state in ('running', 'cancelled', 'finished', 'failed')),
  total integer,
  looked integer not null default 0,
  result jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);

alter table relay_outbox drop constraint relay_outbox_kind_check;
alter table relay_outbox add constraint relay_outbox_kind_check
  check (kind in ('ticketBorn', 'ticketSignal', 'assignQueue', 'bulkJob', 'rollout', 'simulation'));
