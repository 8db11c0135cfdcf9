#!/usr/bin/env bash
# Starts the two servers for deposits with the files of contrib/deposits as they are, and does to them what an honest agent
# and a stolen one do:
#
#   unshare --mount --pid --fork --kill-child --mount-proc tests/deposits/try.sh CONTRIB SSH_PORT RSYNC_PORT
#
# All happens in a mount namespace: accounts, keys and deposits are there for this script alone, and end with it. Prints a
# line for each look: `ok WHAT`, or `BROKEN WHAT` and what was seen.
set -uo pipefail
contrib=$1 ssh_port=$2 rsync_port=$3
here=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$here"
mkdir "$here/etc"
cp -a /etc/. "$here/etc"
mount --bind "$here/etc" /etc
for folder in /srv /run /var/log; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
mkdir /run/sshd
cd "$here" || exit 1

one=SIRPACAM_DOUALA_NEWBELL other=HYDROCAM_KRIBI_PORT
deposits=/srv/backups/deposits

look() { # WHAT COMMAND…: the command must succeed
    local what=$1
    shift
    if "$@" >look.out 2>&1; then
        echo "ok $what"
    else
        echo "BROKEN $what: $* gave $?: $(tr '\n' ' ' <look.out)"
    fi
}
refused() { # WHAT COMMAND…: the command must fail
    local what=$1
    shift
    if "$@" >look.out 2>&1; then echo "BROKEN $what: $* succeeded: $(tr '\n' ' ' <look.out)"; else echo "ok $what"; fi
}

# As the heads of the two files say.
groupadd --system agents
groupadd --system backupmon
make_agent() { # AGENT ACCOUNT
    useradd --system --no-create-home --shell /usr/sbin/nologin --groups agents --home-dir "$deposits/$1" "$2"
    install -d -o root -g root -m 0755 "$deposits/$1"
    install -d -o "$2" -g backupmon -m 2750 "$deposits/$1/log" "$deposits/$1/databases"
}
install -d -o root -g root -m 0755 /srv/backups "$deposits"
make_agent "$one" agent-douala-newbell
make_agent "$other" agent-kribi-port
install -d -m 0755 /etc/ssh/agents
ssh-keygen -q -t ed25519 -N '' -f key
install -m 0644 key.pub /etc/ssh/agents/agent-douala-newbell
echo 'the other one keeps this' >"$deposits/$other/databases/secret"
echo '{}' >report.json
echo dump >dump

### sftp
ssh-keygen -q -t ed25519 -N '' -f host
mkdir -p /etc/ssh/sshd_config.d
rm -f /etc/ssh/sshd_config.d/*
cp "$contrib/sshd.conf" /etc/ssh/sshd_config.d/backupmon-agents.conf
# The rest as Debian has it.
printf '%s\n' "ListenAddress 127.0.0.1" "Port $ssh_port" "HostKey $here/host" "UsePAM yes" \
    "Subsystem sftp /usr/lib/openssh/sftp-server" "Include /etc/ssh/sshd_config.d/*.conf" >sshd_config
look "sshd takes the file" /usr/sbin/sshd -t -f "$here/sshd_config"
/usr/sbin/sshd -D -e -f "$here/sshd_config" 2>sshd.log &
ssh=(-i "$here/key" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
    -o IdentitiesOnly=yes -o ConnectTimeout=10)
sftp_does() { # each argument is a line of what the agent says; the first that fails ends it
    printf '%s\n' "$@" | sftp -b - -P "$ssh_port" "${ssh[@]}" agent-douala-newbell@127.0.0.1
}
until_up() { # PORT
    for _ in $(seq 200); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.05
    done
    echo "BROKEN nothing listens at $1: $(cat ./*.log)"
}
until_up "$ssh_port"
look "sftp: a dump and a report arrive" sftp_does 'put dump databases/DB.zst.part' \
    'rename databases/DB.zst.part databases/DB.zst' 'put report.json log/one.json'
look "sftp: the group of backupmon reads them, others do not" test \
    "$(stat -c '%a %G' "$deposits/$one/databases/DB.zst")" = '640 backupmon'
refused "sftp: nothing is read back" sftp_does 'get databases/DB.zst stolen'
refused "sftp: no symbolic link" sftp_does 'symlink /etc/passwd databases/link'
refused "sftp: no hard link" sftp_does 'ln databases/DB.zst databases/hard'
refused "sftp: log/ is not replaced" sftp_does 'rename log log2'
refused "sftp: log/ is not removed" sftp_does 'rmdir log'
refused "sftp: nothing beside log/ and databases/" sftp_does 'mkdir third'
refused "sftp: the other's folder is out of reach" sftp_does "get ../$other/databases/secret stolen"
refused "sftp: nor by its path" sftp_does "get $deposits/$other/databases/secret stolen"
refused "sftp: nor the machine's files" sftp_does 'get /etc/passwd stolen'
refused "sftp: the owner stays" sftp_does 'chown 0 databases/DB.zst'
refused "ssh: no shell" ssh -p "$ssh_port" "${ssh[@]}" agent-douala-newbell@127.0.0.1 'cat /etc/passwd; echo shell'
timeout 3 ssh -p "$ssh_port" "${ssh[@]}" -o ExitOnForwardFailure=yes -N -R 0:127.0.0.1:1 \
    agent-douala-newbell@127.0.0.1 2>said
look "ssh: no forwarding" grep -q 'forwarding failed' said
refused "ssh: another's account is closed to this key" ssh -p "$ssh_port" "${ssh[@]}" agent-kribi-port@127.0.0.1 true

### rsync
cp "$contrib/rsyncd.conf" /etc/rsyncd.conf
install -m 0600 /dev/null /etc/rsyncd.secrets
echo "$one:password" >/etc/rsyncd.secrets
install -m 0600 /dev/null password
echo password >password
rm -rf "${deposits:?}/$one"/*/*
rsync --daemon --no-detach --address=127.0.0.1 --port="$rsync_port" --config=/etc/rsyncd.conf 2>rsyncd.log &
until_up "$rsync_port"
mkdir -p sent/databases sent/log
cp dump sent/databases/DB.zst
cp report.json sent/log/one.json
module="rsync://$one@127.0.0.1:$rsync_port/$one/"
send() { (cd sent && rsync -rt --chmod=D2750,F0640 --timeout=10 --password-file="$here/password" "$@" "$module"); }
look "rsync: a dump and a report arrive" send --partial-dir=.partial databases log
look "rsync: they are there" cmp "$deposits/$one/databases/DB.zst" dump
look "rsync: the group of backupmon reads them, others do not" test \
    "$(stat -c '%a %U %G' "$deposits/$one/databases/DB.zst")" = '640 agent-douala-newbell backupmon'
look "rsync: log/ is still what it was" test "$(stat -c '%a %U %G' "$deposits/$one/log")" = \
    '2750 agent-douala-newbell backupmon'
echo more >>sent/databases/DB.zst
look "rsync: a newer one takes its place" send --partial-dir=.partial databases log
look "rsync: whole" cmp "$deposits/$one/databases/DB.zst" sent/databases/DB.zst
for option in --inplace --append --append-verify --links --hard-links --specials --write-devices; do
    send "$option" databases >said 2>&1
    look "rsync: no $option" grep -q 'configured to refuse' said
done
mknod sent/databases/device c 1 3
mkfifo sent/databases/fifo
ln -s /etc/passwd sent/databases/link
send databases >/dev/null 2>&1
send --devices databases >/dev/null 2>&1
look "rsync: no link, device or other special file arrives" test -z "$(find "$deposits/$one" ! -type f ! -type d)"
rm sent/databases/link sent/databases/device sent/databases/fifo
refused "rsync: nothing is read back" rsync -r --timeout=10 --password-file=password "${module}databases" back
refused "rsync: nothing is listed" rsync --timeout=10 --password-file=password "${module}"
look "rsync: no module is named" test -z "$(rsync --timeout=10 "rsync://127.0.0.1:$rsync_port/" 2>/dev/null)"
mkdir -p sent/other
refused "rsync: no way out of the module" send databases/DB.zst --backup --backup-dir="../../$other/databases"
refused "rsync: nothing beside log/ and databases/" send other
refused "rsync: another's module is closed" rsync -r --timeout=10 --password-file=password sent/databases \
    "rsync://$one@127.0.0.1:$rsync_port/$other/"
look "the other one's file is as it was" grep -q 'keeps this' "$deposits/$other/databases/secret"
