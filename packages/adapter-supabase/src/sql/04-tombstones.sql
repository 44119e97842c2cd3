-- holdfast_<schema>.<table>: the tombstones of <schema>.<table>, with the columns its SELECT
-- policies use and a copy of those policies. The same table name, so that a policy's text that
-- names its table means the same here.

create or replace function holdfast.build_tombstones(relation regclass, words jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  tombs regclass;
  part record;
begin
  execute holdfast.fill('create schema if not exists {own}', words);
  execute holdfast.fill($t$
    create table if not exists {tombs} (
      id {id_type} not null,
      _scope text not null,
      _rev text collate "C" not null,
      _hlc text collate "C" not null,
      _recent text[] not null,
      _seq bigint not null,
      primary key (id, _scope)
    )$t$, words);
  tombs := words ->> 'tombs';
  for part in
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_catalog.pg_attribute a
    where a.attrelid = relation and a.attname = any (holdfast.policy_columns(relation))
  loop
    execute format('alter table %s add column if not exists %I %s', tombs, part.name, part.type);
  end loop;
  execute format('create index if not exists %I on %s (_seq)',
    (select c.relname from pg_catalog.pg_class c where c.oid = relation) || '_tombstones_seq', tombs);
  perform holdfast.copy_policies(relation, tombs);
  perform holdfast.copy_readers(relation, tombs);
end $$;

create or replace function holdfast.copy_policies(source regclass, target regclass) returns void
language plpgsql set search_path = '' as $$
declare
  policy record;
begin
  for policy in select p.polname from pg_catalog.pg_policy p where p.polrelid = target loop
    execute format('drop policy %I on %s', policy.polname, target);
  end loop;
  for policy in
    select p.polname, p.polpermissive, coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') as expression,
      (select string_agg(case r.oid when 0 then 'public' else quote_ident(g.rolname) end, ', ')
       from unnest(p.polroles) r(oid) left join pg_catalog.pg_roles g on g.oid = r.oid) as roles
    from pg_catalog.pg_policy p
    where p.polrelid = source and p.polcmd in ('r', '*')
  loop
    execute format('create policy %I on %s as %s for select to %s using (%s)', policy.polname, target,
      case when policy.polpermissive then 'permissive' else 'restrictive' end, policy.roles, policy.expression);
  end loop;
  execute format('alter table %s %s row level security', target,
    (select case when c.relrowsecurity then 'enable' else 'disable' end
     from pg_catalog.pg_class c where c.oid = source));
end $$;

-- Who may read the table may read its tombstones; nobody writes them but the triggers.
create or replace function holdfast.copy_readers(source regclass, target regclass) returns void
language plpgsql set search_path = '' as $$
declare
  reader record;
begin
  for reader in
    select distinct case x.grantee when 0 then 'public' else quote_ident(r.rolname) end as name
    from pg_catalog.pg_class c, aclexplode(c.relacl) x left join pg_catalog.pg_roles r on r.oid = x.grantee
    where c.oid = target and x.grantee <> c.relowner
  loop
    execute format('revoke all on %s from %s', target, reader.name);
  end loop;
  for reader in
    select distinct case x.grantee when 0 then 'public' else quote_ident(r.rolname) end as name
    from pg_catalog.pg_class c, aclexplode(c.relacl) x left join pg_catalog.pg_roles r on r.oid = x.grantee
    where c.oid = source and x.privilege_type = 'SELECT' and x.grantee <> c.relowner
  loop
    execute format('grant select on %s to %s', target, reader.name);
  end loop;
end $$;
