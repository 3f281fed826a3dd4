u=${URL#*://}; a=${u%%[/?]*}; i=${a%@*}; p=; case $i in *:*) p=${i#*:};; esac; export p
export PGPASSWORD=`awk 'BEGIN{s=ENVIRON["p"];h="0123456789abcdef"
while(i=match(s,/%[0-9A-Fa-f][0-9A-Fa-f]/)){x=tolower(substr(s,i+1,2))
printf"%s%c",substr(s,1,i-1),16*index(h,substr(x,1,1))+index(h,substr(x,2))-17;s=substr(s,i+3)}printf"%s",s}'`
d="postgresql://${i%%:*}@${u#"$i@"}"
t=`psql -XAtd "$d" -c "select count(*) from pg_class c where relkind in ('r','p')
and relnamespace::regnamespace::text !~ '^(pg_|information_schema$)' and not exists (select from pg_depend
where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')"`
[ $t = 0 ] || { echo "Nothing was restored: the database is not empty"; exit 1; }
l=`mktemp`
pg_restore -l "$f" | grep -v ' COMMENT - EXTENSION ' >$l
pg_restore --exit-on-error --single-transaction --no-owner -L $l -d "$d" "$f"
