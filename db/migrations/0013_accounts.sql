-- Accounts: the tables of better-auth in a schema of their own (its names, written by its own generator), what ties an account to its
-- person, invitations, and the mails that accounts send.
create schema auth;

create table auth."user" (
  "id" text not null primary key,
  "name" text not null,
  "email" text not null unique,
  "emailVerified" boolean not null,
  "image" text,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz default current_timestamp not null,
  "twoFactorEnabled" boolean
);
create table auth."session" (
  "id" text not null primary key,
  "expiresAt" timestamptz not null,
  "token" text not null unique,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" text not null references auth."user" ("id") on delete cascade
);
create index "session_userId_idx" on auth."session" ("userId");
create table auth."account" (
  "id" text not null primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text not null references auth."user" ("id") on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  "scope" text,
  "password" text,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz not null
);
create index "account_userId_idx" on auth."account" ("userId");
create unique index account_credential on auth."account" ("userId") where "providerId" = 'credential';
create table auth."verification" (
  "id" text not null primary key,
  "identifier" text not null,
  "value" text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz default current_timestamp not null
);
create index "verification_identifier_idx" on auth."verification" ("identifier");
create table auth."twoFactor" (
  "id" text not null primary key,
  "secret" text not null,
  "backupCodes" text not null,
  "userId" text not null references auth."user" ("id") on delete cascade,
  "verified" boolean,
  "failedVerificationCount" integer,
  "lockedUntil" timestamptz
);
create index "twoFactor_secret_idx" on auth."twoFactor" ("secret");
create index "twoFactor_userId_idx" on auth."twoFactor" ("userId");
create table auth."rateLimit" (
  "id" text not null primary key,
  "key" text not null unique,
  "count" integer not null,
  "lastRequest" bigint not null
);
-- Failed tries to sign in, by account; of rate-limiter-flexible.
create table auth.sign_in_tries (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);

-- An account follows its person: their address and name, and out at once when they are deactivated.
create function auth.follow_person() returns trigger language plpgsql as $$
begin
  if new.email is distinct from old.email or new.name is distinct from old.name then
    update auth."user" set "email" = lower(new.email::text), "name" = new.name, "updatedAt" = now()
      where "id" = new.id::text;
  end if;
  if old.active and not new.active then
    delete from auth."session" where "userId" = new.id::text;
  end if;
  return new;
end $$;
create trigger users_account after update of email, name, active on users
  for each row execute function auth.follow_person();

create table invitations (
  id uuid primary key default uuidv7(),
  user_id uuid not null references users (id),
  token_hash bytea not null unique,
  invited_by uuid references users (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz
);
create index invitations_user on invitations (user_id);

-- Mails of accounts, on their way through a workflow each. The link is forgotten when the mail has left: it lets people in.
create table account_mails (
  id uuid primary key default uuidv7(),
  user_id uuid not null references users (id),
  kind text not null check (kind in ('invitation', 'passwordReset')),
  url text,
  state text not null default 'queued' check (state in ('queued', 'sent', 'failed')),
  attempts integer not null default 0,
  failure jsonb,
  created_at timestamptz not null default now(),
  sent_at timestamptz
);
create index account_mails_created on account_mails (created_at);

alter table relay_outbox drop constraint relay_outbox_kind_check;
alter table relay_outbox add constraint relay_outbox_kind_check check (kind in (
  'ticketBorn', 'ticketSignal', 'assignQueue', 'bulkJob', 'rollout', 'simulation', 'availability', 'accountMail'));
