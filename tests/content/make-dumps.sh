#!/usr/bin/env bash
# Makes real dumps with the real tools, once, for tests/content.
#
#   make-dumps.sh OUTDIR
#
# Servers run on temporary folders and unix sockets, as an unprivileged user. What a missing tool cannot make is
# skipped by name on stderr and listed in OUTDIR/skipped. Debian: postgresql mariadb-server sqlite3 zstd xz-utils bzip2.
# PG_BIN names another PostgreSQL's folder of programs.
set -euo pipefail

out=${1:?usage: make-dumps.sh OUTDIR}
mkdir -p "$out"
out=$(cd "$out" && pwd)
[ -e "$out/done" ] && exit 0
: > "$out/skipped"

work=$(mktemp -d /tmp/dumps.XXXXXX)
pids=()
finish() {
    for pid in "${pids[@]:-}"; do [ -z "$pid" ] || kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

skip() { echo "skipped: $1 ($2 is not installed)" | tee -a "$out/skipped" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# Servers refuse to run as root.
if [ "$(id -u)" = 0 ]; then
    chown nobody "$work"
    as_server() { (cd "$work" && HOME=$work exec runuser -u nobody -- "$@"); }
else
    as_server() { (cd "$work" && HOME=$work exec "$@"); }
fi

wait_for() { for _ in $(seq 300); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done; echo "$1 did not come up" >&2; return 1; }

# One plain file in every container, under NAME.EXT.
pack() {
    local file=$1 half
    half=$(($(stat -c %s "$file") / 2))
    gzip -nc "$file" > "$file.gz"
    { head -c "$half" "$file" | gzip -nc; tail -c +"$((half + 1))" "$file" | gzip -nc; } > "$file.members.gz"
    { cat "$file.gz"; head -c 512 /dev/zero; } > "$file.padded.gz"
    if have zstd; then
        zstd -q -c "$file" > "$file.zst"
        zstd -q --no-check -c < "$file" > "$file.unchecked.zst"
        { head -c "$half" "$file" | zstd -q -c; tail -c +"$((half + 1))" "$file" | zstd -q -c; } > "$file.frames.zst"
    else skip "${file##*/}.zst" zstd; fi
    if have xz; then xz -c "$file" > "$file.xz"; else skip "${file##*/}.xz" xz; fi
    if have bzip2; then bzip2 -c "$file" > "$file.bz2"; else skip "${file##*/}.bz2" bzip2; fi
}

postgres() {
    local bin=${PG_BIN:-} data=$work/pg size rows
    [ -n "$bin" ] || bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    if [ ! -x "$bin/initdb" ]; then skip "PostgreSQL dumps" postgresql; return; fi
    as_server "$bin/initdb" -D "$data" -A trust -U postgres -E UTF8 --locale=C -N >/dev/null
    as_server "$bin/postgres" -D "$data" -k "$work" -c listen_addresses= -c fsync=off >/dev/null 2>&1 &
    pids+=($!)
    export PGHOST=$work PGUSER=postgres
    wait_for "$bin/psql" -d postgres -c 'select 1'
    for size in s:3 m:3000 l:60000; do
        rows=${size#*:} size=${size%%:*}
        "$bin/psql" -q -d postgres -c "create database d_$size"
        "$bin/psql" -q -d "d_$size" >/dev/null <<SQL
create table facture (id int primary key, client text, montant numeric, note text);
insert into facture select i, 'client ' || i % 97, i * 1.18, md5(i::text) from generate_series(1, $rows) i;
create table vide (id int);
create table ligne as select id, montant from facture;
create function total() returns numeric language sql as 'select sum(montant) from facture';
select lo_from_bytea(0, convert_to(repeat('piece jointe ', $rows), 'UTF8')) from generate_series(1, 2);
SQL
        local to=$out/pg-$size
        "$bin/pg_dump" "d_$size" > "$to.sql"
        "$bin/pg_dump" -Fc -f "$to.custom" "d_$size"
        "$bin/pg_dump" -Fc "d_$size" | cat > "$to.pipe.custom"
        "$bin/pg_dump" -Fc -Z0 "d_$size" | cat > "$to.stored.custom"
        "$bin/pg_dump" -Fc -s -f "$to.schema.custom" "d_$size"
        "$bin/pg_dump" -Fc -a -f "$to.data.custom" "d_$size"
        "$bin/pg_dump" -Fc --section=pre-data -f "$to.pre.custom" "d_$size"
        "$bin/pg_dump" -Fc --exclude-table-data=facture -f "$to.without.custom" "d_$size"
        "$bin/pg_dump" -Ft -f "$to.tar" "d_$size"
        gzip -nc "$to.tar" > "$to.tar.gz"
        "$bin/pg_dump" -Fd -f "$work/dir-$size" "d_$size"
        tar -C "$work" -cf "$to.dir.tar" "dir-$size"
        tar -C "$work/dir-$size" -cf "$to.dot.dir.tar" .
        pack "$to.sql"
    done
    "$bin/pg_dumpall" > "$out/pg-cluster.sql"
    if have zstd; then zstd -q -c "$out/pg-s.custom" > "$out/pg-s.custom.zst"; fi
    tar -C "$out" -cf "$out/plain-s.tar" pg-s.sql pg-s.sql.gz
    tar -C "$out" --format=pax -cf "$out/plain-s.pax.tar" pg-s.sql pg-s.sql.gz
    gzip -nc "$out/plain-s.tar" > "$out/plain-s.tar.gz"
}

mariadb() {
    if ! have mariadbd || ! have mariadb-install-db; then skip "MariaDB dumps" mariadb-server; return; fi
    local data=$work/my socket=$work/my.sock size rows
    as_server mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal >/dev/null 2>&1
    as_server mariadbd --no-defaults --datadir="$data" --socket="$socket" --skip-networking \
        --pid-file="$work/my.pid" --log-error="$work/my.log" >/dev/null 2>&1 &
    pids+=($!)
    local login=(--no-defaults --socket="$socket" -u root)
    wait_for command mariadb "${login[@]}" -e 'select 1'
    for size in s:3 m:3000 l:60000; do
        rows=${size#*:} size=${size%%:*}
        command mariadb "${login[@]}" <<SQL
create database d_$size; use d_$size;
create table facture (id int primary key, client text, montant decimal(12,2), note text) engine=innodb;
insert into facture select seq, concat('client ', seq % 97), seq * 1.18, md5(seq) from seq_1_to_$rows;
create table vide (id int) engine=innodb;
SQL
        local to=$out/mariadb-$size
        mariadb-dump "${login[@]}" "d_$size" > "$to.sql"
        mariadb-dump "${login[@]}" --skip-dump-date --routines --databases "d_$size" > "$to.undated.sql"
        mariadb-dump "${login[@]}" --skip-comments "d_$size" > "$to.bare.sql"
        mariadb-dump "${login[@]}" --compact "d_$size" > "$to.compact.sql"
        gzip -nc "$to.sql" > "$to.sql.gz"
        if have zstd; then zstd -q -c "$to.sql" > "$to.sql.zst"; fi
    done
    mariadb-dump "${login[@]}" --all-databases > "$out/mariadb-all.sql" 2>/dev/null
}

sqlite() {
    if ! have sqlite3; then skip "SQLite databases" sqlite3; return; fi
    local size rows journal
    for size in s:3 m:3000 l:60000; do
        rows=${size#*:} size=${size%%:*}
        for journal in delete wal; do
            sqlite3 "$work/$size-$journal.db" >/dev/null <<SQL
pragma journal_mode = $journal;
create table facture (id integer primary key, client text, note text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < $rows)
insert into facture select i, 'client ' || i % 97, hex(randomblob(16)) from n;
SQL
            sqlite3 "$work/$size-$journal.db" ".backup $out/sqlite-$size-$journal.db"
        done
        if have zstd; then zstd -q -c "$out/sqlite-$size-delete.db" > "$out/sqlite-$size.db.zst"; fi
    done
}

postgres
mariadb
sqlite
for extra in pg-l mariadb-l; do
    # The largest ones in every form would only repeat what the middle ones show.
    find "$out" -name "$extra.*" ! -name "$extra.sql" ! -name "$extra.sql.gz" ! -name "$extra.sql.zst" \
        ! -name "$extra.custom" ! -name "$extra.tar" -delete
done
touch "$out/done"
