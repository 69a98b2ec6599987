//! Addresses of electronic mail.

use super::Validity;
use Validity::{Fair, No, Strong, Weak};

/// Houses that do nothing but mail: an address there belongs to a person.
const HOUSES: &str = " qq.com 163.com 126.com foxmail.com 139.com 189.cn sina.com sina.cn sohu.com gmail.com outlook.com hotmail.com yeah.net aliyun.com live.com \
icloud.com yahoo.com 21cn.com tom.com wo.cn ";
/// Names that RFC 2606 reserves and what manuals use in their place.
const RESERVED: &str =
    " example.com example.org example.net example.cn test.com domain.com email.com foo.com users.noreply.github.com ";
/// Local parts that belong to an office, not to somebody.
const OFFICES: &str = " info admin root noreply no-reply support webmaster postmaster service sales contact hr office mail git bugs security ";

/// File endings that stand behind an `@` in sources (`icon@2x.png`, `name@1.2.0.js`) and are no top level in wide use.
const FILES: &str = " png jpg jpeg gif svg ico webp css scss html htm json xml yml yaml lock toml txt conf py rs js ts tsx jsx sh so md pl exe dll zip gz jar \
service socket timer target local internal lan ";

/// RFC 5321: local part of up to 64 bytes, domain of labels with a top level of two letters or more. A mail house is
/// strong, a reserved domain or an office's address weak.
pub(super) fn address(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let Some((local, host)) = text.rsplit_once('@') else { return No };
    let host = host.to_ascii_lowercase();
    let local_good = (1..=64).contains(&local.len())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-'))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let labels: Vec<&str> = host.split('.').collect();
    let label = |l: &&str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let top = labels.last().is_some_and(|t| t.len() >= 2 && t.bytes().all(|b| b.is_ascii_lowercase()));
    if !local_good || !(2..=8).contains(&labels.len()) || !labels.iter().all(label) || !top || host.len() > 255 {
        return No;
    }
    let listed = |list: &str, word: &str| list.contains(&format!(" {word} "));
    if labels.last().is_some_and(|t| listed(FILES, t)) {
        return No;
    }
    if listed(RESERVED, &host) || host.ends_with(".example.com") || listed(OFFICES, &local.to_ascii_lowercase()) {
        Weak
    } else if listed(HOUSES, &host) {
        Strong
    } else {
        Fair
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expect) in [
            ("wang.wei@plant.com.cn", Fair),
            ("12345678@qq.com", Strong),
            ("info@plant.com.cn", Weak),
            ("a@example.com", Weak),
            ("a@b", No),
            (".a@b.cn", No),
            ("a..b@c.cn", No),
            ("icon@2x.png", No),
            ("getty@tty1.service", No),
            ("a b@c.cn", No),
            ("@c.cn", No),
        ] {
            assert_eq!(address(text.as_bytes()), expect, "{text}");
        }
    }
}
