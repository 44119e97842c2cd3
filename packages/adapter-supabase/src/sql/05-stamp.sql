-- Every write of a synced table is stamped, whoever makes it. Push marks its rows by a leading '>'
-- in _rev, which no stored row has; every unmarked write is foreign.

create or replace function holdfast.build_stamp(relation regclass, words jsonb) returns void
language plpgsql set search_path = '' as $build$
begin
  execute holdfast.fill($t$
    create or replace function {stamp}() returns trigger
    language plpgsql security definer set search_path = '' as $stamp$
    declare
      pushed boolean := left(new._rev, 1) = '>';
      again boolean;
      floor text := '';
      seen text[];
    begin
      if pushed and tg_op = 'INSERT' and {formed} then
        -- What most of this costs is spent on the rows of a first upload: the least for them.
        if pg_catalog.current_setting('holdfast.entered', true)
            is distinct from pg_catalog.pg_current_xact_id()::text then
          perform holdfast.enter();
        end if;
        new._seq := {number};
        new._rev := substr(new._rev, 2);
        new._recent := case when new._recent = '{}' then array[new._rev]
          else coalesce(new._recent[cardinality(new._recent) - 6:], '{}') || new._rev end;
        return new;
      end if;
      if tg_op = 'UPDATE' and new.id = old.id then
        if not pushed then
          -- Generated columns are empty here; _seq = 0 asks for a new stamp of an unchanged row.
          again := new._seq = 0 or old._seq = 0;
          {keep_stored}
          new._rev := old._rev;
          new._hlc := old._hlc;
          new._recent := old._recent;
          new._seq := old._seq;
          if new operator(pg_catalog.*=) old and not again then
            return new;
          end if;
        end if;
        floor := old._hlc;
        seen := old._recent;
        if again then
          select coalesce(max(d._hlc), floor) into floor from {tombs} d where d.id = new.id and d._hlc > old._hlc;
        end if;
      elsif pushed then
        seen := new._recent;
      else
        -- Waits for whoever is deleting the row: its tombstone comes before what is inserted here.
        perform from {table} t where t.id = new.id for key share;
        select d._hlc, d._recent into floor, seen
        from {tombs} d where d.id = new.id order by d._hlc desc limit 1;
        floor := coalesce(floor, '');
      end if;
      if pg_catalog.current_setting('holdfast.entered', true)
          is distinct from pg_catalog.pg_current_xact_id()::text then
        perform holdfast.enter();
      end if;
      new._seq := {number};
      if pushed and {formed} and new._hlc > floor collate "C" then
        new._rev := substr(new._rev, 2);
        new._recent := coalesce(seen[cardinality(seen) - 6:], '{}') || new._rev;
      else
        -- A push of this transaction cannot be sure any more of the rows that it left.
        if pg_catalog.current_setting('holdfast.foreign', true) = '' then
          perform pg_catalog.set_config('holdfast.foreign', 'yes', true);
        end if;
        new._hlc := holdfast.next_hlc(floor, {mark});
        new._rev := new._hlc || '.' || pg_catalog.to_hex(new._seq);
        new._recent := coalesce(seen[cardinality(seen) - 7:], '{}');
      end if;
      return new;
    end $stamp$;

    -- An insert that waited for another one, and for the delete of that, was stamped before either. Its
    -- place in the feed would be before the tombstone, and everyone would take it for deleted.
    create or replace function {settle}() returns trigger
    language plpgsql security definer set search_path = '' as $settle$
    begin
      if exists (select from {tombs} d where d.id = new.id and d._seq > new._seq) then
        update {table} t set _seq = 0 where t.id = new.id;
      end if;
      return null;
    end $settle$;

    create or replace function {bury}() returns trigger
    language plpgsql security definer set search_path = '' as $bury$
    declare
      claim text[] := pg_catalog.string_to_array(pg_catalog.current_setting('holdfast.deleting', true), E'\x1f');
      rev text;
      hlc text;
      recent text[] := old._recent;
      seq bigint;
    begin
      if tg_op = 'DELETE' then
        -- One statement may delete a row and insert it again.
        perform from {table} t where t.id = old.id;
        if found then
          return null;
        end if;
      end if;
      if pg_catalog.current_setting('holdfast.entered', true)
          is distinct from pg_catalog.pg_current_xact_id()::text then
        perform holdfast.enter();
      end if;
      seq := {number};
      if tg_op = 'DELETE' and claim[1] = {name} and claim[4] = old.id::text
          and claim[3] > old._hlc collate "C" then
        rev := claim[2];
        hlc := claim[3];
        recent := recent || rev;
      else
        if pg_catalog.current_setting('holdfast.foreign', true) = '' then
          perform pg_catalog.set_config('holdfast.foreign', 'yes', true);
        end if;
        hlc := holdfast.next_hlc(old._hlc, {mark});
        rev := hlc || '.' || pg_catalog.to_hex(seq);
      end if;
      insert into {tombs} as d ({scope_columns}id, _scope, _rev, _hlc, _recent, _seq)
      values ({scope_old}old.id, pg_catalog.md5(row({scope_old}0)::text), rev, hlc,
        coalesce(recent[greatest(1, cardinality(recent) - 7):], '{}'), seq)
      on conflict (id, _scope) do update set
        _rev = excluded._rev, _hlc = excluded._hlc, _recent = excluded._recent, _seq = excluded._seq;
      return null;
    end $bury$;

    create or replace function {bury_all}() returns trigger
    language plpgsql security definer set search_path = '' as $bury$
    begin
      perform holdfast.enter();
      perform pg_catalog.set_config('holdfast.foreign', 'yes', true);
      insert into {tombs} as d ({scope_columns}id, _scope, _rev, _hlc, _recent, _seq)
      select {scope_row}t.id, pg_catalog.md5(row({scope_row}0)::text),
        s.hlc || '.' || pg_catalog.to_hex(s.seq), s.hlc, t._recent, s.seq
      from {table} t,
        lateral (select holdfast.next_hlc(t._hlc, {mark}) as hlc, {number} as seq) s
      on conflict (id, _scope) do update set
        _rev = excluded._rev, _hlc = excluded._hlc, _recent = excluded._recent, _seq = excluded._seq;
      return null;
    end $bury$;

    -- Triggers of one kind fire in the order of their names: the stamp sees the final row.
    -- A row is taken with the stamp that it brings if a push has opened a run, the timestamp is well-formed,
    -- and its number is the last one that this session drew. That is asked without a call, and draws the
    -- next. So the last number of a session is never one that a row has: no copy of a stored row passes,
    -- by whatever function, trigger or program, and no number that was made up.
    create or replace trigger zzz_holdfast_stamp before insert on {table}
      for each row when (case
        when new._seq <= 0 or current_setting('holdfast.run', true) is distinct from {run} then true
        when new._seq = currval('holdfast.feed') and new._hlc like '____________-____-________________'
          and new._hlc = lower(new._hlc) and new._hlc < 'f' collate "C" and new._hlc::uuid is not null
          then nextval('holdfast.feed') is null
        else true end) execute function {stamp}();
    create or replace trigger zzz_holdfast_stamp_update before update on {table}
      for each row execute function {stamp}();
    -- Push sees to its own: a foreign revision alone has a dot.
    create or replace trigger zzz_holdfast_settle after insert on {table}
      for each row when (strpos(new._rev, '.') > 0) execute function {settle}();
    create or replace trigger zzz_holdfast_bury after delete on {table}
      for each row execute function {bury}();
    create or replace trigger zzz_holdfast_renamed after update on {table}
      for each row when (old.id is distinct from new.id) execute function {bury}();
    create or replace trigger zzz_holdfast_truncate before truncate on {table}
      for each statement execute function {bury_all}();
    alter table {table} enable always trigger zzz_holdfast_stamp;
    alter table {table} enable always trigger zzz_holdfast_stamp_update;
    alter table {table} enable always trigger zzz_holdfast_settle;
    alter table {table} enable always trigger zzz_holdfast_bury;
    alter table {table} enable always trigger zzz_holdfast_renamed;
    alter table {table} enable always trigger zzz_holdfast_truncate;
  $t$, words || jsonb_build_object(
    -- A place in the feed, and a number after it that no row ever has: see the trigger's condition.
    'number', $n$least(pg_catalog.nextval('holdfast.feed'), pg_catalog.nextval('holdfast.feed'))$n$,
    -- The form of a timestamp, in a fraction of the time that counting in a regular expression takes.
    'formed', $f$new._hlc like '____________-____-________________'
          and length(replace(new._hlc, '-', '')) = 32 and new._hlc !~ '[^0-9a-f-]' and new._hlc < 'f' collate "C"$f$));
end $build$;
