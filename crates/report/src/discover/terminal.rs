//! The terminal face of what was found: about two screens.

use super::view::Seen;
use crate::Style;
use crate::paper::{Ink, Paper};

/// Rows shown of a list; the rest is counted.
const ROWS_MAX: usize = 8;
/// Doubts shown.
const DOUBTS_MAX: usize = 4;

/// The whole text.
pub(crate) fn render(seen: &Seen<'_>, style: Style) -> String {
    let mut paper = Paper::new(seen.tongue, style);
    result(&mut paper, seen);
    classes(&mut paper, seen);
    folders(&mut paper, seen);
    files(&mut paper, seen);
    columns(&mut paper, seen);
    formats(&mut paper, seen);
    gaps(&mut paper, seen);
    doubts(&mut paper, seen);
    next(&mut paper, seen);
    paper.into_text()
}

fn result(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    paper.title(seen.tongue.t("discover.title"));
    for (n, sentence) in seen.result.iter().enumerate() {
        paper.para("", (n == 1).then_some(Ink::Bold), sentence);
    }
    for caution in &seen.cautions {
        paper.para("! ", Some(Ink::Yellow), caution);
    }
    paper.line("");
    paper.pairs("", &seen.covers);
}

fn level(seen: &Seen<'_>, level: &str, proposed: bool) -> String {
    if proposed { format!("{level} ({})", seen.tongue.t("report.data.proposed")) } else { level.to_owned() }
}

fn classes(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    let t = |key| seen.tongue.t(key);
    paper.heading(t("discover.classes.heading"));
    if seen.classes.is_empty() {
        paper.para("  ", None, t("discover.result.none"));
        return;
    }
    let head = [
        (t("report.data.class"), false),
        (t("report.data.category"), false),
        (t("report.data.level"), false),
        (t("report.data.files"), true),
        (t("band.high"), true),
        (t("band.medium"), true),
        (t("band.low"), true),
        (t("report.data.distinct"), true),
    ];
    let rows: Vec<Vec<String>> = seen
        .classes
        .iter()
        .take(2 * ROWS_MAX)
        .map(|c| {
            vec![
                c.class.clone(),
                c.category.clone(),
                level(seen, &c.level, c.proposed),
                c.files.to_string(),
                c.high.to_string(),
                c.medium.to_string(),
                c.low.to_string(),
                c.distinct.clone(),
            ]
        })
        .collect();
    paper.table(&head, &rows);
    paper.more("discover.more", seen.classes.len().saturating_sub(2 * ROWS_MAX));
}

fn folders(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    let t = |key| seen.tongue.t(key);
    if seen.folders.is_empty() {
        return;
    }
    paper.heading(t("discover.folders.heading"));
    let head = [
        (t("report.data.root"), false),
        (t("report.data.files"), true),
        (t("report.data.hits"), true),
        (t("discover.folders.classes"), false),
    ];
    let row = |f: &super::view::FolderRow| {
        let classes = crate::width::fit(&f.classes, paper.columns / 3);
        vec![f.folder.clone(), f.files.to_string(), f.hits.to_string(), classes]
    };
    let rows: Vec<Vec<String>> = seen.folders.iter().take(ROWS_MAX).map(row).collect();
    paper.table(&head, &rows);
    paper.more("discover.more", seen.folders.len().saturating_sub(ROWS_MAX));
}

fn files(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    let t = |key| seen.tongue.t(key);
    if seen.files.is_empty() && seen.low_files == 0 {
        return;
    }
    paper.heading(t("discover.files.heading"));
    let several = seen.files.iter().take(ROWS_MAX).any(|f| !f.also.is_empty());
    let mut head = vec![
        (t("report.data.place"), false),
        (t("report.data.class"), false),
        (t("report.data.hits"), true),
        (t("report.data.confidence"), true),
        (t("discover.id"), false),
    ];
    if several {
        head.push((t("discover.files.places"), true));
    }
    let row = |f: &super::view::FileRow| {
        let percent = seen.tongue.f("report.data.percent", &[("n", &f.confidence)]);
        let mut row = vec![f.place.clone(), f.class.clone(), f.hits.to_string(), percent, f.id.clone()];
        row.extend(several.then(|| (1 + f.also.len() + f.also_more).to_string()));
        row
    };
    let rows: Vec<Vec<String>> = seen.files.iter().take(ROWS_MAX).map(row).collect();
    if !rows.is_empty() {
        paper.table(&head, &rows);
    }
    if several {
        paper.para("  ", Some(Ink::Dim), t("discover.files.places-note"));
    }
    paper.more("discover.more", seen.files.len().saturating_sub(ROWS_MAX));
    paper.more("discover.files.low", seen.low_files);
}

fn columns(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    let t = |key| seen.tongue.t(key);
    if seen.columns.is_empty() {
        return;
    }
    paper.heading(t("discover.columns.heading"));
    let head = [
        (t("discover.columns.table"), false),
        (t("discover.columns.column"), false),
        (t("discover.columns.verdict"), false),
        (t("report.data.class"), false),
        (t("report.data.confidence"), true),
        (t("discover.id"), false),
    ];
    let row = |c: &super::view::ColumnRow| {
        let percent = seen.tongue.f("report.data.percent", &[("n", &c.confidence)]);
        vec![c.place.clone(), c.column.clone(), c.verdict.clone(), c.class.clone(), percent, c.id.clone()]
    };
    let rows: Vec<Vec<String>> = seen.columns.iter().take(ROWS_MAX).map(row).collect();
    paper.table(&head, &rows);
    paper.more("discover.more", seen.columns.len().saturating_sub(ROWS_MAX));
}

fn formats(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    let t = |key| seen.tongue.t(key);
    if seen.formats.is_empty() {
        return;
    }
    paper.heading(t("discover.formats.heading"));
    let head = [
        (t("discover.formats.example"), false),
        (t("discover.formats.format"), false),
        (t("report.data.class"), false),
        (t("discover.formats.how"), false),
        (t("report.data.files"), true),
        (t("discover.formats.bytes"), true),
    ];
    let row = |f: &super::view::FormatRow| {
        let example = f.examples.first().map(|e| e.1.clone()).unwrap_or_default();
        vec![example, f.format.clone(), f.class.clone(), f.how.clone(), f.files.to_string(), f.bytes.clone()]
    };
    let rows: Vec<Vec<String>> = seen.formats.iter().take(ROWS_MAX).map(row).collect();
    paper.table(&head, &rows);
    paper.more("discover.more", seen.formats.len().saturating_sub(ROWS_MAX));
}

fn gaps(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    let t = |key| seen.tongue.t(key);
    paper.heading(t("report.gaps.heading"));
    if seen.gaps.is_empty() {
        paper.para("  ", None, t("report.gaps.none"));
        return;
    }
    let head = [(t("report.gaps.reason"), false), (t("report.gaps.count"), true), (t("report.gaps.examples"), false)];
    let row = |g: &crate::view::GapRow| {
        let example = g.examples.first().map(|e| crate::width::fit(e, paper.columns / 2)).unwrap_or_default();
        vec![g.reason.clone(), g.count.to_string(), example]
    };
    let rows: Vec<Vec<String>> = seen.gaps.iter().take(ROWS_MAX).map(row).collect();
    paper.table(&head, &rows);
    paper.more("discover.more", seen.gaps.len().saturating_sub(ROWS_MAX));
}

fn doubts(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    if seen.doubts.is_empty() {
        return;
    }
    paper.heading(&format!("{} ({})", seen.tongue.t("report.doubts.heading"), seen.doubts.len()));
    for doubt in seen.doubts.iter().take(DOUBTS_MAX) {
        paper.para("  ? ", None, doubt);
    }
    paper.more("discover.more", seen.doubts.len().saturating_sub(DOUBTS_MAX));
}

fn next(paper: &mut Paper<'_>, seen: &Seen<'_>) {
    if seen.next.is_empty() {
        return;
    }
    paper.heading(seen.tongue.t("report.next.heading"));
    for text in &seen.next {
        paper.para("  → ", Some(Ink::Green), text);
    }
}
