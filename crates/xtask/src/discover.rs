//! `cargo xtask bench discover`: the figures of finding data, with their floors and peers, in one run.
//!
//! Everything is measured on whole processes from outside, so that the instrument outlives the engine. Each counted run
//! of the program begins with the same prepared state folder and no cache in it; rescans are a table of their own.

mod planted;
pub(crate) mod rows;

use crate::bench::{Scratch, build, release};
use crate::options::{self, Options};
use crate::peers::{self, Peer};
use crate::program::Program;
use crate::run::{cost, spread};
use rows::{Table, grep, walk};
use std::path::{Path, PathBuf};
use std::process::Command;
use testing::mixture::{self, Grown, Mix};
use testing::plant::{Rng, Wrap};

/// How much is grown.
#[derive(Clone, Copy)]
struct Size {
    /// Files of about 12 kB.
    notes: usize,
    /// Files of 256 KiB to `book_bytes_max`.
    books: usize,
    book_bytes_max: usize,
    /// Containers of 8 to 400 kB of text.
    containers: usize,
    /// One line, and one member of an archive: MiB.
    long_mib: usize,
    /// The text in memory, MiB.
    memory_mib: usize,
}
const SMALL: Size =
    Size { notes: 2_000, books: 40, book_bytes_max: 1 << 20, containers: 100, long_mib: 64, memory_mib: 32 };
const MIDDLE: Size =
    Size { notes: 20_000, books: 240, book_bytes_max: 4 << 20, containers: 500, long_mib: 256, memory_mib: 256 };
const LARGE: Size =
    Size { notes: 80_000, books: 800, book_bytes_max: 4 << 20, containers: 2_000, long_mib: 1024, memory_mib: 512 };

/// One value is planted for about so many bytes.
const EVERY_BYTES: usize = 120_000;

/// What `--only` may name.
const SECTIONS: [&str; 9] = ["speed", "start", "core", "rescan", "memory", "encodings", "identifiers", "peers", "real"];

struct Bench {
    program: Program,
    size: Size,
    seed: u64,
    runs: usize,
    scratch: Scratch,
    /// Where peers are kept, if they are asked for.
    cache: Option<PathBuf>,
    /// A tree that nobody grew, if one was named.
    real: Option<PathBuf>,
    /// Sections that are wanted; all if none is named.
    only: Vec<String>,
}

/// The job; `words` are its options.
pub(crate) fn bench(words: &[&str]) -> Result<(), String> {
    let options =
        Options::parse(words, &["peers", "small", "large"], &["verb", "seed", "runs", "cache", "real", "only"])?;
    let size = match (options.has("small"), options.has("large")) {
        (true, _) => SMALL,
        (_, true) => LARGE,
        _ => MIDDLE,
    };
    let bench = Bench {
        program: Program::built(options.value("verb"))?,
        size,
        seed: options.number("seed", 1)? as u64,
        runs: options.number("runs", 5)?.max(1),
        scratch: Scratch::new("discover")?,
        cache: if options.has("peers") { Some(options::cache(&options)?) } else { None },
        real: options.value("real").map(PathBuf::from),
        only: options.value("only").map(|o| o.split(',').map(str::to_owned).collect()).unwrap_or_default(),
    };
    if let Some(section) = bench.only.iter().find(|o| !SECTIONS.contains(&o.as_str())) {
        return Err(format!("--only {section}: known are {SECTIONS:?}"));
    }
    build(&["--release", "--package", "classify", "--example", "identifiers"])?;
    bench.all()
}

impl Bench {
    fn all(&self) -> Result<(), String> {
        let (notes, books) = (self.grow("notes", self.size.notes, 11_000, 13_000)?, self.books()?);
        self.say_trees(&notes, &books);
        self.primed()?;
        let wanted = |section: &str| self.only.is_empty() || self.only.iter().any(|o| o == section);
        if wanted("speed") {
            self.speed("files of about 12 kB", &notes)?;
            self.speed("files of 256 kB and more", &books)?;
        }
        if wanted("start") {
            self.start_up()?;
        }
        if wanted("core") {
            self.second_core(&[&notes.dir, &books.dir])?;
        }
        if wanted("rescan") {
            self.rescan(&notes)?;
        }
        if wanted("memory") {
            self.memory()?;
        }
        if wanted("encodings") {
            self.encodings()?;
        }
        if wanted("identifiers") {
            self.identifiers()?;
        }
        if wanted("peers") {
            self.peers("the tree of 12 kB files", &notes)?;
        }
        if wanted("real") {
            self.real()?;
        }
        Ok(())
    }

    /// Speed on a tree that is there, by its bytes on disk.
    fn real(&self) -> Result<(), String> {
        let Some(dir) = &self.real else { return Ok(()) };
        let mut files = Vec::new();
        rows::files(dir, &mut files).map_err(|e| format!("{}: {e}", dir.display()))?;
        let bytes = files.iter().filter_map(|f| f.metadata().ok()).map(|m| m.len()).sum();
        let grown = Grown { files: files.len() as u64, text_bytes: bytes, disk_bytes: bytes, ..Grown::default() };
        println!("\n### `{}`: {} files, {bytes} bytes on disk\n", dir.display(), grown.files);
        let tree = Tree { dir: dir.clone(), grown };
        let table = Table::new(self.runs, bytes);
        table.row(&format!("`{}`", self.program.called()), || self.look(&tree.dir, 2))?;
        table.row("floor: open, read and close every file, 1 thread", || rows::bare(&tree.dir))?;
        table.row("floor: `cat` of every file", || Ok(rows::cat(&tree.dir)))?;
        table.row("floor: `grep -rcE` for one 18-digit pattern", || Ok(grep(&tree.dir)))?;
        self.peers(&format!("`{}`", dir.display()), &tree)
    }

    fn dir(&self, name: &str) -> PathBuf {
        self.scratch.0.join(name)
    }
    fn mix(&self, files: usize, bytes_min: usize, bytes_max: usize) -> Mix {
        Mix { seed: self.seed, files, bytes_min, bytes_max, every_bytes: EVERY_BYTES }
    }
    fn grow(&self, name: &str, files: usize, min: usize, max: usize) -> Result<Tree, String> {
        let dir = self.dir(name);
        let grown = mixture::tree(&dir, &self.mix(files, min, max)).map_err(|e| e.to_string())?;
        Tree::new(dir, grown)
    }
    fn books(&self) -> Result<Tree, String> {
        self.grow("books", self.size.books, 256 << 10, self.size.book_bytes_max)
    }

    fn say_trees(&self, notes: &Tree, books: &Tree) {
        println!("program: `{}`; seed {}; {} runs after one warm-up", self.program.called(), self.seed, self.runs);
        for (name, tree) in [("12 kB", notes), ("256 kB and more", books)] {
            let (g, mut shares) = (&tree.grown, [0_u64; 3]);
            for p in &g.planted {
                shares[match p.wrap {
                    Wrap::Gb18030 => 1,
                    Wrap::Utf16 => 2,
                    _ => 0,
                }] += 1;
            }
            println!(
                "tree of {name}: {} files, {} bytes of text (of 20 files 14 in UTF-8, 4 in GB18030, 2 in UTF-16LE), {} \
                 values planted ({} / {} / {}) about one in {EVERY_BYTES} bytes and four in each row of a staff list",
                g.files,
                g.text_bytes,
                g.planted.len(),
                shares[0],
                shares[1],
                shares[2]
            );
        }
    }

    /// A state folder as a user has one: keys made, log begun, nothing seen.
    fn primed(&self) -> Result<(), String> {
        let empty = self.dir("empty");
        std::fs::create_dir_all(&empty).map_err(|e| e.to_string())?;
        cost(&mut self.program.look(&self.dir("primed"), &[&empty], None)).map(drop)
    }
    /// A fresh copy of it.
    fn home(&self) -> Result<PathBuf, String> {
        let home = self.dir("home");
        let _ = std::fs::remove_dir_all(&home);
        let copied = Command::new("cp").arg("-a").arg(self.dir("primed")).arg(&home).status();
        if copied.is_ok_and(|s| s.success()) {
            Ok(home)
        } else {
            Err("the state folder could not be copied".to_owned())
        }
    }
    fn look(&self, root: &Path, workers: usize) -> Result<Command, String> {
        Ok(self.program.look(&self.home()?, &[root], Some(workers)))
    }

    /// Speed with its floors, and what was found of what was planted.
    fn speed(&self, title: &str, tree: &Tree) -> Result<(), String> {
        println!("\n### {title}\n");
        let table = Table::new(self.runs, tree.grown.text_bytes);
        let ours = table.row(&format!("`{} TREE`, 2 workers", self.program.called()), || self.look(&tree.dir, 2))?;
        let bare = table.row("floor: open, read and close every file, 1 thread", || rows::bare(&tree.dir))?;
        let cat = table.row("floor: `cat` of every file", || Ok(rows::cat(&tree.dir)))?;
        let grep = table.row("floor: `grep -rcE` for one 18-digit pattern", || Ok(grep(&tree.dir)))?;
        println!(
            "\nCPU against bare reading: {:.2}; `cat`: {:.2}; `grep`: {:.2}",
            ours / bare,
            ours / cat,
            ours / grep
        );
        let seen = self.program.seen(&self.scratch.0, &[&tree.dir])?;
        planted::compare(&seen, &tree.grown, &tree.dir);
        Ok(())
    }

    fn start_up(&self) -> Result<(), String> {
        println!("\n### Start-up (asked: under 30 ms)\n");
        let table = Table::new(self.runs, 0);
        table.row("floor: `/bin/true`", || Ok(Command::new("/bin/true")))?;
        table.row("`watchfire --version`", || Ok(self.program.bare(&["--version"])))?;
        let label = format!("`{}` of an empty folder, signed and judged", self.program.called());
        table.row(&label, || self.look(&self.dir("empty"), 1))?;
        Ok(())
    }

    /// What a second worker gains, beside what a second thread gains for a loop that touches no memory.
    fn second_core(&self, trees: &[&Path]) -> Result<(), String> {
        println!("\n### A second core (asked: at least 0.9 of what a pure loop gains)\n");
        let look = |workers| cost(&mut self.program.look(&self.home()?, trees, Some(workers)));
        let steps = (rows::steps_per_second() * look(1)?.wall) as u64;
        let mut all = Vec::new();
        println!(
            "| round | loop, 1 and 2 threads, wall s | program, 1 and 2 workers, wall s | the same, CPU s | gain of loop | gain of program | ratio |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        for round in 1..=self.runs {
            let (l1, l2) = (rows::spin(steps, 1), rows::spin(steps, 2));
            let (p1, p2) = (look(1)?, look(2)?);
            let (of_loop, of_program) = (l1 / l2, p1.wall / p2.wall);
            let (walls, cpus) = (format!("{:.3}, {:.3}", p1.wall, p2.wall), format!("{:.2}, {:.2}", p1.cpu, p2.cpu));
            let ratio = of_program / of_loop;
            println!("| {round} | {l1:.3}, {l2:.3} | {walls} | {cpus} | {of_loop:.2} | {of_program:.2} | {ratio:.2} |");
            all.push(ratio);
        }
        let (min, median, max) = spread(all);
        println!("\nratio: {min:.2} / {median:.2} / {max:.2} (elapsed time: only a quiet machine tells the truth)");
        Ok(())
    }

    fn rescan(&self, tree: &Tree) -> Result<(), String> {
        println!("\n### Looking again at a tree that did not change (asked: the walk only)\n");
        // What changed within a minute of a run is not trusted, and the tree was just grown.
        std::thread::sleep(std::time::Duration::from_secs(61));
        let home = self.home()?;
        let first = cost(&mut self.program.look(&home, &[&tree.dir], Some(2)))?;
        println!("first look: {:.2} CPU s\n", first.cpu);
        let table = Table::new(self.runs, tree.grown.text_bytes);
        let again = table.row("again, same state folder", || Ok(self.program.look(&home, &[&tree.dir], Some(2))))?;
        let floor = table.row("floor: `find` with inode, size and times of every file", || Ok(walk(&tree.dir)))?;
        println!("\nCPU against the walk: {:.2}; against the first look: {:.2}", again / floor, again / first.cpu);
        Ok(())
    }

    /// Peak memory where it could grow: a long line, containers, a large member.
    fn memory(&self) -> Result<(), String> {
        println!("\n### Memory (asked: 68 MiB on text with 2 workers, 256 MiB with containers)\n");
        let line = self.dir("line");
        let text = long_text(self.seed, self.size.long_mib);
        put(&line.join("line.txt"), text.replace('\n', " ").as_bytes())?;
        let table = Table::new(self.runs, text.len() as u64);
        table.row(&format!("one line of {} MiB", self.size.long_mib), || self.look(&line, 2))?;
        let inside = self.dir("inside");
        let gzip = testing::plant::gzip(text.as_bytes()).map_err(|e| e.to_string())?;
        put(&inside.join("text.gz"), &gzip)?;
        table.row(&format!("one gzip member of {} MiB", self.size.long_mib), || self.look(&inside, 2))?;
        let dir = self.dir("containers");
        let grown =
            mixture::containers(&dir, &self.mix(self.size.containers, 8_000, 400_000)).map_err(|e| e.to_string())?;
        println!(
            "\n{} containers (gzip, zip, xlsx, docx, zip in zip in turn), {} bytes of text in them:\n",
            grown.files, grown.text_bytes
        );
        let table = Table::new(self.runs, grown.text_bytes);
        table.row("containers", || self.look(&dir, 2))?;
        let seen = self.program.seen(&self.scratch.0, &[&dir])?;
        planted::compare(&seen, &grown, &dir);
        Ok(())
    }

    /// The same texts in each encoding, each in a folder of its own.
    fn encodings(&self) -> Result<(), String> {
        println!("\n### The same content in each encoding (asked: equal)\n");
        println!("| encoding | bytes | hits high / medium / low | gaps |\n| --- | --- | --- | --- |");
        let mut rng = Rng::new(self.seed);
        let texts: Vec<String> = (0..60).map(|_| mixture::text(&mut rng, 60_000, 2_000).text).collect();
        type Encode = fn(&str) -> Vec<u8>;
        let encodings: [(&str, Encode); 4] = [
            ("UTF-8", |t| t.as_bytes().to_vec()),
            ("GB18030", |t| encoding_rs::GB18030.encode(t).0.into_owned()),
            ("UTF-16LE", |t| t.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("UTF-16BE", |t| t.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ];
        for (name, encode) in encodings {
            let dir = self.dir(name);
            for (i, text) in texts.iter().enumerate() {
                put(&dir.join(format!("{i:03}.txt")), &encode(text))?;
            }
            let seen = self.program.seen(&self.scratch.0, &[&dir])?;
            let mut all = crate::seen::Bands::default();
            seen.hits.iter().for_each(|h| all.add(h.bands));
            let bytes = seen.counts.get("bytes").copied().unwrap_or(0);
            println!("| {name} | {bytes} | {} / {} / {} | {:?} |", all.high, all.medium, all.low, seen.gaps);
        }
        Ok(())
    }

    fn identifiers(&self) -> Result<(), String> {
        println!("\n### Identifiers only, memory to hits (asked: 4 GB per CPU second)\n");
        let program = release("examples").join("identifiers");
        let status = Command::new(program).arg(self.size.memory_mib.to_string()).arg(self.seed.to_string()).status();
        if status.is_ok_and(|s| s.success()) { Ok(()) } else { Err("identifiers failed".to_owned()) }
    }

    /// Peers on a tree or an evenly spread sample of it, compared per byte.
    fn peers(&self, of: &str, tree: &Tree) -> Result<(), String> {
        let Some(cache) = &self.cache else { return Ok(()) };
        println!("\n### Peers on {of} (asked: 50 × the fastest)\n");
        let table = Table::new(self.runs, tree.grown.disk_bytes);
        let cpu = table.row(&format!("`{}` on all of it", self.program.called()), || self.look(&tree.dir, 2))?;
        let ours = tree.grown.disk_bytes as f64 / cpu;
        let mut best: Option<(f64, &str)> = None;
        for peer in peers::installed(cache, &["kingfisher-bin", "detect-secrets", "presidio-analyzer"])? {
            // A peer that is not there, or dies, is said so and takes nothing else with it.
            match peer.and_then(|p| self.peer(&p, tree, ours).map(|rate| (rate, p.name))) {
                Ok(one) if best.is_none_or(|(rate, _)| one.0 > rate) => best = Some(one),
                Ok(_) => {}
                Err(why) => println!("\nnot measured: {why}"),
            }
        }
        if let Some((rate, name)) = best {
            println!("\nfastest peer: {name}; ratio {:.1}", ours / rate);
        }
        Ok(())
    }

    /// One peer; returns its bytes per CPU second.
    fn peer(&self, peer: &Peer, tree: &Tree, ours: f64) -> Result<f64, String> {
        let to = self.dir(peer.name);
        let _ = std::fs::remove_dir_all(&to);
        let (dir, files, bytes) = tree.sample(&to, peer.sample_bytes)?;
        println!("\n{} {}: {files} files, {bytes} bytes\n", peer.name, peer.version);
        let table = Table::new(self.runs, bytes);
        let theirs = table.row_of(peer.good, peer.name, || Ok(peer.look(&dir)))?;
        table.start(peer.good, "its start-up: an empty folder", || Ok(peer.look(&self.dir("empty"))))?;
        table.row(&format!("`{}` on the same sample", self.program.called()), || self.look(&dir, 2))?;
        let rate = bytes as f64 / theirs;
        println!("\nbytes per CPU second, start-up included: ours on the whole tree {:.1} × theirs", ours / rate);
        Ok(rate)
    }
}

/// A tree on disk.
struct Tree {
    dir: PathBuf,
    grown: Grown,
}
impl Tree {
    /// Writes the manifest beside the tree.
    fn new(dir: PathBuf, grown: Grown) -> Result<Self, String> {
        put(&dir.with_extension("manifest.tsv"), grown.manifest().as_bytes())?;
        Ok(Self { dir, grown })
    }
    /// The tree itself if it has no more than `bytes`, else a copy of files evenly spread over it, until there are about
    /// so many; says where, how many, how much.
    fn sample(&self, to: &Path, bytes: u64) -> Result<(PathBuf, usize, u64), String> {
        if self.grown.disk_bytes <= bytes {
            return Ok((self.dir.clone(), self.grown.files as usize, self.grown.disk_bytes));
        }
        let mut files = Vec::new();
        rows::files(&self.dir, &mut files).map_err(|e| e.to_string())?;
        files.sort();
        let step = (self.grown.disk_bytes / bytes.max(1)).max(1) as usize;
        let (mut count, mut size) = (0, 0);
        for path in files.iter().step_by(step) {
            let content = std::fs::read(path).map_err(|e| e.to_string())?;
            put(&to.join(path.strip_prefix(&self.dir).unwrap_or(path)), &content)?;
            (count, size) = (count + 1, size + content.len() as u64);
        }
        Ok((to.to_owned(), count, size))
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|e| format!("{}: {e}", path.display()))
}

fn long_text(seed: u64, mib: usize) -> String {
    let mut rng = Rng::new(seed);
    let mut out = String::new();
    while out.len() < mib << 20 {
        out.push_str(&mixture::text(&mut rng, 1 << 20, EVERY_BYTES).text);
    }
    out
}
