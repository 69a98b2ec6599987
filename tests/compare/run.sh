#!/bin/bash
# Other examiners on the same machines: the clean twin, and the twin with one plant at a time (`testing::twin`).
#
#   tests/compare/run.sh OUT [NUMBER ... | none]
#
# NUMBER: plants on which Lynis runs alone too (without any: all of them, more than an hour). The other tools always run on each.
# Lynis always runs on the clean machine, twice, and on the one with every plant.
#
# Needs root, Debian's packages lynis, debsums, chkrootkit and openssh-server, and a network namespace for the asking. Writes what each tool
# says of each machine into OUT/NUMBER (OUT/clean for the twin); tests/compare/table.py makes the table of it. A plant costs about
# twelve seconds of processor time, nearly all of it Lynis.
#
# Lynis has no option for a folder: it runs in a chroot into a copy of the machine, with bash, the usual tools, a real sshd (it
# asks `sshd -T`) and, because it looks at most services only while they run, a sleeping process of each service's name.
# chkrootkit looks for known names and known strings; it runs with `-r` on the machine itself.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
out=$(mkdir -p "$1" && cd "$1" && pwd)
target=${CARGO_TARGET_DIR:-target}
cargo build --quiet --package testing --example twin
cargo build --quiet --package watchfire
cp "$target/debug/examples/twin" "$target/debug/watchfire" "$out/"
twin=$out/twin
watchfire=$out/watchfire
"$twin" list >"$out/plants.tsv"
shift
numbers=$(seq 0 $(($(wc -l <"$out/plants.tsv") - 1)))
# The advisory that one plant is about, as in the tests.
mkdir -p "$out/osv"
cat >"$out/osv/a.json" <<JSON
{"schema_version": "1.6.0", "id": "TEST-1", "modified": "$(date -u -d yesterday +%FT00:00:00Z)", "aliases": ["CVE-2026-0001"],
 "summary": "made up", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
 "affected": [{"package": {"ecosystem": "Debian:12", "name": "openssl"},
               "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.9-1"}]}]}]}
JSON
with_lynis=" clean planted ${*:-$(echo $numbers)} "

tools=(bash sh awk mawk sed grep egrep fgrep find sort uniq tr cut head tail ls cat stat wc date hostname uname id ps pgrep
    readlink dirname basename env expr printf sleep touch rm mkdir chmod mktemp md5sum sha1sum sha256sum tee xargs who whoami ss
    ip dpkg dpkg-query mount df lsof getent file strings od true false test logger openssl lsattr sysctl getcap dmesg sshd)
daemons=(sshd nginx cron rsyslogd smbd auditd systemd-timesyncd nfsd postgres redis-server dockerd vsftpd xrdp)

# A folder of real programs with their libraries, laid over a copy of a machine.
if [ ! -d "$out/tools" ]; then
    for name in "${tools[@]}"; do
        path=$(PATH=$PATH:/usr/sbin type -P "$name") || continue
        for file in "$path" $(ldd "$path" 2>/dev/null | grep -o '/[^ ]*'); do
            to=$out/tools$(dirname "$file" | sed 's#^/\(bin\|sbin\|lib\|lib64\)\b#/usr/\1#')
            mkdir -p "$to"
            cp -L "$file" "$to/"
        done
    done
    mkdir -p "$out/tools/opt/daemons" "$out/tools/usr/share" "$out/tools/etc/lynis"
    for name in "${daemons[@]}"; do cp "$(type -P sleep)" "$out/tools/opt/daemons/$name"; done
    cp -a /usr/share/lynis "$out/tools/usr/share/"
    cp "$(PATH=$PATH:/usr/sbin type -P lynis)" "$out/tools/usr/sbin/"
    cp -a /etc/lynis/. "$out/tools/etc/lynis/"
    ln -s usr/lib64 "$out/tools/lib64"
fi

inside='
T=$1
mount -t proc proc $T/proc
hostname plant-7
for n in null zero urandom; do touch $T/dev/$n; mount --bind /dev/$n $T/dev/$n; done
for d in $T/opt/daemons/*; do chroot $T /opt/daemons/${d##*/} 900 & done
chroot $T /usr/bin/bash -c "cd / && /usr/sbin/lynis audit system --quick --no-colors --forensics"
'
examine() { # name of the machine: clean or a number
    local to=$out/$1 work
    local lynis=no
    case $with_lynis in *" $1 "*) [ -e "$to/lynis.report" ] || lynis=yes ;; esac
    [ -e "$to/done" ] && [ $lynis = no ] && return
    mkdir -p "$to"
    work=$(mktemp -d "$out/work.XXXXXX")
    "$twin" "$work/m" "$1"
    "$watchfire" --home "$work/home" --quiet advisories import "$out/osv" --name debian --source test >/dev/null
    "$watchfire" --home "$work/home" --quiet inspect --root "$work/m" --format json >"$to/watchfire.json"
    dpkg --root="$work/m" --verify >"$to/dpkg" 2>&1 || true
    debsums -r "$work/m" -ca 2>&1 | sed "s#$work/m##g" >"$to/debsums" || true
    timeout 120 chkrootkit -q -r "$work/m" 2>&1 | sed "s#$work/m##g" >"$to/chkrootkit" || true
    touch "$to/done"
    if [ $lynis = no ]; then
        rm -rf "$work"
        return
    fi
    cp -a "$work/m" "$work/l"
    # What is planted stays; only what is not planted is laid over.
    "$twin" "$work/c" clean
    (cd "$out/tools" && find . \( -type f -o -type l \) -print) | while read -r file; do
        if [ ! -e "$work/l/$file" ] || cmp -s "$work/l/$file" "$work/c/$file"; then
            mkdir -p "$(dirname "$work/l/$file")"
            [ -d "$work/l/$file" ] || cp -a --remove-destination "$out/tools/$file" "$work/l/$file"
        fi
    done
    # The twin's own host key is a stub, and sshd says nothing without one, nor without its folder.
    mkdir -p "$work/l/run/sshd"
    rm -f "$work/l/etc/ssh/ssh_host_ed25519_key"
    ssh-keygen -q -t ed25519 -N '' -f "$work/l/etc/ssh/ssh_host_ed25519_key"
    unshare --mount --pid --net --uts --fork --kill-child --propagation private bash -c "$inside" bash "$work/l" \
        >"$to/lynis.screen" 2>&1 || true
    cp "$work/l/var/log/lynis-report.dat" "$to/lynis.report"
    rm -rf "$work"
}
export -f examine
export out twin watchfire inside with_lynis
# The clean machine twice: what differs between the two is noise.
printf '%s\n' clean planted $numbers | xargs -P "${JOBS:-2}" -I{} bash -c 'set -euo pipefail; examine {}'
if [ ! -e "$out/clean-again/done" ]; then
    mv "$out/clean" "$out/clean-again"
    examine clean
fi
python3 tests/compare/table.py "$out"
