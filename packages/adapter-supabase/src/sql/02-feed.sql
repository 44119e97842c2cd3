-- Advisory locks of our own key ranges: 0x4846… holds a place in the feed, 0x4847… is the seal.

-- First stamp of a transaction. The order is the proof that no pull can pass it by: the seal is
-- shared, then the place is locked, and only then are numbers drawn.
create or replace function holdfast.enter() returns void
language plpgsql security definer set search_path = '' as $$
declare
  place bigint;
begin
  perform pg_catalog.pg_advisory_xact_lock_shared(5208131494077267968);
  if (select s.last_value from holdfast.seal s) > 1 then
    raise exception 'This database is sealed: its documents have moved, writes are refused.'
      using errcode = 'HF001';
  end if;
  select f.last_value into place from holdfast.feed f;
  perform pg_catalog.pg_advisory_xact_lock_shared(5207850019100557312 + place);
  perform pg_catalog.set_config('holdfast.entered', pg_catalog.pg_current_xact_id()::text, true);
end $$;

-- Before a run of new documents that brings its own stamps: the next number is drawn, and `run` tells the
-- trigger of one table that rows with numbers of their own may come. See build_stamp.
create or replace function holdfast.open_run(run text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if pg_catalog.current_setting('holdfast.entered', true)
      is distinct from pg_catalog.pg_current_xact_id()::text then
    perform holdfast.enter();
  end if;
  perform pg_catalog.nextval('holdfast.feed');
  perform pg_catalog.set_config('holdfast.run', run, true);
end $$;

-- The place up to which the feed is complete. Last number first, locks second, and rows only
-- after this returns, in a snapshot of their own: any other order, or one snapshot for all, has holes.
create or replace function holdfast.horizon() returns bigint
language plpgsql volatile as $$
declare
  top bigint;
  held bigint;
begin
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'The change feed can only be read in READ COMMITTED.' using errcode = 'HF002';
  end if;
  if pg_catalog.pg_is_in_recovery() then
    raise exception 'The change feed can only be read on the primary.' using errcode = 'HF002';
  end if;
  select f.last_value into top from holdfast.feed f;
  select min(((l.classid::bigint & 65535) << 32) | l.objid::bigint) into held
  from pg_catalog.pg_locks l
  where l.locktype = 'advisory' and l.objsubid = 1 and l.classid::bigint >> 16 = 18502
    and l.database = (select d.oid from pg_catalog.pg_database d
                      where d.datname = pg_catalog.current_database());
  return least(top, held);
end $$;

-- Milliseconds that the oldest open writer of a synced table has been holding the feed back.
create or replace function holdfast.lag() returns bigint
language sql volatile security definer set search_path = '' as $$
  select coalesce(max(extract(epoch from clock_timestamp() - a.xact_start) * 1000), 0)::bigint
  from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.objsubid = 1 and l.classid::bigint >> 16 = 18502
    and a.datname = current_database()
$$;

-- Changes when history may have been rewound: restore into another cluster or database, promotion.
create or replace function holdfast.epoch() returns text
language sql volatile security definer set search_path = '' as $$
  select concat_ws('-',
    (select m.era from holdfast.meta m),
    (select c.system_identifier from pg_catalog.pg_control_system() c),
    (select d.oid from pg_catalog.pg_database d where d.datname = current_database()),
    case when pg_is_in_recovery() then 'standby' else left(pg_walfile_name(pg_current_wal_lsn()), 8) end)
$$;

-- To be called after a restore that the epoch cannot see: a disk snapshot put back in place.
create or replace function holdfast.new_epoch() returns text
language plpgsql set search_path = '' as $$
begin
  update holdfast.meta set era = era + 1;
  return holdfast.epoch();
end $$;

create or replace function holdfast.origin() returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object('remote', m.id, 'epoch', holdfast.epoch()) from holdfast.meta m
$$;

-- The timestamp of a foreign write: now, and always greater than `floor`.
create or replace function holdfast.next_hlc(floor text, mark text) returns text
language plpgsql volatile set search_path = '' as $$
declare
  wall bigint := (extract(epoch from clock_timestamp()) * 1000)::bigint;
  counter int := 0;
  floor_wall bigint;
begin
  if floor <> '' then
    floor_wall := ('x' || left(floor, 12))::bit(48)::bigint;
    if floor_wall >= wall then
      wall := floor_wall;
      counter := ('x' || substr(floor, 14, 4))::bit(16)::int + 1;
      if counter > 65535 then
        wall := wall + 1;
        counter := 0;
      end if;
    end if;
  end if;
  return lpad(to_hex(wall), 12, '0') || '-' || lpad(to_hex(counter), 4, '0') || '-' || mark;
end $$;
