-- One mutation of one table, in the form that `holdfast.whole` gives it, judged and applied as the calling user. Static code: planning
-- dynamic statements costs more than everything else here together.

create or replace function holdfast.build_apply(words jsonb) returns void
language plpgsql set search_path = '' as $build$
begin
  execute holdfast.fill($t$
    create or replace function {apply}(hf_m jsonb) returns text
    language plpgsql volatile as $apply$
    #variable_conflict use_variable
    declare
      hf_id text := hf_m ->> 0;
      hf_hlc text := hf_m ->> 1;
      hf_base text := hf_m ->> 4;
      hf_value jsonb := nullif(hf_m -> 5, 'null');
      hf_named jsonb := nullif(hf_m -> 6, 'null');
      hf_key {id_type};
      hf_keys {id_type}[] := holdfast.{keys}(array[hf_m ->> 3]);
      hf_row {table};
      hf_set jsonb;
      hf_now record;
      hf_alive boolean;
      hf_created boolean;
      hf_touched bigint;
    begin
      if cardinality(hf_keys) = 0 then
        return 'invalid_id id';
      end if;
      hf_key := hf_keys[1];
      if hf_hlc !~ '^[0-9a-e][0-9a-f]{11}-[0-9a-f]{4}-[0-9a-f]{16}$' then
        return 'hlc';
      end if;
      for hf_attempt in 1..2 loop
        select t._rev, t._hlc, t._recent into hf_now from {table} t where t.id = hf_key;
        hf_alive := found;
        if not hf_alive then
          select d._rev, d._hlc, d._recent into hf_now
          from {tombs} d where d.id = hf_key order by d._seq desc limit 1;
          if not found and (hf_base is not null or hf_value is null) then
            return 'unavailable';
          end if;
        end if;
        if hf_alive or found then
          if hf_id = any (hf_now._recent) then
            return 'duplicate';
          elsif hf_base is distinct from hf_now._rev or hf_hlc <= hf_now._hlc collate "C" then
            return 'conflict';
          end if;
        end if;
        if hf_attempt = 2 then
          -- Nothing that we can see stood in the way, and still no row was touched.
          return case when hf_alive then 'forbidden' else 'unavailable' end;
        end if;

        if hf_value is null then
          if not hf_alive then
            return 'applied';
          end if;
          perform pg_catalog.set_config('holdfast.deleting',
            concat_ws(E'\x1f', {name}, hf_id, hf_hlc, hf_key::text), true);
          delete from {table} t where t.id = hf_key and t._rev = hf_base;
        else
          if hf_alive and hf_named is not null then
            hf_set := hf_named;
            if hf_named - {known} <> '[]' then
              return 'unknown_column ' || (hf_named - {known} ->> 0);
            elsif hf_named ?| {read_only} then
              return 'read_only ' || (select f from jsonb_array_elements_text(hf_named) f
                where f = any ({read_only}) limit 1);
            end if;
          else
            hf_set := {nullable} || hf_value;
            if hf_value - {known} <> '{}' then
              return 'unknown_column ' || (select k from jsonb_object_keys(hf_value - {known}) k limit 1);
            end if;
          end if;
          hf_row := jsonb_populate_record(null::{table}, hf_value);
          if hf_alive then
            {update_statement};
          else
            begin
              insert into {table} ({insert_columns}, _rev, _hlc, _recent)
              values ({insert_values}, '>' || hf_id, hf_hlc, coalesce(hf_now._recent, '{}'))
              on conflict (id) do nothing;
              hf_created := found;
              -- What waited for another insert may have missed the delete that came after it.
              if hf_created and (select d._rev from {tombs} d where d.id = hf_key order by d._seq desc limit 1)
                  is distinct from hf_now._rev then
                raise exception using errcode = 'HFRUN';
              end if;
            exception when sqlstate 'HFRUN' then
              hf_created := false;
            end;
            if hf_created then
              return 'applied';
            end if;
            continue;
          end if;
        end if;
        get diagnostics hf_touched = row_count;
        if hf_touched > 0 then
          return 'applied';
        end if;
      end loop;
    end $apply$;

    -- In id order, so that two pushes over the same rows cannot wait for each other.
    create or replace function {lock}(hf_ids text[], hf_deletes boolean) returns void
    language plpgsql volatile as $lock$
    declare
      hf_keys {id_type}[] := holdfast.{keys}(hf_ids);
    begin
      if not has_table_privilege({table_name}::regclass, 'UPDATE') then
        return;
      elsif hf_deletes then
        perform from {table} t where t.id = any (hf_keys) order by t.id for update;
      else
        perform from {table} t where t.id = any (hf_keys) order by t.id for no key update;
      end if;
    end $lock$;
  $t$, words);
end $build$;
