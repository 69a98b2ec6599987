//! A connection on which every read and write ends with the attempt's time.

use super::Until;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{TcpStream, ToSocketAddrs as _};

/// A TCP connection with an end.
pub(super) struct Timed {
    stream: TcpStream,
    until: Until,
}

fn over() -> Error {
    Error::from(ErrorKind::TimedOut)
}

impl Timed {
    /// Connects to the first address of the host that answers.
    pub(super) fn connect(host: &str, port: u16, until: Until) -> Result<Self> {
        let mut last = Error::from(ErrorKind::NotFound);
        for address in (host, port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, until.left().ok_or_else(over)?) {
                Ok(stream) => return Ok(Self { stream, until }),
                Err(e) => last = e,
            }
        }
        Err(last)
    }
    /// No more is sent.
    pub(super) fn end_of_sending(&self) -> Result<()> {
        self.stream.shutdown(std::net::Shutdown::Write)
    }
    /// The same connection, with at most so much more time.
    pub(super) fn waiting(self, time: std::time::Duration) -> Self {
        let left = self.until.left().unwrap_or_default();
        Self { stream: self.stream, until: Until::after(left.min(time)) }
    }
    fn arm(&self) -> Result<()> {
        let left = Some(self.until.left().ok_or_else(over)?);
        self.stream.set_read_timeout(left)?;
        self.stream.set_write_timeout(left)
    }
}
impl Read for Timed {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        self.arm()?;
        // The system says `WouldBlock` for a time that is over.
        self.stream.read(buf).map_err(|e| if e.kind() == ErrorKind::WouldBlock { over() } else { e })
    }
}
impl Write for Timed {
    fn write(&mut self, buf: &[u8]) -> Result<usize> {
        self.arm()?;
        self.stream.write(buf).map_err(|e| if e.kind() == ErrorKind::WouldBlock { over() } else { e })
    }
    fn flush(&mut self) -> Result<()> {
        self.stream.flush()
    }
}

/// A failure of the system as a proof: its kind, never its text, which may hold an address.
pub(super) fn why(e: &Error) -> &'static str {
    match e.kind() {
        ErrorKind::TimedOut => "time limit",
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => "connection reset",
        ErrorKind::UnexpectedEof => "connection closed",
        ErrorKind::NotFound => "not found",
        ErrorKind::PermissionDenied => "denied",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "unreachable",
        _ => "no connection",
    }
}
