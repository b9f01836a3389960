-- Everybody of the desk has an account from the beginning, with nothing in it to sign in by: single sign-on finds them by their
-- address. What lets somebody in stands in auth."account", and comes by setup, invitation or the provider's word.
insert into auth."user" ("id", "name", "email", "emailVerified", "updatedAt")
  select id::text, name, lower(email::text), true, now() from users
  on conflict ("id") do nothing;

create function auth.add_person() returns trigger language plpgsql as $$
begin
  insert into auth."user" ("id", "name", "email", "emailVerified", "updatedAt")
    values (new.id::text, new.name, lower(new.email::text), true, now());
  return new;
end $$;
create trigger users_have_account after insert on users for each row execute function auth.add_person();

-- Who was invited by whom, and who came.
create trigger invitations_audit after insert or delete or update of accepted_at on invitations
  for each row execute function audit_row('invitation');

-- A second factor that goes or comes. By themselves unless somebody acts in a name.
create function auth.audit_second_factor() returns trigger language plpgsql as $$
begin
  insert into public.audit_log (actor, subject_kind, subject_id, action, before, after) values (
    coalesce(nullif(current_setting('holdfast.actor', true), '')::jsonb,
      jsonb_build_object('type', 'user', 'userId', new."id")),
    'account', new."id", 'changed',
    jsonb_build_object('twoFactor', coalesce(old."twoFactorEnabled", false)),
    jsonb_build_object('twoFactor', coalesce(new."twoFactorEnabled", false)));
  return null;
end $$;
create trigger user_second_factor_audit after update of "twoFactorEnabled" on auth."user" for each row
  when (coalesce(old."twoFactorEnabled", false) <> coalesce(new."twoFactorEnabled", false))
  execute function auth.audit_second_factor();
