-- Clients call two functions of `public`; what those call runs with the caller's own rights.
create or replace function holdfast.grant_access(roles text[]) returns void
language plpgsql set search_path = '' as $$
declare
  role text;
  space text;
  part text;
begin
  execute 'revoke all on all functions in schema holdfast from public';
  execute 'revoke all on function public.holdfast_pull(jsonb), public.holdfast_push(jsonb) from public';
  foreach role in array roles loop
    execute format('grant usage on schema holdfast to %I', role);
    execute format('grant select on holdfast.feed, holdfast.seal, holdfast.tables to %I', role);
    -- Numbers without rows are nothing; a row's own is told from a foreign one by drawing the next.
    execute format('grant usage on sequence holdfast.feed to %I', role);
    execute format('grant execute on function public.holdfast_pull(jsonb), public.holdfast_push(jsonb) to %I', role);
    foreach part in array array['horizon()', 'open_run(text)', 'lag()', 'epoch()', 'origin()', 'moved()', 'refusal(text)',
      'uuid_keys(text[])', 'text_keys(text[])', 'page(text, bigint, bigint, int, text)', 'read(text, text[])',
      'apply(text, jsonb)',
      'create(text, jsonb[], jsonb)', 'change(text, jsonb[])', 'stands(text, jsonb[], jsonb)', 'lock_rows(text, text[], boolean)',
      'whole(jsonb, jsonb)', 'answer(jsonb[], jsonb, text[], text[], text[], text[], int[])'] loop
      execute format('grant execute on function holdfast.%s to %I', part, role);
    end loop;
    for space in select distinct 'holdfast_' || n.nspname from holdfast.tables t
      join pg_catalog.pg_class c on c.oid = t.relation join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    loop
      execute format('grant usage on schema %I to %I', space, role);
    end loop;
  end loop;
end $$;
