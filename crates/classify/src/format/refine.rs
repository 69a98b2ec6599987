//! The second question: what the names inside say, once somebody has listed them.

use super::ole::{Directory, Listing, ReadAt, by_streams, streams};
use super::sqlite::by_tables;
use super::table::Id;
use super::zip::{Members, NAMES_MAX, by_members};
use super::{Found, How, Need, PIECE_BYTES_MAX, Verdict, recognise};

/// What was listed in a container. At most 2,048 names are looked at.
#[derive(Clone, Copy)]
pub enum Inside<'a> {
    /// Members of an archive.
    Members {
        /// Paths as the archive spells them.
        names: &'a [&'a [u8]],
        /// The first bytes of the member `mimetype`, if there is one.
        mimetype: Option<&'a [u8]>,
    },
    /// Streams and storages of an OLE file.
    Streams {
        /// One byte a character, as [`streams`] gives them.
        names: &'a [&'a [u8]],
        /// The class id of the root, as it lies in the file.
        root: [u8; 16],
    },
    /// Tables of a database, as the schema spells them.
    Tables(&'a [&'a [u8]]),
}

/// The verdict again, with what was listed. What the names do not tell leaves it as it was, but needing nothing more.
#[must_use]
pub fn refine(verdict: Verdict, inside: Inside<'_>) -> Verdict {
    let found = match inside {
        Inside::Members { names, mimetype } => {
            let mut members = Members::default();
            members.whole = true;
            names.iter().take(NAMES_MAX).for_each(|name| members.add(name));
            members.mime(mimetype.unwrap_or_default());
            by_members(&members, if verdict.format == Id::Tar.format() { Id::Tar } else { Id::Zip })
        }
        Inside::Streams { names, root } => {
            let mut directory = Directory::default();
            directory.add(b"", root);
            names.iter().take(NAMES_MAX).for_each(|name| directory.add(name, [0; 16]));
            by_streams(&directory)
        }
        Inside::Tables(names) => {
            let names = names.get(..NAMES_MAX).unwrap_or(names);
            let found = by_tables(&mut |wanted| names.iter().any(|n| n.eq_ignore_ascii_case(wanted)));
            found.map(|id| Found::new(id, How::Container))
        }
    };
    found.map_or(Verdict { needs: None, ..verdict }, Found::verdict)
}

/// [`recognise`] for who can read anywhere: takes both pieces, and follows the directory of an OLE file wherever it lies.
///
/// Allocates two buffers of at most [`PIECE_BYTES_MAX`]. A read that gives less than it should is taken as the end.
#[must_use]
pub fn recognise_at(read_at: &mut ReadAt<'_>, size: u64) -> Verdict {
    let piece = usize::try_from(size).unwrap_or(PIECE_BYTES_MAX).min(PIECE_BYTES_MAX);
    let mut read = |at: u64| {
        let mut bytes = vec![0; piece];
        let got = read_at(at, &mut bytes).min(piece);
        bytes.truncate(got);
        bytes
    };
    let head = read(0);
    let tail = if size > piece as u64 { read(size - piece as u64) } else { Vec::new() };
    // A tail that came short does not end where the content ends.
    let tail = if tail.len() == piece { tail } else { Vec::new() };
    let verdict = recognise(&head, &tail, Some(size));
    if verdict.needs != Some(Need::Streams) {
        return verdict;
    }
    let mut directory = Directory::default();
    let ended = streams(read_at, &mut |name, class| directory.add(name, class));
    let needs = if ended == Listing::Partial { verdict.needs } else { None };
    by_streams(&directory).map_or(Verdict { needs, ..verdict }, Found::verdict)
}
