//! Logs whose lines have a fixed form: Squid's own, and the combined log of web servers.

use super::columns::named;
use super::sum::Seen;
use crate::text::{address, epoch, logged, number, target};

/// A line of a web server or proxy: what it says, or `None` if nothing left.
pub(crate) type Said<'a> = Option<Option<Seen<'a>>>;

/// `time elapsed client code/status size method URL user hierarchy/peer type`. Says how much came, never how much went.
pub(crate) fn squid(line: &[u8]) -> Said<'_> {
    let mut words = line.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let mut next = || words.next();
    let first = epoch(next()?)?;
    number(next()?)?;
    let here = next()?;
    let code = next()?;
    let size = number(next()?)?;
    let (method, url) = (next()?, next()?);
    let (_user, peer) = (next()?, next()?);
    if !code.contains(&b'/') || !peer.contains(&b'/') {
        return None;
    }
    // Refused, or answered from the cache: nothing went to the destination.
    if code.starts_with(b"TCP_DENIED") || peer.starts_with(b"HIER_NONE") || peer.starts_with(b"NONE/") {
        return Some(None);
    }
    if method != b"CONNECT" && memchr::memmem::find(url, b"://").is_none() {
        return Some(None);
    }
    let Some((name, port)) = target(url) else { return Some(None) };
    let at = memchr::memchr(b'/', peer).and_then(|at| address(&peer[at + 1..]));
    let direct = peer.starts_with(b"HIER_DIRECT") || peer.starts_with(b"DIRECT") || peer.starts_with(b"ORIGINAL");
    let mut seen = Seen {
        here,
        name,
        port,
        address: at.filter(|_| direct),
        into: Some(size),
        count: 1,
        first: Some(first),
        ..Seen::default()
    };
    Some(named(&mut seen).then_some(seen))
}

/// `client ident user [time] "request" status bytes …`. A request for another host was passed on: as with Squid, only what
/// came is known. A request for a path was answered here: then the client is the other side, and the bytes went out.
pub(crate) fn combined(line: &[u8]) -> Said<'_> {
    let (when, close) = time(line)?;
    let client = line.split(|b| *b == b' ').next()?;
    let rest = line.get(close + 1..)?.trim_ascii_start().strip_prefix(b"\"")?;
    let end = quote(rest)?;
    let (request, after) = (&rest[..end], rest.get(end + 1..)?);
    let mut numbers = after.split(|b| *b == b' ').filter(|w| !w.is_empty());
    number(numbers.next()?)?;
    let bytes = match numbers.next()? {
        b"-" => 0,
        text => number(text)?,
    };
    let mut words = request.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let forward = method == b"CONNECT" || memchr::memmem::find(url, b"://").is_some_and(|at| at < 8);
    let mut seen = Seen { count: 1, first: Some(when), ..Seen::default() };
    if forward {
        let (name, port) = target(url)?;
        seen = Seen { here: client, name, port, into: Some(bytes), ..seen };
    } else if let Some(at) = address(client) {
        seen = Seen { here: b"server", address: Some(at), served: true, out: Some(bytes), ..seen };
    } else {
        seen = Seen { here: b"server", name: client, served: true, out: Some(bytes), ..seen };
    }
    named(&mut seen).then_some(Some(seen))
}

/// The time in brackets, which follows the third field, and where it ends. A user may have a bracket, or a blank.
fn time(line: &[u8]) -> Option<(i64, usize)> {
    let third = memchr::memchr_iter(b' ', line).nth(2)?;
    memchr::memchr_iter(b'[', line.get(third..)?).find_map(|at| {
        let open = third + at;
        let close = open + memchr::memchr(b']', line.get(open..)?)?;
        let whole = line.get(open - 1) == Some(&b' ');
        logged(line.get(open + 1..close)?).filter(|_| whole).map(|when| (when, close))
    })
}

/// The quote that ends a text; one after a backslash, which is not itself after one, does not.
fn quote(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr(b'"', text.get(from..)?)?;
        let slashes = text.get(..at)?.iter().rev().take_while(|b| **b == b'\\').count();
        if slashes % 2 == 0 {
            return Some(at);
        }
        from = at + 1;
    }
}
