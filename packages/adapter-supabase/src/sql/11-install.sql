-- What can be synced: a plain table whose primary key is one column `id` of type text or uuid.
create or replace function holdfast.check_table(relation regclass) returns void
language plpgsql set search_path = '' as $$
declare
  class pg_catalog.pg_class;
  space text;
begin
  select * into class from pg_catalog.pg_class c where c.oid = relation;
  select n.nspname into space from pg_catalog.pg_namespace n where n.oid = class.relnamespace;
  if class.relkind not in ('r', 'p') then
    raise exception '% is not a table.', relation;
  elsif length(class.relname) > 50 or length(space) > 50 then
    raise exception 'The name of % is too long: 50 characters at most for the table and for its schema.', relation;
  elsif not exists (
    select from pg_catalog.pg_index i
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = relation and i.indisprimary and i.indnkeyatts = 1 and i.indimmediate
      and a.attname = 'id'
      and a.atttypid in ('text'::regtype, 'uuid'::regtype, 'character varying'::regtype)
  ) then
    raise exception 'The primary key of % must be one column "id" of type text or uuid, not deferrable: clients make ids offline.', relation;
  end if;
end $$;

-- Stamps rows again, so that they come to every client: with `where_sql`, only those it matches.
-- Triggers of the table's own do not run where this role may switch them off.
create or replace function holdfast.touch(relation regclass, where_sql text default 'true') returns bigint
language plpgsql set search_path = '' as $$
declare
  touched bigint;
  before text := pg_catalog.current_setting('session_replication_role');
begin
  begin
    perform pg_catalog.set_config('session_replication_role', 'replica', true);
  exception when insufficient_privilege then null;
  end;
  execute format('update %s set _seq = 0 where %s', relation, where_sql);
  get diagnostics touched = row_count;
  if pg_catalog.current_setting('session_replication_role') <> before then
    perform pg_catalog.set_config('session_replication_role', before, true);
  end if;
  return touched;
end $$;

-- Who may update or insert single columns may also write what marks the row as theirs.
create or replace function holdfast.grant_marks(relation regclass) returns void
language plpgsql set search_path = '' as $$
declare
  writer record;
begin
  for writer in
    select distinct x.privilege_type as kind,
      case x.grantee when 0 then 'public' else quote_ident(r.rolname) end as name
    from pg_catalog.pg_attribute a, aclexplode(a.attacl) x left join pg_catalog.pg_roles r on r.oid = x.grantee
    where a.attrelid = relation and x.privilege_type in ('INSERT', 'UPDATE', 'SELECT')
      and a.attname not in ('_rev', '_hlc', '_recent', '_seq')
  loop
    execute format('grant %s (%s) on %s to %s', writer.kind,
      case writer.kind when 'UPDATE' then '_rev, _hlc' when 'INSERT' then '_rev, _hlc, _recent, _seq'
        else '_rev, _hlc, _recent, _seq' end, relation, writer.name);
  end loop;
end $$;

-- Makes a table synced, or brings its generated code up to date after ALTER TABLE or a change of
-- policies. Columns in `omitted` stay between the server and itself.
create or replace function holdfast.install_table(relation regclass, omitted text[] default null) returns void
language plpgsql set search_path = '' as $$
declare
  words jsonb;
  before holdfast.tables;
  columns text[];
  changed text;
begin
  perform holdfast.check_table(relation);
  execute format($t$
    alter table %1$s
      add column if not exists _rev text collate "C" not null default '',
      add column if not exists _hlc text collate "C" not null default '',
      add column if not exists _recent text[] not null default '{}',
      add column if not exists _seq bigint not null default 0$t$, relation);
  execute format('create index if not exists %I on %s (_seq)',
    (select c.relname from pg_catalog.pg_class c where c.oid = relation) || '_holdfast_seq', relation);

  perform holdfast.grant_marks(relation);
  select * into before from holdfast.tables t where t.relation = install_table.relation;
  omitted := coalesce(omitted, before.omitted, '{}');
  words := holdfast.words_of(relation, omitted);
  perform holdfast.build_tombstones(relation, words);
  perform holdfast.build_stamp(relation, words);
  perform holdfast.build_page(words);
  perform holdfast.build_apply(words);
  perform holdfast.build_runs(words);

  select array_agg(c.name) into columns from holdfast.columns_of(relation, omitted) c;
  insert into holdfast.tables as t (name, relation, omitted, id_type, known, blank)
  values (holdfast.name_of(relation), relation, omitted, words ->> 'id_type', columns,
    (select jsonb_object_agg(c, null) from unnest(columns) c))
  on conflict on constraint tables_relation_key do update set
    name = excluded.name, omitted = excluded.omitted, id_type = excluded.id_type,
    known = excluded.known, blank = excluded.blank;
  perform holdfast.build_dispatch();

  -- Rows that no client has yet in this shape.
  if before.known is null or not (before.known <@ columns) then
    changed := 'true';
  else
    select string_agg(format('%I is not null', c), ' or ') into changed
    from unnest(columns) c where c <> all (before.known);
  end if;
  perform holdfast.touch(relation, '_seq = 0' || coalesce(' or ' || changed, ''));
end $$;

-- Stops syncing a table. Its columns, its documents and its tombstones stay.
create or replace function holdfast.uninstall_table(relation regclass) returns void
language plpgsql set search_path = '' as $$
declare
  trigger_name text;
begin
  foreach trigger_name in array '{zzz_holdfast_stamp,zzz_holdfast_stamp_update,zzz_holdfast_settle,zzz_holdfast_bury,zzz_holdfast_renamed,zzz_holdfast_truncate}'::text[] loop
    execute format('drop trigger if exists %I on %s', trigger_name, relation);
  end loop;
  delete from holdfast.tables t where t.relation = uninstall_table.relation;
  perform holdfast.build_dispatch();
end $$;

-- From a table's name to its own static code, and the order in which foreign keys want tables.
create or replace function holdfast.build_dispatch() returns void
language plpgsql set search_path = '' as $build$
declare
  kind record;
  branches text;
begin
  delete from holdfast.tables t where not exists (select from pg_catalog.pg_class c where c.oid = t.relation);
  with recursive below(relation, depth, path) as (
    select t.relation::oid, 0, array[t.relation::oid] from holdfast.tables t
    union all
    select c.conrelid, b.depth + 1, b.path || c.conrelid
    from below b join pg_catalog.pg_constraint c on c.confrelid = b.relation and c.contype = 'f'
    where c.conrelid <> all (b.path)
  )
  update holdfast.tables t
  set rank = (select max(b.depth) from below b where b.relation = t.relation::oid);

  for kind in select * from (values
    ('page', 'hf_after bigint, hf_upto bigint, hf_most int, hf_replica text, out rows text, out columns json, out others json, out count int, out last bigint, out more boolean', 'record', 'select * into rows, columns, others, count, last, more from %s(hf_after, hf_upto, hf_most, hf_replica);'),
    ('read', 'hf_ids text[]', 'table (id text, rev text, hlc text, recent text[], value jsonb)', 'return query select * from %s(hf_ids);'),
    ('apply', 'hf_m jsonb', 'text', 'return %s(hf_m);'),
    ('create', 'hf_ms jsonb[], hf_columns jsonb', 'int[]', 'return %s(hf_ms, hf_columns);'),
    ('change', 'hf_ms jsonb[]', 'int[]', 'return %s(hf_ms);'),
    ('stands', 'hf_ms jsonb[], hf_columns jsonb', 'int[]', 'return %s(hf_ms, hf_columns);'),
    ('lock_rows', 'hf_ids text[], hf_deletes boolean', 'void', 'perform %s(hf_ids, hf_deletes);')
  ) k(name, arguments, result, call) loop
    select string_agg(format(E'    when %L then ' || kind.call || E'\n', t.name,
      holdfast.words_of(t.relation, t.omitted) ->> case kind.name when 'lock_rows' then 'lock' else kind.name end), '')
    into branches from holdfast.tables t;
    execute format(E'create or replace function holdfast.%I(hf_table text, %s) returns %s language plpgsql volatile as $dispatch$\nbegin\n  case hf_table\n%s    else raise exception ''The table %% is not synced.'', hf_table using errcode = ''HF003'';\n  end case;\nend $dispatch$',
      kind.name, kind.arguments, kind.result, coalesce(branches, '    when null then null;' || chr(10)));
  end loop;
end $build$;
