//! People are sensors too: what they type or keep in tables enters here and leaves as statements.
//!
//! A table is read row by row; a bad row is named with its place and the reason, and the good rows are kept. Names
//! of persons are turned into keyed digests before anything else sees them. The room signs nothing and knows no
//! clock: `node` seals what comes out.
#![forbid(unsafe_code)]

mod binding;
mod catalogue;
mod foreign;
mod registry;
mod roll;
mod scope;
mod staff;
mod table;
mod training;
mod transfers;

pub use binding::{BINDING_SHEET, Binding, bound};
pub use catalogue::{ASSETS_MAX, HEADINGS, ImportedAssets, Mapping, Terms, catalogue, mapping};
pub use foreign::{FOREIGN_JSON_BYTES_MAX, FOREIGN_OBJECTS_MAX, FOREIGN_ROWS_MAX, Foreign, foreign};
pub use registry::{
    ImportedRegistry, REGISTRY_FIELDS, REGISTRY_LIMITS, RegistryFault, RegistryTerms, RevenueUnit, RowTaker,
    industry_code, registry, registry_rows, row_fault,
};
pub use roll::{ROLL_FIELDS, ROLL_LIMITS, ROLL_WAYS, RollKind, RollRead, roll};
pub use scope::{Imported, Typed, entry, has_credentials, scope};
pub use staff::{StaffList, account as staff_account, staff};
pub use table::{BadRow, Format, Limits, TableError};
pub use training::{
    AttendanceList, Person, QUESTIONS_MAX, ResultList, TestResult, attendance, person, person_digest, results,
    right_answers, split_answers,
};
pub use transfers::{
    FLOW_HEADINGS, FLOW_RESULTS, FLOWS_MAX, FlowTerms, ImportedFlows, flow as transfer_flow, is_country, people,
    transfers,
};

use evidence::{Authenticated, Author, Say, Time};

/// Keys of every sentence that this room can say, with their holes; `words` must know each.
pub const SAY_KEYS: &[(&str, &[&str])] = &[
    ("row.unknown-kind", &["value", "known"]),
    ("row.missing-id", &[]),
    ("row.missing-account", &[]),
    ("row.unknown-standing", &["known"]),
    ("row.bad-day", &["column"]),
    ("row.too-long", &["column", "max"]),
    ("row.duplicate", &["first"]),
    ("row.bad-control", &["column"]),
    ("row.credentials", &[]),
    ("row.bad-country", &["value"]),
    ("row.table", &["why"]),
    ("row.foreign", &["why"]),
    ("row.unknown-status", &["value"]),
    ("row.unknown-field", &["value", "known"]),
    ("row.no-column", &["value"]),
    ("row.no-name-or-carrier", &[]),
    ("row.missing-name-or-carrier", &[]),
    ("row.unknown-level", &["value", "known"]),
    ("row.unknown-category", &["value", "known"]),
    ("row.bad-number", &["column", "value"]),
    ("row.too-many", &["max"]),
    ("row.missing-by", &[]),
    ("row.missing-level", &[]),
    ("row.half-cell", &[]),
    ("row.cell-differs", &["level", "cell"]),
    ("row.unknown-cell", &["value", "known"]),
    ("row.date-ahead", &["date"]),
    ("row.missing-cell", &["column"]),
    ("row.unknown-word", &["column", "value", "known"]),
    ("row.unknown-asset", &["value"]),
    ("row.half-case", &[]),
    ("row.bad-host", &["value"]),
    ("row.home-country", &["value"]),
    ("row.bad-uscc", &["column", "value"]),
    ("row.unknown-area", &["value"]),
    ("row.unknown-industry", &["value"]),
    ("row.negative", &["column", "value"]),
    ("row.supervisor-differs", &["value", "area"]),
    ("row.more-than-all", &["column"]),
    ("row.person-twice", &["first"]),
    ("row.absent", &[]),
    ("row.attended", &["known"]),
    ("row.day-outside", &["first", "last"]),
    ("row.bad-result", &["column", "max"]),
    ("row.answers", &["count", "asked"]),
];

/// The longest text that an entry may carry, in characters.
pub const TEXT_CHARS_MAX: usize = 500;

/// A date that a person typed, `YYYY-MM-DD` or `YYYY/M/D`, as midnight UTC. `None` if it is not a date.
#[must_use]
pub fn date(typed: &str) -> Option<Time> {
    let mut parts = typed.trim().splitn(3, ['-', '/']);
    let mut next = |digits_max: usize| {
        let part = parts.next()?;
        let fits = !part.is_empty() && part.len() <= digits_max && part.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| part.parse::<u32>().ok())?
    };
    let (year, month, day) = (next(4)?, next(2)?, next(2)?);
    if year < 1000 {
        return None;
    }
    Time::from_date(&format!("{year:04}-{month:02}-{day:02}")).ok()
}

/// The author of a statement: the name as typed, and how far it was checked. A typed name that equals the account
/// of the operating system is no better for it.
#[must_use]
pub fn author(typed: Option<&str>, account: Option<(&str, u32)>) -> Author {
    let account = account.map(|(name, uid)| Authenticated::OsAccount { account: name.to_owned(), uid });
    let name = typed.map(str::trim).filter(|n| !n.is_empty());
    match (name, account) {
        (Some(name), Some(authenticated)) => Author { name: clean(name), authenticated },
        (Some(name), None) => Author { name: clean(name), authenticated: Authenticated::TypedName },
        (None, Some(Authenticated::OsAccount { account, uid })) => {
            Author { name: account.clone(), authenticated: Authenticated::OsAccount { account, uid } }
        }
        (None, _) => Author { name: "?".to_owned(), authenticated: Authenticated::TypedName },
    }
}

/// A typed text without control characters, cut to [`TEXT_CHARS_MAX`].
#[must_use]
pub fn clean(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect()
}

/// A bad row, as a sentence.
fn bad(row: u64, say: Say) -> BadRow {
    BadRow { row, say }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_people_type_them() {
        assert_eq!(date(" 2026-03-01 ").unwrap().date(), "2026-03-01");
        assert_eq!(date("2026/3/1").unwrap().date(), "2026-03-01");
        for wrong in ["2026-02-30", "26-03-01", "2026", "2026-03-01x", "", "2026-3-1-4", "2026-+3-01"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_author_says_how_it_was_checked() {
        assert_eq!(author(Some("王芳"), None).authenticated, Authenticated::TypedName);
        let os = author(Some("王芳"), Some(("root", 0)));
        assert_eq!(os.name, "王芳");
        assert!(matches!(os.authenticated, Authenticated::OsAccount { uid: 0, .. }));
        assert_eq!(author(Some("a\u{1b}[31mb\n"), None).name, "a[31mb");
    }
}
