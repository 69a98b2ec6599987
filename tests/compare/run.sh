#!/bin/bash
# Other examiners on the same machines: the clean twin, and the twin with one plant at a time (`testing::twin`).
#
#   tests/compare/run.sh OUT [FIRST LAST]
#
# Needs root, Debian's packages lynis, debsums and chkrootkit, and a network namespace for the asking. Writes what each tool
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
twin=$target/debug/examples/twin
watchfire=$target/debug/watchfire
"$twin" list >"$out/plants.tsv"
last=$(($(wc -l <"$out/plants.tsv") - 1))
numbers=$(seq "${2:-0}" "${3:-$last}")

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
    mkdir -p "$out/tools/opt/daemons" "$out/tools/usr/share" "$out/tools/etc/lynis" "$out/tools/run/sshd"
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
    [ -e "$to/done" ] && return
    mkdir -p "$to"
    work=$(mktemp -d "$out/work.XXXXXX")
    "$twin" "$work/m" "$1"
    "$watchfire" --home "$work/home" --quiet inspect --root "$work/m" --format json >"$to/watchfire.json"
    dpkg --root="$work/m" --verify >"$to/dpkg" 2>&1 || true
    debsums -r "$work/m" -ca 2>&1 | sed "s#$work/m##g" >"$to/debsums" || true
    timeout 120 chkrootkit -q -r "$work/m" 2>&1 | sed "s#$work/m##g" >"$to/chkrootkit" || true
    cp -a "$work/m" "$work/l"
    # What is planted stays; only what is not planted is laid over.
    "$twin" "$work/c" clean
    (cd "$out/tools" && find . \( -type f -o -type l \) -print) | while read -r file; do
        if [ ! -e "$work/l/$file" ] || cmp -s "$work/l/$file" "$work/c/$file"; then
            mkdir -p "$(dirname "$work/l/$file")"
            [ -d "$work/l/$file" ] || cp -a --remove-destination "$out/tools/$file" "$work/l/$file"
        fi
    done
    unshare --mount --pid --net --uts --fork --kill-child --propagation private bash -c "$inside" bash "$work/l" \
        >"$to/lynis.screen" 2>&1 || true
    cp "$work/l/var/log/lynis-report.dat" "$to/lynis.report"
    rm -rf "$work"
    touch "$to/done"
}
export -f examine
export out twin watchfire inside
# The clean machine twice: what differs between the two is noise.
printf '%s\n' clean $numbers | xargs -P "${JOBS:-2}" -I{} bash -c 'set -euo pipefail; examine {}'
if [ ! -e "$out/clean-again/done" ]; then
    mv "$out/clean" "$out/clean-again"
    examine clean
fi
python3 tests/compare/table.py "$out"
