-- Changes are told by the transaction that committed them: the order of positions is not the order of commits.
create index ticket_events_xid on ticket_events (xid, position);
drop index ticket_events_position;
