-- A run of mutations of one table in one statement: what is clean, the usual case, takes effect at a
-- fraction of the cost of one by one. Each returns the places, in what it was given, of those that took
-- effect, as negative numbers where the row may not stand as it was sent. The others are judged one by
-- one, and so are all of them if the statement fails.

create or replace function holdfast.build_runs(words jsonb) returns void
language plpgsql set search_path = '' as $build$
begin
  execute holdfast.fill('drop function if exists {create}(jsonb[])', words);
  execute holdfast.fill($t$
    -- New documents that meet neither a row nor a tombstone. Both are looked for in the snapshot of the
    -- insert itself: a row whose deletion is under way still stands in it. An id that is taken unseen
    -- fails the statement: to insert with ON CONFLICT would cost every run a sixth more.
    -- `hf_columns` has the names of what is listed in the values, and for each the one type of JSON that
    -- all of them have, with '?' where a document has none. So neither is asked of each row.
    create or replace function {create}(hf_ms jsonb[], hf_columns jsonb) returns int[]
    language plpgsql volatile as $create$
    #variable_conflict use_column
    declare
      hf_keys {id_type}[] := array(select {key} from unnest(hf_ms) m(m));
      hf_names text[] := array(select jsonb_array_elements_text(hf_columns -> 'names'));
      -- Where in the values each column is, and where what is no column.
      hf_at int[] := array(select array_position(hf_names, k) - 1 from unnest({known}) k);
      hf_odd int[] := array(select n - 1 from unnest(hf_names) with ordinality l(name, n) where name <> all ({known}));
      hf_standing {id_type}[];
      hf_made text[];
      hf_meant text[];
      hf_done int[];
      -- Nothing of the user's own sees or changes the rows on their way: they bring their stamps.
      hf_plain boolean := not exists (
        select from pg_catalog.pg_trigger g
        where g.tgrelid = {table_name}::regclass and not g.tgisinternal and g.tgname not like 'zzz!_holdfast!_%' escape '!'
      ) and (select c.relkind = 'r' and not c.relhasrules from pg_catalog.pg_class c where c.oid = {table_name}::regclass);
      hf_kept boolean := hf_plain and {initials} <@ hf_names and not exists (
        select from unnest(hf_names) with ordinality l(name, n)
        where not coalesce({kept_types} -> l.name ? (hf_columns -> 'types' ->> (l.n - 1)::int), false)
      );
    begin
      if hf_plain then
        perform holdfast.open_run({run});
      end if;
      with standing as materialized (
        select t.id from {table} t where t.id = any (hf_keys)
        union all
        select d.id from {tombs} d where d.id = any (hf_keys)
      ), made as (
        insert into {table} as t ({insert_columns}, _rev, _hlc, _recent, _seq)
        -- The number comes last, when the other columns have their values: a default may write synced tables.
        select {create_values}, case when hf_plain then a.id else '>' || a.id end, a.hlc,
          case when hf_plain then array[a.id] else '{}' end,
          case when hf_plain then currval('holdfast.feed') else 0 end
        from (
          select m.m ->> 0 as id, m.m ->> 1 as hlc, m.m -> 5 as value, {key} as key
          from unnest(hf_ms) m(m) offset 0
        ) a{record_listed}
        where a.key is not null and a.key not in (select s.id from standing s)
          and (hf_odd = '{}' or not exists (select from unnest(hf_odd) o where a.value -> o <> 'null'))
        returning t._rev
      )
      select array_agg(made._rev), (select array_agg(s.id) from standing s) into hf_made, hf_standing from made;
      perform pg_catalog.set_config('holdfast.run', '', true);
      select array_agg(a.id), array_agg(case when hf_kept then a.n else - a.n end)
      into hf_meant, hf_done
      from (
        select m.n, m.m ->> 0 as id, m.m -> 5 as value, {key} as key
        from unnest(hf_ms) with ordinality m(m, n) offset 0
      ) a
      where a.key is not null and a.key not in (select unnest(hf_standing))
        and (hf_odd = '{}' or not exists (select from unnest(hf_odd) o where a.value -> o <> 'null'));
      -- A trigger made other rows of them, or a timestamp is none, or a number was not the last one.
      if hf_made is distinct from hf_meant
        -- What waited for another insert may have missed the delete that came after it. Now nobody can do either.
        or exists (select from {tombs} d where d.id = any (hf_keys) and d.id not in (select unnest(hf_standing)))
      then
        raise exception using errcode = 'HFRUN';
      end if;
      return coalesce(hf_done, '{}');
    end $create$;

    -- Changes of rows that are on the base that they name.
    create or replace function {change}(hf_ms jsonb[]) returns int[]
    language plpgsql volatile as $change$
    #variable_conflict use_column
    declare
      hf_done int[];
      hf_made bigint;
    begin
      if {by_column} then
        return '{}';
      end if;
      with made as (
        update {table} as t set ({change_columns}_rev, _hlc) = row({change_values}'>' || a.id, a.hlc)
        from (
          select m.n, m.m ->> 0 as id, m.m ->> 1 as hlc, m.m ->> 4 as base, m.m -> 5 as value, {key} as key,
            coalesce(nullif(m.m -> 6, 'null'), {nullable} || (m.m -> 5)) as meant
          from unnest(hf_ms) with ordinality m(m, n) offset 0
        ) a{record}
        where t.id = a.key and t._rev = a.base and a.hlc > t._hlc and a.id <> all (t._recent)
          and a.meant - {known} in ('{}', '[]')
          and not (jsonb_typeof(a.meant) = 'array' and a.meant ?| {read_only})
        returning a.n, t._rev = a.id as ours, {pinned} and a.value - {known} = '{}'{as_sent} as kept
      )
      select count(*) filter (where ours), array_agg(case when kept then n else -n end) into hf_made, hf_done from made;
      if hf_made <> coalesce(cardinality(hf_done), 0) then
        raise exception using errcode = 'HFRUN';
      end if;
      return coalesce(hf_done, '{}');
    end $change$;

    -- The places of those whose row stands just as it was sent.
    create or replace function {stands}(hf_ms jsonb[], hf_columns jsonb) returns int[]
    language plpgsql volatile as $stands$
    #variable_conflict use_column
    declare
      hf_names text[] := array(select jsonb_array_elements_text(hf_columns -> 'names'));
      hf_at int[] := array(select array_position(hf_names, k) - 1 from unnest({known}) k);
    begin
      return coalesce((
        select array_agg(a.n)
        from (
          select m.n, m.m ->> 0 as id, m.m -> 5 as value, {key} as key
          from unnest(hf_ms) with ordinality m(m, n) offset 0
        ) a, {table} t
        where t.id = a.key and t._rev = a.id
          and case when jsonb_typeof(a.value) = 'array' then 'id' <> all (hf_names){as_listed}
            else a.value - {known} = '{}'{as_sent} end
      ), '{}');
    end $stands$;
  $t$, words);
end $build$;
