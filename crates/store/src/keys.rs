//! The node's keys: made at first use, kept in files of mode 0600, replaced without ever being without one.
//!
//! `keys/<role>.<n>.key` holds a secret, `keys/<role>.<n>.pub` its public half. The highest `n` with a secret signs; every
//! public half verifies for ever. A rotation first writes `<role>.<n+1>.next`; only when the log holds the change,
//! signed with the key that is left, does it become `.key`.
//!
//! Refused: deriving one key from another (a stolen log key must not give the evidence key), and making new keys
//! where a log already exists (a node that silently changes its identity proves nothing).

use crate::StoreError;
use crate::durable::{self, Steps};
use crate::sealed::{self, Sealed};
use data_encoding::BASE64;
use evidence::{DigestKey, KeyChange, NodeId, Time};
use proof::{KeyKind, LogKey, PublicKey};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Largest key file, in bytes.
const KEY_BYTES_MAX: u64 = 64 << 10;
/// Largest backup file, in bytes.
const BACKUP_BYTES_MAX: u64 = 16 << 20;
/// Most files of the folder of keys.
const KEY_FILES_MAX: usize = 10_000;

/// What a key is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Signs records: ECDSA P-256.
    Evidence,
    /// Signs checkpoints: Ed25519.
    Log,
    /// Digests sensitive values: 32 random bytes. Is not rotated: equal values would no longer be equal.
    Digest,
    /// Signs certificates and their lists of revocation: Ed25519. Made when the first is asked for; a key of its own, because
    /// what it signs is handed to strangers, and one that signs checkpoints must never sign what somebody else chose.
    Badge,
}
impl Role {
    const ALL: [Role; 4] = [Self::Evidence, Self::Log, Self::Digest, Self::Badge];
    /// The keys that every node has from its beginning.
    const FIRST: [Role; 3] = [Self::Evidence, Self::Log, Self::Digest];
    /// The name in file names and in [`KeyChange`].
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Log => "log",
            Self::Digest => "digest",
            Self::Badge => "badge",
        }
    }
    fn kind(self) -> Option<KeyKind> {
        match self {
            Self::Evidence => Some(KeyKind::EcdsaP256),
            Self::Log | Self::Badge => Some(KeyKind::Ed25519),
            Self::Digest => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    #[serde(rename = "watchfire-key")]
    version: u32,
    role: String,
    secret: Secret,
}
#[derive(Serialize, Deserialize, Clone)]
#[serde(rename_all = "kebab-case")]
enum Secret {
    Plain(String),
    Passphrase(Sealed),
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupFile {
    #[serde(rename = "watchfire-key-backup")]
    version: u32,
    keys: Sealed,
}

/// A public key of the node, and whether it still signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// What it is for.
    pub role: Role,
    /// Number within its role, from 1.
    pub number: u32,
    /// The key.
    pub public: PublicKey,
    /// True for the one that signs.
    pub current: bool,
}

/// The keys of one node.
pub struct Keys {
    dir: PathBuf,
    known: Vec<KnownKey>,
    secrets: Option<Secrets>,
    /// The names in the folder when it was read: tells when another process has rotated.
    names: Vec<String>,
}
struct Secrets {
    evidence: EcdsaKeyPair,
    log: Ed25519KeyPair,
    digest: [u8; 32],
}
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({:?})", self.known)
    }
}

impl Keys {
    /// Makes what is missing of a first set of keys. Crash-safe: each key is whole or not there.
    pub(crate) fn make(dir: &Path, passphrase: Option<&str>, steps: &Steps) -> Result<(), StoreError> {
        durable::make_dir(dir)?;
        let names = names(dir)?;
        for role in Role::FIRST {
            let has_secret = names.iter().any(|n| parse(n).is_some_and(|(r, _, ext)| r == role && ext == "key"));
            if !has_secret {
                write_key(dir, role, 1, "key", passphrase, steps)?;
                // A crash here leaves fewer than three keys and no log: the next start makes the others.
                steps.done("key-made");
            }
        }
        Ok(())
    }

    /// Reads the folder. With `secrets`, opens those that sign; keys under a passphrase stay closed without it.
    pub(crate) fn load(dir: &Path, passphrase: Option<&str>, secrets: bool) -> Result<Self, StoreError> {
        let names = names(dir)?;
        let mut known = Vec::new();
        for name in &names {
            if let Some((role, number, "pub")) = parse(name) {
                let path = dir.join(name);
                let text = durable::read(&path, "public key", KEY_BYTES_MAX)?;
                let public = std::str::from_utf8(&text).ok().and_then(|t| PublicKey::from_pem(t).ok());
                let public = public.filter(|p| Some(p.kind()) == role.kind());
                let public = public.ok_or(StoreError::KeyFile { path, why: "not a public key of its role" })?;
                known.push(KnownKey { role, number, public, current: false });
            }
        }
        known.sort_by_key(|k| (k.role, k.number));
        for role in [Role::Evidence, Role::Log] {
            let number = newest(&names, role).ok_or_else(|| StoreError::KeysMissing(dir.to_owned()))?;
            let key = known.iter_mut().find(|k| k.role == role && k.number == number);
            key.ok_or_else(|| StoreError::KeysMissing(dir.to_owned()))?.current = true;
        }
        if let Some(number) = newest(&names, Role::Badge) {
            let key = known.iter_mut().find(|k| k.role == Role::Badge && k.number == number);
            key.ok_or_else(|| StoreError::KeysMissing(dir.to_owned()))?.current = true;
        }
        let mut keys = Self { dir: dir.to_owned(), known, secrets: None, names };
        if secrets {
            keys.secrets = keys.open_secrets(passphrase)?;
        }
        Ok(keys)
    }

    fn open_secrets(&self, passphrase: Option<&str>) -> Result<Option<Secrets>, StoreError> {
        let mut raw = BTreeMap::new();
        for role in Role::FIRST {
            let number = newest(&self.names, role).ok_or_else(|| StoreError::KeysMissing(self.dir.clone()))?;
            match read_key(&self.dir.join(file(role, number, "key")), role, passphrase)? {
                Some(secret) => raw.insert(role, (secret, self.dir.join(file(role, number, "key")))),
                None => return Ok(None),
            };
        }
        let (Some((evidence, evidence_path)), Some((log, log_path)), Some((digest, digest_path))) =
            (raw.remove(&Role::Evidence), raw.remove(&Role::Log), raw.remove(&Role::Digest))
        else {
            return Err(StoreError::KeysMissing(self.dir.clone()));
        };
        let broken = |path| StoreError::KeyFile { path, why: "not a secret key of its role" };
        let evidence = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &evidence, &SystemRandom::new())
            .map_err(|_| broken(evidence_path.clone()))?;
        let log = Ed25519KeyPair::from_pkcs8(&log).map_err(|_| broken(log_path.clone()))?;
        let digest = digest.try_into().map_err(|_| broken(digest_path))?;
        let mine = |role, raw: &[u8]| self.current(role).raw() == raw;
        if !mine(Role::Evidence, evidence.public_key().as_ref()) {
            return Err(StoreError::KeyFile {
                path: evidence_path,
                why: "secret and public half do not belong together",
            });
        }
        if !mine(Role::Log, log.public_key().as_ref()) {
            return Err(StoreError::KeyFile { path: log_path, why: "secret and public half do not belong together" });
        }
        Ok(Some(Secrets { evidence, log, digest }))
    }

    /// True if another process has changed the folder since it was read.
    pub(crate) fn stale(&self) -> bool {
        names(&self.dir).is_ok_and(|now| now != self.names)
    }

    fn first(&self) -> &PublicKey {
        let first = self.known.iter().find(|k| k.role == Role::Evidence);
        &first.expect("loading requires a current evidence key").public
    }
    /// The key of `role` (evidence or log) that signs.
    #[must_use]
    pub fn current(&self, role: Role) -> &PublicKey {
        let key = self.known.iter().find(|k| k.role == role && k.current);
        &key.or(self.known.first()).expect("loading requires a current key of each role").public
    }
    /// The node: the id of its first evidence key, which rotation does not change.
    #[must_use]
    pub fn node(&self) -> NodeId {
        NodeId::new(self.first().id())
    }
    /// The name of the log: `watchfire.invalid/` (RFC 2606: never resolves) and the first 16 digits of the node's id.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("watchfire.invalid/{}", self.first().id().get(..16).unwrap_or_default())
    }
    /// The key that signs certificates; `None` before the first.
    #[must_use]
    pub fn badge(&self) -> Option<&PublicKey> {
        self.known.iter().find(|k| k.role == Role::Badge && k.current).map(|k| &k.public)
    }
    /// Makes the key that signs certificates, if there is none yet. Under the writer's lock.
    pub(crate) fn make_badge(&self, passphrase: Option<&str>, steps: &Steps) -> Result<(), StoreError> {
        // Without the passphrase of protected keys this one would be written in clear.
        self.secrets()?;
        if newest(&names(&self.dir)?, Role::Badge).is_some() {
            return Ok(());
        }
        write_key(&self.dir, Role::Badge, 1, "key", passphrase, steps)
    }
    /// Signs with the key of certificates.
    pub(crate) fn sign_badge(&self, message: &[u8], passphrase: Option<&str>) -> Result<Vec<u8>, StoreError> {
        let number = newest(&self.names, Role::Badge).ok_or_else(|| StoreError::KeysMissing(self.dir.clone()))?;
        let path = self.dir.join(file(Role::Badge, number, "key"));
        let secret = read_key(&path, Role::Badge, passphrase)?.ok_or(StoreError::KeysLocked)?;
        let why = "not a secret key of its role, or not that of its public half";
        let pair = Ed25519KeyPair::from_pkcs8(&secret).ok();
        let pair = pair.filter(|p| self.badge().is_some_and(|k| k.raw() == p.public_key().as_ref()));
        Ok(pair.ok_or(StoreError::KeyFile { path, why })?.sign(message).as_ref().to_vec())
    }
    /// Every public key, oldest first.
    #[must_use]
    pub fn known(&self) -> &[KnownKey] {
        &self.known
    }
    /// The evidence keys, past and present.
    #[must_use]
    pub fn evidence_keys(&self) -> Vec<PublicKey> {
        self.known.iter().filter(|k| k.role == Role::Evidence).map(|k| k.public.clone()).collect()
    }
    /// The log's keys, past and present, under its name.
    #[must_use]
    pub fn log_keys(&self) -> Vec<LogKey> {
        let origin = self.origin();
        let logs = self.known.iter().filter(|k| k.role == Role::Log);
        logs.filter_map(|k| LogKey::new(&origin, k.public.clone()).ok()).collect()
    }
    /// The log key that signs, under the log's name.
    pub(crate) fn log_key(&self) -> Result<LogKey, StoreError> {
        Ok(LogKey::new(&self.origin(), self.current(Role::Log).clone())?)
    }
    /// The secret for keyed digests.
    pub fn digest_key(&self) -> Result<DigestKey, StoreError> {
        self.secrets().map(|s| DigestKey::new(s.digest))
    }
    fn secrets(&self) -> Result<&Secrets, StoreError> {
        self.secrets.as_ref().ok_or(StoreError::KeysLocked)
    }
    pub(crate) fn sign_evidence(&self, message: &[u8]) -> Result<Vec<u8>, StoreError> {
        let signed = self.secrets()?.evidence.sign(&SystemRandom::new(), message);
        let signed = signed.map_err(|_| StoreError::Database("signing failed for want of randomness".into()))?;
        Ok(signed.as_ref().to_vec())
    }
    pub(crate) fn sign_log(&self, message: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.secrets()?.log.sign(message).as_ref().to_vec())
    }

    /// The note with this log's cosignature below its other lines (C2SP cosignature/v1). What it says is for the caller to
    /// have checked: that this is the largest tree seen of that log and holds every smaller one. Errors: locked keys, no note.
    pub fn cosign(&self, note: &str, at: Time) -> Result<String, StoreError> {
        let signature = self.sign_log(&proof::cosignature_message(note, at)?)?;
        Ok(format!("{note}{}", proof::cosignature_line(&self.log_key()?, at, &signature)))
    }

    /// Prepares the next key of `role` and says what the log has to be told. Asked again after a crash, it answers
    /// with the same key.
    pub(crate) fn prepare(&self, role: Role, passphrase: Option<&str>, steps: &Steps) -> Result<KeyChange, StoreError> {
        let kind = role.kind().ok_or(StoreError::KeyFile {
            path: self.dir.join(file(role, 1, "key")),
            why: "the digest key is not rotated: equal values would no longer be recognised",
        })?;
        // Without the passphrase of protected keys the next one would be written in clear.
        self.secrets()?;
        let number = self.next_number(role);
        let path = self.dir.join(file(role, number, "next"));
        self.drop_clear(role, number, &path)?;
        let secret = match path.exists() {
            true => read_key(&path, role, passphrase)?.ok_or(StoreError::KeysLocked)?,
            false => write_secret(&self.dir, role, number, "next", passphrase, steps)?,
        };
        // A crash here leaves a prepared key that nobody uses yet; the next rotation takes it up.
        steps.done("rotation-prepared");
        let to = public_of(kind, &secret).ok_or(StoreError::KeyFile { path, why: "not a secret key of its role" })?;
        Ok(KeyChange {
            role: role.name().into(),
            from: self.current(role).id().into(),
            to: to.id().into(),
            public_key: BASE64.encode(to.spki_der()),
        })
    }

    /// Removes a prepared key that lies there in clear although the one that signs is protected: it is not to be used.
    fn drop_clear(&self, role: Role, number: u32, next: &Path) -> Result<(), StoreError> {
        let current = self.dir.join(file(role, number.saturating_sub(1), "key"));
        let clear = |path: &Path| read_key(path, role, None).map(|secret| secret.is_some());
        if !next.exists() || clear(&current)? || !clear(next)? {
            return Ok(());
        }
        if self.dir.join(file(role, number, "pub")).exists() {
            return Err(StoreError::KeyFile {
                path: next.to_owned(),
                why: "in clear, while the key that signs is not",
            });
        }
        fs::remove_file(next).map_err(|e| StoreError::io(next, e))?;
        durable::sync_dir(&self.dir)
    }

    /// Makes the prepared key the one that signs and forgets the secret of the one before. Called only after the
    /// log holds the change, under the lock of rotations.
    pub(crate) fn adopt(
        &self,
        role: Role,
        change: &KeyChange,
        passphrase: Option<&str>,
        steps: &Steps,
    ) -> Result<(), StoreError> {
        let number = self.next_number(role);
        let der = BASE64.decode(change.public_key.as_bytes()).map_err(|_| proof::ProofError::Key)?;
        let public = PublicKey::from_spki_der(&der)?;
        self.check_adoption(role, number, &public, passphrase)?;
        durable::write(&self.dir, &file(role, number, "pub"), public.to_pem().as_bytes(), steps)?;
        // A crash here leaves a public half without a current secret: it verifies what nobody has signed. The next
        // rotation begins again with the same prepared key.
        let next = self.dir.join(file(role, number, "next"));
        fs::rename(&next, self.dir.join(file(role, number, "key"))).map_err(|e| StoreError::io(&next, e))?;
        durable::sync_dir(&self.dir)?;
        // A crash here leaves two secrets; the one with the higher number signs.
        steps.done("rotation-adopted");
        for old in 1..number {
            let path = self.dir.join(file(role, old, "key"));
            if path.exists() {
                fs::remove_file(&path).map_err(|e| StoreError::io(&path, e))?;
            }
        }
        durable::sync_dir(&self.dir)?;
        steps.done("rotation-done");
        Ok(())
    }

    /// Refuses an adoption that would put another key than the log names into use, or overwrite one.
    fn check_adoption(
        &self,
        role: Role,
        number: u32,
        public: &PublicKey,
        passphrase: Option<&str>,
    ) -> Result<(), StoreError> {
        let broken = |path: PathBuf, why| Err(StoreError::KeyFile { path, why });
        let next = self.dir.join(file(role, number, "next"));
        let secret = read_key(&next, role, passphrase)?.ok_or(StoreError::KeysLocked)?;
        if role.kind().and_then(|kind| public_of(kind, &secret)).as_ref() != Some(public) {
            return broken(next, "not the key that the log names as the next");
        }
        let key = self.dir.join(file(role, number, "key"));
        if key.exists() {
            return broken(key, "another key has this number");
        }
        let half = self.dir.join(file(role, number, "pub"));
        if half.exists() && durable::read(&half, "public key", KEY_BYTES_MAX)? != public.to_pem().as_bytes() {
            return broken(half, "another key has this number");
        }
        Ok(())
    }

    fn next_number(&self, role: Role) -> u32 {
        newest(&self.names, role).unwrap_or(0).saturating_add(1)
    }

    /// Writes all keys into one new file under a passphrase of its own. Errors: an empty passphrase, a file that is
    /// there already.
    pub fn backup(&self, dest: &Path, passphrase: &str) -> Result<(), StoreError> {
        if passphrase.is_empty() {
            return Err(StoreError::PassphraseEmpty);
        }
        if fs::symlink_metadata(dest).is_ok() {
            return Err(StoreError::Exists(dest.to_owned()));
        }
        let bytes = self.backup_bytes(passphrase)?;
        let dir = dest.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = dest.file_name().and_then(|n| n.to_str());
        let name = name.ok_or(StoreError::KeyFile { path: dest.to_owned(), why: "not a file name" })?;
        durable::write(dir, name, &bytes, &Steps::default())
    }

    /// All keys, closed by a passphrase. Errors: an empty one.
    pub(crate) fn backup_bytes(&self, passphrase: &str) -> Result<Vec<u8>, StoreError> {
        if passphrase.is_empty() {
            return Err(StoreError::PassphraseEmpty);
        }
        let mut files = BTreeMap::new();
        for name in &self.names {
            if parse(name).is_some() {
                let bytes = durable::read(&self.dir.join(name), "key", KEY_BYTES_MAX)?;
                let path = self.dir.join(name);
                let text = String::from_utf8(bytes).map_err(|_| StoreError::KeyFile { path, why: "not text" })?;
                files.insert(name.clone(), text);
            }
        }
        let plain = serde_json::to_vec(&files).map_err(|e| StoreError::Database(e.to_string()))?;
        let backup = BackupFile { version: 1, keys: sealed::seal(&plain, passphrase, "watchfire-key-backup")? };
        serde_json::to_vec_pretty(&backup).map_err(|e| StoreError::Database(e.to_string()))
    }
}

/// Restores a backup of keys into `home`, where there must be none. The keys keep the passphrase that they had.
pub fn restore(home: &Path, backup: &Path, passphrase: &str) -> Result<(), StoreError> {
    let dir = home.join("keys");
    if dir.exists() && names(&dir)?.iter().any(|n| parse(n).is_some()) {
        return Err(StoreError::KeysExist(dir));
    }
    restore_bytes(home, &durable::read(backup, "backup of keys", BACKUP_BYTES_MAX)?, backup, passphrase)
}

/// The same from the bytes of a backup, which came from `backup`.
pub(crate) fn restore_bytes(home: &Path, bytes: &[u8], backup: &Path, passphrase: &str) -> Result<(), StoreError> {
    let dir = home.join("keys");
    let broken = || StoreError::KeyFile { path: backup.to_owned(), why: "not a backup of keys" };
    let file: BackupFile = serde_json::from_slice(bytes).map_err(|_| broken())?;
    if file.version != 1 {
        return Err(broken());
    }
    let plain = sealed::open(&file.keys, passphrase, "watchfire-key-backup")?.ok_or_else(broken)?;
    let files: BTreeMap<String, String> = serde_json::from_slice(&plain).map_err(|_| broken())?;
    if files.len() > KEY_FILES_MAX || files.keys().any(|n| parse(n).is_none()) {
        return Err(broken());
    }
    durable::make_dir(home)?;
    durable::make_dir(&dir)?;
    for (name, text) in files {
        // A crash in between leaves some of the keys: delete them and restore again.
        durable::write(&dir, &name, text.as_bytes(), &Steps::default())?;
    }
    Ok(())
}

fn file(role: Role, number: u32, ext: &str) -> String {
    format!("{}.{number}.{ext}", role.name())
}

/// Takes a file name apart; `None` for anything that is not a key file.
fn parse(name: &str) -> Option<(Role, u32, &str)> {
    let mut parts = name.split('.');
    let (role, number, ext) = (parts.next()?, parts.next()?, parts.next()?);
    let role = Role::ALL.into_iter().find(|r| r.name() == role)?;
    let number = number.parse().ok().filter(|n: &u32| *n > 0 && n.to_string() == number)?;
    (parts.next().is_none() && ["key", "pub", "next"].contains(&ext)).then_some((role, number, ext))
}

fn newest(names: &[String], role: Role) -> Option<u32> {
    names.iter().filter_map(|n| parse(n)).filter(|(r, _, ext)| *r == role && *ext == "key").map(|(_, n, _)| n).max()
}

fn names(dir: &Path) -> Result<Vec<String>, StoreError> {
    let fail = |e| match dir.exists() {
        true => StoreError::io(dir, e),
        false => StoreError::KeysMissing(dir.to_owned()),
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(fail)? {
        let name = entry.map_err(|e| StoreError::io(dir, e))?.file_name();
        names.extend(name.to_str().filter(|n| parse(n).is_some()).map(str::to_owned));
        if names.len() > KEY_FILES_MAX {
            return Err(StoreError::TooLarge { what: "folder of keys", max: KEY_FILES_MAX as u64 });
        }
    }
    names.sort();
    Ok(names)
}

/// Writes a new key: its public half first, so that a secret never stands without it.
fn write_key(
    dir: &Path,
    role: Role,
    number: u32,
    ext: &str,
    passphrase: Option<&str>,
    steps: &Steps,
) -> Result<(), StoreError> {
    let secret = generate(role)?;
    if let Some(public) = role.kind().and_then(|kind| public_of(kind, &secret)) {
        // A crash after this leaves a public half alone; the next start overwrites it.
        durable::write(dir, &file(role, number, "pub"), public.to_pem().as_bytes(), steps)?;
    }
    write_file(dir, role, &file(role, number, ext), &secret, passphrase, steps)
}

fn write_secret(
    dir: &Path,
    role: Role,
    number: u32,
    ext: &str,
    passphrase: Option<&str>,
    steps: &Steps,
) -> Result<Vec<u8>, StoreError> {
    let secret = generate(role)?;
    write_file(dir, role, &file(role, number, ext), &secret, passphrase, steps)?;
    Ok(secret)
}

fn write_file(
    dir: &Path,
    role: Role,
    name: &str,
    secret: &[u8],
    passphrase: Option<&str>,
    steps: &Steps,
) -> Result<(), StoreError> {
    let secret = match passphrase {
        Some(passphrase) => Secret::Passphrase(sealed::seal(secret, passphrase, role.name())?),
        None => Secret::Plain(BASE64.encode(secret)),
    };
    let key = KeyFile { version: 1, role: role.name().into(), secret };
    let bytes = serde_json::to_vec_pretty(&key).map_err(|e| StoreError::Database(e.to_string()))?;
    durable::write(dir, name, &bytes, steps)
}

/// Reads a secret; `None` if it is under a passphrase and none was given.
fn read_key(path: &Path, role: Role, passphrase: Option<&str>) -> Result<Option<Vec<u8>>, StoreError> {
    let broken = |why| StoreError::KeyFile { path: path.to_owned(), why };
    durable::check_private(path)?;
    let bytes = durable::read(path, "key", KEY_BYTES_MAX)?;
    let key: KeyFile = serde_json::from_slice(&bytes).map_err(|_| broken("damaged: not a key file"))?;
    if key.version != 1 || key.role != role.name() {
        return Err(broken("a key of another role or version"));
    }
    match (&key.secret, passphrase) {
        (Secret::Plain(text), _) => {
            BASE64.decode(text.as_bytes()).map(Some).map_err(|_| broken("damaged: the secret is not base64"))
        }
        (Secret::Passphrase(_), None) => Ok(None),
        (Secret::Passphrase(boxed), Some(passphrase)) => {
            let opened = sealed::open(boxed, passphrase, role.name())?;
            opened.map(Some).ok_or_else(|| broken("damaged, or weaker than a passphrase needs"))
        }
    }
}

fn generate(role: Role) -> Result<Vec<u8>, StoreError> {
    let rng = SystemRandom::new();
    let none = |_| StoreError::Database("no randomness to make a key".into());
    Ok(match role {
        Role::Evidence => {
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).map_err(none)?;
            made.as_ref().to_vec()
        }
        Role::Log | Role::Badge => Ed25519KeyPair::generate_pkcs8(&rng).map_err(none)?.as_ref().to_vec(),
        Role::Digest => durable::random::<32>()?.to_vec(),
    })
}

fn public_of(kind: KeyKind, pkcs8: &[u8]) -> Option<PublicKey> {
    match kind {
        KeyKind::EcdsaP256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &SystemRandom::new()).ok()?;
            PublicKey::from_raw(kind, pair.public_key().as_ref()).ok()
        }
        KeyKind::Ed25519 => {
            let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
            PublicKey::from_raw(kind, pair.public_key().as_ref()).ok()
        }
    }
}
