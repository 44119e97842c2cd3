-- One page of one table's feed, in two parts. {page} says where it ends, and tells of what needs no
-- value: [place, id, rev, hlc, own], of tombstones and of revisions of the asking replica. {rows} has
-- the documents, column by column: [ids, revs, hlcs, places, values, values, …], the values of the
-- table's columns but `id`, in their order. An aggregate for each column looks up its type once a
-- page, where one for each row would for every cell.

drop function if exists holdfast.page(text, bigint, bigint, int, text);

create or replace function holdfast.build_page(words jsonb) returns void
language plpgsql set search_path = '' as $build$
begin
  execute holdfast.fill('drop function if exists {page}(bigint, bigint, int, text)', words);
  execute holdfast.fill($t$
    create or replace function {page}(hf_after bigint, hf_upto bigint, hf_most int, hf_replica text,
      out rows text, out columns json, out others json, out count int, out last bigint, out more boolean)
    language plpgsql volatile
    -- The feed's index is in order already. Without fresh statistics the planner would rather
    -- read all that is left of the feed for each page, and sort it.
    set enable_sort = off
    as $page$
    #variable_conflict use_column
    declare
      hf_bytes bigint;
      hf_last bigint;
      hf_count int;
      hf_documents int;
    begin
      columns := {listed};
      -- By lengths that are told without reading what is stored apart. Later snapshots than this
      -- one may miss a row of the page, which then is further on in the feed, but have no new one.
      select max(u.seq), count(*), count(*) filter (where u.size > 0), sum(u.size)
      into hf_last, hf_count, hf_documents, hf_bytes
      from (
        (select t._seq as seq, case when right(t._hlc, 16) = hf_replica then 0 else {size} end as size
        from {table} t where t._seq > hf_after and t._seq <= hf_upto order by t._seq limit hf_most)
        union all
        (select d._seq, 0 from {tombs} d where d._seq > hf_after and d._seq <= hf_upto
        order by d._seq limit hf_most)
        order by seq limit hf_most
      ) u;
      if hf_bytes >= 4000000 then
        -- All that begins within the first four million bytes: at least one.
        select max(u.seq), count(*), count(*) filter (where u.size > 0) into hf_last, hf_count, hf_documents
        from (
          select s.*, sum(s.size) over (order by s.seq rows unbounded preceding) - s.size as before
          from (
            (select t._seq as seq, case when right(t._hlc, 16) = hf_replica then 0 else {size} end as size
            from {table} t where t._seq > hf_after and t._seq <= hf_last order by t._seq)
            union all
            (select d._seq, 0 from {tombs} d where d._seq > hf_after and d._seq <= hf_last order by d._seq)
          ) s
        ) u
        where u.before < 4000000;
      end if;
      more := exists (select from {table} t where t._seq > hf_last and t._seq <= hf_upto)
        or exists (select from {tombs} d where d._seq > hf_last and d._seq <= hf_upto);
      last := hf_last;
      count := hf_count;
      rows := case when hf_documents > 0 then {rows_name} end;
      if hf_count > hf_documents then
        others := (
          select json_agg(json_build_array(u.seq, u.id, u.rev, u.hlc, u.own) order by u.seq)
          from (
            select t._seq as seq, t.id::text as id, t._rev as rev, t._hlc as hlc, true as own
            from {table} t where t._seq > hf_after and t._seq <= hf_last and right(t._hlc, 16) = hf_replica
            union all
            select d._seq, d.id::text, d._rev, d._hlc, false
            from {tombs} d where d._seq > hf_after and d._seq <= hf_last
          ) u);
      end if;
    end $page$;

    create or replace function {rows}(hf_after bigint, hf_upto bigint, hf_replica text, hf_placed boolean) returns setof json
    language plpgsql volatile
    set enable_sort = off
    as $rows$
    #variable_conflict use_column
    begin
      return query
        select {values}
        from (
          select t._rev, t._hlc, t._seq, {named} from {table} t
          where t._seq > hf_after and t._seq <= hf_upto and (hf_replica is null or right(t._hlc, 16) <> hf_replica)
          order by t._seq
        ) t;
    end $rows$;

    create or replace function {read}(hf_ids text[])
    returns table (id text, rev text, hlc text, recent text[], value jsonb)
    language plpgsql volatile as $read$
    #variable_conflict use_column
    declare
      hf_keys {id_type}[] := holdfast.{keys}(hf_ids);
    begin
      return query
      select t.id::text, t._rev::text, t._hlc::text, t._recent,
        (select to_jsonb(d) from (select {columns}) d)
      from {table} t where t.id = any (hf_keys);
      return query
      select distinct on (d.id) d.id::text, d._rev::text, d._hlc::text, d._recent, null::jsonb
      from {tombs} d
      where d.id = any (hf_keys) and not exists (select from {table} t where t.id = d.id)
      order by d.id, d._seq desc;
    end $read$;
  $t$, words);
end $build$;

-- Text ids as the type of the id column; what cannot be one names no row.
create or replace function holdfast.uuid_keys(ids text[]) returns uuid[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(k::uuid), '{}') from unnest(ids) k
  where k ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
$$;

create or replace function holdfast.text_keys(ids text[]) returns text[]
language sql immutable set search_path = '' as $$ select ids $$;

drop function if exists public.holdfast_pull(jsonb);

-- Takes {origin, checkpoints: {table: place | null}, limit, replica}. The last row of what it returns
-- tells of all; before it there is one for each page of a hundred and more, in the order of `pages`:
-- rows are what PostgREST copies without reading them. It would cut them short without a word, but not
-- unseen, since the last one is then missing; and they are few, however many tables there are.
create function public.holdfast_pull(jsonb) returns setof json
language plpgsql volatile
set default_transaction_isolation = 'read committed'
set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'postgres'
set bytea_output = 'hex' set extra_float_digits = 1
as $$
declare
  request alias for $1;
  origin jsonb := holdfast.origin();
  -- A place that is none, or that was never given out, comes from a history that was since rewound.
  known boolean := request -> 'origin' is not distinct from origin and not exists (
    select from jsonb_each_text(request -> 'checkpoints') c
    where case when c.value ~ '^[0-9]{1,18}$'
      then c.value::bigint > (select f.last_value from holdfast.feed f) else c.value is not null end);
  horizon bigint := holdfast.horizon();
  remaining int := (request ->> 'limit')::int;
  tables_left int := (select count(*) from jsonb_object_keys(request -> 'checkpoints'));
  checkpoint record;
  after bigint;
  replica text;
  share int;
  page record;
  part text;
  documents json;
  pages json[] := '{}';
  more boolean := false;
begin
  for checkpoint in select key, value from jsonb_each_text(request -> 'checkpoints') loop
    after := case when known then coalesce(checkpoint.value::bigint, 0) else 0 end;
    replica := case when after > 0 then request ->> 'replica' end;
    share := greatest(1, ceil(remaining::numeric / tables_left)::int);
    select * into page from holdfast.page(checkpoint.key, after, horizon, share, replica);
    documents := case when page.rows is not null then 'true'::json end;
    if page.rows is not null then
      part := format('select * from %s($1, $2, $3, $4)', page.rows);
      if page.count < 100 then
        execute part into documents using after, page.last, replica, page.others is not null;
      else
        -- Not by a function in between, which would copy all of it once more.
        return query execute part using after, page.last, replica, page.others is not null;
      end if;
    end if;
    more := more or page.more;
    remaining := remaining - page.count;
    tables_left := tables_left - 1;
    pages := pages || json_build_object(
      'table', checkpoint.key,
      -- A page that is not full has seen everything up to the horizon.
      'checkpoint', case when page.more then page.last else greatest(after, horizon) end::text,
      'columns', page.columns,
      'documents', documents,
      'others', page.others);
  end loop;
  return next json_build_object(
    'origin', origin,
    'known', known,
    'pages', pages,
    'more', more,
    'lag', case when horizon < (select f.last_value from holdfast.feed f) then holdfast.lag() end);
end $$;
