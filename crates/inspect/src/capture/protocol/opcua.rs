//! OPC UA over TCP (OPC 10000-6 §7, services of OPC 10000-4): with what security channels are opened, what servers offer,
//! who they say they are, whether somebody came in without a name.
//!
//! Messages in one chunk are read. Of a channel with encryption only the policy can be told: whether it signs or
//! encrypts shows at its first message, which begins with a known number or does not.

use super::Memory;
use crate::capture::bytes::{Cursor, rest, text};
use crate::capture::ledger::{EndpointKey, Label, Talk, What};

const OPCUA: Label = Label::control("opc-ua");
/// Most elements of an array that are read.
const ARRAY_MAX: u32 = 64;

/// Known types of messages.
pub(crate) fn is_type(kind: &[u8; 3]) -> bool {
    matches!(kind, b"HEL" | b"ACK" | b"ERR" | b"OPN" | b"MSG" | b"CLO" | b"RHE")
}

/// A whole chunk.
pub(crate) fn message(talk: &mut Talk<'_>, memory: &mut Memory, data: &[u8]) -> Option<()> {
    let kind: [u8; 3] = data.get(..3)?.try_into().ok()?;
    if !is_type(&kind) {
        return None;
    }
    talk.is(OPCUA);
    let body = rest(data, 8);
    match &kind {
        b"HEL" => {
            // Version and four limits, then the address that the client asks for.
            memory.url = Cursor::new(rest(body, 20)).bytes().flatten().and_then(text).map(|u| without_user(&u));
        }
        b"OPN" => open(talk, memory, body)?,
        b"MSG" if data.get(3) == Some(&b'F') => service(talk, memory, body)?,
        _ => {}
    }
    Some(())
}

/// An address keeps no name and password that somebody wrote into it.
fn without_user(url: &str) -> String {
    match (url.split_once("://"), url.split_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => url.to_owned(),
    }
}

impl<'a> Cursor<'a> {
    /// A string or byte string: `None` inside for the null one.
    fn bytes(&mut self) -> Option<Option<&'a [u8]>> {
        match self.le32()?.cast_signed() {
            n if n < 0 => Some(None),
            n => Some(Some(self.take(usize::try_from(n).ok()?)?)),
        }
    }
    fn string(&mut self) -> Option<Option<String>> {
        Some(self.bytes()?.and_then(text))
    }
    /// A node id; the number where it is numeric and of the namespace of OPC UA itself.
    fn node(&mut self) -> Option<Option<u32>> {
        Some(match self.byte()? & 0x3f {
            0 => Some(u32::from(self.byte()?)),
            1 => {
                let namespace = self.byte()?;
                let id = self.le16()?;
                (namespace == 0).then_some(u32::from(id))
            }
            2 => {
                let namespace = self.le16()?;
                let id = self.le32()?;
                (namespace == 0).then_some(id)
            }
            3 | 5 => {
                self.le16()?;
                self.bytes()?;
                None
            }
            4 => {
                self.take(18)?;
                None
            }
            _ => return None,
        })
    }
    /// An extension object: its type and what it holds.
    fn extension(&mut self) -> Option<(Option<u32>, &'a [u8])> {
        let kind = self.node()?;
        let body = if self.byte()? == 0 { &[][..] } else { self.bytes()?.unwrap_or_default() };
        Some((kind, body))
    }
    fn count(&mut self) -> Option<u32> {
        let n = self.le32()?;
        Some(if n == u32::MAX { 0 } else { n })
    }
    fn request_head(&mut self) -> Option<()> {
        self.node()?;
        self.take(16)?;
        self.bytes()?;
        self.take(4)?;
        self.extension().map(|_| ())
    }
    fn response_head(&mut self) -> Option<()> {
        self.take(16)?;
        // Diagnostics are asked for by few; with any, the answer is not read.
        if self.byte()? != 0 {
            return None;
        }
        for _ in 0..self.count()?.min(ARRAY_MAX) {
            self.bytes()?;
        }
        self.extension().map(|_| ())
    }
    /// Name, product and type of an application.
    fn application(&mut self) -> Option<Application> {
        self.bytes()?;
        let product = self.string()?;
        let name = self.localized()?;
        self.take(4)?;
        self.bytes()?;
        self.bytes()?;
        for _ in 0..self.count()?.min(ARRAY_MAX) {
            self.bytes()?;
        }
        Some(Application { name, product })
    }
    fn localized(&mut self) -> Option<Option<String>> {
        let mask = self.byte()?;
        if mask & 1 != 0 {
            self.bytes()?;
        }
        if mask & 2 != 0 { self.string() } else { Some(None) }
    }
}

struct Application {
    name: Option<String>,
    product: Option<String>,
}

fn policy(uri: Option<&[u8]>) -> String {
    let uri = uri.and_then(text).unwrap_or_default();
    uri.rsplit('#').next().filter(|p| !p.is_empty()).unwrap_or("unknown").to_owned()
}

/// A channel is opened. Without encryption the request says its mode.
fn open(talk: &mut Talk<'_>, memory: &mut Memory, body: &[u8]) -> Option<()> {
    let mut c = Cursor::new(rest(body, 4));
    let policy = policy(c.bytes()?);
    let is_none = policy == "None";
    memory.policy = Some(policy);
    memory.mode = is_none.then_some("none");
    if is_none {
        used(talk, memory, None);
    }
    Some(())
}

fn used(talk: &mut Talk<'_>, memory: &Memory, anonymous: Option<bool>) {
    let Some(policy) = memory.policy.clone() else { return };
    let key = EndpointKey { server: talk.server, policy, mode: memory.mode.unwrap_or("unknown"), used: true };
    talk.endpoint(key, memory.url.clone(), anonymous);
}

/// Numbers of the services that are known, to tell a readable message from an encrypted one.
fn is_service(id: u32) -> bool {
    (389..=900).contains(&id)
}

fn service(talk: &mut Talk<'_>, memory: &mut Memory, body: &[u8]) -> Option<()> {
    // Channel, token, sequence, request.
    let mut c = Cursor::new(rest(body, 16));
    let id = c.clone().node().flatten().filter(|id| is_service(*id));
    if memory.policy.as_deref().is_some_and(|p| p != "None") && memory.mode.is_none() {
        memory.mode = Some(if id.is_some() { "sign" } else { "sign-and-encrypt" });
        used(talk, memory, None);
    }
    let Some(id) = id else {
        talk.encrypted();
        return Some(());
    };
    c.node()?;
    // A message whose end is not understood is one of OPC UA all the same.
    let _ = match (talk.asked, id) {
        (false, 431) => endpoints(talk, &mut c),
        (false, 464) => session(talk, &mut c),
        (true, 461) => client(talk, &mut c),
        (true, 467) => activation(talk, memory, &mut c),
        (true, 673 | 700 | 488 | 500) => {
            talk.command(OPCUA, What::Write);
            Some(())
        }
        (true, 712) => {
            talk.command(OPCUA, What::Operate);
            Some(())
        }
        _ => Some(()),
    };
    Some(())
}

fn endpoints(talk: &mut Talk<'_>, c: &mut Cursor<'_>) -> Option<()> {
    c.response_head()?;
    descriptions(talk, c)
}

/// The answer to a new session repeats what the server offers.
fn session(talk: &mut Talk<'_>, c: &mut Cursor<'_>) -> Option<()> {
    c.response_head()?;
    c.node()?;
    c.node()?;
    c.take(8)?;
    c.bytes()?;
    c.bytes()?;
    descriptions(talk, c)
}

fn descriptions(talk: &mut Talk<'_>, c: &mut Cursor<'_>) -> Option<()> {
    for _ in 0..c.count()?.min(ARRAY_MAX) {
        let url = c.string()?.map(|u| without_user(&u));
        let application = c.application()?;
        c.bytes()?;
        let mode = match c.le32()? {
            1 => "none",
            2 => "sign",
            3 => "sign-and-encrypt",
            _ => "unknown",
        };
        let policy = policy(c.bytes()?);
        let mut anonymous = false;
        for _ in 0..c.count()?.min(ARRAY_MAX) {
            c.bytes()?;
            anonymous |= c.le32()? == 0;
            c.bytes()?;
            c.bytes()?;
            c.bytes()?;
        }
        c.bytes()?;
        c.byte()?;
        let key = EndpointKey { server: talk.server, policy, mode, used: false };
        talk.endpoint(key, url, Some(anonymous));
        talk.server(|d| {
            d.name = application.name.or(d.name.take());
            d.model = application.product.or(d.model.take());
        });
    }
    Some(())
}

fn client(talk: &mut Talk<'_>, c: &mut Cursor<'_>) -> Option<()> {
    c.request_head()?;
    let application = c.application()?;
    talk.client(|d| {
        d.name = application.name.or(d.name.take());
        d.model = application.product.or(d.model.take());
    });
    Some(())
}

/// Who comes in: by the type of the token alone; a name or password in it is not read.
fn activation(talk: &mut Talk<'_>, memory: &Memory, c: &mut Cursor<'_>) -> Option<()> {
    c.request_head()?;
    c.bytes()?;
    c.bytes()?;
    for _ in 0..c.count()?.min(ARRAY_MAX) {
        c.bytes()?;
        c.bytes()?;
    }
    for _ in 0..c.count()?.min(ARRAY_MAX) {
        c.bytes()?;
    }
    // No token at all stands for an anonymous one.
    let (kind, _) = c.extension()?;
    used(talk, memory, Some(matches!(kind, Some(321 | 0))));
    Some(())
}
