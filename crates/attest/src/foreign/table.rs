//! Lists of scanners that write tables: CSV or XLSX, headed in English or Chinese.

use super::{FOREIGN_ROWS_MAX, Foreign, empty, status};
use crate::clean;
use crate::table::{self, Limits, TableError};
use evidence::{ForeignRow, Say};
use std::collections::BTreeMap;

/// Among so many rows at the top the heading is looked for: titles stand above it.
const HEADING_ROWS_MAX: usize = 10;

/// Fields with the headings that tools write, compared without case, spaces, `_` and `-`.
const HEADINGS: &[(&str, &[&str])] = &[
    ("cve", &["cve", "cveid", "vulnerability", "vulnerabilityid", "漏洞编号", "cve编号"]),
    ("id", &["id", "pluginid", "rule", "ruleid", "编号", "规则", "规则编号"]),
    ("host", &["host", "hostname", "ip", "ipaddress", "asset", "target", "主机", "主机名", "资产", "ip地址", "目标"]),
    ("package", &["package", "component", "software", "product", "library", "软件包", "组件", "软件", "产品"]),
    ("version", &["version", "installedversion", "版本", "版本号"]),
    ("severity", &["severity", "risk", "level", "严重程度", "危险等级", "风险等级", "级别", "风险级别"]),
    ("title", &["title", "name", "pluginname", "summary", "名称", "漏洞名称", "标题"]),
    ("status", &["status", "state", "状态", "处置状态"]),
    ("place", &["place", "path", "location", "file", "port", "位置", "路径", "文件", "端口"]),
];

fn field_of(heading: &str) -> Option<&'static str> {
    let plain: String = heading.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).collect();
    let plain = plain.to_lowercase();
    HEADINGS.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|h| h.0)
}

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Foreign, Say> {
    let refuse = |e: &TableError| Say::new("row.table").with("why", e);
    let rows = table::rows(bytes, limits).map_err(|e| refuse(&e))?;
    let headed = |cells: &[String]| cells.iter().any(|c| matches!(field_of(c), Some("id" | "cve")));
    let at = rows.iter().take(HEADING_ROWS_MAX).position(|r| headed(&r.1));
    let at = at.ok_or_else(|| refuse(&TableError::Column("id")))?;
    if rows.len() - at - 1 > FOREIGN_ROWS_MAX {
        return Err(refuse(&TableError::TooManyRows(FOREIGN_ROWS_MAX)));
    }
    let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, cell) in rows.get(at).into_iter().flat_map(|r| r.1.iter().enumerate()) {
        if let Some(field) = field_of(cell) {
            columns.entry(field).or_insert(n);
        }
    }
    let mut out = Foreign { form: "table", ..Foreign::default() };
    for (number, cells) in rows.iter().skip(at + 1).filter(|r| r.1.iter().any(|c| !c.trim().is_empty())) {
        let of = |field: &str| columns.get(field).and_then(|n| cells.get(*n)).map(|c| clean(c)).unwrap_or_default();
        // A tool that knows the vulnerability says more by it than by its own number.
        let id = [of("cve"), of("id")].into_iter().find(|id| !id.is_empty()).unwrap_or_default();
        out.row(
            *number,
            status(&of("status")).map(|status| ForeignRow {
                host: of("host"),
                package: of("package"),
                version: of("version"),
                severity: of("severity"),
                title: of("title"),
                place: of("place"),
                ..empty(&id, status)
            }),
        )?;
    }
    Ok(out)
}
