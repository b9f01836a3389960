-- The birth of a ticket is forgotten by its number; without an index each would read the whole outbox during a burst.
create index relay_outbox_ticket on relay_outbox (ticket_id) where kind = 'ticketBorn';
