//! Syslog (RFC 5424) over UDP, TCP (octet counting, RFC 6587 §3.4.1) or the socket of this machine. The host name is left
//! out on purpose: nothing goes out but number, colour, deadline.

use super::wire::{Timed, why};
use super::{Job, Outcome, Until};
use crate::notify::config::{Syslog, SyslogTo};
use crate::notify::message::{Colour, Worded};
use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// How long a receiver has to break the connection off, after which what was written counts as taken.
const RESET_WAIT: Duration = Duration::from_millis(500);

pub(super) fn send(s: &Syslog, job: &Job, until: Until) -> Outcome {
    let line = line(s.facility, job);
    let sent = match &s.to {
        SyslogTo::Udp(host, port) => udp(host, *port, &line).map(|()| "udp sent, unconfirmed"),
        SyslogTo::Tcp(host, port) => tcp(host, *port, &line, until).map(|()| "tcp written"),
        SyslogTo::Unix(path) => UnixDatagram::unbound()
            .and_then(|socket| {
                socket.set_write_timeout(until.left())?;
                socket.send_to(&line, path)
            })
            .map(|_| "unix written"),
    };
    match sent {
        Ok(proof) => Outcome::Delivered(proof.to_owned()),
        Err(e) if matches!(s.to, SyslogTo::Unix(_)) && e.kind() == ErrorKind::NotFound => {
            Outcome::Refused("no such socket".to_owned())
        }
        Err(e) => Outcome::Again(why(&e).to_owned()),
    }
}

fn line(facility: u8, job: &Job) -> Vec<u8> {
    let m: &Worded = &job.worded;
    let severity = match m.colour {
        Some(Colour::Red) => 1,
        Some(Colour::Orange) => 2,
        Some(Colour::Yellow) | None => 4,
        Some(Colour::Blue) => 5,
    };
    let quoted = |v: &str| v.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]");
    let mut data = format!("number=\"{}\"", quoted(&m.number));
    for (name, value) in
        [("notice", m.notice.as_str()), ("colour", m.colour()), ("numeral", &m.numeral), ("deadline", &m.deadline)]
    {
        if !value.is_empty() {
            data += &format!(" {name}=\"{}\"", quoted(value));
        }
    }
    if m.drill || m.test {
        data += if m.drill { " drill=\"true\"" } else { " test=\"true\"" };
    }
    let priority = u32::from(facility) * 8 + severity;
    let at = job.now;
    format!("<{priority}>1 {at} - watchfire - notice [watchfire@32473 {data}] \u{feff}{}", m.text).into_bytes()
}

fn udp(host: &str, port: u16, line: &[u8]) -> Result<(), Error> {
    use std::net::ToSocketAddrs as _;
    let address = (host, port).to_socket_addrs()?.next().ok_or(ErrorKind::NotFound)?;
    let from = if address.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" };
    UdpSocket::bind(from)?.send_to(line, address).map(drop)
}

fn tcp(host: &str, port: u16, line: &[u8], until: Until) -> Result<(), Error> {
    let mut stream = Timed::connect(host, port, until)?;
    let mut frame = format!("{} ", line.len()).into_bytes();
    frame.extend_from_slice(line);
    stream.write_all(&frame)?;
    stream.flush()?;
    stream.end_of_sending()?;
    // Syslog never answers. A receiver that does not want it resets the connection; that is all that can be told.
    let mut wait = stream.waiting(RESET_WAIT);
    match wait.read(&mut [0; 1]) {
        Err(e) if e.kind() != ErrorKind::TimedOut => Err(e),
        _ => Ok(()),
    }
}
