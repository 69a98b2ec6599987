#!/usr/bin/env python3
"""Writes the archives of this folder anew, with writers that are not ours.

Needs Python's standard library and, of Debian: xz-utils zstd lz4 bzip2 cpio binutils rpm p7zip-full gcab dpkg.
Each holds `folder/plan.txt`, five lines, with one planted resident number on line 3, and a binary neighbour, unless
its name says otherwise. `check` in ../../it/archives.rs names what each must yield.
"""
import bz2, gzip, io, lzma, os, shutil, struct, subprocess, sys, tarfile, tempfile, zipfile, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = "产线一\n设备 pump\n身份证号 360426199101010071\nall is well\nend\n".encode()
BINARY = bytes(range(256)) * 8
LONG = "a-folder-with-a-name/" * 9 + "plan.txt"


def put(name, data):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def run(*args, cwd=None, stdin=None):
    return subprocess.run(args, cwd=cwd, input=stdin, check=True, stdout=subprocess.PIPE).stdout


def zipped(data):
    return gzip.compress(data, mtime=0)


def tar(fmt, name="folder/plan.txt", text=TEXT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt) as t:
        for n, data in ((name, text), ("folder/b.bin", BINARY)):
            info = tarfile.TarInfo(n)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("folder/link")
        link.type, link.linkname = tarfile.SYMTYPE, "plan.txt"
        t.addfile(link)
    # Without the filling up to 10,240 bytes: two blocks of zeros end an archive.
    raw = out.getvalue().rstrip(b"\0")
    return raw + b"\0" * (-len(raw) % 512 + 1024)


def files(d):
    os.makedirs(os.path.join(d, "folder"))
    for n, data in (("plan.txt", TEXT), ("b.bin", BINARY)):
        with open(os.path.join(d, "folder", n), "wb") as f:
            f.write(data)


def streams():
    put("plan.xz", lzma.compress(TEXT))
    put("plan-sha256.xz", lzma.compress(TEXT, check=lzma.CHECK_SHA256, preset=9))
    half = len(TEXT) // 2
    # Two streams with padding between them, two with several blocks.
    put("twice.xz", lzma.compress(TEXT[:half]) + b"\0" * 8 + lzma.compress(TEXT[half:]))
    put("blocks.xz", run("xz", "-c", "--block-size=40", stdin=TEXT))
    put("x86.xz", run("xz", "-c", "--x86", "--lzma2", stdin=TEXT))
    put("plan.lzma", lzma.compress(TEXT, format=lzma.FORMAT_ALONE))
    # The size is told, and the end is marked all the same.
    alone = lzma.compress(TEXT, format=lzma.FORMAT_ALONE)
    put("sized.lzma", alone[:5] + struct.pack("<Q", len(TEXT)) + alone[13:])
    put("plan.bz2", bz2.compress(TEXT))
    put("twice.bz2", bz2.compress(TEXT[:half]) + bz2.compress(TEXT[half:]))
    put("plan.zst", run("zstd", "-qc", stdin=TEXT))
    put("check.zst", run("zstd", "-qc", "--check", "-19", stdin=TEXT * 40))
    skip = struct.pack("<II", 0x184D2A53, 5) + b"12345"
    put("skips.zst", skip + run("zstd", "-qc", stdin=TEXT[:half]) + skip + run("zstd", "-qc", stdin=TEXT[half:]))
    put("plan.lz4", run("lz4", "-qc", stdin=TEXT))
    put("linked.lz4", run("lz4", "-qc", "-BD", "-B4", "-BX", stdin=TEXT * 40))
    put("old.lz4", run("lz4", "-qlc", stdin=TEXT * 40))
    put("twice.lz4", run("lz4", "-qc", stdin=TEXT[:half]) + skip + run("lz4", "-qc", stdin=TEXT[half:]))


def bombs():
    blanks = b" " * (40 << 20)
    put("bomb.xz", lzma.compress(blanks))
    put("bomb.lzma", lzma.compress(blanks, format=lzma.FORMAT_ALONE))
    put("bomb.bz2", bz2.compress(blanks))
    put("bomb.zst", run("zstd", "-qc", "-19", stdin=blanks))
    with tempfile.TemporaryDirectory() as d:
        # All of the first member must be decoded before the second is reached.
        with open(os.path.join(d, "a.bin"), "wb") as f:
            f.write(b"\0" * (40 << 20))
        with open(os.path.join(d, "b.txt"), "wb") as f:
            f.write(TEXT)
        run("7z", "a", "-bd", "-mqs=on", "x.7z", "a.bin", "b.txt", cwd=d)
        shutil.copy(os.path.join(d, "x.7z"), os.path.join(HERE, "bomb.7z"))


def dictionaries():
    """Streams that want a larger dictionary than is allowed, with little in them."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 65 << 20}]
    put("wide.xz", lzma.compress(TEXT, filters=filters))
    alone = [{"id": lzma.FILTER_LZMA1, "preset": 1, "dict_size": 96 << 20}]
    put("wide.lzma", lzma.compress(TEXT, format=lzma.FORMAT_ALONE, filters=alone))
    # A window of 128 MiB: the descriptor of a frame made from a pipe, raised (RFC 8878, 3.1.1.1.2).
    frame = bytearray(run("zstd", "-qc", "--no-check", stdin=TEXT))
    assert frame[4] & 0x20 == 0
    frame[5] = (27 - 10) << 3
    put("wide.zst", bytes(frame))


def tars():
    put("old.tar", old_tar())
    put("ustar.tar", tar(tarfile.USTAR_FORMAT))
    put("gnu.tar", tar(tarfile.GNU_FORMAT, LONG))
    put("pax.tar", tar(tarfile.PAX_FORMAT, "文件夹/" + LONG))
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "sparse"), "wb") as f:
            # Two whole blocks, so that its head is text.
            f.write((TEXT + b"all is well\n" * 1000)[:8192])
            f.seek(3 << 20)
            f.write(TEXT)
            f.truncate(5 << 20)
        for name, args in (
            ("sparse-gnu.tar.gz", ["--format=gnu"]),
            ("sparse-0.0.tar.gz", ["--format=pax", "--sparse-version=0.0"]),
            ("sparse-0.1.tar.gz", ["--format=pax", "--sparse-version=0.1"]),
            ("sparse-1.0.tar.gz", ["--format=pax", "--sparse-version=1.0"]),
        ):
            put(name, zipped(run("tar", "-cS", *args, "-b", "1", "--owner=0", "--group=0", "sparse", cwd=d)))
    for name, pack in (("gz", zipped), ("bz2", bz2.compress), ("xz", lzma.compress)):
        put("ustar.tar." + name, pack(tar(tarfile.USTAR_FORMAT)))
    put("ustar.tar.zst", run("zstd", "-qc", stdin=tar(tarfile.USTAR_FORMAT)))


def old_tar():
    """The format before POSIX: no magic."""
    head = bytearray(512)
    head[0:15] = b"folder/plan.txt"
    head[100:108], head[108:116], head[116:124] = b"000644 \0", b"000000 \0", b"000000 \0"
    head[124:136], head[136:148] = b"%11o " % len(TEXT), b"%11o " % 0
    head[148:156] = b" " * 8
    head[148:156] = b"%6o\0 " % sum(head)
    return bytes(head) + TEXT + b"\0" * (-len(TEXT) % 512) + b"\0" * 1024


def others():
    with tempfile.TemporaryDirectory() as d:
        files(d)
        names = b"folder\nfolder/plan.txt\nfolder/b.bin\n"
        for fmt in ("newc", "crc", "odc", "bin"):
            put(fmt + ".cpio", run("cpio", "-o", "--quiet", "-H", fmt, cwd=d, stdin=names).rstrip(b"\0") + b"\0" * 4)
        first = run("cpio", "-o", "--quiet", "-H", "newc", cwd=d, stdin=b"folder/b.bin\n")
        put("initramfs.cpio", first + zipped(run("cpio", "-o", "--quiet", "-H", "newc", cwd=d, stdin=names)))
        long = "a-name-of-more-than-sixteen.txt"
        shutil.copy(os.path.join(d, "folder/plan.txt"), os.path.join(d, long))
        run("ar", "rcD", "x.a", "folder/b.bin", long, "folder/plan.txt", cwd=d)
        shutil.copy(os.path.join(d, "x.a"), os.path.join(HERE, "gnu.a"))
        put("bsd.a", bsd_ar())
        seven(d)
        zips(d)
        run("gcab", "-c", "x.cab", "folder/plan.txt", "folder/b.bin", cwd=d)
        run("gcab", "-cz", "z.cab", "folder/plan.txt", "folder/b.bin", cwd=d)
        # Several blocks, each of which looks back into the one before.
        put_in(d, "long.log", TEXT + b"all is well\n" * 9000 + TEXT)
        run("gcab", "-cz", "l.cab", "long.log", "folder/plan.txt", cwd=d)
        shutil.copy(os.path.join(d, "l.cab"), os.path.join(HERE, "blocks.cab"))
        shutil.copy(os.path.join(d, "x.cab"), os.path.join(HERE, "stored.cab"))
        shutil.copy(os.path.join(d, "z.cab"), os.path.join(HERE, "mszip.cab"))
        deb(d)
        rpms(d)


def bsd_ar():
    name = b"a name with blanks.txt\0\0"
    head = b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (b"#1/%d" % len(name), 0, 0, 0, 0o100644, len(name) + len(TEXT))
    return b"!<arch>\n" + head + name + TEXT


def seven(d):
    def make(name, *args):
        path = os.path.join(d, name)
        run("7z", "a", "-bd", "-mtm-", "-mtr-", *args, path, "folder/plan.txt", "folder/b.bin", cwd=d)
        shutil.copy(path, os.path.join(HERE, name))

    make("lzma2.7z")
    make("lzma.7z", "-m0=lzma")
    make("copy.7z", "-m0=copy", "-mhc=off")
    make("bzip2.7z", "-m0=bzip2")
    make("ppmd.7z", "-m0=ppmd")
    make("deflate.7z", "-m0=deflate")
    make("deflate64.7z", "-m0=deflate64")
    make("delta.7z", "-m0=delta:4", "-m1=lzma2")
    make("bcj.7z", "-m0=bcj", "-m1=lzma")
    make("bcj2.7z", "-m0=bcj2", "-m1=lzma", "-m2=lzma:d=64k", "-m3=lzma:d=64k", "-mb0:1", "-mb0s1:2", "-mb0s2:3")
    make("apart.7z", "-ms=off")
    make("locked.7z", "-psecret")
    make("locked-names.7z", "-psecret", "-mhe=on")
    # Claims a dictionary of 80 MiB, and a member to go with it.
    with open(os.path.join(d, "large.bin"), "wb") as f:
        f.truncate(80 << 20)
    run("7z", "a", "-bd", "-mtm-", "-mtr-", "-m0=lzma2:d=80m", "wide.7z", "large.bin", cwd=d)
    shutil.copy(os.path.join(d, "wide.7z"), os.path.join(HERE, "wide.7z"))
    # Three deep: tar.xz in 7z in zip.
    put_in(d, "three.tar.xz", lzma.compress(tar(tarfile.USTAR_FORMAT)))
    run("7z", "a", "-bd", "-mtm-", "-mtr-", "three.7z", "three.tar.xz", cwd=d)
    with zipfile.ZipFile(os.path.join(HERE, "three.zip"), "w", zipfile.ZIP_DEFLATED) as z:
        z.write(os.path.join(d, "three.7z"), "three.7z")


def put_in(d, name, data):
    with open(os.path.join(d, name), "wb") as f:
        f.write(data)


def zips(d):
    for name in ("deflate64", "bzip2", "lzma", "ppmd", "xz"):
        path = os.path.join(d, name + ".zip")
        # A text that packing makes smaller, or it is stored.
        put_in(d, "long.txt", TEXT * 40)
        run("7z", "a", "-bd", "-tzip", "-mm=" + name, path, "long.txt", "folder/b.bin", cwd=d)
        shutil.copy(path, os.path.join(HERE, name + ".zip"))
    for name, args in (("locked-zipcrypto.zip", ["-mem=ZipCrypto"]), ("locked-aes.zip", ["-mem=AES256"])):
        run("7z", "a", "-bd", "-tzip", "-psecret", *args, name, "folder/plan.txt", "folder/b.bin", cwd=d)
        shutil.copy(os.path.join(d, name), os.path.join(HERE, name))
    put("zstd.zip", zstd_zip())
    put("streamed.zip", streamed_zip())


def streamed_zip():
    """Written to a pipe: sizes stand behind the data (APPNOTE 4.3.9)."""
    class Pipe(io.RawIOBase):
        data = b""
        def writable(self):
            return True
        def write(self, b):
            self.data += bytes(b)
            return len(b)
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("folder/plan.txt", TEXT)
        z.writestr("folder/b.bin", BINARY)
        z.writestr("last.txt", TEXT)
    return pipe.data


def zstd_zip():
    """Method 93 (APPNOTE 4.4.5), put together from a frame of the zstd program."""
    data, packed = TEXT * 40, run("zstd", "-qc", stdin=TEXT * 40)
    name = b"long.txt"
    fields = struct.pack("<HHHHHIIIHH", 63, 0, 93, 0, 33, zlib.crc32(data), len(packed), len(data), len(name), 0)
    local = b"PK\x03\x04" + fields + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 63) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + end


def rars():
    """Nobody but its maker may write RAR, so these are put together by the notes on its format; libarchive reads them."""
    crc16 = lambda b: struct.pack("<H", zlib.crc32(b) & 0xFFFF) + b

    def old(flags=0, method=0x30, main=0, name=b"folder\\plan.txt"):
        body = struct.pack("<BHHIIBIIBBHI", 0x74, 0x8000 | flags, 32 + len(name), len(TEXT), len(TEXT), 2,
                           zlib.crc32(TEXT), 0, 20, method, len(name), 32) + name
        head = crc16(struct.pack("<BHHHI", 0x73, main, 13, 0, 0))
        return b"Rar!\x1a\x07\0" + head + crc16(body) + TEXT + crc16(struct.pack("<BHH", 0x7B, 0x4000, 7))

    def new(packing=0, extra=b""):
        def block(body):
            body = bytes([len(body)]) + body
            return struct.pack("<I", zlib.crc32(body)) + body
        name = b"folder/plan.txt"
        assert len(TEXT) < 128
        size = bytes([len(TEXT)])
        flags = 2 | (1 if extra else 0)
        head = bytes([2, flags]) + (bytes([len(extra)]) if extra else b"") + size
        body = head + bytes([4]) + size + bytes([32]) + struct.pack("<I", zlib.crc32(TEXT))
        body += bytes([packing & 0x7F | 0x80, packing >> 7]) + bytes([0, len(name)]) + name + extra
        return b"Rar!\x1a\x07\x01\0" + block(bytes([1, 0, 0])) + block(body) + TEXT + block(bytes([5, 0, 0]))

    put("old.rar", old())
    # The name for those who know no Unicode, and packed: three whole units, one low byte; then a run of five of the other name.
    wide = "计划1".encode("utf-16-le") + b"2" + b"\xc0" + b"\x03"
    put("old-wide.rar", old(flags=0x200, name=b"__12.text\0" + b"\x4e" + b"\xa8" + wide))
    put("old-packed.rar", old(method=0x33))
    put("old-locked.rar", old(flags=4))
    put("old-locked-names.rar", old(main=0x80))
    put("new.rar", new())
    put("new-packed.rar", new(packing=3 << 7))
    put("new-locked.rar", new(extra=bytes([37, 1]) + bytes(36)))
    for name in ("old.rar", "new.rar"):
        assert run("bsdtar", "-xOf", os.path.join(HERE, name)) == TEXT, name


def deb(d):
    root = os.path.join(d, "deb")
    os.makedirs(os.path.join(root, "DEBIAN"))
    os.makedirs(os.path.join(root, "opt"))
    put_in(root, "DEBIAN/control", b"Package: plan\nVersion: 1\nArchitecture: all\nMaintainer: none\nDescription: a plan\n")
    put_in(root, "opt/plan.txt", TEXT)
    for name in ("xz", "zstd"):
        run("dpkg-deb", "--root-owner-group", "-Z" + name, "-b", root, os.path.join(HERE, f"plan-{name}.deb"))


def rpms(d):
    put_in(d, "plan.spec", b"""Name: plan
Version: 1
Release: 1
Summary: a plan
License: none
BuildArch: noarch
%description
a plan
%install
mkdir -p %{buildroot}/opt
cp %{_sourcedir}/folder/plan.txt %{buildroot}/opt/plan.txt
%files
/opt/plan.txt
""")
    for name, payload in (("gz", "w9.gzdio"), ("xz", "w6.xzdio"), ("zst", "w3.zstdio")):
        run("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {d}/rpm", "--define", f"_sourcedir {d}",
            "--define", f"_binary_payload {payload}", "--define", "_buildhost none", "plan.spec", cwd=d)
        shutil.copy(os.path.join(d, "rpm/RPMS/noarch/plan-1-1.noarch.rpm"), os.path.join(HERE, f"plan-{name}.rpm"))


if __name__ == "__main__":
    streams()
    bombs()
    dictionaries()
    tars()
    rars()
    others()
