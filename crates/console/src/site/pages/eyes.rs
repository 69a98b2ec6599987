//! Whose eyes look at enterprises: the one place where an account's scope becomes a scope of what is read.

use crate::site::ask::Ask;
use crate::site::fault::Fault;
use evidence::{NodeRole, Part, SUPERVISORS};
use node::Scope;

/// What somebody looks at: all of it, or one part of his scope.
pub(crate) struct Eyes {
    pub(crate) scope: Scope,
    /// The part that was chosen; empty: all.
    pub(crate) within: String,
    /// Parts that there are to choose from; empty if all is open.
    pub(crate) parts: Vec<String>,
}

/// An area as a part that sees it and nothing else.
fn area(code: &str) -> Scope {
    let role = if SUPERVISORS.contains(&code) { NodeRole::Province } else { NodeRole::City };
    Scope::Part(Part { role, name: String::new(), area: code.to_owned(), uscc: String::new() })
}

fn enterprise(code: &str) -> Scope {
    Scope::Part(Part { role: NodeRole::Plant, name: String::new(), area: String::new(), uscc: code.to_owned() })
}

/// Of a list: with several parts in a scope one is looked at at a time, the first if none is named.
pub(crate) fn eyes(ask: &Ask<'_>) -> Result<Eyes, Fault> {
    let scope = &ask.who()?.scope;
    if scope.is_all() {
        return Ok(Eyes { scope: Scope::Node, within: String::new(), parts: Vec::new() });
    }
    let parts: Vec<String> = scope.areas.iter().chain(&scope.enterprises).cloned().collect();
    let asked = ask.wanted("within");
    let within = match parts.iter().find(|p| asked.is_empty() || p.as_str() == asked) {
        Some(p) => p.clone(),
        None => return Err(Fault::none()),
    };
    let scope = if scope.areas.contains(&within) { area(&within) } else { enterprise(&within) };
    Ok(Eyes { scope, within, parts })
}

/// The scopes in which one enterprise may be looked for.
pub(crate) fn all(ask: &Ask<'_>) -> Result<Vec<Scope>, Fault> {
    let scope = &ask.who()?.scope;
    if scope.is_all() {
        return Ok(vec![Scope::Node]);
    }
    let areas = scope.areas.iter().map(|a| area(a));
    Ok(areas.chain(scope.enterprises.iter().map(|e| enterprise(e))).collect())
}
