-- A run of mutations of one table in one statement: what is clean, the usual case, takes effect at a
-- fraction of the cost of one by one. Each returns the places, in what it was given, of those that took
-- effect, as negative numbers where the row may not stand as it was sent. The others are judged one by
-- one, and so are all of them if the statement fails.

create or replace function holdfast.build_runs(words jsonb) returns void
language plpgsql set search_path = '' as $build$
begin
  execute holdfast.fill($t$
    -- New documents that meet neither a row nor a tombstone. Both are looked for in the snapshot of the
    -- insert itself: a row whose deletion is under way still stands in it.
    create or replace function {create}(hf_ms jsonb[]) returns int[]
    language plpgsql volatile as $create$
    #variable_conflict use_column
    declare
      hf_done int[];
      hf_made bigint;
      hf_kept boolean := not exists (
        select from pg_catalog.pg_trigger g
        where g.tgrelid = {table_name}::regclass and not g.tgisinternal and g.tgname not like 'zzz!_holdfast!_%' escape '!'
      ) and (select c.relkind = 'r' and not c.relhasrules from pg_catalog.pg_class c where c.oid = {table_name}::regclass);
    begin
      with made as (
        insert into {table} as t ({insert_columns}, _rev, _hlc, _recent)
        select {create_values}, '>' || a.id, a.hlc, '{}'
        from (
          select m.n, m.m ->> 'id' as id, m.m ->> 'hlc' as hlc, m.m -> 'value' as value, {key} as key
          from unnest(hf_ms) with ordinality m(m, n) offset 0
        ) a{record}
        where a.key is not null and a.value - {known} = '{}'
          and not exists (select from {table} t where t.id = a.key offset 0)
          and not exists (select from {tombs} d where d.id = a.key offset 0)
        on conflict (id) do nothing
        returning t._rev
      )
      select count(*), array_agg(a.n * case when hf_kept and a.value -> 'id' = to_jsonb(a.document){kept} then 1 else -1 end)
      into hf_made, hf_done
      from made left join (
        select m.n, m.m ->> 'id' as id, m.m ->> 'documentId' as document, m.m -> 'value' as value
        from unnest(hf_ms) with ordinality m(m, n) offset 0
      ) a on a.id = made._rev;
      -- A trigger made other rows of them, or a timestamp is none.
      if array_position(hf_done, null) is not null or hf_made <> coalesce(cardinality(hf_done), 0) then
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
          select m.n, m.m ->> 'id' as id, m.m ->> 'hlc' as hlc, m.m ->> 'base' as base, m.m -> 'value' as value,
            {key} as key,
            case when m.m ? 'fields' then m.m -> 'fields' else {nullable} || (m.m -> 'value') end as meant
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
    create or replace function {stands}(hf_ms jsonb[]) returns int[]
    language plpgsql volatile as $stands$
    #variable_conflict use_column
    begin
      return coalesce((
        select array_agg(a.n)
        from (
          select m.n, m.m ->> 'id' as id, m.m -> 'value' as value, {key} as key
          from unnest(hf_ms) with ordinality m(m, n) offset 0
        ) a, {table} t
        where t.id = a.key and t._rev = a.id and a.value - {known} = '{}'{as_sent}
      ), '{}');
    end $stands$;
  $t$, words);
end $build$;
