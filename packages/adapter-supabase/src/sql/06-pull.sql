-- One page of one table's feed: changes [id, rev, hlc, values, values, …], or with null for a
-- tombstone and 0 for a revision of the asking replica, whose value it has, in place of the values.
-- Those are of the table's columns but `id`, in their order, ninety in each list: a function takes a
-- hundred arguments. Names are sent once a page, and building a list is half of building an object.

drop function if exists holdfast.page(text, bigint, bigint, int, text);

create or replace function holdfast.build_page(words jsonb) returns void
language plpgsql set search_path = '' as $build$
begin
  execute holdfast.fill('drop function if exists {page}(bigint, bigint, int, text)', words);
  execute holdfast.fill($t$
    create or replace function {page}(hf_after bigint, hf_upto bigint, hf_most int, hf_replica text,
      out columns json, out changes json, out count int, out last bigint, out more boolean)
    language plpgsql volatile
    -- The feed's index is in order already. Without fresh statistics the planner would rather
    -- read all that is left of the feed for each page, and sort it.
    set enable_sort = off
    as $page$
    #variable_conflict use_column
    begin
      columns := {listed};
      select coalesce(json_agg(p.change order by p.seq) filter (where p.fits), '[]'),
        count(*) filter (where p.fits), max(p.seq) filter (where p.fits), coalesce(bool_or(not p.fits), false)
      into changes, count, last, more
      from (
        select u.seq, u.change,
          -- All that begins within the first four million bytes: at least one.
          row_number() over feed <= hf_most
            and sum(pg_column_size(u.change)) over feed - pg_column_size(u.change) < 4000000 as fits
        from (
          (select t._seq as seq, case
            when right(t._hlc, 16) = hf_replica then json_build_array(t.id, t._rev, t._hlc, 0)
            else json_build_array(t.id, t._rev, t._hlc, {values}) end as change
          from {table} t where t._seq > hf_after and t._seq <= hf_upto
          order by t._seq limit hf_most + 1)
          union all
          (select d._seq, json_build_array(d.id, d._rev, d._hlc, null)
          from {tombs} d where d._seq > hf_after and d._seq <= hf_upto
          order by d._seq limit hf_most + 1)
        ) u
        window feed as (order by u.seq rows unbounded preceding)
        order by u.seq limit hf_most + 1
      ) p;
    end $page$;

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

-- Takes {origin, checkpoints: {table: place | null}, limit, replica}; one scalar, since PostgREST
-- cuts row sets short without a word.
create or replace function public.holdfast_pull(request jsonb) returns json
language plpgsql volatile
set default_transaction_isolation = 'read committed'
set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'postgres'
set bytea_output = 'hex' set extra_float_digits = 1
as $$
declare
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
  share int;
  page record;
  names text[] := '{}';
  pages json[] := '{}';
  more boolean := false;
begin
  for checkpoint in select key, value from jsonb_each_text(request -> 'checkpoints') loop
    after := case when known then coalesce(checkpoint.value::bigint, 0) else 0 end;
    share := greatest(1, ceil(remaining::numeric / tables_left)::int);
    select * into page from holdfast.page(checkpoint.key, after, horizon, share,
      case when after > 0 then request ->> 'replica' end);
    more := more or page.more;
    remaining := remaining - page.count;
    tables_left := tables_left - 1;
    names := names || checkpoint.key;
    -- A page that is not full has seen everything up to the horizon.
    pages := pages || json_build_object(
      'checkpoint', case when page.more then page.last else greatest(after, horizon) end::text,
      'columns', page.columns,
      'changes', page.changes);
  end loop;
  -- What is `json` already is copied; anything else would be read once more.
  return json_build_object(
    'origin', origin,
    'known', known,
    'pages', (select coalesce(json_object_agg(n, p), '{}') from unnest(names, pages) u(n, p)),
    'more', more,
    'lag', case when horizon < (select f.last_value from holdfast.feed f) then holdfast.lag() end);
end $$;
