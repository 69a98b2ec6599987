//! The kernel's socket tables.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a socket does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketState {
    /// Waits for connections, or for datagrams from anybody.
    Listening,
    /// Connected (TCP state 01).
    Connected,
    /// Anything else.
    Other,
}

/// A row of `/proc/net/{tcp,tcp6,udp,udp6}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Line.
    pub line: usize,
    /// Local address.
    pub address: IpAddr,
    /// Local port.
    pub port: u16,
    /// Address and port of the other end; zeros if there is none.
    pub peer: (IpAddr, u16),
    /// State.
    pub state: SocketState,
    /// Owner.
    pub uid: u32,
    /// Inode, which `/proc/<pid>/fd` names too; 0 if the kernel hides it.
    pub inode: u64,
}

/// Rows of a socket table. TCP listens in state 0A; UDP waits in state 07 without a peer.
#[must_use]
pub fn proc_net(text: &str) -> Vec<Socket> {
    text.lines()
        .enumerate()
        .skip(1)
        .filter_map(|(n, l)| {
            let f: Vec<&str> = l.split_whitespace().collect();
            let (address, port) = decode_address(f.get(1)?)?;
            let peer = decode_address(f.get(2)?)?;
            let state = match *f.get(3)? {
                "0A" => SocketState::Listening,
                "07" if peer.1 == 0 => SocketState::Listening,
                "01" => SocketState::Connected,
                _ => SocketState::Other,
            };
            let (uid, inode) = (f.get(7)?.parse().ok()?, f.get(9)?.parse().ok()?);
            Some(Socket { line: n + 1, address, port, peer, state, uid, inode })
        })
        .collect()
}

/// `0100007F:0016` is 127.0.0.1 port 22: words of four bytes, each in the machine's (little-endian) order.
#[must_use]
pub fn decode_address(text: &str) -> Option<(IpAddr, u16)> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let raw = data_encoding::HEXUPPER_PERMISSIVE.decode(host.as_bytes()).ok()?;
    let swapped: Vec<u8> = raw.chunks(4).flat_map(|w| w.iter().rev().copied()).collect();
    let address = match swapped.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(swapped).ok()?)),
        16 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(swapped).ok()?)),
        _ => return None,
    };
    Some((address, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_states() {
        assert_eq!(decode_address("0100007F:0016"), Some((IpAddr::V4(Ipv4Addr::LOCALHOST), 22)));
        assert_eq!(
            decode_address("00000000000000000000000001000000:1F90"),
            Some((IpAddr::V6(Ipv6Addr::LOCALHOST), 8080))
        );
        for bad in ["", ":", "zz:0", "0100007F", "01:1", "é:1"] {
            assert_eq!(decode_address(bad), None);
        }
        let t = "  sl  local_address rem_address   st\n   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1\n   1: 00000000:07E8 0100007F:9999 01 0:0 0:0 0 0 0 9 1\n";
        let s = proc_net(t);
        assert_eq!(
            (s.len(), s[0].port, s[0].inode, s[0].state, s[1].state),
            (2, 2024, 1234, SocketState::Listening, SocketState::Connected)
        );
    }
}
