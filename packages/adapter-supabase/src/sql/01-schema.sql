-- Holdfast: change feed and compare-and-set push over your own tables.
-- Safe to run again at any time: after an upgrade of the package, ALTER TABLE, or a change of policies.

set local client_min_messages = warning;
create schema if not exists holdfast;

-- Who this database is. `id` travels with a dump; the epoch (see holdfast.epoch) does not.
create table if not exists holdfast.meta (
  only_row boolean primary key default true check (only_row),
  id text not null default replace(gen_random_uuid()::text, '-', ''),
  mark text not null default left(replace(gen_random_uuid()::text, '-', ''), 16),
  era bigint not null default 1,
  moved_to text
);
insert into holdfast.meta default values on conflict do nothing;

-- The synced tables, as they were when install_table looked at them.
create table if not exists holdfast.tables (
  name text primary key,
  relation regclass not null unique,
  omitted text[] not null,
  rank int not null default 0,
  id_type text not null,
  known text[] not null,
  blank jsonb not null
);

-- Places in the feed. No cache, so that numbers are drawn in the order of last_value.
create sequence if not exists holdfast.feed as bigint cache 1;
do $$ begin
  if not (select is_called from holdfast.feed) then perform nextval('holdfast.feed'); end if;
end $$;

-- 1: open, 2: sealed. A sequence, because its value is read as it is now, under any isolation level.
create sequence if not exists holdfast.seal as bigint cache 1;
