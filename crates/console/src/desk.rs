//! What stands behind the face.

/// Takes what came and answers. All of it may be called from several threads at once, [`Desk::packages`] from one only.
pub trait Desk: Send + Sync + 'static {
    /// The answer to a request to enrol; a refusal is an answer. Empty if there is none to give: the other side is told to come later.
    fn enrolment(&self, body: Vec<u8>) -> Vec<u8>;
    /// One answer a package, in order, and every one of them durable. `Err` only if nothing durable could be done: all of them are told to
    /// come later; the text is for the operator and never goes over the line.
    fn packages(&self, bodies: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, String>;
    /// The newest signed checkpoint as text; `Err` as for packages.
    fn checkpoint(&self) -> Result<String, String>;
}
