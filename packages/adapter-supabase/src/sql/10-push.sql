create or replace function holdfast.moved() returns text
language sql volatile security definer set search_path = '' as $$ select m.moved_to from holdfast.meta m $$;

drop function if exists public.holdfast_push(jsonb);

-- Takes {mutations, columns, runs}. A mutation is [id, hlc, table, document id, base, value, fields,
-- group], less what is missing at its end. The value of a new document is a list without the id, of what
-- `columns` has the names for by table; names in each would be half of what there is to parse. `runs` is
-- there where no mutation is a delete, one of a group, or of a document that comes twice: [table, kind,
-- count], as many as do the same in a row. The argument has no name, so that PostgREST passes the body
-- on as it came. One transaction, one savepoint for each mutation or group, or for a run of
-- mutations that follow one another in one table and do the same to it. A run of which anything fails
-- is taken back and gone through one by one. The answer is read at the end, when every trigger has
-- had its say.
create function public.holdfast_push(jsonb) returns json
language plpgsql volatile
set default_transaction_isolation = 'read committed'
as $$
declare
  sent jsonb[] := array(select jsonb_array_elements($1 -> 'mutations'));
  codes text[] := array_fill(null::text, array[cardinality(sent)]);
  messages text[] := codes;
  fields text[] := codes;
  constraints text[] := codes;
  heads int[];
  nexts int[];
  -- What a mutation does to which table, where it may go in a run with others that do the same.
  labels text[];
  -- All have one label.
  alike boolean;
  twice boolean;
  -- Outcomes do not wait for the end of the transaction, as some constraints do.
  may_wait boolean := exists (select from pg_catalog.pg_trigger t where t.tgdeferrable);
  queue int[];
  run int[];
  meant jsonb[];
  made int[];
  longest int := cardinality(sent);
  of_table text;
  place int;
  upto int;
  -- Applied, and stand as they were sent unless something else wrote since.
  kept int[] := '{}';
  later int[];
  head int;
  i int;
  state text;
  message text;
  field text;
  violated text;
  locking record;
begin
  perform pg_catalog.pg_advisory_xact_lock_shared(5208131494077267968);
  if (select s.last_value from holdfast.seal s) > 1 then
    return json_build_object('moved', coalesce(holdfast.moved(), ''));
  end if;

  -- Parents are written before children and deleted after them, unless a document comes twice.
  if jsonb_array_length($1 -> 'runs') = 1 then
    -- The usual push, in fewer steps.
    heads := array(select generate_series(1, ($1 #>> '{runs,0,2}')::int));
    labels := array_fill(($1 #>> '{runs,0,1}') || ' ' || ($1 #>> '{runs,0,0}'), array[cardinality(heads)]);
  elsif $1 ? 'runs' then
    select array_agg(g.n order by r.rank, r.part, g.n), array_agg(r.label order by r.rank, r.part, g.n)
    into heads, labels
    from (
      select t.rank, (l.r ->> 0) collate "C" as part, (l.r ->> 1) || ' ' || (l.r ->> 0) as label, (l.r ->> 2)::int as count,
        sum((l.r ->> 2)::int) over (order by l.n rows unbounded preceding) as upto
      from jsonb_array_elements($1 -> 'runs') with ordinality l(r, n)
      left join holdfast.tables t on t.name = l.r ->> 0
    ) r, lateral generate_series(r.upto - r.count + 1, r.upto) g(n);
  else
    twice := cardinality(sent) > (select count(*) from (
      select distinct (m ->> 2) collate "C", (m ->> 3) collate "C" from unnest(sent) m) d);
    select array_agg(u.n order by u.phase, u.rank, u.part, u.n) filter (where u.first),
      array_agg(u.label order by u.phase, u.rank, u.part, u.n) filter (where u.first),
      array_agg(coalesce(u.next, 0) order by u.n)
    into heads, labels, nexts
    from (
      select s.*,
        case when s.phase = 0 and s.unit is null and not twice and s.listed then s.kind || s.part end as label,
        s.unit is null or row_number() over (partition by s.unit order by s.n) = 1 as first,
        case when s.unit is not null then lead(s.n) over (partition by s.unit order by s.n) end as next
      from (
        select m.n, m.m ->> 7 as unit,
          case when m.m ->> 4 is null then 'create ' else 'change ' end as kind,
          m.m ->> 4 is not null or jsonb_typeof(m.m -> 5) = 'array' as listed,
          case when twice or m.m -> 5 <> 'null' then 0 else 1 end as phase,
          case when twice then 0 when m.m -> 5 <> 'null' then t.rank else - t.rank end as rank,
          case when twice then '' else m.m ->> 2 end collate "C" as part
        from unnest(sent) with ordinality m(m, n)
        left join holdfast.tables t on t.name = m.m ->> 2
      ) s
    ) u;
  end if;
  if $1 ? 'runs' then
    nexts := array_fill(0, array[cardinality(sent)]);
    if cardinality(heads) is distinct from cardinality(sent) then
      raise exception 'The runs of a push are not those of its mutations.' using errcode = '22023';
    end if;
  end if;
  alike := coalesce(labels[1] = all (labels), false);

  if cardinality(sent) > 1 and not (alike and labels[1] like 'create %') then
    for locking in
      select m ->> 2 as name, array_agg(m ->> 3) as ids, bool_or(m -> 5 = 'null') as deletes
      from unnest(sent) m where m ->> 4 is not null
      group by 1 order by 1
    loop
      perform holdfast.lock_rows(locking.name, locking.ids, locking.deletes);
    end loop;
  end if;

  perform pg_catalog.set_config('holdfast.foreign', '', true);
  queue := heads;
  loop
    later := '{}';
    place := 1;
    while place <= coalesce(cardinality(queue), 0) loop
      upto := case when alike then least(place + longest, cardinality(queue) + 1) - 1 else place end;
      while upto - place + 1 < longest and labels[upto + 1] = labels[place] loop
        upto := upto + 1;
      end loop;
      run := queue[place:upto];
      if upto > place then
        begin
          meant := case when cardinality(run) = cardinality(sent) and alike then sent
            else array(select sent[r.n] from unnest(run) with ordinality r(n, k) order by r.k) end;
          of_table := sent[run[1]] ->> 2;
          made := case when labels[place] like 'create %' then holdfast.create(of_table, meant, $1 -> 'columns' -> of_table)
            else holdfast.change(of_table, meant) end;
          if may_wait then
            set constraints all immediate;
            set constraints all deferred;
          end if;
          if cardinality(made) = cardinality(sent) and 0 < all (made)
              and pg_catalog.current_setting('holdfast.foreign') = '' then
            return json_build_object('of', cardinality(sent), 'others', '[]'::json);
          end if;
          foreach i in array made loop
            codes[run[abs(i)]] := 'applied';
            if i > 0 then
              kept := kept || run[i];
            end if;
          end loop;
        exception when others then
          get stacked diagnostics state = returned_sqlstate;
          if left(state, 2) in ('40', '53', '55', '57', '58', 'XX') then
            raise;
          end if;
          -- Shorter runs find what is at fault.
          longest := cardinality(run) / 2;
          continue;
        end;
      end if;
      place := place + cardinality(run);
      longest := least(cardinality(sent), longest * 2);

      foreach head in array run loop
        continue when codes[head] = 'applied';
        i := head;
        begin
          loop
            codes[i] := holdfast.apply(sent[i] ->> 2, holdfast.whole(sent[i], $1 -> 'columns'));
            if codes[i] not in ('applied', 'duplicate') and (i <> head or nexts[i] > 0) then
              raise exception using errcode = 'HFGRP';
            end if;
            exit when nexts[i] = 0;
            i := nexts[i];
          end loop;
          if may_wait and codes[i] = 'applied' then
            set constraints all immediate;
            set constraints all deferred;
          end if;
        exception when others then
          get stacked diagnostics state = returned_sqlstate, message = message_text,
            field = column_name, violated = constraint_name;
          if state <> 'HFGRP' then
            if holdfast.refusal(state) is null then
              raise;
            end if;
            codes[i] := holdfast.refusal(state);
            messages[i] := case when left(state, 2) in ('P0', 'PT') then message else 'SQLSTATE ' || state end;
            fields[i] := nullif(field, '');
            constraints[i] := nullif(violated, '');
            if state = '23503' then
              later := later || head;
            end if;
          end if;
          loop
            if head <> i then
              -- What took effect before says so; nothing else of the group does.
              begin
                codes[head] := holdfast.apply(sent[head] ->> 2, holdfast.whole(sent[head], $1 -> 'columns'));
                if codes[head] <> 'duplicate' then
                  raise exception using errcode = 'HFGRP';
                end if;
              exception when others then
                get stacked diagnostics state = returned_sqlstate;
                if state <> 'HFGRP' and holdfast.refusal(state) is null then
                  raise;
                end if;
                codes[head] := 'group';
              end;
            end if;
            exit when nexts[head] = 0;
            head := nexts[head];
          end loop;
        end;
      end loop;
    end loop;
    -- What failed for want of another row may succeed now that others went through.
    exit when cardinality(later) = 0 or cardinality(later) = cardinality(queue);
    queue := later;
    labels := '{}';
    alike := false;
  end loop;

  if pg_catalog.current_setting('holdfast.foreign') <> '' then
    kept := '{}';
  end if;
  return holdfast.answer(sent, $1 -> 'columns', codes, messages, fields, constraints, kept);
end $$;
