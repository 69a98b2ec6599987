//! A bad line: a TCP proxy that cuts connections in the middle and dawdles. Bytes that arrive are right and in order, as TCP has it; what is
//! lost is the rest. One seed says for each connection, by its number, whether it is cut, after how many bytes, and on which way.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How bad a line is.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    /// Replays a run.
    pub seed: u64,
    /// Connections of a thousand that are cut.
    pub cut_per_mille: u64,
    /// A cut comes after fewer than so many bytes of its way.
    pub cut_bytes_max: u64,
    /// A piece is held back for less than so many milliseconds.
    pub delay_millis_max: u64,
}

/// A proxy in front of a server; it ends when it is dropped.
pub struct Lossy {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    seen: Arc<AtomicU64>,
    cut: Arc<AtomicU64>,
}

impl Lossy {
    /// Opens it on a free port of this machine.
    pub fn before(server: SocketAddr, trouble: Trouble) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (ended, seen, cut) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (over, counted, cuts) = (Arc::clone(&ended), Arc::clone(&seen), Arc::clone(&cut));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let fate = Fate::of(trouble, counted.fetch_add(1, Ordering::Relaxed));
                let Ok(onward) = TcpStream::connect(server) else { continue };
                join(stream, onward, fate, &cuts);
            }
        });
        Ok(Self { address, ended, seen, cut })
    }
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// Connections so far.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }
    /// Those of them that were cut.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut.load(Ordering::Relaxed)
    }
}
impl Drop for Lossy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

/// A way through the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    There,
    Back,
}

/// What is to become of a connection.
#[derive(Clone, Copy, Debug)]
struct Fate {
    cut: Option<(Way, u64)>,
    seed: u64,
    delay_millis_max: u64,
}
impl Fate {
    fn of(t: Trouble, number: u64) -> Self {
        let seed = mixed(t.seed ^ mixed(number));
        let way = if mixed(seed ^ 1).is_multiple_of(2) { Way::There } else { Way::Back };
        let cut = (mixed(seed ^ 2) % 1000 < t.cut_per_mille).then(|| (way, mixed(seed ^ 3) % t.cut_bytes_max.max(1)));
        Self { cut, seed, delay_millis_max: t.delay_millis_max }
    }
}

/// SplitMix64, a step of it.
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn join(client: TcpStream, server: TcpStream, fate: Fate, cuts: &Arc<AtomicU64>) {
    let Ok((client_too, server_too)) = client.try_clone().and_then(|c| Ok((c, server.try_clone()?))) else { return };
    let there = Arc::clone(cuts);
    std::thread::spawn(move || carry(client, server, Way::There, fate, &there));
    let back = Arc::clone(cuts);
    std::thread::spawn(move || carry(server_too, client_too, Way::Back, fate, &back));
}

/// Carries one way to its end, or to where it is cut.
fn carry(mut from: TcpStream, mut to: TcpStream, way: Way, fate: Fate, cuts: &AtomicU64) {
    let left = fate.cut.filter(|(w, _)| *w == way).map(|(_, bytes)| bytes);
    let (mut passed, mut piece) = (0_u64, [0; 4096]);
    loop {
        let Ok(n @ 1..) = from.read(&mut piece) else {
            let _ = to.shutdown(Shutdown::Write);
            return;
        };
        let wait = mixed(fate.seed ^ passed ^ (way as u64) << 62) % fate.delay_millis_max.max(1);
        std::thread::sleep(Duration::from_millis(wait));
        let may = left.map_or(n, |l| usize::try_from(l.saturating_sub(passed)).unwrap_or(n).min(n));
        if to.write_all(&piece[..may]).is_err() || may < n {
            if may < n {
                cuts.fetch_add(1, Ordering::Relaxed);
            }
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
            return;
        }
        passed += n as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_fate() {
        let t = Trouble { seed: 7, cut_per_mille: 500, cut_bytes_max: 100, delay_millis_max: 0 };
        let fates = |seed| (0..1000).map(move |n| Fate::of(Trouble { seed, ..t }, n).cut).collect::<Vec<_>>();
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
        // Half of a thousand, give or take five standard deviations of 15.8.
        let cut = fates(7).iter().flatten().count();
        assert!((420..=580).contains(&cut), "{cut}");
        assert!(fates(7).iter().flatten().all(|(_, bytes)| *bytes < 100));
    }
}
