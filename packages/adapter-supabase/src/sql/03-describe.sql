-- What the generated code of a table is made from.

create or replace function holdfast.fill(template text, words jsonb) returns text
language plpgsql immutable set search_path = '' as $$
declare
  word record;
begin
  for word in select key, value from jsonb_each_text(words) loop
    template := replace(template, '{' || word.key || '}', word.value);
  end loop;
  return template;
end $$;

-- int8, numeric and money lose digits as JSON numbers, so they travel as text.
create or replace function holdfast.travels_as(of oid) returns text
language sql stable set search_path = '' as $$
  with recursive base(oid, typtype, typbasetype, typelem) as (
    select t.oid, t.typtype, t.typbasetype, t.typelem from pg_catalog.pg_type t where t.oid = of
    union all
    select t.oid, t.typtype, t.typbasetype, t.typelem
    from base b join pg_catalog.pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
  )
  select case
    when oid::regtype::text in ('bigint', 'numeric', 'money') then '::text'
    when oid::regtype::text in ('bigint[]', 'numeric[]', 'money[]') then '::text[]'
    else '' end
  from base where typtype <> 'd'
$$;

-- How a cell of a document becomes a value of a column: by the input function of its type, as
-- jsonb_populate_record does it, and in a fifth of the time. Null where only that one is sure. What a
-- column limits besides, length or digits, the assignment to it sees to in the same way.
drop function if exists holdfast.cell_of(text, oid, int);

create or replace function holdfast.cell_of(name text, type oid) returns text
language sql immutable set search_path = '' as $$
  select case when type = 'jsonb'::regtype then format($c$nullif(a.value -> %L, 'null')$c$, name)
    when type::regtype::text in ('text', 'character varying', 'boolean', 'smallint',
      'integer', 'bigint', 'real', 'double precision', 'numeric', 'uuid', 'date', 'timestamp with time zone',
      'timestamp without time zone')
    then format('(a.value ->> %L)::%s', name, type::regtype) end
$$;

-- About how many bytes a value takes as text, told without reading it where it is stored apart.
create or replace function holdfast.size_of(name text, type oid) returns text
language sql stable set search_path = '' as $$
  select case
    when t.oid in ('text'::regtype, 'character varying'::regtype) then format('coalesce(octet_length(t.%I), 4)', name)
    when t.typlen > 0 then t.typlen::text
    else format('coalesce(case when pg_column_compression(t.%1$I) is null then pg_column_size(t.%1$I) else octet_length(t.%1$I::text) end, 4)', name)
    end
  from pg_catalog.pg_type t where t.oid = type
$$;

-- The JSON type whose values a column of this type gives back as they were sent.
create or replace function holdfast.json_type_of(type oid) returns text
language sql immutable set search_path = '' as $$
  select case type::regtype::text when 'text' then 'string' when 'character varying' then 'string'
    when 'boolean' then 'boolean' when 'smallint' then 'number' when 'integer' then 'number' end
$$;

drop function if exists holdfast.kept_by(text, text, text);

drop function if exists holdfast.columns_of(regclass, text[]);

create or replace function holdfast.columns_of(relation regclass, omitted text[])
returns table (name text, writable boolean, required boolean, travels text, initial text, stored boolean,
  type oid, cell text, limited boolean)
language sql stable set search_path = '' as $$
  select a.attname::text,
    a.attgenerated = '' and a.attidentity <> 'a',
    a.attnotnull,
    holdfast.travels_as(a.atttypid),
    case
      when a.attgenerated <> '' or a.attidentity = 'a' then null
      when a.attidentity = 'd' then
        format('nextval(%L::regclass)', pg_get_serial_sequence(relation::text, a.attname::text))
      else pg_get_expr(d.adbin, d.adrelid)
    end,
    a.attgenerated = 's',
    a.atttypid,
    coalesce(holdfast.cell_of(a.attname::text, a.atttypid), format('r.%I', a.attname)),
    a.atttypmod <> -1
  from pg_catalog.pg_attribute a
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
    and a.attname not in ('_rev', '_hlc', '_recent', '_seq')
    and a.attname <> all (omitted)
  order by a.attnum
$$;

-- Columns that the SELECT policies of a table look at: its tombstones keep them.
create or replace function holdfast.policy_columns(relation regclass) returns text[]
language sql stable set search_path = '' as $$
  select coalesce(array_agg(distinct a.attname::text order by a.attname::text), '{}')
  from pg_catalog.pg_policy p
  join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid and d.deptype = 'n'
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = relation and d.refobjsubid > 0
  join pg_catalog.pg_attribute a on a.attrelid = relation and a.attnum = d.refobjsubid
  where p.polrelid = relation and p.polcmd in ('r', '*') and a.attname <> 'id'
$$;

-- The table has rights or triggers of single columns.
create or replace function holdfast.by_column(relation regclass) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from pg_catalog.pg_attribute a where a.attrelid = relation and a.attacl is not null)
    or exists (select from pg_catalog.pg_trigger t where t.tgrelid = relation and cardinality(t.tgattr::int2[]) > 0)
$$;

-- The statement that applies a patch. Setting every column is fastest, since it is planned once;
-- where the table has rights or triggers of single columns, only those that are meant are set.
create or replace function holdfast.update_of(relation regclass, omitted text[]) returns text
language plpgsql stable set search_path = '' as $$
declare
  target text := (select format('%I.%I', n.nspname, c.relname) from pg_catalog.pg_class c
                  join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = relation);
  columns text[] := array(select c.name from holdfast.columns_of(relation, omitted) c
                          where c.writable and c.name <> 'id');
begin
  if holdfast.by_column(relation) then
    return format($u$execute %L || (
      select coalesce(string_agg(format('%%1$I = ($1).%%1$I, ', c), ''), '')
      from unnest(%L::text[]) c where hf_set ? c
    ) || '_rev = $2, _hlc = $3 where t.id = $4 and t._rev = $5'
    using hf_row, '>' || hf_id, hf_hlc, hf_key, hf_base$u$, format('update %s t set ', target), columns);
  end if;
  return format($u$update %s t set %s_rev = '>' || hf_id, _hlc = hf_hlc where t.id = hf_key and t._rev = hf_base$u$,
    target,
    (select string_agg(format('%1$I = case when hf_set ? %1$L then hf_row.%1$I else t.%1$I end, ', c), '')
     from unnest(columns) c));
end $$;

-- The words that every template of a table can use.
create or replace function holdfast.words_of(relation regclass, omitted text[]) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  space text;
  plain text;
  own text;
  words jsonb;
begin
  select n.nspname, c.relname into space, plain
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = relation;
  own := 'holdfast_' || space;
  select jsonb_build_object(
    'columns', string_agg(format('t.%I%s', c.name, c.travels)
      || case when c.travels = '' then '' else format(' as %I', c.name) end, ', '),
    'listed', quote_literal(to_json(coalesce(array_agg(c.name) filter (where c.name <> 'id'), '{}'))),
    -- A function takes a hundred arguments.
    'values', format(case when count(*) < 97 then 'json_build_array(%s)' else 'array_to_json(array[%s])' end,
      concat_ws(', ', 'json_agg(t.id), json_agg(t._rev), json_agg(t._hlc), json_agg(t._seq) filter (where hf_placed)',
        string_agg(format('json_agg(t.%I%s)', c.name, c.travels), ', ') filter (where c.name <> 'id'))),
    'size', concat_ws(' + ', '1', string_agg(holdfast.size_of(c.name, c.type), ' + ')),
    -- Whoever reads them may have no right to others.
    'named', string_agg(format('t.%I', c.name), ', '),
    'known', format('%L::text[]', array_agg(c.name order by c.n)),
    'read_only', format('%L::text[]', coalesce(array_agg(c.name) filter (where not c.writable), '{}')),
    'nullable', format('%L::jsonb', coalesce(
      jsonb_object_agg(c.name, null) filter (where c.writable and not c.required), '{}')),
    'insert_columns', string_agg(format('%I', c.name), ', ') filter (where c.writable),
    'insert_values', string_agg(
      case
        when c.name = 'id' then 'hf_key'
        when c.initial is null then format('hf_row.%I', c.name)
        else format('case when hf_value ? %L then hf_row.%I else %s end', c.name, c.name, c.initial)
      end, ', ') filter (where c.writable),
    -- What a run creates has its values in a list.
    'create_values', string_agg(
      case
        when c.name = 'id' then 'a.key'
        when c.initial is null then c.listed
        else format($c$case when a.value -> hf_at[%s] <> 'null' then %s else %s end$c$, c.n, c.listed, c.initial)
      end, ', ') filter (where c.writable),
    'change_values', coalesce(string_agg(
      format('case when a.meant ? %1$L then %2$s else t.%3$I end, ', c.name, c.cell, c.name), '')
      filter (where c.writable and c.name <> 'id'), ''),
    'change_columns', coalesce(string_agg(format('%I, ', c.name), '') filter (where c.writable and c.name <> 'id'), ''),
    -- The types of JSON of which a new row holds just what was sent, if no trigger has a say; those
    -- that must be there, since something else would be filled in.
    'kept_types', format('%L::jsonb', jsonb_object_agg(c.name, case
      when c.name = 'id' then '["string"]'
      when not c.writable or c.travels <> '' or c.limited or c.cell like 'r.%' then '[]'
      when c.initial is null then jsonb_build_array(holdfast.json_type_of(c.type), holdfast.json_type_of(c.type) || '?')
      else jsonb_build_array(holdfast.json_type_of(c.type)) end)),
    'initials', format('%L::text[]', coalesce(
      array_agg(c.name) filter (where c.name <> 'id' and (c.initial is not null or not c.writable)), '{}')),
    -- What these look like as JSON depends on no setting.
    'pinned', bool_and(c.type::regtype::text in ('text', 'character varying', 'boolean', 'smallint', 'integer',
      'bigint', 'numeric', 'uuid', 'jsonb', 'text[]'))::text,
    'as_sent', coalesce(string_agg(format(
      $c$ and nullif(a.value -> %1$L, 'null') is not distinct from to_jsonb(t.%2$I%3$s)$c$, c.name, c.name, c.travels), ''), ''),
    'as_listed', coalesce(string_agg(format(
      $c$ and nullif(a.value -> hf_at[%s], 'null') is not distinct from to_jsonb(t.%I%s)$c$, c.n, c.name, c.travels), '')
      filter (where c.name <> 'id'), ''),
    'record_listed', case when bool_or(c.cell like 'r.%' and c.writable)
      then format(', lateral jsonb_populate_record(null::%I.%I, %s) r', space, plain,
        string_agg(format('jsonb_build_object(%L, a.value -> hf_at[%s])', c.name, c.n), ' || ') filter (where c.cell like 'r.%' and c.writable))
      else '' end,
    'record', case when bool_or(c.cell like 'r.%' and c.writable)
      then format(', lateral jsonb_populate_record(null::%I.%I, a.value) r', space, plain) else '' end,
    'keep_stored', coalesce(string_agg(format('new.%I := old.%I; ', c.name, c.name), '')
      filter (where c.stored), '')
  ) into words
  from (
    select o.*, row_number() over () as n, replace(o.cell, format('> %L', o.name), format('> hf_at[%s]', row_number() over ())) as listed
    from holdfast.columns_of(relation, omitted) o
  ) c;
  return words || jsonb_build_object(
    'table', format('%I.%I', space, plain),
    'tombs', format('%I.%I', own, plain),
    'own', format('%I', own),
    'name', quote_literal(holdfast.name_of(relation)),
    'stamp', format('%I.%I', own, plain || '_stamp'),
    'settle', format('%I.%I', own, plain || '_settle'),
    'bury', format('%I.%I', own, plain || '_bury'),
    'bury_all', format('%I.%I', own, plain || '_bury_all'),
    'page', format('%I.%I', own, plain || '_page'),
    'rows', format('%I.%I', own, plain || '_rows'),
    'rows_name', quote_literal(format('%I.%I', own, plain || '_rows')),
    'read', format('%I.%I', own, plain || '_read'),
    'apply', format('%I.%I', own, plain || '_apply'),
    'lock', format('%I.%I', own, plain || '_lock'),
    'update_statement', holdfast.update_of(relation, omitted),
    'by_column', holdfast.by_column(relation)::text,
    'create', format('%I.%I', own, plain || '_create'),
    'change', format('%I.%I', own, plain || '_change'),
    'stands', format('%I.%I', own, plain || '_stands'),
    'key', (select case when a.atttypid = 'uuid'::regtype
      then $k$case when m.m ->> 3 ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
        then (m.m ->> 3)::uuid end$k$ else $k$m.m ->> 3$k$ end
      from pg_catalog.pg_attribute a where a.attrelid = relation and a.attname = 'id'),
    'table_name', quote_literal(format('%I.%I', space, plain)),
    'keys', (select case when a.atttypid = 'uuid'::regtype then 'uuid_keys' else 'text_keys' end
             from pg_catalog.pg_attribute a where a.attrelid = relation and a.attname = 'id'),
    'mark', (select quote_literal(m.mark) from holdfast.meta m),
    'run', (select quote_literal(m.mark || ' ' || holdfast.name_of(relation)) from holdfast.meta m),
    'id_type', (select a.atttypid::regtype::text from pg_catalog.pg_attribute a
                where a.attrelid = relation and a.attname = 'id'),
    'scope_columns', coalesce((select string_agg(format('%I, ', c), '')
      from unnest(holdfast.policy_columns(relation)) c), ''),
    'scope_old', coalesce((select string_agg(format('old.%I, ', c), '')
      from unnest(holdfast.policy_columns(relation)) c), ''),
    'scope_row', coalesce((select string_agg(format('t.%I, ', c), '')
      from unnest(holdfast.policy_columns(relation)) c), '')
  );
end $$;

-- `contacts` for public.contacts, `crm.contacts` elsewhere: what clients call it.
create or replace function holdfast.name_of(relation regclass) returns text
language sql stable set search_path = '' as $$
  select case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = relation
$$;
