//! Nodes: what this one is, who is above it and what is owed there, who is below it, and who is invited.

mod children;
mod parents;

use crate::site::ask::Ask;
use crate::site::route::{Field, Gate, Route, Takes, get, may_be, needed, post};
use evidence::{MemberStanding, Part};
use maud::{Markup, html};
use node::accounts::Act;

const ROLES: &[&str] = &["plant", "group", "city", "province"];
const STANDINGS: &[&str] = &["certified", "suspended", "lost", "revoked"];
const CHILD: &[Field] = &[
    needed("role", Takes::OneOf(ROLES)),
    needed("name", Takes::Line(200)),
    may_be("area", Takes::Line(12)),
    may_be("uscc", Takes::Line(18)),
    needed("days", Takes::Whole(1, 366)),
];

pub(crate) const ROUTES: &[Route] = &[
    get("/nodes", Gate::May(Act::SeeNodes), parents::overview),
    // What would leave is what records say: for those who read them.
    get("/nodes/preview", Gate::May(Act::SeeEvidence), parents::preview)
        .query(&[may_be("parent", Takes::Line(64))])
        .noted(),
    post("/nodes/submit", Gate::May(Act::Submit), &[may_be("parent", Takes::Line(64))], parents::submit),
    get("/nodes/receipts", Gate::May(Act::SeeNodes), parents::receipts)
        .query(&[may_be("after", Takes::Whole(1, i64::MAX))]),
    get("/nodes/receipts/download", Gate::May(Act::SeeNodes), parents::receipts_file),
    get("/nodes/members", Gate::May(Act::SeeNodes), children::members).query(&[
        may_be("standing", Takes::OneOf(STANDINGS)),
        may_be("area", Takes::Line(12)),
        may_be("after", Takes::Line(64)),
    ]),
    get("/nodes/members/{node}", Gate::May(Act::SeeNodes), children::member).noted(),
    post(
        "/nodes/members/{node}",
        Gate::May(Act::ManageNodes),
        &[needed("standing", Takes::OneOf(STANDINGS)), needed("reason", Takes::Line(500))],
        children::decide,
    ),
    get("/nodes/invitations", Gate::May(Act::SeeNodes), children::invitations)
        .query(&[may_be("after", Takes::Line(20))]),
    post("/nodes/invitations", Gate::May(Act::ManageNodes), CHILD, children::invite),
    post("/nodes/invitations/{id}/withdraw", Gate::May(Act::ManageNodes), &[], children::withdraw),
];

/// Digits of a node's id that are shown.
const SHORT: usize = 16;

fn short(node: &str) -> String {
    node.chars().take(SHORT).collect()
}

/// A node's part in a few words.
fn part(ask: &Ask<'_>, p: &Part) -> Markup {
    html! {
        strong { (p.name) } " · " (ask.word("node-role", p.role.name()))
        @if !p.area.is_empty() { " · " code { (p.area) } @if let Some(name) = report::words::find(ask.lang, &format!("supervisor.{}", p.area)) { " " (name) } }
        @if !p.uscc.is_empty() { " · " code { (p.uscc) } }
    }
}

/// Where else to look.
fn links(ask: &Ask<'_>) -> Markup {
    let above = ask.may(Act::ManageNodes) || ask.site.accounts().level() != evidence::NodeRole::Plant;
    let all = [("/nodes", "console.nodes.this"), ("/nodes/receipts", "console.nodes.receipts")].into_iter().chain(
        [("/nodes/members", "console.nodes.members"), ("/nodes/invitations", "console.nodes.invitations")]
            .into_iter()
            .filter(|_| above),
    );
    html! { p.links { @for (path, key) in all { a href=(path) aria-current=[(path == ask.route.path).then_some("page")] { (ask.t(key)) } " " } } }
}

fn tone(standing: MemberStanding) -> &'static str {
    match standing {
        MemberStanding::Certified => "good",
        MemberStanding::Suspended => "warn",
        MemberStanding::Lost | MemberStanding::Revoked => "bad",
    }
}
