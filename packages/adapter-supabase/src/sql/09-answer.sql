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

-- A mutation with its value as a document, where it came as a list.
create or replace function holdfast.whole(m jsonb, columns jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select case when jsonb_typeof(m -> 5) is distinct from 'array' then m
    else jsonb_set(m, '{5}', jsonb_build_object('id', m -> 3) || coalesce((
      select jsonb_object_agg(c.name, m -> 5 -> (c.n - 1)::int)
      from jsonb_array_elements_text(columns -> (m ->> 2) -> 'names') with ordinality c(name, n)
      where m -> 5 -> (c.n - 1)::int <> 'null'), '{}')) end
$$;

-- What became of them, with what stands now: of the mutations, `others` as [place,
-- outcome], and what is not among them was applied and stands as it was sent.
drop function if exists holdfast.answer(jsonb[], text[], text[], text[], text[], text[], text[], int[]);

create or replace function holdfast.answer(
  sent jsonb[], columns jsonb, codes text[], messages text[], fields text[], constraints text[], as_sent int[]
) returns json
language plpgsql volatile
set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'postgres'
set bytea_output = 'hex' set extra_float_digits = 1
as $$
declare
  names text[];
  ids text[];
  -- What was applied and nothing of this push stands on.
  final int[];
begin
  if cardinality(as_sent) < cardinality(sent) then
    names := array(select m ->> 2 from unnest(sent) m);
    ids := array(select m ->> 3 from unnest(sent) m);
    final := array(
      select max(a.n) from unnest(names, ids, codes) with ordinality a(name, id, code, n)
      where a.code = 'applied' group by a.name collate "C", a.id collate "C" order by 1);
    as_sent := as_sent || array(
      select w.places[s.place]
      from (select names[f.n] as name, array_agg(f.n) as places, array_agg(sent[f.n]) as sent
            from unnest(final) f(n)
            where sent[f.n] -> 5 <> 'null' and f.n <> all (as_sent) group by 1) w,
        lateral unnest(holdfast.stands(w.name, w.sent, columns -> w.name)) s(place));
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
            when s.rev = j.m ->> 0 and (s.value is null or t.blank || (holdfast.whole(j.m, columns) -> 5) = s.value) then
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
