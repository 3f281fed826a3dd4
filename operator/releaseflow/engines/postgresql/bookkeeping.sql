select not :found and coalesce(has_table_privilege(to_regclass('<TABLE>')::oid, 'select'), false) as here \gset
\if :here
select 'schemaVersion' as key, replace((<VERSION>)::text, E'\n', ' ') as value;
\if :ERROR
\else
\set found true
\endif
\endif
