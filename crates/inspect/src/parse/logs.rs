//! Logging: rotation, spans of time, remote targets and time stamps.

use super::words;

/// How a log file rotates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Line that says how many are kept, else that of the block (0 for the file's own defaults).
    pub line: usize,
    /// Files, as written.
    pub files: Vec<String>,
    /// Days between rotations.
    pub period_days: Option<i64>,
    /// Rotated files kept.
    pub keep: Option<i64>,
    /// Most days that a rotated file is kept.
    pub max_age_days: Option<i64>,
}

/// Blocks of a logrotate file; the first row holds the defaults outside blocks.
#[must_use]
pub fn logrotate(text: &str) -> Vec<Rotation> {
    let empty = |line, files| Rotation { line, files, period_days: None, keep: None, max_age_days: None };
    let mut out = vec![empty(0, Vec::new())];
    let mut names: Vec<String> = Vec::new();
    let mut inside = false;
    let mut script = false;
    for (n, l) in words::lines(text) {
        let word = l.split_whitespace().next().unwrap_or_default();
        if script {
            script = word != "endscript";
            continue;
        }
        match word {
            "postrotate" | "prerotate" | "firstaction" | "lastaction" | "preremove" => script = true,
            "}" => inside = false,
            _ if !inside && (l.starts_with(['/', '"']) || l.starts_with('{')) => {
                let (body, rest) = l.split_once('{').map_or((l, None), |(b, r)| (b, Some(r.trim())));
                names.extend(words::split_words(body));
                if let Some(rest) = rest {
                    let mut row = empty(n, std::mem::take(&mut names));
                    rotation_word(&mut row, n, rest);
                    out.push(row);
                    inside = !rest.ends_with('}');
                }
            }
            _ => {
                let at = if inside { out.len() - 1 } else { 0 };
                if let Some(row) = out.get_mut(at) {
                    rotation_word(row, n, l);
                }
            }
        }
    }
    out
}

fn rotation_word(row: &mut Rotation, line: usize, l: &str) {
    let mut f = l.split_whitespace();
    let word = f.next().unwrap_or_default();
    let number = f.next().and_then(|v| v.parse::<i64>().ok()).filter(|v| (0..=1_000_000).contains(v));
    match word {
        "hourly" | "daily" => row.period_days = Some(1),
        "weekly" => row.period_days = Some(7),
        "monthly" => row.period_days = Some(30),
        "yearly" => row.period_days = Some(365),
        "rotate" => {
            row.keep = number;
            // The file's own defaults are no block.
            row.line = if row.files.is_empty() { 0 } else { line };
        }
        "maxage" => row.max_age_days = number,
        _ => {}
    }
}

/// Whole days of a systemd span of time such as `6month`, `26w` or `1000000` (seconds).
#[must_use]
pub fn duration_days(text: &str) -> Option<i64> {
    let mut seconds: i64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, more) = rest.split_at(digits);
        let number: i64 = number.parse().ok()?;
        let more = more.trim_start();
        let end = more.find(|c: char| c.is_ascii_digit() || c.is_whitespace()).unwrap_or(more.len());
        let (unit, more) = more.split_at(end);
        // Month and year as systemd.time(7) counts them: 30.44 and 365.25 days.
        let each = match unit {
            "" | "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "minute" | "minutes" => 60,
            "h" | "hr" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            "M" | "month" | "months" => 2_629_800,
            "y" | "year" | "years" => 31_557_600,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(each)?)?;
        rest = more.trim_start();
    }
    Some(seconds / 86_400)
}

/// First line of an rsyslog or syslog-ng file that sends to another host.
#[must_use]
pub fn remote_syslog(text: &str) -> Option<usize> {
    words::lines(text).find_map(|(n, l)| {
        let action = l.split_whitespace().nth(1).unwrap_or_default();
        let old = action.starts_with('@') && action.len() > 1 && !l.starts_with('$');
        let module = ["\"omfwd\"", "\"omrelp\"", "\"omkafka\"", "\"omelasticsearch\""].iter().any(|m| l.contains(m));
        let ng =
            ["tcp(\"", "udp(\"", "syslog(\"", "network(\"", "tcp( \"", "network( \""].iter().any(|m| l.contains(m));
        (old || (module && l.contains("action(")) || ng).then_some(n)
    })
}

/// Seconds since 1970 of the first `YYYY-MM-DDTHH:MM:SS` (or with a blank) in a line, read as UTC.
#[must_use]
pub fn log_time(line: &str) -> Option<i64> {
    let b = line.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = |w: &[u8]| {
        w.iter().zip(shape).all(|(c, s)| match s {
            b'd' => c.is_ascii_digit(),
            b'T' => *c == b'T' || *c == b' ',
            s => c == s,
        })
    };
    let found = b.windows(shape.len()).take(200).find(|w| fits(w))?;
    let text = std::str::from_utf8(found).ok()?.replace(' ', "T");
    format!("{text}.000Z").parse::<evidence::Time>().ok().map(evidence::Time::secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_of_blocks_and_defaults() {
        let r = logrotate(
            "weekly\nrotate 4\ninclude /etc/logrotate.d\n/var/log/syslog\n/var/log/mail.log\n{\n rotate 26\n weekly\n postrotate\n  daily\n endscript\n}\n/var/log/x { daily\n rotate 7\n}\n",
        );
        assert_eq!((r[0].period_days, r[0].keep), (Some(7), Some(4)));
        assert_eq!((r[1].files.len(), r[1].keep, r[1].period_days, r[1].line), (2, Some(26), Some(7), 7));
        assert_eq!(r[2].files, ["/var/log/x"]);
    }

    #[test]
    fn spans_and_stamps() {
        for (text, days) in [
            ("6month", Some(182)),
            ("26w", Some(182)),
            ("1year 2d", Some(367)),
            ("86400", Some(1)),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(duration_days(text), days, "{text}");
        }
        assert_eq!(log_time("[2001-09-09T01:46:40] /usr/bin/rsnapshot"), Some(1_000_000_000));
        assert_eq!(log_time("2001-09-09 01:46:40,123 INFO"), Some(1_000_000_000));
        assert_eq!(log_time("2001-19-09T01:46:40"), None);
        for (text, line) in [
            ("*.* @@log.example:514\n", Some(1)),
            ("# *.* @h\nauth.* /var/log/auth.log\n", None),
            ("action(type=\"omfwd\" target=\"h\")\n", Some(1)),
            ("destination d { network(\"10.0.0.1\"); };\n", Some(1)),
        ] {
            assert_eq!(remote_syslog(text), line, "{text}");
        }
    }
}
