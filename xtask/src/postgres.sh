# Runs one PostgreSQL cluster for as long as standard input stays open, then leaves nothing behind.
# Expects BIN, FOLDER, PORT and PASSWORD; FOLDER belongs to the user who runs this.
# Says "ready" once the server answers. Who starts this need only close the pipe, or die, to end it.

umask 077
cd "$FOLDER" || exit 1

finish() {
    [ -f "$FOLDER/data/postmaster.pid" ] && "$BIN/pg_ctl" -D "$FOLDER/data" -m immediate -s stop
    rm -rf "$FOLDER"
}
trap finish EXIT

# Text is compared bytewise by our own statements; an ICU default shows where one forgot to say so.
printf '%s\n' "$PASSWORD" > password
"$BIN/initdb" -D data --no-sync --encoding=UTF8 --locale=C --locale-provider=icu --icu-locale=en-US \
    --username=frontdesk --pwfile=password --auth-local=trust --auth-host=md5 > log 2>&1 ||
    { cat log >&2; exit 1; }

# Nothing in this cluster outlives the run, so nothing waits for the disk.
cat >> data/postgresql.conf <<CONF
listen_addresses = '127.0.0.1'
port = $PORT
unix_socket_directories = '$FOLDER'
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
CONF
# Whoever wants to can speak TLS. The tests read the certificate from the server itself.
if openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
    -keyout data/server.key -out data/server.crt 2>> log; then
    echo "ssl = on" >> data/postgresql.conf
fi
"$BIN/pg_ctl" -D data -l log -s -w start || { cat log >&2; exit 1; }

echo ready
read -r _
exit 0
