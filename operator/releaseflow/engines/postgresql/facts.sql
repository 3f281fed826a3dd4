-- Who a database is, and what its schema is: each answer is a line of a key and a value.
begin transaction isolation level repeatable read read only;
set local statement_timeout = '10min';
select 'serverVersion', split_part(current_setting('server_version'), ' ', 1);
select 'serverMajor', current_setting('server_version_num')::int / 10000;
select 'database', current_database();
select 'sessions', string_agg(distinct application_name, ' ') from pg_stat_activity
where datname = current_database() and application_name like 'releaseflow-%'
    and application_name <> current_setting('application_name') having count(*) > 0;
-- A table may have the name of a tool's bookkeeping and be something else: that must not stop a release.
\set found false
\set ON_ERROR_STOP off
\set ON_ERROR_ROLLBACK on
<BOOKKEEPING>
\set ON_ERROR_ROLLBACK off
\set ON_ERROR_STOP on
set local search_path = '';
select has_function_privilege('pg_catalog.pg_control_system()', 'execute') as allowed \gset
\if :allowed
-- What no other database has: the cluster's own number, given by initdb, and the database's number in it.
select 'identity', system_identifier || '/' || (select oid from pg_database where datname = current_database())
from pg_control_system();
\else
-- Where a provider forbids that: what changes only when the database is created again, or moved to another cluster.
select 'identity', oid || '/' || datname || '/' || datdba || '/' || current_setting('cluster_name')
from pg_database where datname = current_database();
\endif

select count(*) as tables from pg_class c where relkind in ('r', 'p') and relnamespace not in (
    select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema') or nspname ~ '^pg_(toast|temp_)')
    and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e') \gset
select 'tables', :tables;

-- One line for each thing, the same after a restore: by names and definitions, never by number, order or owner.
with ours as (
    select oid, nspname from pg_namespace
    where nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_(toast|temp_)'
), relations as (
    select c.*, quote_ident(nspname) || '.' || quote_ident(relname) as full_name from pg_class c join ours on ours.oid = relnamespace
)
select 'fingerprint', encode(sha256(convert_to(coalesce(string_agg(line, E'\n' order by line collate "C"), ''),
    getdatabaseencoding())), 'hex')
from (
    select 'schema ' || quote_ident(nspname) from ours
    union all select 'extension ' || quote_ident(extname) || ' ' || extversion from pg_extension
    union all
    select concat_ws(' ', 'relation', full_name, relkind, relpersistence, relrowsecurity, relforcerowsecurity,
        pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid)) from relations where relkind in ('r', 'p', 'f', 'v', 'm', 'c')
    union all
    select concat_ws(' ', 'inherits', c.full_name, p.full_name) from pg_inherits
        join relations c on c.oid = inhrelid join relations p on p.oid = inhparent where c.relkind <> 'i'
    union all
    select concat_ws(' ', 'column', full_name, quote_ident(attname), format_type(atttypid, atttypmod), attnotnull,
        'identity:' || attidentity::text, 'generated:' || attgenerated::text, attcollation::regcollation, pg_get_expr(adbin, adrelid))
    from relations join pg_attribute on attrelid = relations.oid and attnum > 0 and not attisdropped
        left join pg_attrdef on adrelid = attrelid and adnum = attnum where relkind in ('r', 'p', 'f', 'v', 'm', 'c')
    union all
    select concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid, indisreplident, indisclustered)
    from pg_index join relations on relations.oid = indrelid where relkind in ('r', 'p', 'm')
    union all
    select concat_ws(' ', 'constraint', coalesce(conrelid::regclass::text, contypid::regtype::text), quote_ident(conname),
        pg_get_constraintdef(c.oid)) from pg_constraint c join ours on ours.oid = connamespace
    union all
    select concat_ws(' ', 'view', full_name, pg_get_viewdef(oid)) from relations where relkind in ('v', 'm')
    union all
    select concat_ws(' ', 'sequence', seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache,
        seqcycle) from pg_sequence join relations on relations.oid = seqrelid
    union all
    select concat_ws(' ', 'trigger', tgrelid::regclass, pg_get_triggerdef(t.oid), tgenabled)
    from pg_trigger t join relations on relations.oid = tgrelid where not tgisinternal
    union all
    select concat_ws(' ', 'rule', pg_get_ruledef(r.oid), ev_enabled)
    from pg_rewrite r join relations on relations.oid = ev_class where rulename <> '_RETURN'
    union all
    select concat_ws(' ', 'policy', polrelid::regclass, quote_ident(polname), polcmd, polpermissive,
        (select string_agg(quote_ident(rolname), ',' order by rolname) from pg_roles r where r.oid = any (polroles)),
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    from pg_policy join relations on relations.oid = polrelid
    union all
    select concat_ws(' ', 'function', p.oid::regprocedure, prokind,
        case when prokind = 'a' then '' else pg_get_functiondef(p.oid) end)
    from pg_proc p join ours on ours.oid = pronamespace where not exists (
        select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e')
    union all
    select concat_ws(' ', 'enum', enumtypid::regtype, string_agg(quote_literal(enumlabel), ',' order by enumsortorder))
    from pg_enum group by enumtypid
    union all
    select concat_ws(' ', 'domain', t.oid::regtype, format_type(typbasetype, typtypmod), typnotnull, typdefault)
    from pg_type t join ours on ours.oid = typnamespace where typtype = 'd'
    union all
    select concat_ws(' ', 'range', rngtypid::regtype, rngsubtype::regtype) from pg_range
        join pg_type t on t.oid = rngtypid join ours on ours.oid = typnamespace
) as lines (line);
commit;
