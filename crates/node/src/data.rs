//! Data at rest: what is looked at, and finding one finding again in the log.

use crate::{Node, NodeError, home};
use discover::Detectors;
use evidence::{
    Body, CategoryId, ClassId, Counts, Digest, Examination, Item, OwnClass, Place, Record, RecordKind, SensitiveKind,
};
use report::discover::Asked;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

/// Fewest digits by which something found or recorded may be named.
const DIGITS_MIN: usize = 6;

/// The digits of an id as typed, with or without `sha256:`; `None` if they are too few or none.
pub(crate) fn digits(typed: &str) -> Option<String> {
    let digits = typed.strip_prefix("sha256:").unwrap_or(typed).to_ascii_lowercase();
    (digits.len() >= DIGITS_MIN && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digits)
}

/// A target as typed, as a root for the sensor: a folder, a file, or the address of a database (`sqlite:`, `postgres://`,
/// `mysql://`), which passes through as it is. The only place that tells them apart. An address with a password is
/// refused: the root stands in the signed record.
pub fn target(typed: &OsStr) -> Result<PathBuf, NodeError> {
    match typed.to_str() {
        Some(text) if text.contains("://") && attest::has_credentials(text) => Err(NodeError::Credentials),
        _ => discover::Target::parse(typed).map(|_| PathBuf::from(typed)).map_err(NodeError::Target),
    }
}

/// What the sensor makes of the roots of an order, all of which [`target`] let pass.
pub(crate) fn targets(roots: &[PathBuf]) -> Result<Vec<discover::Target>, NodeError> {
    roots.iter().map(|r| discover::Target::parse(r.as_os_str()).map_err(NodeError::Target)).collect()
}

/// The built-in detectors and the user's own packs. A pack that cannot be used is named with file, detector and reason.
pub(crate) fn detectors(packs: &[PathBuf]) -> Result<Arc<Detectors>, NodeError> {
    let mut extra = Vec::new();
    for path in packs {
        let bytes = home::read(path, classify::PACK_BYTES_MAX as u64)?;
        let text = String::from_utf8(bytes)
            .map_err(|e| NodeError::NotUtf8 { path: path.clone(), at: e.utf8_error().valid_up_to() })?;
        extra.push((path.display().to_string(), text));
    }
    if extra.is_empty() { Ok(Detectors::builtin()) } else { Detectors::with(&extra).map_err(NodeError::Pack) }
}

/// What the user's own detectors say of their classes.
pub(crate) type Own = BTreeMap<ClassId, OwnClass>;

/// Of every class that the program does not know by itself.
pub(crate) fn own(detectors: &Detectors) -> Own {
    let builtin = Detectors::builtin();
    let foreign = detectors.list().iter().filter(|d| builtin.class(d.id.as_str()).is_none());
    foreign
        .map(|d| {
            let own = OwnClass {
                category: CategoryId::new(d.category.as_str()),
                counts: match d.counts {
                    classify::Counts::People => Counts::People,
                    classify::Counts::Things => Counts::Things,
                    classify::Counts::None => Counts::None,
                },
                kind: SensitiveKind::ALL.into_iter().find(|k| k.name() == d.kind),
                en: attest::clean(&d.name.en),
                zh: attest::clean(&d.name.zh),
            };
            (d.id.clone(), own)
        })
        .collect()
}

/// Writes into the tallies of a run what no plan can know of their classes.
pub(crate) fn name(bodies: &mut [Body], own: &Own) {
    for body in bodies {
        if let Body::Tally(t) = body {
            t.own = own.get(&t.class).cloned().map(Box::new);
        }
    }
}

/// A finding, found again in the log.
pub struct Traced {
    /// The run that saw it.
    pub examination: Examination,
    /// Its leaf.
    pub leaf: Digest,
    /// Its items.
    pub items: Vec<Item>,
    /// True if no later run looked at the same place.
    pub newest: bool,
}

impl Node {
    /// The newest run that has something found whose id begins with `digits`. Reads the log backwards, one record at a
    /// time; scans nothing.
    pub fn trace(&self, typed: &str) -> Result<Traced, NodeError> {
        let unknown = || NodeError::UnknownHit(attest::clean(typed));
        let digits = digits(typed).ok_or_else(unknown)?;
        let mut later: Vec<Examination> = Vec::new();
        for leaf in self.store().leaves(&[RecordKind::Examination])?.into_iter().rev() {
            let witness = self.store().witness(leaf)?;
            let items = witness.items.as_ref().map(|i| i.items().to_vec()).unwrap_or_default();
            let Record::Examination(examination) = witness.record.into_value() else { continue };
            let fits = Asked::find(&items, &digits);
            let place = match fits.as_slice() {
                [] => None,
                [(one, _)] => Some(one.place()),
                _ => return Err(NodeError::AmbiguousHit(digits)),
            };
            if let Some(place) = place {
                let newest = !later.iter().any(|e| looked_at(e, &examination, &place));
                return Ok(Traced { examination, leaf, items, newest });
            }
            later.push(examination);
        }
        Err(unknown())
    }
}

/// Whether a run went over the same place on the same host.
fn looked_at(run: &Examination, same_host: &Examination, place: &Place) -> bool {
    let under = |root: &str| {
        let root = root.trim_end_matches('/');
        place.path.as_str().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    run.subject.host == same_host.subject.host && run.subject.folders.iter().any(|f| under(f.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_refused_and_paths_are_taken_as_they_are() {
        for good in ["/srv/share", "data", "sqlite:plant.db", "postgres://mes@db/x", "a@b:c", "/srv/http://x:y@z"] {
            let taken = target(OsStr::new(good));
            assert!(taken.is_ok() || good.contains("x:y@z"), "{good}");
        }
        for bad in ["postgres://mes:S3cret@db/x", "mysql://db/x?password=S3cret"] {
            assert!(matches!(target(OsStr::new(bad)), Err(NodeError::Credentials)), "{bad}");
        }
    }
}
