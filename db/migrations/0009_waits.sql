-- Pipelines that an admin can change and remove, auto-close, spam that ends, and follow-ups seen from the ticket they follow.

-- settings: {moves?, statusOn?, autoClose?, replaced?}; a key that is absent follows the desk. A removed pipeline stays for its
-- closed tickets; moved_to says where they belong when they come back.
alter table pipelines
  add column version integer not null default 1,
  add column settings jsonb not null default '{}',
  add column deleted_at timestamptz,
  add column moved_to uuid references pipelines (id);
alter table pipelines drop constraint pipelines_name_key;
create unique index pipelines_name on pipelines (name) where deleted_at is null;
alter table pipeline_statuses add column at_creation boolean not null default true;
create index tickets_pipeline_open on tickets (pipeline_id, status) where category <> 'closed' and not ended;
create index tickets_follow_up_of on tickets (follow_up_of_id) where follow_up_of_id is not null;
create index tickets_split_from on tickets (split_from_id) where split_from_id is not null;
create index messages_automatic_sent on messages (created_at) where automatic and kind = 'reply';

alter table rollouts drop constraint rollouts_subject_kind_check;
alter table rollouts add constraint rollouts_subject_kind_check
  check (subject_kind in ('slaPolicy', 'calendar', 'pipeline', 'settings'));

-- Spam that is there already learns that it ends.
with saved as (update desk_revision set revision = revision + 1
  where exists (select 1 from tickets where spam and not ended) returning revision),
stored as (
  insert into rollouts (subject_kind, subject_id, subject_version, revision)
  select 'settings', '00000000-0000-7000-8000-000000000002', revision::integer, revision from saved returning subject_id)
insert into relay_outbox (kind, payload)
select 'rollout', jsonb_build_object('subjectKind', 'settings', 'subjectId', subject_id) from stored;
