//! The private database: who the keyed digests of people are. Erasable, and never a part of the log.
//!
//! It lies in `private.db` of the home, for this account alone. What is taken out of it is gone from its bytes: SQLite overwrites
//! what it deletes (`secure_delete`), the file is written anew, and the write-ahead log is cut to nothing. While another process keeps an old page open
//! that cannot be done, and then [`StoreError::Busy`] says so instead of a promise.
//!
//! Refused: names in the log under a key that is thrown away later (a log is copied, and a copy keeps both), and a
//! database that is open all the time (each call opens and closes it, so that nothing lingers).

use crate::StoreError;
use crate::durable;
use crate::sealed::{self, Sealed};
use evidence::{Digest, KeyedDigest, Time};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Its file, under the home.
const FILE: &str = "private.db";
/// How long to wait for another process.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// Largest backup, in bytes.
const BACKUP_BYTES_MAX: u64 = 256 << 20;
/// What a backup is sealed as.
const BACKUP: &str = "watchfire-private-backup";

const LAYOUT: &str = "
    CREATE TABLE IF NOT EXISTS people (digest BLOB PRIMARY KEY, name TEXT NOT NULL, mark TEXT NOT NULL,
        employer TEXT NOT NULL, contact TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS doors (door BLOB PRIMARY KEY, salt TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS badges (id TEXT PRIMARY KEY, person BLOB NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
";

/// Who a person is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    /// The keyed digest.
    pub person: KeyedDigest,
    /// Name.
    pub name: String,
    /// What tells people of one name apart.
    pub mark: String,
    /// Employer.
    pub employer: String,
    /// How to reach them.
    pub contact: String,
}
impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Named({})", self.person)
    }
}

/// A certificate as it was handed out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBadge {
    /// Its id.
    pub id: String,
    /// To whom.
    pub person: KeyedDigest,
    /// The compact JWS.
    pub text: String,
}

#[derive(Serialize, Deserialize)]
struct Door {
    door: Digest,
    salt: String,
    until: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    people: Vec<Named>,
    doors: Vec<Door>,
    badges: Vec<KeptBadge>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupFile {
    #[serde(rename = "watchfire-private-backup")]
    version: u32,
    people: Sealed,
}

/// The private database of a home.
#[derive(Debug)]
pub struct Private {
    path: PathBuf,
}

impl Private {
    /// Of this home; nothing is opened or made yet.
    #[must_use]
    pub fn of(home: &Path) -> Self {
        Self { path: home.join(FILE) }
    }

    fn fail(&self, e: &rusqlite::Error) -> StoreError {
        StoreError::sql(&self.path, e)
    }

    /// Opens it; makes it if `make`, else `None` where there is none. Errors: a file that others can read.
    fn open(&self, make: bool) -> Result<Option<Connection>, StoreError> {
        if !self.path.exists() {
            if !make {
                return Ok(None);
            }
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path);
            match made {
                Ok(_) => {}
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(StoreError::io(&self.path, e)),
            }
        }
        durable::check_private(&self.path)?;
        let fail = |e: rusqlite::Error| self.fail(&e);
        let db = Connection::open(&self.path).map_err(fail)?;
        db.busy_timeout(BUSY_WAIT).map_err(fail)?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(fail)?;
        db.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
        db.pragma_update(None, "secure_delete", true).map_err(fail)?;
        db.pragma_update(None, "trusted_schema", false).map_err(fail)?;
        // What sorts or rewrites in a file of its own would leave bytes elsewhere.
        db.pragma_update(None, "temp_store", "MEMORY").map_err(fail)?;
        if make {
            db.execute_batch(LAYOUT).map_err(fail)?;
        }
        Ok(Some(db))
    }

    fn made(&self) -> Result<Connection, StoreError> {
        self.open(true)?.ok_or_else(|| StoreError::NoHome(self.path.clone()))
    }

    /// Keeps people. Of one who is known, only what was not known is filled in.
    pub fn keep(&self, people: &[Named]) -> Result<(), StoreError> {
        let mut db = self.made()?;
        let fail = |e: rusqlite::Error| self.fail(&e);
        let tx = db.transaction().map_err(fail)?;
        {
            let mut put = tx
                .prepare(
                    "INSERT INTO people VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (digest) DO UPDATE SET
                     employer = CASE WHEN excluded.employer = '' THEN employer ELSE excluded.employer END,
                     contact = CASE WHEN excluded.contact = '' THEN contact ELSE excluded.contact END",
                )
                .map_err(fail)?;
            for p in people {
                put.execute(params![p.person.0, p.name, p.mark, p.employer, p.contact]).map_err(fail)?;
            }
        }
        // A crash before this commit keeps none of them.
        tx.commit().map_err(fail)
    }

    /// Who a digest is, if that is known.
    pub fn person(&self, digest: KeyedDigest) -> Result<Option<Named>, StoreError> {
        let Some(db) = self.open(false)? else { return Ok(None) };
        let row = db.query_row("SELECT * FROM people WHERE digest = ?1", [digest.0], named).optional();
        row.map_err(|e| self.fail(&e))
    }

    /// Everybody, by digest.
    pub fn people(&self) -> Result<Vec<Named>, StoreError> {
        let Some(db) = self.open(false)? else { return Ok(Vec::new()) };
        self.all(&db, "SELECT * FROM people ORDER BY digest", named)
    }

    fn all<T>(
        &self,
        db: &Connection,
        sql: &str,
        row: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let fail = |e: rusqlite::Error| self.fail(&e);
        let mut query = db.prepare(sql).map_err(fail)?;
        query.query_map([], |r| row(r)).map_err(fail)?.collect::<Result<_, _>>().map_err(fail)
    }

    /// Keeps the salt of a door's code until its window has passed.
    pub fn keep_door(&self, door: Digest, salt: &str, until: Time) -> Result<(), StoreError> {
        let put = self.made()?;
        let done =
            put.execute("INSERT OR REPLACE INTO doors VALUES (?1, ?2, ?3)", params![door.0, salt, until.millis()]);
        done.map(|_| ()).map_err(|e| self.fail(&e))
    }

    /// The salt of a door's code.
    pub fn door(&self, door: Digest) -> Result<Option<String>, StoreError> {
        let Some(db) = self.open(false)? else { return Ok(None) };
        let row = db.query_row("SELECT salt FROM doors WHERE door = ?1", [door.0], |r| r.get(0)).optional();
        row.map_err(|e| self.fail(&e))
    }

    /// Keeps a certificate as it was handed out.
    pub fn keep_badge(&self, badge: &KeptBadge) -> Result<(), StoreError> {
        let db = self.made()?;
        let done = db.execute(
            "INSERT OR REPLACE INTO badges VALUES (?1, ?2, ?3)",
            params![badge.id, badge.person.0, badge.text],
        );
        done.map(|_| ()).map_err(|e| self.fail(&e))
    }

    /// A certificate by its id.
    pub fn badge(&self, id: &str) -> Result<Option<KeptBadge>, StoreError> {
        let Some(db) = self.open(false)? else { return Ok(None) };
        let row = db.query_row("SELECT * FROM badges WHERE id = ?1", [id], kept_badge).optional();
        row.map_err(|e| self.fail(&e))
    }

    /// Takes out people, their certificates and the salts of windows that have passed; answers how many names went. When it
    /// answers, no byte of them is left in the database or beside it.
    pub fn forget(&self, people: &[KeyedDigest], now: Time) -> Result<usize, StoreError> {
        let Some(mut db) = self.open(false)? else { return Ok(0) };
        let fail = |e: rusqlite::Error| self.fail(&e);
        let tx = db.transaction().map_err(fail)?;
        let mut gone = 0;
        for p in people {
            gone += tx.execute("DELETE FROM people WHERE digest = ?1", [p.0]).map_err(fail)?;
            tx.execute("DELETE FROM badges WHERE person = ?1", [p.0]).map_err(fail)?;
        }
        tx.execute("DELETE FROM doors WHERE until <= ?1", [now.millis()]).map_err(fail)?;
        tx.commit().map_err(fail)?;
        // A crash here leaves bytes in the write-ahead log; forgetting again goes on from here.
        self.clean(&db)?;
        Ok(gone)
    }

    /// Writes the file anew and cuts the write-ahead log to nothing.
    fn clean(&self, db: &Connection) -> Result<(), StoreError> {
        let fail = |e: rusqlite::Error| self.fail(&e);
        db.execute_batch("VACUUM").map_err(fail)?;
        let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0)).map_err(fail)?;
        // Another process reads an older page: what it may still see is not gone.
        if busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
    }

    /// Writes everything into one new file under a passphrase. Errors: an empty passphrase, a file that is there already.
    pub fn backup(&self, dest: &Path, passphrase: &str) -> Result<(), StoreError> {
        if passphrase.is_empty() {
            return Err(StoreError::PassphraseEmpty);
        }
        if std::fs::symlink_metadata(dest).is_ok() {
            return Err(StoreError::Exists(dest.to_owned()));
        }
        let content = match self.open(false)? {
            None => Content { people: Vec::new(), doors: Vec::new(), badges: Vec::new() },
            Some(db) => Content {
                people: self.all(&db, "SELECT * FROM people ORDER BY digest", named)?,
                doors: self.all(&db, "SELECT * FROM doors ORDER BY door", |r| {
                    Ok(Door { door: Digest(r.get(0)?), salt: r.get(1)?, until: r.get(2)? })
                })?,
                badges: self.all(&db, "SELECT * FROM badges ORDER BY id", kept_badge)?,
            },
        };
        let broken = |e: serde_json::Error| StoreError::Database(e.to_string());
        let plain = serde_json::to_vec(&content).map_err(broken)?;
        let backup = BackupFile { version: 1, people: sealed::seal(&plain, passphrase, BACKUP)? };
        let bytes = serde_json::to_vec_pretty(&backup).map_err(broken)?;
        let dir = dest.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = dest.file_name().and_then(|n| n.to_str());
        let name = name.ok_or(StoreError::KeyFile { path: dest.to_owned(), why: "not a file name" })?;
        durable::write(dir, name, &bytes, &durable::Steps::default())
    }

    /// Brings back what a backup holds, but nobody of `forgotten`; answers how many people that are.
    pub fn restore(&self, backup: &Path, passphrase: &str, forgotten: &[KeyedDigest]) -> Result<usize, StoreError> {
        let broken = || StoreError::KeyFile { path: backup.to_owned(), why: "not a backup of names" };
        let bytes = durable::read(backup, "backup of names", BACKUP_BYTES_MAX)?;
        let file: BackupFile = serde_json::from_slice(&bytes).map_err(|_| broken())?;
        if file.version != 1 {
            return Err(broken());
        }
        let plain = sealed::open(&file.people, passphrase, BACKUP)?.ok_or_else(broken)?;
        let mut content: Content = serde_json::from_slice(&plain).map_err(|_| broken())?;
        content.people.retain(|p| !forgotten.contains(&p.person));
        content.badges.retain(|b| !forgotten.contains(&b.person));
        self.keep(&content.people)?;
        for d in &content.doors {
            self.keep_door(d.door, &d.salt, Time::from_millis(d.until))?;
        }
        for b in &content.badges {
            self.keep_badge(b)?;
        }
        Ok(content.people.len())
    }
}

fn named(r: &rusqlite::Row<'_>) -> rusqlite::Result<Named> {
    let person = KeyedDigest(r.get(0)?);
    Ok(Named { person, name: r.get(1)?, mark: r.get(2)?, employer: r.get(3)?, contact: r.get(4)? })
}

fn kept_badge(r: &rusqlite::Row<'_>) -> rusqlite::Result<KeptBadge> {
    Ok(KeptBadge { id: r.get(0)?, person: KeyedDigest(r.get(1)?), text: r.get(2)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    fn home(name: &str) -> PathBuf {
        let home = std::env::temp_dir().join(format!("store-private-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).unwrap();
        home
    }

    fn person(n: u8, name: &str) -> Named {
        let own = str::to_owned;
        Named {
            person: KeyedDigest([n; 16]),
            name: own(name),
            mark: own(""),
            employer: own("青山厂"),
            contact: own(""),
        }
    }

    /// Files of the home that hold these bytes.
    fn holding(home: &Path, text: &str) -> Vec<PathBuf> {
        let files = fs::read_dir(home).unwrap().map(|e| e.unwrap().path());
        files.filter(|p| fs::read(p).unwrap().windows(text.len()).any(|w| w == text.as_bytes())).collect()
    }

    #[test]
    fn who_is_forgotten_is_in_no_byte() {
        let home = home("forget");
        let private = Private::of(&home);
        assert_eq!(private.person(KeyedDigest([1; 16])).unwrap(), None);
        // Many people, so that pages split and move; the one to be forgotten is written twice.
        let mut all: Vec<Named> = (2..200).map(|n| person(n, &format!("某人{n}"))).collect();
        all.push(person(1, "欧阳被遗忘"));
        private.keep(&all).unwrap();
        private.keep(&[Named { contact: "13800138000".into(), ..person(1, "欧阳被遗忘") }]).unwrap();
        private
            .keep_badge(&KeptBadge { id: "b".into(), person: KeyedDigest([1; 16]), text: "jws-欧阳被遗忘".into() })
            .unwrap();
        assert!(!holding(&home, "欧阳被遗忘").is_empty(), "the trial can find it");
        assert!(!holding(&home, "13800138000").is_empty());
        assert_eq!(private.forget(&[KeyedDigest([1; 16])], Time::from_secs(0)).unwrap(), 1);
        for text in ["欧阳被遗忘", "被遗忘", "13800138000", "jws-"] {
            assert_eq!(holding(&home, text), Vec::<PathBuf>::new(), "{text}");
        }
        assert_eq!(private.people().unwrap().len(), 198, "the others stay");
        let mode = fs::metadata(home.join(FILE)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        fs::remove_dir_all(&home).unwrap();
    }

    #[test]
    fn while_another_reads_nothing_is_promised() {
        let home = home("busy");
        let private = Private::of(&home);
        private.keep(&[person(1, "欧阳被遗忘")]).unwrap();
        // A reader in the middle of its work holds the pages that it began with.
        let reader = Connection::open(home.join(FILE)).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM people;").unwrap();
        reader.query_row("SELECT count(*) FROM people", [], |r| r.get::<_, i64>(0)).unwrap();
        let db = private.open(false).unwrap().unwrap();
        db.busy_timeout(Duration::from_millis(50)).unwrap();
        db.execute("DELETE FROM people", []).unwrap();
        assert!(matches!(private.clean(&db), Err(StoreError::Busy)));
        drop(reader);
        private.clean(&db).unwrap();
        drop(db);
        assert_eq!(holding(&home, "欧阳被遗忘"), Vec::<PathBuf>::new());
        fs::remove_dir_all(&home).unwrap();
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let home = home("loose");
        let private = Private::of(&home);
        private.keep(&[person(1, "x")]).unwrap();
        fs::set_permissions(home.join(FILE), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(private.people(), Err(StoreError::LoosePermissions { .. })));
        fs::remove_dir_all(&home).unwrap();
    }

    #[test]
    fn a_backup_brings_back_all_but_the_forgotten() {
        let home = home("backup");
        let private = Private::of(&home);
        private.keep(&[person(1, "甲"), person(2, "乙")]).unwrap();
        let file = home.join("names.backup");
        private.backup(&file, "correct horse").unwrap();
        assert!(!fs::read_to_string(&file).unwrap().contains('甲'));
        fs::remove_file(home.join(FILE)).unwrap();
        assert!(matches!(private.restore(&file, "wrong", &[]), Err(StoreError::WrongPassphrase)));
        assert_eq!(private.restore(&file, "correct horse", &[KeyedDigest([1; 16])]).unwrap(), 1);
        assert_eq!(private.people().unwrap(), [person(2, "乙")]);
        fs::remove_dir_all(&home).unwrap();
    }
}
