//! What stands in the tables, and how it is laid out (`docs/specs/pages-v1.md` §3).

/// Version of this layout: other tables are made anew.
pub(crate) const LAYOUT: i64 = 1;

/// What was received, and what it is about. Follows from the log and the mirror alone.
pub(crate) const RECEIVED: &str = "
    CREATE TABLE state (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE held (leaf BLOB NOT NULL PRIMARY KEY, kind INTEGER NOT NULL, place INTEGER NOT NULL, via TEXT NOT NULL, idx INTEGER NOT NULL,
        node TEXT NOT NULL, subject TEXT NOT NULL, code TEXT NOT NULL, at INTEGER NOT NULL, seen INTEGER NOT NULL, receipt BLOB,
        doubts TEXT NOT NULL);
    CREATE INDEX held_code ON held (code, kind);
    CREATE INDEX held_subject ON held (subject, kind);
    CREATE INDEX held_waiting ON held (leaf) WHERE place = 9;
    CREATE TABLE roll (leaf BLOB NOT NULL PRIMARY KEY, doc TEXT NOT NULL);
    CREATE TABLE told (code TEXT NOT NULL, leaf BLOB NOT NULL, line TEXT NOT NULL, PRIMARY KEY (code, leaf)) WITHOUT ROWID;
    CREATE TABLE checked (leaf BLOB NOT NULL, kind INTEGER NOT NULL, code TEXT NOT NULL, at INTEGER NOT NULL, kept INTEGER NOT NULL,
        PRIMARY KEY (leaf, kind));
    CREATE INDEX checked_code ON checked (code);
    CREATE TABLE receipt (back INTEGER NOT NULL, leaf BLOB NOT NULL, node TEXT NOT NULL, child TEXT NOT NULL, size INTEGER NOT NULL,
        records INTEGER NOT NULL, doubted INTEGER NOT NULL, PRIMARY KEY (back, leaf)) WITHOUT ROWID;
    CREATE INDEX receipt_child ON receipt (child, back, leaf);
    CREATE TABLE series (counter TEXT NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (counter, at)) WITHOUT ROWID;
    CREATE TABLE caught (leaf BLOB NOT NULL PRIMARY KEY, node TEXT NOT NULL, child TEXT NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL);
";

/// What the judge made of it.
pub(crate) const JUDGED: &str = "
    CREATE TABLE enterprise (code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, area TEXT NOT NULL, supervisor TEXT NOT NULL,
        industry TEXT NOT NULL, grp TEXT NOT NULL, listed INTEGER NOT NULL, seen INTEGER NOT NULL, member INTEGER NOT NULL,
        above INTEGER NOT NULL, selected INTEGER, tops INTEGER NOT NULL, enrolled INTEGER NOT NULL, report_at INTEGER, report_leaf BLOB,
        back_most INTEGER NOT NULL, back_least INTEGER NOT NULL, orders_open INTEGER NOT NULL, orders_overdue INTEGER NOT NULL,
        m_open INTEGER, m_overdue INTEGER, m_done INTEGER, measured INTEGER NOT NULL, state INTEGER NOT NULL, due INTEGER,
        claims TEXT NOT NULL, reasons TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE shared (id TEXT NOT NULL PRIMARY KEY, reasons TEXT NOT NULL);
    CREATE TABLE life (code TEXT NOT NULL PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE place (list INTEGER NOT NULL, cell TEXT NOT NULL, k1 INTEGER NOT NULL, k2 INTEGER NOT NULL, code TEXT NOT NULL,
        PRIMARY KEY (list, cell, k1, k2, code)) WITHOUT ROWID;
    CREATE TABLE matter (code TEXT NOT NULL, n INTEGER NOT NULL, rank INTEGER NOT NULL, back_most INTEGER NOT NULL, due INTEGER NOT NULL,
        about TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (code, n)) WITHOUT ROWID;
    CREATE TABLE matter_place (cell TEXT NOT NULL, rank INTEGER NOT NULL, back_most INTEGER NOT NULL, due INTEGER NOT NULL,
        code TEXT NOT NULL, about TEXT NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (cell, rank, back_most, due, code, about, n)) WITHOUT ROWID;
    CREATE TABLE total (list INTEGER NOT NULL, cell TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (list, cell)) WITHOUT ROWID;
    CREATE TABLE tally (counter TEXT NOT NULL, what TEXT NOT NULL, supervisor TEXT NOT NULL, province TEXT NOT NULL, division TEXT NOT NULL,
        n INTEGER NOT NULL, PRIMARY KEY (counter, what, supervisor, province, division)) WITHOUT ROWID;
";

/// Made after the rows.
pub(crate) const JUDGED_INDEXES: &str = "
    CREATE INDEX enterprise_due ON enterprise (due) WHERE due IS NOT NULL;
";

/// Everything that goes when all of it is judged anew.
pub(crate) const JUDGED_TABLES: [&str; 8] =
    ["enterprise", "shared", "life", "place", "matter", "matter_place", "total", "tally"];
/// And what goes with it when it is read anew.
/// A point of a series stays as it was counted then.
pub(crate) const RECEIVED_TABLES: [&str; 8] =
    ["state", "held", "roll", "told", "checked", "receipt", "caught", "series"];

/// Kinds of cells: what one begins with, and what it is made of in a statement over `enterprise`; an empty condition holds always.
pub(crate) const CELLS: [(&str, &str); 9] = [
    ("''", ""),
    ("'s' || supervisor", "supervisor <> ''"),
    ("'p' || substr(area, 1, 2)", "length(area) >= 2"),
    ("'c' || substr(area, 1, 4)", "length(area) >= 4"),
    ("'d' || substr(industry, 1, 3)", "length(industry) >= 3"),
    ("'s' || supervisor || 'd' || substr(industry, 1, 3)", "supervisor <> '' AND length(industry) >= 3"),
    ("'p' || substr(area, 1, 2) || 'd' || substr(industry, 1, 3)", "length(area) >= 2 AND length(industry) >= 3"),
    ("'c' || substr(area, 1, 4) || 'd' || substr(industry, 1, 3)", "length(area) >= 4 AND length(industry) >= 3"),
    ("'g' || grp", "grp <> ''"),
];
