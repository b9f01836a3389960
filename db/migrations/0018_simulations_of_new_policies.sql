-- A draft is tried before its policy exists.
alter table simulations alter column policy_id drop not null;
