-- What the reconciler and rollouts look for, without reading whole tables every two minutes.
create index tickets_unborn on tickets (id) where version = 0;
create index messages_unheard on messages (created_at) where kind = 'inbound' and state = 'received';
create index tickets_living on tickets (id) where category <> 'closed' and not ended and merged_into_id is null;
create index simulations_running on simulations (updated_at) where state = 'running';

-- Places of tickets that are nobody's load any more: counting them made every hand-out slower with every ticket ever closed.
delete from ticket_assignments a using tickets t
where t.id = a.ticket_id and (t.category = 'closed' or t.spam or t.merged_into_id is not null);
