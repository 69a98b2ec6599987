//! Read tables on a PostgreSQL server that is made for the test, and everything that a server can do wrong.

use super::{Row, accept, make, rows};
use evidence::Digest;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::{Silent, Stop};
use store::{Address, Make, Present, Reach, ReadTables, RowFilter, ServerTables, StoreError, TablesFault};
use testing::postgres::Server;

fn tables(url: &str) -> ServerTables {
    ServerTables::new(Address::parse(url, Reach::Local, None).unwrap(), "trial")
}
#[track_caller]
fn fault<T>(result: Result<T, StoreError>) -> TablesFault {
    match result {
        Err(StoreError::Tables(fault)) => fault,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it worked"),
    }
}
/// A database whose own order is that of American English.
fn english(server: &Server) -> String {
    let sql = "CREATE DATABASE english TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'";
    let _ = server.psql("postgres", sql);
    // What the trial is for: there, the order is another one.
    assert_eq!(server.psql("english", "SELECT '9Z' < '9_', '9Z' < '9_' COLLATE \"C\""), "f|t");
    server.url("english")
}

#[test]
fn a_server_passes_the_trial() {
    let Some(server) = Server::start("a_server_passes_the_trial") else { return };
    let url = english(&server);
    accept(&tables(&url));
    // Two nodes in one database do not see each other.
    let other = ServerTables::new(Address::parse(&url, Reach::Local, None).unwrap(), "other");
    let mine = tables(&url);
    make(&mine, Digest::of(b"rows"), &rows(9), Present::Keep).unwrap();
    assert!(other.table(Digest::of(b"rows")).unwrap().is_none());
    other.drop_all().unwrap();
    assert!(mine.table(Digest::of(b"rows")).unwrap().is_some());
    assert_eq!(mine.engine().unwrap().name, "postgresql");
    assert!(!mine.engine().unwrap().place.contains("owner"));
    // Every province is a partition of its own, and a page of one reads no other.
    let plan = server.psql(
        "english",
        "EXPLAIN SELECT line FROM watchfire_trial.rows_1 WHERE code > '9' AND province = '44' ORDER BY code LIMIT 50",
    );
    assert!(plan.contains("rows_1_44") && !plan.contains("rows_1_11"), "{plan}");
}

#[test]
fn a_server_that_dies_in_the_middle_of_an_import_leaves_what_was_there() {
    let Some(server) = Server::start("a_server_that_dies_in_the_middle_of_an_import") else { return };
    let tables = tables(&server.url("postgres"));
    let (old, new, rows) = (Digest::of(b"old"), Digest::of(b"new"), rows(20_000));
    make(&tables, old, &rows[..50], Present::Keep).unwrap();
    let stop = Stop::new();
    for (id, present, at) in [(new, Present::Keep, 0), (new, Present::Keep, 19_999), (old, Present::Replace, 9_000)] {
        let dying = rows.iter().enumerate().map(|(n, r)| {
            if n == at {
                server.kill();
            }
            r.cached()
        });
        let order = Make { id, count: 20_000, present, progress: &Silent, stop: &stop };
        assert_eq!(fault(tables.make(&order, &mut { dying })), TablesFault::Lost);
        assert!(matches!(fault(tables.table(old)), TablesFault::Unreachable(_)), "and nothing is made up meanwhile");
        server.again();
        assert!(tables.table(new).unwrap().is_none());
        let whole = tables.table(old).unwrap().unwrap();
        let filter = RowFilter { limit: 99, ..RowFilter::default() };
        assert_eq!(whole.page(&filter).unwrap(), rows[..50].iter().map(|r| r.line.clone()).collect::<Vec<_>>());
    }
    // No table of a half import is left behind.
    let left = "SELECT count(*) FROM pg_tables WHERE schemaname = 'watchfire_trial' AND tablename LIKE 'rows%'";
    assert_eq!(server.psql("postgres", left), "33");
    make(&tables, new, &rows, Present::Keep).unwrap();
}

/// Hands bytes on between a client and the server and ends the line after so many bytes of the server's.
fn cut_after(server: &Server, left: &Arc<AtomicU64>) -> std::path::PathBuf {
    let folder = server.dir().join("line");
    std::fs::create_dir_all(&folder).unwrap();
    let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
    let (to, left) = (server.dir().join(".s.PGSQL.5432"), Arc::clone(left));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let (to, left) = (to.clone(), Arc::clone(&left));
            std::thread::spawn(move || hand_on(client, &to, &left));
        }
    });
    folder
}
fn hand_on(mut client: UnixStream, to: &Path, left: &AtomicU64) {
    let Ok(mut server) = UnixStream::connect(to) else { return };
    let (mut from, mut into) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || drop(std::io::copy(&mut from, &mut into)));
    let mut bytes = [0; 4096];
    loop {
        let got = server.read(&mut bytes).unwrap_or(0);
        let may = left.load(Ordering::SeqCst).min(got as u64);
        left.fetch_sub(may, Ordering::SeqCst);
        let cut = client.write_all(&bytes[..may as usize]).is_err() || may < got as u64;
        if got == 0 || cut {
            let _ = client.shutdown(std::net::Shutdown::Both);
            let _ = server.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

#[test]
fn a_page_whose_line_is_cut_is_an_error_and_never_a_shorter_page() {
    let Some(server) = Server::start("a_page_whose_line_is_cut") else { return };
    let (id, rows) = (Digest::of(b"rows"), rows(3_000));
    make(&tables(&server.url("postgres")), id, &rows, Present::Keep).unwrap();
    let left = Arc::new(AtomicU64::new(u64::MAX));
    let through = tables(&server.url_of("owner", "password", "postgres", &cut_after(&server, &left)));
    let filter = RowFilter { limit: 3_000, ..RowFilter::default() };
    let want: Vec<Vec<u8>> = rows.iter().map(|r| r.line.clone()).collect();
    for bytes in [0, 40, 4_096, 60_000, 120_000] {
        left.store(u64::MAX, Ordering::SeqCst);
        let table = through.table(id).unwrap().unwrap();
        assert_eq!(table.page(&filter).unwrap(), want);
        left.store(bytes, Ordering::SeqCst);
        assert_eq!(fault(table.page(&filter)), TablesFault::Lost, "after {bytes} bytes");
        left.store(u64::MAX, Ordering::SeqCst);
        let mut seen = 0;
        table.lines(&mut |_| seen += 1).unwrap();
        assert_eq!(seen, 3_000, "the next question calls again");
        left.store(bytes, Ordering::SeqCst);
        assert_eq!(fault(table.lines(&mut |_| ())), TablesFault::Lost);
    }
}

#[test]
fn what_a_server_refuses_is_named() {
    let Some(server) = Server::start("what_a_server_refuses_is_named") else { return };
    let dir = server.dir();
    server.password_file("wrong", "CANARY");
    let at = |user: &str, file: &str, database: &str| tables(&server.url_of(user, file, database, dir)).engine();
    assert_eq!(fault(at("owner", "wrong", "postgres")), TablesFault::Denied);
    assert_eq!(fault(at("nobody", "password", "postgres")), TablesFault::Denied);
    assert_eq!(fault(at("owner", "password", "none")), TablesFault::NoDatabase);
    let silent = format!("postgres://owner@/postgres?host={}", dir.display());
    assert_eq!(fault(tables(&silent).engine()), TablesFault::Denied, "a password is asked for and none is given");
    let nowhere = format!("postgres://owner@/postgres?host={}/none", dir.display());
    assert!(matches!(fault(tables(&nowhere).engine()), TablesFault::Unreachable(_)));
    let latin = "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'";
    let _ = server.psql("postgres", latin);
    assert_eq!(fault(tables(&server.url("latin")).engine()), TablesFault::Encoding("LATIN1".into()));
    // A login that may read but not make; one that may not even read.
    let _ = server.psql("postgres", "CREATE ROLE reader LOGIN PASSWORD 'correct horse battery'");
    let (id, rows): (Digest, Vec<Row>) = (Digest::of(b"rows"), rows(20));
    let reader = tables(&server.url_of("reader", "password", "postgres", dir));
    assert_eq!(fault(make(&reader, id, &rows, Present::Keep)), TablesFault::Denied);
    let owner = tables(&server.url("postgres"));
    make(&owner, id, &rows, Present::Keep).unwrap();
    assert_eq!(fault(reader.table(id)), TablesFault::Denied);
    // Tables of another layout are neither read nor written, and can be dropped.
    let _ = server.psql("postgres", "UPDATE watchfire_trial.layout SET version = 7");
    assert_eq!(fault(owner.table(id)), TablesFault::Layout(7, 1));
    assert_eq!(fault(owner.kept()), TablesFault::Layout(7, 1));
    assert_eq!(fault(make(&owner, id, &rows, Present::Replace)), TablesFault::Layout(7, 1));
    owner.drop_all().unwrap();
    assert!(owner.table(id).unwrap().is_none());
    assert_eq!(server.psql("postgres", "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'watchfire%'"), "0");
}

#[test]
fn two_that_make_the_same_at_once_make_it_once_and_readers_go_on() {
    let Some(server) = Server::start("two_that_make_the_same_at_once") else { return };
    let (url, id, rows) = (server.url("postgres"), Digest::of(b"rows"), rows(6_000));
    std::thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| make(&tables(&url), id, &rows, Present::Keep).map(drop).unwrap());
        }
    });
    assert_eq!(tables(&url).kept().unwrap().len(), 1);
    // A table that is made again while others read it: each page is whole.
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|s| {
        let reader = s.spawn(|| {
            let tables = tables(&url);
            let table = tables.table(id).unwrap().unwrap();
            let mut pages = 0;
            while !done.load(Ordering::SeqCst) {
                let page = table.page(&RowFilter { limit: 10_000, ..RowFilter::default() }).unwrap();
                assert_eq!(page.len(), 6_000);
                pages += 1;
            }
            pages
        });
        for _ in 0..3 {
            make(&tables(&url), id, &rows, Present::Replace).map(drop).unwrap();
        }
        done.store(true, Ordering::SeqCst);
        assert!(reader.join().unwrap() > 0);
    });
}
