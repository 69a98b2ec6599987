//! Members below this node, and invitations.

use super::{ROLES, STANDINGS, links, part, tone};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use crate::site::said::{invitation_json, member_json};
use evidence::{MemberStanding, NodeRole, Part, Say};
use maud::{Markup, html};
use node::accounts::Act;
use node::{InvitationState, KeptMember};
use serde_json::{Value, json};

/// Lines of a page.
const LINES: usize = 50;
/// Days that an invitation holds unless somebody says otherwise.
const DAYS: &str = "30";

/// Members that lie in the visitor's scope.
fn seen(ask: &Ask<'_>) -> Result<Vec<KeptMember>, Fault> {
    let scope = &ask.who()?.scope;
    let mut all = ask.site.node().members()?;
    all.retain(|m| scope.covers(&m.member.part.uscc, Some(&m.member.part.area)));
    Ok(all)
}

fn standing(name: &str) -> Option<MemberStanding> {
    MemberStanding::ALL.into_iter().find(|s| s.name() == name)
}

pub(super) fn members(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let all = seen(ask)?;
    let (wanted, area) = (standing(ask.wanted("standing")), ask.wanted("area"));
    let count = |s: MemberStanding| all.iter().filter(|m| m.member.standing == s).count();
    let fitting: Vec<&KeptMember> = all
        .iter()
        .filter(|m| wanted.is_none_or(|s| m.member.standing == s) && m.member.part.area.starts_with(area))
        .collect();
    // By area and name, as they come; the id of the last line is what the next page begins after.
    let from = match ask.wanted("after") {
        "" => 0,
        after => fitting.iter().position(|m| m.member.child.as_str() == after).map_or(fitting.len(), |n| n + 1),
    };
    let page: Vec<&KeptMember> = fitting.iter().skip(from).take(LINES).copied().collect();
    let next = if from + page.len() < fitting.len() { page.last().map(|m| m.member.child.to_string()) } else { None };
    let choices: Vec<(&str, String)> = std::iter::once(("", ask.t("console.nodes.all-standings").to_owned()))
        .chain(STANDINGS.iter().map(|s| (*s, ask.word("member-standing", s))))
        .collect();
    ask.page(
        ask.t("console.nodes.members"),
        || {
            html! {
                (links(ask))
                @if all.is_empty() { (parts::empty(ask.t("console.nodes.no-members"), ask.t("console.nodes.no-members-hint"))) }
                @else {
                    div.tiles { @for s in MemberStanding::ALL { (parts::tile(&ask.word("member-standing", s.name()), &count(s).to_string(), &ask.say(&Say::new("console.nodes.of").with("all", all.len())))) } }
                    (form::filter(ask, html! {
                        (form::choice("standing", ask.t("console.nodes.standing"), &choices, ask.wanted("standing")))
                        (form::line("area", ask.t("console.nodes.area"), Line { value: area, ..Line::default() }))
                    }))
                    @if page.is_empty() { (parts::empty(ask.t("console.nodes.none-fits"), "")) }
                    @else {
                        p.small { (ask.say(&Say::new("console.nodes.shown").with("shown", page.len()).with("fitting", fitting.len()).with("all", all.len()))) }
                        (parts::table(ask.t("console.nodes.members"), &[ask.t("console.head.name"), ask.t("console.nodes.role"), ask.t("console.nodes.area"), ask.t("console.nodes.standing"), ask.t("console.nodes.held"), ask.t("console.nodes.last-receipt")],
                            page.iter().map(|m| line(ask, m)).collect()))
                        (parts::next(ask, &[("standing", ask.wanted("standing")), ("area", area)], next.as_deref()))
                    }
                }
            }
        },
        || json!({"members": page.iter().map(|m| member_json(m)).collect::<Vec<_>>(), "next": next}),
    )
}

fn line(ask: &Ask<'_>, m: &KeptMember) -> Vec<Markup> {
    let p = &m.member.part;
    vec![
        html! { a href={ "/nodes/members/" (m.member.child.as_str()) } { (p.name) } @if !p.uscc.is_empty() { p.small { code { (p.uscc) } } } },
        html! { (ask.word("node-role", p.role.name())) },
        html! { @if p.area.is_empty() { "–" } @else { code { (p.area) } } },
        html! {
            (parts::mark(tone(m.member.standing), &ask.word("member-standing", m.member.standing.name())))
            @if m.caught.is_some() { " " (parts::mark("bad", ask.t("console.kind.equivocation"))) }
        },
        html! { (m.held.accepted) " / " (m.held.size) },
        m.receipt.map_or_else(|| html! { "–" }, |(_, at)| time(ask, at)),
    ]
}

fn one(ask: &Ask<'_>) -> Result<KeptMember, Fault> {
    let id = ask.part("node");
    seen(ask)?.into_iter().find(|m| m.member.child.as_str() == id).ok_or_else(Fault::none)
}

pub(super) fn member(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let m = one(ask)?;
    let here = format!("/nodes/members/{}", m.member.child);
    ask.page(
        &m.member.part.name.clone(),
        || {
            html! {
                p { (part(ask, &m.member.part)) }
                @if let Some(caught) = &m.caught {
                    div.fault role="alert" {
                        p { (ask.say(&Say::new("console.nodes.caught").with("size", caught.size).with("at", caught.at))) }
                        p.small { (ask.t("console.nodes.held-root")) " " code { (caught.held_root) } br; (ask.t("console.nodes.given-root")) " " code { (caught.given_root) } }
                    }
                }
                dl.facts {
                    dt { (ask.t("console.nodes.id")) } dd { code { (m.member.child) } }
                    dt { (ask.t("console.nodes.standing")) } dd { (parts::mark(tone(m.member.standing), &ask.word("member-standing", m.member.standing.name()))) " " (time(ask, m.member.stated_at)) }
                    dt { (ask.t("console.head.reason")) } dd { (if m.member.reason.is_empty() { "–" } else { &m.member.reason }) }
                    dt { (ask.t("console.head.author")) } dd { (m.member.author.name) }
                    dt { (ask.t("console.nodes.held")) } dd { (ask.say(&Say::new("console.nodes.held-of").with("accepted", m.held.accepted).with("size", m.held.size))) }
                    dt { (ask.t("console.nodes.last-receipt")) } dd { @match m.receipt { Some((size, at)) => { (size) " · " (time(ask, at)) }, None => "–" } }
                    dt { (ask.t("console.evidence.origin")) } dd { code { (m.member.origin) } }
                    dt { (ask.t("console.nodes.keys")) } dd { (m.member.evidence_keys.len()) " + " (m.member.log_keys.len()) }
                    dt { (ask.t("console.nodes.record")) } dd { @if ask.may(Act::SeeEvidence) { a href={ "/evidence/" (m.leaf.hex()) } { code { (m.leaf.short()) } } } @else { code { (m.leaf.short()) } } }
                }
                @if ask.may(Act::ManageNodes) {
                    h2 { (ask.t("console.nodes.decide")) }
                    p { (ask.t("console.nodes.decide-about")) }
                    @let options: Vec<(&str, String)> = offered(&m).into_iter().map(|s| (s.name(), ask.word("console.nodes.decision", s.name()))).collect();
                    @if options.is_empty() { (parts::empty(ask.t("console.nodes.nothing-to-decide"), "")) }
                    @else {
                        (form::form(ask, &here, html! {
                            (form::choice("standing", ask.t("console.nodes.standing"), &options, ""))
                            (form::line("reason", ask.t("console.head.reason"), Line { needed: true, hint: ask.t("console.nodes.reason-hint"), ..Line::default() }))
                        }, ask.t("console.nodes.decide")))
                    }
                }
            }
        },
        || member_json(&m),
    )
}

/// What can be decided about a member as it stands; the node has the last word.
fn offered(m: &KeptMember) -> Vec<MemberStanding> {
    let now = m.member.standing;
    let lost = now == MemberStanding::Lost;
    MemberStanding::ALL
        .into_iter()
        .filter(|s| *s != now || *s == MemberStanding::Certified && m.caught.is_some())
        .filter(|s| !(lost && matches!(s, MemberStanding::Certified | MemberStanding::Suspended)))
        .collect()
}

pub(super) fn decide(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let m = one(ask)?;
    let to = standing(ask.text("standing")).ok_or_else(|| Fault::field("standing", "console.fault.not-one-of"))?;
    let member = ask.node().member_set(m.member.child.as_str(), to, ask.text("reason"), None)?;
    ask.done(&format!("/nodes/members/{}", member.child), "node-decided", json!({"member": member}))
}

pub(super) fn invitations(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let scope = &ask.who()?.scope;
    let mut all = ask.site.node().invitations()?;
    all.retain(|k| scope.covers(&k.invitation.part.uscc, Some(&k.invitation.part.area)));
    all.reverse();
    let open = all.iter().filter(|k| k.state == InvitationState::Open).count();
    let from = match ask.wanted("after") {
        "" => 0,
        after => all.iter().position(|k| k.invitation.id == after).map_or(all.len(), |n| n + 1),
    };
    let page: Vec<_> = all.iter().skip(from).take(LINES).collect();
    let next = if from + page.len() < all.len() { page.last().map(|k| k.invitation.id.clone()) } else { None };
    let own = ask.site.node().part()?;
    let roles: Vec<(&str, String)> = ROLES
        .iter()
        .filter(|r| {
            own.as_ref().is_some_and(|p| NodeRole::ALL.into_iter().any(|n| n.name() == **r && p.role.may_certify(n)))
        })
        .map(|r| (*r, ask.word("node-role", r)))
        .collect();
    let manages = ask.may(Act::ManageNodes);
    ask.page(
        ask.t("console.nodes.invitations"),
        || {
            html! {
                (links(ask))
                p { (ask.t("console.nodes.invitations-about")) }
                @if all.is_empty() { (parts::empty(ask.t("console.nodes.no-invitations"), if manages { ask.t("console.nodes.no-invitations-hint") } else { "" })) }
                @else {
                    p.small { (ask.say(&Say::new("console.nodes.open-of").with("open", open).with("all", all.len()))) }
                    (parts::table(ask.t("console.nodes.invitations"), &[ask.t("console.head.id"), ask.t("console.head.name"), ask.t("console.nodes.role"), ask.t("console.nodes.area"), ask.t("console.head.since"), ask.t("console.head.until"), ask.t("console.state"), ""],
                        page.iter().map(|k| {
                            let i = &k.invitation;
                            let mark = match k.state { InvitationState::Open => "good", InvitationState::Used => "calm", InvitationState::Withdrawn | InvitationState::Expired => "warn" };
                            vec![
                                html! { code { (i.id) } },
                                html! { (i.part.name) @if !i.part.uscc.is_empty() { p.small { code { (i.part.uscc) } } } },
                                html! { (ask.word("node-role", i.part.role.name())) },
                                html! { code { (i.part.area) } },
                                time(ask, k.since),
                                time(ask, i.expires),
                                parts::mark(mark, &ask.word("invitation-state", k.state.name())),
                                if manages && k.state == InvitationState::Open { form::button(ask, &format!("/nodes/invitations/{}/withdraw", i.id), &[], ask.t("console.take-back"), "danger") } else { html! {} },
                            ]
                        }).collect()))
                    (parts::next(ask, &[], next.as_deref()))
                }
                @if manages && !roles.is_empty() {
                    h2 { (ask.t("console.nodes.invite")) }
                    (form::form(ask, "/nodes/invitations", html! {
                        (form::choice("role", ask.t("console.nodes.role"), &roles, "plant"))
                        (form::line("name", ask.t("console.head.name"), Line { needed: true, fill: "off", ..Line::default() }))
                        (form::line("area", ask.t("console.nodes.area"), Line { hint: ask.t("console.nodes.area-hint"), fill: "off", ..Line::default() }))
                        (form::line("uscc", ask.t("console.nodes.uscc"), Line { hint: ask.t("console.nodes.uscc-hint"), fill: "off", ..Line::default() }))
                        (form::line("days", ask.t("console.nodes.days"), Line { needed: true, kind: "number", value: DAYS, ..Line::default() }))
                    }, ask.t("console.nodes.invite")))
                }
            }
        },
        || {
            let rows: Vec<Value> = page.iter().map(|k| invitation_json(k)).collect();
            json!({"invitations": rows, "next": next})
        },
    )
}

pub(super) fn invite(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let role = NodeRole::ALL.into_iter().find(|r| r.name() == ask.text("role"));
    let role = role.ok_or_else(|| Fault::field("role", "console.fault.not-one-of"))?;
    let text = |name: &str| ask.text(name).trim().to_owned();
    let part = Part { role, name: text("name"), area: text("area"), uscc: text("uscc") };
    if !ask.who()?.scope.covers(&part.uscc, Some(&part.area)) {
        return Err(Fault::forbidden());
    }
    let (invitation, code) = ask.node().invite(part, ask.whole("days").unwrap_or(30), None)?;
    ask.page(
        ask.t("console.nodes.invited"),
        || {
            html! {
                p { (super::part(ask, &invitation.part)) }
                p { (ask.t("console.nodes.code-once")) }
                p.secret { code { (code.shown()) } }
                p { (ask.t("console.head.until")) " " (time(ask, invitation.expires)) }
                p { a href="/nodes/invitations" { (ask.t("console.nodes.invitations")) } }
            }
        },
        || json!({"invitation": invitation, "code": code.shown()}),
    )
}

pub(super) fn withdraw(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let id = ask.part("id");
    let scope = &ask.who()?.scope;
    let known = ask.site.node().invitations()?.into_iter().find(|k| k.invitation.id == id);
    let part = known.ok_or_else(Fault::none)?.invitation.part;
    if !scope.covers(&part.uscc, Some(&part.area)) {
        return Err(Fault::none());
    }
    let invitation = ask.node().invitation_withdraw(id, None)?;
    ask.done("/nodes/invitations", "invitation-withdrawn", json!({"invitation": invitation}))
}
