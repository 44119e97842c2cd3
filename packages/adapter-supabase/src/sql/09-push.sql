-- Which failures are the fault of the mutation itself, so that sending it again cannot succeed.
create or replace function holdfast.refusal(state text) returns text
language sql immutable set search_path = '' as $$
  select case
    when state = '23505' then 'unique'
    when state = '23503' then 'foreign_key'
    when state = '23502' then 'not_null'
    when state = '23514' then 'check'
    when left(state, 2) = '23' then 'constraint'
    when left(state, 2) = '22' then 'invalid_value'
    when state = '42501' or left(state, 2) = '44' then 'forbidden'
    when left(state, 2) in ('P0', 'PT') then 'refused'
    when left(state, 2) = '54' then 'too_large'
  end
$$;

create or replace function holdfast.moved() returns text
language sql volatile security definer set search_path = '' as $$ select m.moved_to from holdfast.meta m $$;

-- Takes {mutations: […]}; one transaction, one savepoint for each mutation or group, or for a run of
-- mutations that follow one another in one table and do the same to it. A run of which anything fails
-- is taken back and gone through one by one. The answer is read at the end, when every trigger has
-- had its say.
create or replace function public.holdfast_push(request jsonb) returns json
language plpgsql volatile
set default_transaction_isolation = 'read committed'
as $$
declare
  sent jsonb[] := array(select jsonb_array_elements(request -> 'mutations'));
  names text[] := array(select m ->> 'collection' from unnest(sent) m);
  ids text[] := array(select m ->> 'documentId' from unnest(sent) m);
  codes text[] := array_fill(null::text, array[cardinality(sent)]);
  messages text[] := codes;
  fields text[] := codes;
  constraints text[] := codes;
  heads int[];
  nexts int[];
  -- What a mutation does to which table, where it may go in a run with others that do the same.
  labels text[];
  twice boolean := cardinality(sent) > (select count(*) from (
    select distinct a.name collate "C", a.id collate "C" from unnest(names, ids) a(name, id)) d);
  -- Outcomes do not wait for the end of the transaction, as some constraints do.
  may_wait boolean := exists (select from pg_catalog.pg_trigger t where t.tgdeferrable);
  queue int[];
  run int[];
  meant jsonb[];
  made int[];
  longest int := cardinality(sent);
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
  select array_agg(u.n order by u.phase, u.rank, u.part, u.n) filter (where u.first),
    array_agg(u.label order by u.phase, u.rank, u.part, u.n) filter (where u.first),
    array_agg(coalesce(u.next, 0) order by u.n)
  into heads, labels, nexts
  from (
    select s.*,
      case when s.phase = 0 and s.unit is null and not twice then s.kind || s.part end as label,
      s.unit is null or row_number() over (partition by s.unit order by s.n) = 1 as first,
      case when s.unit is not null then lead(s.n) over (partition by s.unit order by s.n) end as next
    from (
      select m.n, m.m ->> 'group' as unit,
        case when m.m ->> 'base' is null then 'create ' else 'change ' end as kind,
        case when twice or m.m -> 'value' <> 'null' then 0 else 1 end as phase,
        case when twice then 0 when m.m -> 'value' <> 'null' then t.rank else - t.rank end as rank,
        case when twice then '' else m.m ->> 'collection' end collate "C" as part
      from unnest(sent) with ordinality m(m, n)
      left join holdfast.tables t on t.name = m.m ->> 'collection'
    ) s
  ) u;

  if cardinality(sent) > 1 then
    for locking in
      select l.name, array_agg(l.id) as ids, bool_or(l.m -> 'value' = 'null') as deletes
      from unnest(names, ids, sent) l(name, id, m) where l.m ->> 'base' is not null
      group by l.name order by l.name
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
      upto := place;
      while upto - place + 1 < longest and labels[upto + 1] = labels[place] loop
        upto := upto + 1;
      end loop;
      run := queue[place:upto];
      if upto > place then
        begin
          meant := array(select sent[r.n] from unnest(run) with ordinality r(n, k) order by r.k);
          made := case when labels[place] like 'create %' then holdfast.create(names[run[1]], meant)
            else holdfast.change(names[run[1]], meant) end;
          if may_wait then
            set constraints all immediate;
            set constraints all deferred;
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
            codes[i] := holdfast.apply(names[i], sent[i]);
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
                codes[head] := holdfast.apply(names[head], sent[head]);
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
  end loop;

  if pg_catalog.current_setting('holdfast.foreign') <> '' then
    kept := '{}';
  end if;
  return holdfast.answer(sent, names, ids, codes, messages, fields, constraints, kept);
end $$;

-- What became of them, with what stands now: of the mutations, `others` as [place,
-- outcome], and what is not among them was applied and stands as it was sent.
drop function if exists holdfast.answer(jsonb[], text[], text[], text[], text[], text[], text[]);

create or replace function holdfast.answer(
  sent jsonb[], names text[], ids text[], codes text[], messages text[], fields text[], constraints text[], as_sent int[]
) returns json
language plpgsql volatile
set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'postgres'
set bytea_output = 'hex' set extra_float_digits = 1
as $$
declare
  -- What was applied and nothing of this push stands on.
  final int[];
begin
  if cardinality(as_sent) < cardinality(sent) then
    final := array(
      select max(a.n) from unnest(names, ids, codes) with ordinality a(name, id, code, n)
      where a.code = 'applied' group by a.name collate "C", a.id collate "C" order by 1);
    as_sent := as_sent || array(
      select w.places[s.place]
      from (select names[f.n] as name, array_agg(f.n) as places, array_agg(sent[f.n]) as sent
            from unnest(final) f(n)
            where sent[f.n] -> 'value' <> 'null' and f.n <> all (as_sent) group by 1) w,
        lateral unnest(holdfast.stands(w.name, w.sent)) s(place));
  end if;
  if cardinality(as_sent) = cardinality(sent) then
    return json_build_object('of', cardinality(sent), 'others', '[]'::json);
  end if;
  return (
    with judged as (
      select * from unnest(sent, names, ids, codes, messages, fields, constraints)
        with ordinality o(m, name, id, code, message, field, violated, n)
      where n <> all (as_sent)
    ), standing as (
      select a.name, r.*
      from (select j.name, array_agg(j.id) as ids from judged j
            where j.code in ('applied', 'duplicate', 'conflict') group by j.name) a,
        lateral holdfast.read(a.name, a.ids) r
    )
    select json_build_object('of', cardinality(sent), 'others', coalesce(json_agg(json_build_array(j.n - 1,
      case
        when j.code = 'applied' then
          case
            -- A later mutation of this push stands on it, or it went out of sight.
            when j.n <> all (final) or s.rev is null then json_build_object('kind', 'applied')
            when s.rev = j.m ->> 'id' and (s.value is null or t.blank || (j.m -> 'value') = s.value) then
              json_build_object('kind', 'applied')
            else json_build_object('kind', 'applied', 'rev', s.rev, 'hlc', s.hlc, 'value', s.value)
          end
        when j.code = 'duplicate' and s.rev is null then
          json_build_object('kind', 'retry', 'reason', 'moving')
        when j.code in ('duplicate', 'conflict') then
          json_build_object('kind', j.code, 'current', case when s.rev is not null then
            json_build_object('rev', s.rev, 'hlc', s.hlc, 'value', s.value, 'recent', s.recent) end)
        when j.code = 'group' then json_build_object('kind', 'retry', 'reason', 'group')
        else json_build_object('kind', 'rejected', 'reason', split_part(j.code, ' ', 1),
          'message', j.message,
          'field', coalesce(j.field, nullif(substr(j.code, length(split_part(j.code, ' ', 1)) + 2), '')),
          'constraint', j.violated)
      end) order by j.n), '[]'))
    from judged j
    join holdfast.tables t on t.name = j.name
    left join standing s on s.name = j.name and s.id = j.id
  );
end $$;
