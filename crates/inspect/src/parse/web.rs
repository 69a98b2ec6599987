//! Configuration of web servers: blocks in braces (nginx, Caddy), sections in angle brackets (Apache), assignments
//! (lighttpd), elements (Tomcat).

use super::words;

/// A directive with its arguments and the blocks that it stands in, outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Line.
    pub line: usize,
    /// Name, in lower case.
    pub name: String,
    /// Arguments; a block's brace is none.
    pub words: Vec<String>,
    /// Names of the blocks around it.
    pub blocks: Vec<String>,
}

/// Deepest nesting of blocks.
const DEPTH_MAX: usize = 16;
/// Most directives of one file.
const DIRECTIVES_MAX: usize = 50_000;

/// `name words;` and `name words { … }`, as nginx has it. With `lines` a line's end ends a directive too, as in a
/// Caddyfile.
#[must_use]
pub fn braces(text: &str, lines: bool) -> Vec<Directive> {
    let mut out: Vec<Directive> = Vec::new();
    let mut blocks: Vec<String> = Vec::new();
    let mut now: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let (mut line, mut start) = (1, 1);
    let mut chars = text.chars().peekable();
    let mut end = |now: &mut Vec<String>, blocks: &[String], line: usize| {
        let words = std::mem::take(now);
        let mut words = words.into_iter();
        if let Some(name) = words.next().filter(|_| out.len() < DIRECTIVES_MAX) {
            let name = name.to_ascii_lowercase();
            out.push(Directive { line, name, words: words.collect(), blocks: blocks.to_vec() });
        }
    };
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            (None, '{' | '}' | ';') => {
                // `{$NAME}` of a Caddyfile and `${name}` of nginx are parts of words.
                if c == '{' && (chars.peek() == Some(&'$') || word.as_deref().is_some_and(|w| w.ends_with('$'))) {
                    let word = word.get_or_insert_default();
                    word.push(c);
                    while let Some(c) = chars.next_if(|c| *c != '\n') {
                        word.push(c);
                        if c == '}' {
                            break;
                        }
                    }
                    continue;
                }
                now.extend(word.take());
                let name = now.first().cloned().unwrap_or_default();
                end(&mut now, &blocks, start);
                match c {
                    '{' if blocks.len() < DEPTH_MAX => blocks.push(name.to_ascii_lowercase()),
                    '}' => {
                        blocks.pop();
                    }
                    _ => {}
                }
            }
            (None, c) if c.is_whitespace() => {
                now.extend(word.take());
                if c == '\n' && lines {
                    end(&mut now, &blocks, start);
                }
            }
            (None, c) => {
                if word.is_none() && now.is_empty() {
                    start = line;
                }
                word.get_or_insert_default().push(c);
            }
        }
        line += usize::from(c == '\n');
    }
    now.extend(word);
    end(&mut now, &blocks, start);
    out
}

/// Directives of Apache, one a line; sections are `<Name words>` and give the name of a block.
#[must_use]
pub fn apache(text: &str) -> Vec<Directive> {
    let mut out = Vec::new();
    let mut blocks: Vec<String> = Vec::new();
    let mut held = String::new();
    let mut start = 0;
    for (n, l) in text.lines().enumerate() {
        if held.is_empty() {
            start = n + 1;
        }
        if let Some(part) = l.strip_suffix('\\') {
            held.push_str(part);
            held.push(' ');
            continue;
        }
        held.push_str(l);
        let whole = std::mem::take(&mut held);
        let l = whole.trim();
        if l.is_empty() || l.starts_with('#') {
            continue;
        }
        if l.starts_with("</") {
            blocks.pop();
            continue;
        }
        let (section, body) = match l.strip_prefix('<') {
            Some(inner) => (true, inner.trim_end_matches('>')),
            None => (false, l),
        };
        let mut words = words::split_words(body).into_iter();
        let Some(name) = words.next().map(|w| w.to_ascii_lowercase()) else { continue };
        if out.len() < DIRECTIVES_MAX {
            out.push(Directive { line: start, name: name.clone(), words: words.collect(), blocks: blocks.clone() });
        }
        if section && blocks.len() < DEPTH_MAX {
            blocks.push(name);
        }
    }
    out
}

/// `name = value` of lighttpd: (line, name, value without quotes), also inside conditions.
#[must_use]
pub fn lighttpd(text: &str) -> Vec<(usize, String, String)> {
    let of = |(n, l): (usize, &str)| {
        let (key, value) = l.split_once('=')?;
        let key = key.trim().trim_end_matches([':', '+']).trim();
        let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && !key.is_empty();
        let value = value.trim().trim_start_matches('>').trim();
        let value = value.split(" #").next().unwrap_or(value).trim().trim_matches('"');
        plain.then(|| (n, key.to_ascii_lowercase(), value.to_owned()))
    };
    words::lines(text).filter_map(of).collect()
}

/// XML without its comments; lines stay where they are.
#[must_use]
pub fn xml_plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        plain.push_str(before);
        let (comment, after) = after.split_once("-->").unwrap_or((after, ""));
        plain.extend(comment.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// Most elements of one name.
const ELEMENTS_MAX: usize = 1000;

/// An element of XML: its line and its attributes.
pub type Element = (usize, Vec<(String, String)>);

/// Elements by name, of XML without comments; nothing else of XML is known here.
#[must_use]
pub fn xml_elements(plain: &str, name: &str) -> Vec<Element> {
    let open = format!("<{name}");
    let mut out = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for (at, _) in plain.match_indices(&open) {
        line += plain.get(counted..at).map_or(0, |t| t.bytes().filter(|b| *b == b'\n').count());
        counted = at;
        let Some(tail) = plain.get(at + open.len()..) else { continue };
        if tail.starts_with(|c: char| c.is_whitespace() || c == '/' || c == '>') {
            out.push((line, attributes(tail)));
        }
        if out.len() >= ELEMENTS_MAX {
            break;
        }
    }
    out
}
fn attributes(tail: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = tail;
    while let Some(at) = rest.find(['=', '>']).filter(|_| out.len() < 200) {
        if rest.as_bytes().get(at) == Some(&b'>') {
            break;
        }
        let name = rest.get(..at).unwrap_or_default().trim().to_owned();
        let value = rest.get(at + 1..).unwrap_or_default().trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some((inner, after)) = value.get(1..).and_then(|v| v.split_once(quote)) else { break };
        out.push((name, inner.to_owned()));
        rest = after;
    }
    out
}

/// Whether a list of protocols lets an old one in: `TLSv1.2`, `all -SSLv3 -TLSv1`, `-all +TLSv1.3`, `TLSv1+TLSv1.2`.
#[must_use]
pub fn old_tls<'w>(words: impl Iterator<Item = &'w str>) -> bool {
    let old = ["sslv3", "tlsv1", "tlsv1.1"];
    let mut on = [false; 3];
    for word in words {
        let word = word.to_ascii_lowercase();
        let (add, name) = match word.strip_prefix('-') {
            Some(name) => (false, name),
            None => (true, word.trim_start_matches('+')),
        };
        let name = if name == "tlsv1.0" { "tlsv1" } else { name };
        if name == "all" {
            // What `all` holds today; SSLv3 is no more part of it.
            on = [false, add, add];
        } else {
            old.iter().zip(&mut on).filter(|(o, _)| **o == name).for_each(|(_, on)| *on = add);
        }
    }
    on.contains(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_in_braces() {
        let text = "user www;\nhttp {\n  # listen 1;\n  server { listen 80; root \"/srv/a b\";\n    location / {\n      autoindex on;\n    }\n  }\n}\n";
        let all = braces(text, false);
        let root = all.iter().find(|d| d.name == "root").unwrap();
        assert_eq!(
            (root.line, root.words[0].as_str(), root.blocks.as_slice()),
            (4, "/srv/a b", &["http".to_owned(), "server".into()][..])
        );
        let index = all.iter().find(|d| d.name == "autoindex").unwrap();
        assert_eq!((index.line, index.blocks.len()), (6, 3));
        assert!(!all.iter().any(|d| d.words.contains(&"1".to_owned())));
        let caddy = braces("example.com, {$HOST} {\n\troot * /srv\n\tfile_server browse\n}\n", true);
        assert_eq!(caddy[2].words, ["browse"]);
        assert_eq!(caddy[1].blocks, ["example.com,"]);
        assert!(braces(&"{".repeat(10_000), false).is_empty());
    }

    #[test]
    fn sections_and_assignments() {
        let all = apache(
            "Listen 80\n<VirtualHost *:443>\n  SSLProtocol all \\\n   -SSLv3\n</VirtualHost>\n# Listen 9\nDav On\n",
        );
        assert_eq!(
            all.iter().map(|d| (d.line, d.name.as_str())).collect::<Vec<_>>(),
            [(1, "listen"), (2, "virtualhost"), (3, "sslprotocol"), (7, "dav")]
        );
        assert_eq!(all[2].words, ["all", "-SSLv3"]);
        assert_eq!(all[2].blocks, ["virtualhost"]);
        let all = lighttpd("server.port = 80\ndir-listing.activate = \"enable\"\n$HTTP[\"host\"] == \"x\" {\n");
        assert_eq!(all[1], (2, "dir-listing.activate".into(), "enable".into()));
        let xml = "<Server>\n<!-- <Connector port=\"1\"\n/> -->\n<Connector port=\"8080\"\n  protocol='HTTP/1.1' />\n<ConnectorX port=\"2\"/>\n";
        let all = xml_elements(&xml_plain(xml), "Connector");
        assert_eq!(all, [(4, vec![("port".into(), "8080".into()), ("protocol".into(), "HTTP/1.1".into())])]);
    }

    #[test]
    fn protocols() {
        for (text, expected) in [
            ("TLSv1.2 TLSv1.3", false),
            ("TLSv1 TLSv1.2", true),
            ("all -SSLv3", true),
            ("all -SSLv3 -TLSv1 -TLSv1.1", false),
            ("-all +TLSv1.2", false),
            ("+SSLv3", true),
        ] {
            assert_eq!(old_tls(text.split(' ')), expected, "{text}");
        }
    }
}
