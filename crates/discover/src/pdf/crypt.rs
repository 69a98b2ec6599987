//! The standard security handler (ISO 32000-2, 7.6) with an empty password, the user's or the owner's.
//!
//! Many documents are encrypted only to forbid printing or copying, and open for everybody. With a password, or with
//! another handler, a document is a gap (`Encrypted`): no passwords are asked for or tried.

use super::object::{Dict, Id, Object};
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit, array::ArraySize};
use aes::{Aes128, Aes256};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};
use std::io::{self, Read};

/// What an empty password is padded with (7.6.4.3.2, algorithm 2, step a).
const PAD: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00,
    0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];
const BLOCK: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Identity,
    Rc4,
    Aes128,
    Aes256,
}

/// The key of a document, and what it is used for.
pub(super) struct Crypt {
    key: Vec<u8>,
    pub(super) strings: Method,
    pub(super) streams: Method,
    pub(super) files: Method,
    pub(super) metadata: bool,
}

impl Crypt {
    /// The handler of `encrypt` (every value in it resolved), if the empty password opens it.
    pub(super) fn open(encrypt: &Dict, first_id: &[u8]) -> Option<Self> {
        if !encrypt.is(b"Filter", b"Standard") {
            return None;
        }
        let version = encrypt.get(b"V").int()?;
        let revision = encrypt.get(b"R").int()?;
        let metadata = !matches!(encrypt.get(b"EncryptMetadata"), Object::Bool(false));
        let method = |key: &[u8]| match version {
            1 | 2 => Some(Method::Rc4),
            4 | 5 => named_method(encrypt, encrypt.get(key).name().unwrap_or(b"Identity")),
            _ => None,
        };
        let (strings, streams) = (method(b"StrF")?, method(b"StmF")?);
        let files = if encrypt.has(b"EFF") { method(b"EFF")? } else { streams };
        let key = if version == 5 {
            key_256(encrypt, revision)?
        } else {
            let bits = if version == 1 {
                40
            } else {
                encrypt.get(b"Length").int().unwrap_or(if version == 4 { 128 } else { 40 })
            };
            // Some writers count bytes.
            let bytes = if (5..=16).contains(&bits) { bits } else { bits / 8 };
            let bytes = usize::try_from(bytes).ok().filter(|n| (5..=16).contains(n))?;
            let bytes = if version == 4 { BLOCK } else { bytes };
            key_128(encrypt, revision, bytes, metadata, first_id)?
        };
        Some(Self { key, strings, streams, files, metadata })
    }

    /// The key of one object (algorithm 1).
    fn object_key(&self, id: Id, method: Method) -> Vec<u8> {
        if method == Method::Aes256 {
            return self.key.clone();
        }
        let mut md5 = Md5::new();
        md5.update(&self.key);
        md5.update(&id.number.to_le_bytes()[..3]);
        md5.update(&id.generation.to_le_bytes()[..2]);
        if method == Method::Aes128 {
            md5.update(b"sAlT");
        }
        let mut key = md5.finalize().to_vec();
        key.truncate((self.key.len() + 5).min(BLOCK));
        key
    }
    /// A stream's bytes as they were before encryption.
    pub(super) fn stream<'a>(&self, src: Box<dyn Read + 'a>, id: Id, method: Method) -> Box<dyn Read + 'a> {
        let key = self.object_key(id, method);
        match method {
            Method::Identity => src,
            Method::Rc4 => Box::new(Rc4Read { src, rc4: Rc4::new(&key) }),
            Method::Aes128 | Method::Aes256 => match Aes::new(&key) {
                Some(aes) => Box::new(AesRead { src, aes, last: None, held: Vec::new(), at: 0, ended: false }),
                None => Box::new(io::empty()),
            },
        }
    }
    /// Decrypts every string inside `object`.
    pub(super) fn decrypt(&self, object: &mut Object, id: Id) {
        match object {
            Object::Text(text) if self.strings != Method::Identity => {
                let mut out = Vec::new();
                let packed = std::mem::take(text);
                // What cannot be decrypted is cut where it goes wrong.
                let _ = self.stream(Box::new(packed.as_slice()), id, self.strings).read_to_end(&mut out);
                *text = out;
            }
            Object::Array(items) => items.iter_mut().for_each(|o| self.decrypt(o, id)),
            Object::Dict(dict) => dict.values_mut().for_each(|o| self.decrypt(o, id)),
            Object::Stream(stream) => stream.dict.values_mut().for_each(|o| self.decrypt(o, id)),
            _ => {}
        }
    }
}

/// The method of a crypt filter (7.6.6).
fn named_method(encrypt: &Dict, name: &[u8]) -> Option<Method> {
    if name == b"Identity" {
        return Some(Method::Identity);
    }
    let filter = encrypt.get(b"CF").dict()?.get(name).dict()?;
    match filter.get(b"CFM").name()? {
        b"V2" => Some(Method::Rc4),
        b"AESV2" => Some(Method::Aes128),
        b"AESV3" => Some(Method::Aes256),
        b"None" => Some(Method::Identity),
        _ => None,
    }
}
fn first<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.first_chunk().copied()
}

/// The key up to revision 4 (algorithms 2 to 7), if an empty password yields what stands in the document.
fn key_128(encrypt: &Dict, revision: i64, bytes: usize, metadata: bool, first_id: &[u8]) -> Option<Vec<u8>> {
    let owner: [u8; 32] = first(encrypt.get(b"O").text()?)?;
    // The owner's entry holds the user's password, under the owner's.
    let mut user = owner;
    let key = derived(Md5::digest(PAD), if revision == 2 { 5 } else { bytes }, revision);
    for i in (0..if revision == 2 { 1 } else { 20 }).rev() {
        Rc4::new(&turned(&key, i)).apply(&mut user);
    }
    let permissions = encrypt.get(b"P").int()?.to_le_bytes();
    let entry = encrypt.get(b"U").text()?;
    [PAD, user].into_iter().find_map(|password| {
        let mut md5 = Md5::new();
        md5.update(password);
        md5.update(owner);
        // Of the number the low 32 bits, whether it was written with a sign or without.
        md5.update(&permissions[..4]);
        md5.update(first_id);
        if revision >= 4 && !metadata {
            md5.update([0xFF; 4]);
        }
        let key = derived(md5.finalize(), bytes, revision);
        opens(&key, revision, first_id, entry).then_some(key)
    })
}
fn derived(digest: impl AsRef<[u8]>, bytes: usize, revision: i64) -> Vec<u8> {
    let mut key = digest.as_ref().to_vec();
    key.truncate(bytes);
    for _ in 0..if revision >= 3 { 50 } else { 0 } {
        key = Md5::digest(&key).to_vec();
        key.truncate(bytes);
    }
    key
}
fn turned(key: &[u8], by: u8) -> Vec<u8> {
    key.iter().map(|b| b ^ by).collect()
}
/// True if `key` makes of what everybody knows what stands in the document.
fn opens(key: &[u8], revision: i64, first_id: &[u8], entry: &[u8]) -> bool {
    if revision == 2 {
        let mut check = PAD;
        Rc4::new(key).apply(&mut check);
        return entry.starts_with(&check);
    }
    let mut md5 = Md5::new();
    md5.update(PAD);
    md5.update(first_id);
    let mut check = md5.finalize().to_vec();
    for i in 0..20 {
        Rc4::new(&turned(key, i)).apply(&mut check);
    }
    entry.starts_with(&check)
}

/// The key of revisions 5 and 6 (algorithms 2.A, 11 and 12).
fn key_256(encrypt: &Dict, revision: i64) -> Option<Vec<u8>> {
    let user: [u8; 48] = first(encrypt.get(b"U").text()?)?;
    let hash = |salt: &[u8], user: &[u8]| match revision {
        5 => Some(Sha256::digest([salt, user].concat()).to_vec()),
        6 => hash_2b(salt, user),
        _ => None,
    };
    for (entry, packed, with) in [(b"U", b"UE", &[][..]), (b"O", b"OE", &user)] {
        let entry: [u8; 48] = first(encrypt.get(entry).text()?)?;
        let packed: [u8; 32] = first(encrypt.get(packed).text()?)?;
        let (check, salts) = entry.split_at(32);
        let (validation, key_salt) = salts.split_at(8);
        if hash(validation, with)? != check {
            continue;
        }
        let aes = Aes::new(&hash(key_salt, with)?)?;
        let mut last = [0; BLOCK];
        let blocks = packed.as_chunks::<BLOCK>().0.iter();
        return Some(blocks.flat_map(|block| aes.decrypt(*block, &mut last)).collect());
    }
    None
}
/// Algorithm 2.B with an empty password; for the owner's the user's entry goes into it.
fn hash_2b(salt: &[u8], user: &[u8]) -> Option<Vec<u8>> {
    let mut k = Sha256::digest([salt, user].concat()).to_vec();
    for round in 0.. {
        let mut e = [&k, user].concat().repeat(64);
        let aes = Aes128::new_from_slice(k.get(..16)?).ok()?;
        let mut last: [u8; BLOCK] = first(k.get(16..)?)?;
        for block in e.as_chunks_mut::<BLOCK>().0 {
            let mut sum = Array::from(last);
            for (s, b) in sum.iter_mut().zip(*block) {
                *s ^= b;
            }
            aes.encrypt_block(&mut sum);
            last = sum.into();
            *block = last;
        }
        // 256 is 1 modulo 3: the number is what its digits add up to.
        k = match e.get(..16)?.iter().map(|b| u32::from(*b)).sum::<u32>() % 3 {
            0 => Sha256::digest(&e).to_vec(),
            1 => Sha384::digest(&e).to_vec(),
            _ => Sha512::digest(&e).to_vec(),
        };
        if round >= 63 && i32::from(*e.last()?) <= round - 31 {
            break;
        }
    }
    k.truncate(32);
    Some(k)
}

/// RC4, which no library of ours has any more.
struct Rc4 {
    state: [u8; 256],
    i: u8,
    j: u8,
}
impl Rc4 {
    fn new(key: &[u8]) -> Self {
        let mut state = [0; 256];
        for (i, s) in (0..=255).zip(&mut state) {
            *s = i;
        }
        let mut j = 0u8;
        for (i, k) in (0..256).zip(key.iter().cycle()) {
            j = j.wrapping_add(state[i]).wrapping_add(*k);
            state.swap(i, usize::from(j));
        }
        Self { state, i: 0, j: 0 }
    }
    fn apply(&mut self, bytes: &mut [u8]) {
        for b in bytes {
            self.i = self.i.wrapping_add(1);
            self.j = self.j.wrapping_add(self.state[usize::from(self.i)]);
            self.state.swap(usize::from(self.i), usize::from(self.j));
            let sum = self.state[usize::from(self.i)].wrapping_add(self.state[usize::from(self.j)]);
            *b ^= self.state[usize::from(sum)];
        }
    }
}
struct Rc4Read<'a> {
    src: Box<dyn Read + 'a>,
    rc4: Rc4,
}
impl Read for Rc4Read<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.src.read(buf)?;
        self.rc4.apply(&mut buf[..n]);
        Ok(n)
    }
}

enum Aes {
    Short(Aes128),
    Long(Aes256),
}
impl Aes {
    fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(Self::Short),
            32 => Aes256::new_from_slice(key).ok().map(Self::Long),
            _ => None,
        }
    }
    /// One block in CBC; `last` is the encrypted one before it.
    fn decrypt(&self, block: [u8; BLOCK], last: &mut [u8; BLOCK]) -> [u8; BLOCK] {
        fn one<C: BlockCipherDecrypt>(cipher: &C, block: [u8; BLOCK]) -> [u8; BLOCK]
        where
            C::BlockSize: ArraySize<ArrayType<u8> = [u8; BLOCK]>,
        {
            let mut array = Array::from(block);
            cipher.decrypt_block(&mut array);
            array.into()
        }
        let mut out = match self {
            Self::Short(c) => one(c, block),
            Self::Long(c) => one(c, block),
        };
        for (o, l) in out.iter_mut().zip(*last) {
            *o ^= l;
        }
        *last = block;
        out
    }
}
/// CBC with the first block as its beginning and padding at its end (7.6.3.1).
struct AesRead<'a> {
    src: Box<dyn Read + 'a>,
    aes: Aes,
    last: Option<[u8; BLOCK]>,
    /// Decrypted bytes; the last block waits until it is known whether it is the last of all.
    held: Vec<u8>,
    at: usize,
    ended: bool,
}
impl AesRead<'_> {
    fn more(&mut self) -> io::Result<()> {
        const PIECE: usize = 256 * BLOCK;
        self.held.drain(..self.at);
        self.at = 0;
        let (mut piece, mut filled) = ([0; PIECE], 0);
        self.ended = crate::text::fill(&mut self.src, &mut piece, &mut filled)?;
        for block in piece[..filled].chunks_exact(BLOCK) {
            let Some(block) = first(block) else { break };
            match &mut self.last {
                None => self.last = Some(block),
                Some(last) => self.held.extend(self.aes.decrypt(block, last)),
            }
        }
        if self.ended {
            let padding = self.held.last().map_or(0, |b| usize::from(*b));
            if (1..=BLOCK).contains(&padding) {
                self.held.truncate(self.held.len().saturating_sub(padding));
            }
        }
        Ok(())
    }
    fn ready(&self) -> usize {
        let kept = if self.ended { 0 } else { BLOCK };
        self.held.len().saturating_sub(self.at + kept)
    }
}
impl Read for AesRead<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.ready() == 0 && !self.ended {
            self.more()?;
        }
        let n = self.ready().min(buf.len());
        let from = self.held.get(self.at..self.at + n).unwrap_or_default();
        buf[..n].copy_from_slice(from);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rc4_is_rc4() {
        // RFC 6229 has no text; this pair is the one everybody quotes.
        let mut text = *b"Plaintext";
        Rc4::new(b"Key").apply(&mut text);
        assert_eq!(text, [0xBB, 0xF3, 0x16, 0xE8, 0xD9, 0x40, 0xAF, 0x0A, 0xD3]);
    }
}
