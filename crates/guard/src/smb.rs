//! Samba's sessions: which smbd child serves which user from which address, by `smbstatus` if it is there.
//!
//! Asked by a thread of its own, because `smbstatus` takes tens of milliseconds and opens files; a session that is not known yet
//! is an actor by its process alone until the next answer.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Most of its answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// What is known of the sessions.
#[derive(Debug, Default)]
pub struct Sessions {
    by_pid: Mutex<HashMap<i32, (String, String)>>,
}
impl Sessions {
    /// User and address of an smbd child.
    #[must_use]
    pub fn peer(&self, pid: i32) -> Option<(String, String)> {
        self.by_pid.lock().unwrap_or_else(PoisonError::into_inner).get(&pid).cloned()
    }
    /// Asks `smbstatus` anew. False if it is not there or did not answer.
    pub fn refresh(&self) -> bool {
        let asked = Command::new("smbstatus").args(["--json", "--processes"]).stderr(Stdio::null()).output();
        let Ok(answer) = asked else { return false };
        let Some(found) = answer.stdout.get(..answer.stdout.len().min(ANSWER_BYTES_MAX)).and_then(sessions) else {
            return false;
        };
        *self.by_pid.lock().unwrap_or_else(PoisonError::into_inner) = found;
        true
    }
}

/// The sessions in the JSON of `smbstatus --json --processes` (Samba 4.17).
fn sessions(json: &[u8]) -> Option<HashMap<i32, (String, String)>> {
    let all: serde_json::Value = serde_json::from_slice(json).ok()?;
    let mut out = HashMap::new();
    for one in all.get("sessions")?.as_object()?.values() {
        let text = |key: &str| one.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let pid = one.get("server_id").and_then(|s| s.get("pid"));
        let pid = pid.and_then(|p| p.as_str().and_then(|t| t.parse().ok()).or_else(|| p.as_i64()?.try_into().ok()));
        if let Some(pid) = pid {
            out.insert(pid, (text("username"), text("remote_machine")));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_by_its_process() {
        let json = br#"{"sessions": {"1": {"server_id": {"pid": "4746", "task_id": "0"}, "username": "wang", "remote_machine": "10.0.0.7"}}}"#;
        assert_eq!(sessions(json).and_then(|s| s.get(&4746).cloned()), Some(("wang".into(), "10.0.0.7".into())));
        assert_eq!(sessions(b"[]"), None);
        assert_eq!(sessions(b"{"), None);
    }
}
