//! Database servers as Debian has them, started for the test and thrown away: PostgreSQL and MariaDB.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::{all_detectors, covered, id, verdicts};
use crate::{ID, config, folder, gaps, hits};
use discover::{Config, Discoverer, Limits, Target};
use evidence::{Body, GapReason, MemoryState};
use mysql::prelude::Queryable;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stdx::Stop;

const PASSWORD: &str = "correct horse battery";

/// Everything that is emitted for a target, under `config`, until `stop`.
fn run_with(url: &str, config: Config, stop: &Stop) -> Vec<Body> {
    let sink = Mutex::new(Vec::new());
    let target = Target::parse(url.as_ref()).unwrap();
    Discoverer::of(vec![target], config).run(&sink, &MemoryState::default(), &stdx::Silent, stop);
    let bodies = sink.into_inner().unwrap();
    let text = serde_json::to_string(&bodies).unwrap();
    assert!(!text.contains(PASSWORD) && !text.contains(ID) && !text.contains("reader"), "{text}");
    bodies
}
fn run_until(url: &str, limits: Limits, stop: &Stop) -> Vec<Body> {
    run_with(url, config(limits), stop)
}
fn run(url: &str) -> Vec<Body> {
    run_until(url, Limits::default(), &Stop::new())
}
/// The gaps with their places, without the server's.
fn places(bodies: &[Body], base: &str) -> Vec<String> {
    let place = |b: &Body| match b {
        Body::Gap(g) => {
            let at = g.at.as_ref().map(ToString::to_string).unwrap_or_default();
            Some(format!("{:?} {}", g.reason, at.strip_prefix(base).unwrap_or(&at)))
        }
        _ => None,
    };
    bodies.iter().filter_map(place).collect()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n")
}
/// A command as `user` if we are root, who may not run a server.
fn command(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}
fn done(command: &mut Command) {
    let out = command.stdin(Stdio::null()).output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A server under way, and its folder.
struct Running {
    dir: PathBuf,
    stop: Box<dyn Fn() + Send + Sync>,
}
impl Drop for Running {
    fn drop(&mut self) {
        (self.stop)();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

mod postgres_server {
    use super::*;
    use postgres::{Client, NoTls};

    fn bin() -> Option<PathBuf> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        versions.filter_map(|v| Some(v.ok()?.path().join("bin"))).find(|bin| bin.join("initdb").exists())
    }
    /// A server that is reached through a socket in its folder; its owner is `owner`.
    fn start(name: &str) -> Option<Running> {
        let Some(bin) = bin() else {
            println!("SKIPPED: {name}: PostgreSQL is not installed");
            return None;
        };
        let dir = folder(&format!("pg-{name}"));
        std::fs::write(dir.join("password"), PASSWORD).unwrap();
        if is_root() {
            done(Command::new("chown").args(["-R", "postgres"]).arg(&dir));
        }
        let data = dir.join("data");
        let pwfile = format!("--pwfile={}", dir.join("password").display());
        let initdb =
            ["-A", "scram-sha-256", "-U", "owner", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8", &pwfile, "-D"];
        done(command("postgres", &bin.join("initdb")).args(initdb).arg(&data));
        let options = format!("-k {} -c listen_addresses='' -c fsync=off -c autovacuum=off", dir.display());
        let mut pg_ctl = command("postgres", &bin.join("pg_ctl"));
        pg_ctl.args(["start", "-w", "-D"]).arg(&data).args(["-o", &options, "-l"]).arg(dir.join("log"));
        done(&mut pg_ctl);
        let stop = move || {
            let mut pg_ctl = command("postgres", &bin.join("pg_ctl"));
            let _ = pg_ctl.args(["stop", "-m", "immediate", "-D"]).arg(&data).output();
        };
        Some(Running { dir, stop: Box::new(stop) })
    }
    fn client(server: &Running, database: &str) -> Client {
        let mut config = Client::configure();
        config.host_path(&server.dir).user("owner").password(PASSWORD).dbname(database);
        config.connect(NoTls).unwrap()
    }
    fn url(server: &Running, user: &str, database: &str) -> String {
        let dir = server.dir.display();
        format!("postgres://{user}@/{database}?host={dir}&password-file={dir}/password")
    }
    fn base(server: &Running) -> String {
        format!("postgres://[{}]:5432", server.dir.display())
    }

    fn plant(server: &Running) {
        let mut db = client(server, "postgres");
        for sql in [
            &*format!("CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'"),
            "CREATE DATABASE plant",
            "CREATE DATABASE other",
        ] {
            db.batch_execute(sql).unwrap();
        }
        let mut db = client(server, "plant");
        db.batch_execute(
            "CREATE SCHEMA mes; CREATE DOMAIN mes.person AS varchar(18);
             CREATE TABLE mes.staff (n serial PRIMARY KEY, c1 mes.person, phone bigint, hired date, note jsonb, photo bytea, tags text[], id uuid, 出生日期 date, salary int);
             COMMENT ON COLUMN mes.staff.c1 IS '身份证号码';
             CREATE TABLE mes.empty_one (\"身份证号\" text);
             CREATE TABLE public.\"odd \"\"name\" (remark text, 手机号 text);
             CREATE TABLE mes.parts (n int, sfzh text) PARTITION BY RANGE (n);
             CREATE TABLE mes.parts_1 PARTITION OF mes.parts FOR VALUES FROM (0) TO (25);
             CREATE TABLE mes.parts_2 PARTITION OF mes.parts FOR VALUES FROM (25) TO (100);
             CREATE VIEW mes.seen AS SELECT * FROM mes.staff;
             CREATE MATERIALIZED VIEW mes.kept AS SELECT '见 ' || c1 AS text FROM mes.staff;
             CREATE TABLE mes.closed (sfzh text);
             CREATE TABLE mes.half (open text, closed text);
             CREATE TABLE mes.rows (sfzh text); ALTER TABLE mes.rows ENABLE ROW LEVEL SECURITY;
             GRANT USAGE ON SCHEMA mes TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA mes, public TO reader;
             REVOKE ALL ON mes.closed, mes.half FROM reader; GRANT SELECT (open) ON mes.half TO reader;",
        )
        .unwrap();
        let docx = testing::plant::docx(&[&format!("身份证号 {}", id(900))]).unwrap();
        for n in 0..50u64 {
            let small = i32::try_from(n).unwrap();
            let note = if n == 7 { format!("{{\"a\": {{\"sfz\": \"{}\"}}}}", id(901)) } else { "{}".to_owned() };
            let photo: &[u8] = if n == 9 { &docx } else { b"\xFF\xD8\xFF\xE0" };
            let tags = vec![format!("x{n}"), if n == 11 { id(902) } else { String::new() }];
            db.execute(
                "INSERT INTO mes.staff (c1, phone, hired, note, photo, tags, id, 出生日期, salary) VALUES ($1::text, $2, '2020-01-01', $3::text::jsonb, $4, $5, gen_random_uuid(), date '1980-02-03' + $6::int, 6200 + $6::int)",
                &[&id(n), &(13_900_000_000i64 + i64::from(small) * 1_237_891), &note, &photo, &tags, &small],
            )
            .unwrap();
            let remark = if n == 31 { format!("见员工 {ID} 的记录") } else { format!("批次 {n} 合格") };
            let hash = format!("{:032x}", u128::from(n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835));
            db.execute("INSERT INTO \"odd \"\"name\" VALUES ($1, $2)", &[&remark, &hash]).unwrap();
            db.execute("INSERT INTO mes.parts VALUES ($1, $2)", &[&small, &id(n)]).unwrap();
        }
        db.batch_execute("REFRESH MATERIALIZED VIEW mes.kept; ANALYZE").unwrap();
    }

    #[test]
    fn every_table_that_may_be_read_is() {
        let Some(server) = start("plant") else { return };
        plant(&server);
        let bodies = run(&url(&server, "reader", "plant"));
        let base = base(&server) + "/plant";
        assert_eq!(
            verdicts(&bodies, &base),
            [
                "!mes!kept.text cn.resident-id contains 0/50/50 of 50",
                "!mes!parts_1.sfzh cn.resident-id is 25/25/25 of 25",
                "!mes!parts_2.sfzh cn.resident-id is 25/25/25 of 25",
                "!mes!staff.c1 cn.resident-id is 50/50/50 of 50",
                "!mes!staff.note cn.resident-id contains 0/1/1 of 50",
                "!mes!staff.phone cn.mobile is 50/50/50 of 50",
                "!mes!staff.tags cn.resident-id contains 0/1/1 of 50",
                "!public!odd \"name.remark cn.resident-id contains 0/1/1 of 50",
            ]
        );
        let told = covered(&bodies, &base);
        assert!(told.contains(&"!mes!staff at_most_ppm_99=0 columns=10 rows=50 sampled=50".to_owned()), "{told:#?}");
        assert!(told.contains(&"!mes!empty_one at_most_ppm_99=0 columns=1 rows=0 sampled=0".to_owned()));
        assert!(told.contains(&"!mes!half at_most_ppm_99=0 columns=1 rows=0 sampled=0".to_owned()), "{told:#?}");
        assert!(told.iter().all(|t| !t.contains("seen") && !t.contains("closed") && !t.contains("!rows ")));
        // A table without rights, one column without, and rows that a policy hides.
        assert_eq!(
            places(&bodies, &base),
            ["PermissionDenied !mes!closed", "PermissionDenied !mes!half", "PermissionDenied !mes!rows"]
        );
        assert!(hits(&bodies).iter().any(|h| h.at.to_string().ends_with("!mes!staff!photo[10]!word/document.xml")));
        assert!(bodies.iter().any(|b| matches!(b, Body::Covered(c) if c.what == format!("database:{base}"))));
        // Dates and small numbers, where a name speaks for a class.
        let all = run_with(&url(&server, "reader", "plant"), all_detectors(Limits::default()), &Stop::new());
        let all = verdicts(&all, &base);
        for want in ["!mes!staff.salary salary is 50/50/50 of 50", "!mes!staff.出生日期 birth-date is 50/50/50 of 50"]
        {
            assert!(all.contains(&want.to_owned()), "{all:#?}");
        }
        // Without a database in the URL, all of them; "other" and "postgres" hold nothing.
        let all = run(&url(&server, "reader", ""));
        assert_eq!(verdicts(&all, &self::base(&server)).len(), 8);
        assert!(verdicts(&all, &self::base(&server)).iter().all(|v| v.starts_with("!plant!")));
        // The server was left as it was.
        let written = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables";
        let row = client(&server, "plant").query_one(written, &[]).unwrap();
        assert_eq!(row.get::<_, i64>(0), 200);
    }

    #[test]
    fn a_large_table_is_sampled_by_pages() {
        let Some(server) = start("large") else { return };
        let mut db = client(&server, "postgres");
        db.batch_execute(
            "CREATE TABLE large AS SELECT 'batch ' || n AS remark, 'A' || n AS code FROM generate_series(1, 300000) n; ANALYZE large",
        )
        .unwrap();
        let mut limits = Limits::default();
        limits.table.unseen_ppm = 2000;
        let bodies = run_until(&url(&server, "owner", "postgres"), limits, &Stop::new());
        let table = bodies.iter().find_map(|b| match b {
            Body::Covered(c) if c.what.starts_with("table:") => Some(c.counts.clone()),
            _ => None,
        });
        let table = table.unwrap();
        assert!((20_000..150_000).contains(&table["sampled"]), "{table:?}");
        assert!((1_000..=2_000).contains(&table["at_most_ppm_99"]), "{table:?}");
        assert!((290_000..310_000).contains(&table["rows_about"]), "{table:?}");
        assert_eq!(gaps(&bodies), []);
    }

    #[test]
    #[ignore = "five million rows on a server: a minute"]
    fn five_million_rows_under_the_usual_limits() {
        let Some(server) = start("five") else { return };
        let mut db = client(&server, "postgres");
        db.batch_execute(
            "CREATE UNLOGGED TABLE large AS SELECT n, 'batch ' || n AS remark, 'A' || n AS code, now() AS at FROM generate_series(1, 5000000) n; ANALYZE large",
        )
        .unwrap();
        let begun = std::time::Instant::now();
        let bodies = run(&url(&server, "owner", "postgres"));
        println!("{:?} after {:?}", covered(&bodies, &(base(&server) + "/postgres")), begun.elapsed());
        assert_eq!(gaps(&bodies), []);
    }

    /// A reader that waits for a lock which somebody holds for as long as the test wants.
    fn waiting(server: &Running, then: impl FnOnce(&Stop)) -> Vec<Body> {
        let mut db = client(server, "postgres");
        db.batch_execute("CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS n").unwrap();
        let mut held = db.transaction().unwrap();
        held.batch_execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE").unwrap();
        let (stop, url) = (Stop::new(), url(server, "owner", "postgres"));
        let (theirs, mut eye) = (stop.clone(), client(server, "postgres"));
        let reader = std::thread::spawn(move || run_until(&url, Limits::default(), &theirs));
        let waits = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'watchfire' AND wait_event_type = 'Lock'";
        while eye.query(waits, &[]).unwrap().is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
        then(&stop);
        reader.join().unwrap()
    }

    #[test]
    fn a_stop_breaks_off_a_statement() {
        let Some(server) = start("stop") else { return };
        let bodies = waiting(&server, Stop::request);
        assert_eq!(gaps(&bodies), [GapReason::Stopped]);
    }

    #[test]
    fn a_server_that_dies_is_a_gap() {
        let Some(server) = start("dies") else { return };
        let bodies = waiting(&server, |_| (server.stop)());
        let base = base(&server) + "/postgres";
        assert_eq!(places(&bodies, &base), ["IoError ", "IoError !public!t"]);
        // Nobody is there any more.
        assert_eq!(gaps(&run(&url(&server, "owner", "postgres"))), [GapReason::IoError]);
    }

    #[test]
    fn who_may_not_log_in_is_told() {
        let Some(server) = start("login") else { return };
        let dir = server.dir.display();
        for (address, want) in [
            (format!("postgres://owner:wrong@/postgres?host={dir}"), GapReason::PermissionDenied),
            (format!("postgres://nobody:wrong@/postgres?host={dir}"), GapReason::PermissionDenied),
            (url(&server, "owner", "absent"), GapReason::Missing),
        ] {
            assert_eq!(gaps(&run(&address)), [want]);
        }
    }
}

mod mysql_server {
    use super::*;
    use mysql::{Conn, OptsBuilder};

    fn start(name: &str) -> Option<Running> {
        let (install, daemon) = (Path::new("/usr/bin/mariadb-install-db"), Path::new("/usr/sbin/mariadbd"));
        if !install.exists() || !daemon.exists() {
            println!("SKIPPED: {name}: MariaDB is not installed");
            return None;
        }
        let dir = folder(&format!("my-{name}"));
        std::fs::write(dir.join("password"), PASSWORD).unwrap();
        if is_root() {
            done(Command::new("chown").args(["-R", "mysql"]).arg(&dir));
        }
        let data = format!("--datadir={}", dir.join("data").display());
        let temporary = format!("--tmpdir={}", dir.display());
        let options =
            ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", &data, &temporary];
        done(command("mysql", install).args(options));
        let socket = dir.join("sock");
        let child = command("mysql", daemon)
            .args([
                "--no-defaults",
                &data,
                &temporary,
                "--skip-networking",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=32M",
            ])
            .arg(format!("--socket={}", socket.display()))
            .arg(format!("--pid-file={}", dir.join("pid").display()))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = Arc::new(Mutex::new(child.unwrap()));
        let pid = dir.join("pid");
        let stop = move || {
            // The daemon itself, not the program that changed the user for it.
            if let Ok(pid) = std::fs::read_to_string(&pid) {
                let _ = Command::new("kill").args(["-9", pid.trim()]).output();
            }
            let _ = child.lock().unwrap().wait();
        };
        let server = Running { dir, stop: Box::new(stop) };
        for _ in 0..600 {
            if Conn::new(options_for(&server, "root", None)).is_ok() {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the server did not come up");
    }
    fn options_for(server: &Running, user: &str, password: Option<&str>) -> OptsBuilder {
        let socket = server.dir.join("sock").display().to_string();
        OptsBuilder::new().socket(Some(socket)).user(Some(user)).pass(password)
    }
    fn client(server: &Running) -> Conn {
        Conn::new(options_for(server, "root", None)).unwrap()
    }
    fn url(server: &Running, user: &str, database: &str) -> String {
        let dir = server.dir.display();
        format!("mysql://{user}@/{database}?socket={dir}/sock&password-file={dir}/password")
    }
    fn base(server: &Running) -> String {
        format!("mysql://[{}/sock]:3306", server.dir.display())
    }
    fn plant(server: &Running) {
        let mut db = client(server);
        db.query_drop("SET NAMES utf8mb4").unwrap();
        for sql in [
            "CREATE DATABASE plant CHARACTER SET gbk",
            "CREATE DATABASE other",
            "CREATE TABLE plant.staff (n INT PRIMARY KEY, xm VARCHAR(20), c1 CHAR(18) COMMENT '身份证号码', phone BIGINT UNSIGNED, hired DATE, photo MEDIUMBLOB, note JSON, csrq DATE, salary INT)",
            "CREATE TABLE plant.empty_one (`身份证号` TEXT)",
            "CREATE TABLE plant.`odd ``name` (remark TEXT, sjh TEXT)",
            "CREATE TABLE other.closed (sfzh TEXT)",
            "CREATE TABLE other.half (open_one TEXT, closed_one TEXT)",
            "CREATE VIEW plant.seen AS SELECT * FROM plant.staff",
            &format!("CREATE USER reader IDENTIFIED BY '{PASSWORD}'"),
            "GRANT SELECT ON plant.* TO reader",
            "GRANT SELECT (open_one) ON other.half TO reader",
        ] {
            db.query_drop(sql).unwrap();
        }
        let docx = testing::plant::docx(&[&format!("身份证号 {}", id(900))]).unwrap();
        for n in 0..50u64 {
            let note = if n == 7 { format!("{{\"a\": {{\"sfz\": \"{}\"}}}}", id(901)) } else { "{}".to_owned() };
            let photo: &[u8] = if n == 9 { &docx } else { b"\xFF\xD8\xFF\xE0" };
            let phone = 13_900_000_000u64 + n * 1_237_891;
            db.exec_drop(
                "INSERT INTO plant.staff VALUES (?, ?, ?, ?, '2020-01-01', ?, ?, DATE '1980-02-03' + INTERVAL ? DAY, 6200 + ?)",
                (n, format!("员工{n}"), id(n), phone, photo, note, n, n),
            )
            .unwrap();
            let remark = if n == 31 { format!("见员工 {ID} 的记录") } else { format!("批次 {n} 合格") };
            let hash = format!("{:032x}", u128::from(n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835));
            db.exec_drop("INSERT INTO plant.`odd ``name` VALUES (?, ?)", (remark, hash)).unwrap();
        }
    }

    #[test]
    fn every_table_that_is_shown_is_read() {
        let Some(server) = start("plant") else { return };
        plant(&server);
        let want = [
            "!odd `name.remark cn.resident-id contains 0/1/1 of 50",
            "!staff.c1 cn.resident-id is 50/50/50 of 50",
            "!staff.note cn.resident-id contains 0/1/1 of 50",
            "!staff.phone cn.mobile is 50/50/50 of 50",
        ];
        let bodies = run(&url(&server, "reader", "plant"));
        let one = base(&server) + "/plant";
        assert_eq!(verdicts(&bodies, &one), want);
        assert_eq!(gaps(&bodies), []);
        let told = covered(&bodies, &one);
        assert!(told.contains(&"!staff at_most_ppm_99=0 columns=9 rows=50 sampled=50".to_owned()), "{told:#?}");
        assert!(told.contains(&"!empty_one at_most_ppm_99=0 columns=1 rows=0 sampled=0".to_owned()));
        assert!(hits(&bodies).iter().any(|h| h.at.to_string().ends_with("!staff!photo[10]!word/document.xml")));
        let all = run_with(&url(&server, "reader", "plant"), all_detectors(Limits::default()), &Stop::new());
        let all = verdicts(&all, &one);
        for want in ["!staff.salary salary is 50/50/50 of 50", "!staff.csrq birth-date is 50/50/50 of 50"] {
            assert!(all.contains(&want.to_owned()), "{all:#?}");
        }
        // All databases; of the one table that is half closed the open half.
        let bodies = run(&url(&server, "reader", ""));
        let all: Vec<String> = want.iter().map(|v| format!("!plant{v}")).collect();
        assert_eq!(verdicts(&bodies, &base(&server)), all);
        let told = covered(&bodies, &base(&server));
        assert!(told.contains(&"!other!half at_most_ppm_99=0 columns=1 rows=0 sampled=0".to_owned()), "{told:#?}");
        // Who may not log in, and to where.
        let dir = server.dir.display();
        let wrong = format!("mysql://reader:wrong@/plant?socket={dir}/sock");
        assert_eq!(gaps(&run(&wrong)), [GapReason::PermissionDenied]);
    }

    #[test]
    fn a_large_table_is_sampled_by_its_key_or_by_a_die() {
        let Some(server) = start("large") else { return };
        let mut db = client(&server);
        for sql in [
            "CREATE DATABASE plant",
            "USE plant",
            "CREATE TABLE plant.keyed (n INT PRIMARY KEY, remark TEXT)",
            "INSERT INTO plant.keyed SELECT seq * 7, CONCAT('batch ', seq) FROM seq_1_to_120000",
            "CREATE TABLE plant.loose (remark TEXT)",
            "INSERT INTO plant.loose SELECT CONCAT('batch ', seq) FROM seq_1_to_120000",
            "ANALYZE TABLE plant.keyed, plant.loose",
        ] {
            db.query_drop(sql).unwrap();
        }
        let mut limits = Limits::default();
        limits.table.unseen_ppm = 2000;
        let bodies = run_until(
            &url(&server, "root", "plant")
                .replace("password-file", "user=root&password-file")
                .replace("/password", "/none"),
            limits,
            &Stop::new(),
        );
        assert_eq!(gaps(&bodies), []);
        for (table, low, high) in [("keyed", 5_000, 20_000), ("loose", 2_500, 9_000)] {
            let counts = bodies.iter().find_map(|b| match b {
                Body::Covered(c) if c.what.ends_with(&format!("!{table}")) => Some(c.counts.clone()),
                _ => None,
            });
            let counts = counts.unwrap();
            assert!((low..high).contains(&counts["sampled"]), "{table} {counts:?}");
            assert!((1_000..=2_000).contains(&counts["at_most_ppm_99"]), "{table} {counts:?}");
        }
    }

    /// A reader that waits for a lock which somebody holds for as long as the test wants.
    fn waiting(server: &Running, then: impl FnOnce(&Stop)) -> Vec<Body> {
        let mut db = client(server);
        db.query_drop("CREATE DATABASE IF NOT EXISTS plant").unwrap();
        db.query_drop("CREATE TABLE IF NOT EXISTS plant.t (n TEXT)").unwrap();
        db.query_drop(format!("CREATE USER IF NOT EXISTS reader IDENTIFIED BY '{PASSWORD}'")).unwrap();
        db.query_drop("GRANT SELECT ON plant.* TO reader").unwrap();
        db.query_drop("LOCK TABLES plant.t WRITE").unwrap();
        let (stop, url) = (Stop::new(), url(server, "reader", "plant"));
        let (theirs, mut eye) = (stop.clone(), client(server));
        let reader = std::thread::spawn(move || run_until(&url, Limits::default(), &theirs));
        let waits =
            "SELECT 1 FROM information_schema.processlist WHERE user = 'reader' AND state LIKE 'Waiting for%lock'";
        while eye.query_first::<u8, _>(waits).unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        then(&stop);
        reader.join().unwrap()
    }

    #[test]
    fn a_stop_breaks_off_a_statement() {
        let Some(server) = start("stop") else { return };
        let bodies = waiting(&server, Stop::request);
        assert_eq!(gaps(&bodies), [GapReason::Stopped]);
    }

    #[test]
    fn a_server_that_dies_is_a_gap() {
        let Some(server) = start("dies") else { return };
        let bodies = waiting(&server, |_| (server.stop)());
        assert_eq!(places(&bodies, &(base(&server) + "/plant")), ["IoError ", "IoError !t"]);
    }
}
