-- Which save of the desk made a version: a ticket that follows it later is told apart by it from one that moved by itself. Null in
-- versions of before.
alter table sla_policy_versions add column revision bigint;
alter table calendar_versions add column revision bigint;

-- A counter of ours, not something an admin changes: it is worth no line of the audit log.
create or replace function audit_view(kind text, line jsonb) returns jsonb language sql immutable as $$
  select case when line is null then null
    else (line - array['version', 'created_at', 'updated_at', 'last_turn', 'token_hash', 'last_used_at', 'health', 'compiled', 'saved_at',
        'saved_by', 'revision'])
      #- '{settings,smtp,password}' #- '{settings,imap,password}' end
$$;
