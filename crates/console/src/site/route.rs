//! The routes as one table: from it come the router, the checks of what is sent, the OpenAPI document and the matrix test of who may do what.
//!
//! A path of the console is, behind `/api/v1`, a path of the API too: the same handler, asked for the other face.

use super::answer::Answer;
use super::ask::Ask;
use super::fault::Fault;
use node::accounts::Act;

/// How something is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Reads; may be asked again.
    Get,
    /// Changes something.
    Post,
}
impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// Everybody: what is there before somebody is known, and what is public by law.
    Everybody,
    /// Whoever is in a session; about himself alone.
    Session,
    /// Whoever may do this.
    May(Act),
}

/// On which face a route is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Faces {
    /// Console and API.
    Both,
    /// Console only: what makes no sense without a browser.
    Console,
    /// API only.
    Api,
}

/// What a field takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// One line of at most so many characters, without control characters.
    Line(usize),
    /// Several lines of at most so many characters altogether.
    Text(usize),
    /// A password: kept as typed, never shown, never logged.
    Secret,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Any number of these.
    SomeOf(&'static [&'static str]),
    /// Lines, each one value; at most so many.
    Lines(usize),
    /// A whole number within bounds.
    Whole(i64, i64),
    /// A date, `2026-12-31`.
    Date,
    /// Yes if it is there.
    Yes,
}

/// A field of a query or a body.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// True: cannot be left out.
    pub needed: bool,
}

/// A field that cannot be left out.
pub(crate) const fn needed(name: &'static str, takes: Takes) -> Field {
    Field { name, takes, needed: true }
}
/// A field that can.
pub(crate) const fn may_be(name: &'static str, takes: Takes) -> Field {
    Field { name, takes, needed: false }
}

/// What answers.
pub(crate) type Handler = fn(&Ask<'_>) -> Result<Answer, Fault>;

/// What most routes give.
const JSON: &[&str] = &["application/json"];

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// How.
    pub method: Method,
    /// Where; `{name}` takes one part of a path.
    pub path: &'static str,
    /// Who.
    pub gate: Gate,
    /// On which faces.
    pub faces: Faces,
    /// True: who read it is written down. What changes something is written down always.
    pub noted: bool,
    /// Fields of its query.
    pub query: &'static [Field],
    /// Fields of its body.
    pub body: &'static [Field],
    /// Media types of what the API answers with where all went well; files of the console are of these too.
    pub gives: &'static [&'static str],
    pub(crate) handler: Handler,
}
impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.name(), self.path)
    }
}

/// A page that is read.
pub(crate) const fn get(path: &'static str, gate: Gate, handler: Handler) -> Route {
    Route {
        method: Method::Get,
        path,
        gate,
        faces: Faces::Both,
        noted: false,
        query: &[],
        body: &[],
        gives: JSON,
        handler,
    }
}
/// Something that is done.
pub(crate) const fn post(path: &'static str, gate: Gate, body: &'static [Field], handler: Handler) -> Route {
    Route { method: Method::Post, path, gate, faces: Faces::Both, noted: true, query: &[], body, gives: JSON, handler }
}
impl Route {
    pub(crate) const fn query(mut self, query: &'static [Field]) -> Self {
        self.query = query;
        self
    }
    pub(crate) const fn gives(mut self, gives: &'static [&'static str]) -> Self {
        self.gives = gives;
        self
    }
    /// True if the document says that an answer of this type may come.
    pub(crate) fn may_give(&self, kind: &str) -> bool {
        self.gives.contains(&kind.split(';').next().unwrap_or_default())
    }
    pub(crate) const fn noted(mut self) -> Self {
        self.noted = true;
        self
    }
    pub(crate) const fn on(mut self, faces: Faces) -> Self {
        self.faces = faces;
        self
    }

    /// The parts of `path` that its holes take; `None` if it is another path.
    pub(crate) fn fits<'p>(&self, path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
        let (mut own, mut given) = (self.path.split('/'), path.split('/'));
        let mut taken = Vec::new();
        loop {
            match (own.next(), given.next()) {
                (None, None) => return Some(taken),
                (Some(o), Some(g)) => match o.strip_prefix('{').and_then(|o| o.strip_suffix('}')) {
                    Some(hole) if !g.is_empty() => taken.push((hole, g)),
                    None if o == g => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }
}

/// All routes, in the order of the pages.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    super::pages::ROUTES.iter().flat_map(|r| r.iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_path_fits_one_route_alone() {
        let mut seen = BTreeSet::new();
        for route in all() {
            let shape: Vec<_> = route.path.split('/').map(|p| if p.starts_with('{') { "{}" } else { p }).collect();
            assert!(seen.insert((route.method.name(), shape.join("/"))), "{route:?} is there twice");
            assert!(route.path.starts_with('/') && (route.path == "/" || !route.path.ends_with('/')), "{route:?}");
        }
    }

    #[test]
    fn what_changes_something_has_an_act_that_does_and_what_reads_one_that_reads() {
        for route in all() {
            if let Gate::May(act) = route.gate {
                assert!(route.method == Method::Post || act.reads(), "{route:?} reads under an act that changes");
                assert!(route.method == Method::Get || !act.reads(), "{route:?} changes under an act that reads");
            }
        }
    }

    #[test]
    fn holes_take_one_part() {
        let route = get("/a/{one}/b", Gate::Everybody, |_| unreachable!());
        assert_eq!(route.fits("/a/x/b"), Some(vec![("one", "x")]));
        for other in ["/a//b", "/a/x/y/b", "/a/x", "/a/x/b/", "a/x/b"] {
            assert_eq!(route.fits(other), None, "{other}");
        }
    }
}
