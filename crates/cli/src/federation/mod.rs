//! `watchfire node`: what this node is, who is above it and who below.

pub(crate) mod send;

use crate::args::{Decision, Format, NodeArgs, NodeVerb, PartArgs};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use console::said::{invitation_json, member_json, parent_json};
use evidence::{MemberStanding, Part, PathText, Say};
use node::{Code, ENROL_BYTES_MAX, KeptMember, Node, NodeError, PACKAGE_BYTES_MAX};
use report::words;
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::Path;

/// Digits of a node's id that are shown.
const SHORT: usize = 16;

pub(crate) fn run(face: &Face, a: &NodeArgs) -> Result<u8, CliError> {
    match &a.what {
        NodeVerb::Init { part, author, format } => {
            let node = face.node()?;
            let leaf = node.profile_set(part_of(part), author.as_deref())?;
            let say = said(&part_of(part), "node_init").with("node", short(node.id().as_str()));
            face.tell(&say.with("leaf", leaf.short()), *format);
        }
        NodeVerb::Show { format } => show(face, *format)?,
        NodeVerb::Invite { part, days, author, format } => {
            let (invitation, code) = face.node()?.invite(part_of(part), *days, author.as_deref())?;
            match format {
                Format::Json => print_json(&json!({"invitation": invitation, "code": code.shown()})),
                Format::Text => {
                    print(&face.say(&said(&invitation.part, "node_invited").with("id", &invitation.id)));
                    print(&format!("\n    {}\n", code.shown()));
                    print(&face.say(&Say::new("cli.say.node_code").with("date", invitation.expires.date())));
                }
            }
        }
        NodeVerb::Invitations { withdraw: Some(id), author, format } => {
            let taken = face.node()?.invitation_withdraw(id, author.as_deref())?;
            face.tell(&said(&taken.part, "node_withdrawn").with("id", &taken.id), *format);
        }
        NodeVerb::Invitations { withdraw: None, format, .. } => invitations(face, *format)?,
        NodeVerb::Enrol { code, parent, ca, request_out, answer, format } => {
            let code = code_of(code)?;
            enrol(
                face,
                &code,
                (parent.as_deref(), ca.as_deref()),
                (request_out.as_deref(), answer.as_deref()),
                *format,
            )?;
        }
        NodeVerb::Admit { file, answer_out, format } => return admit(face, file, answer_out, *format),
        NodeVerb::Members { area, format } => members(face, area, *format)?,
        NodeVerb::Suspend(d) => decide(face, d, MemberStanding::Suspended)?,
        NodeVerb::Lost(d) => decide(face, d, MemberStanding::Lost)?,
        NodeVerb::Revoke(d) => decide(face, d, MemberStanding::Revoked)?,
        NodeVerb::Certify(d) => decide(face, d, MemberStanding::Certified)?,
        NodeVerb::Receive { files, answer_out, format } => {
            return receive(face, files, answer_out.as_deref(), *format);
        }
    }
    Ok(exit::DONE)
}

fn part_of(a: &PartArgs) -> Part {
    Part { role: a.role.into(), name: a.name.clone(), area: a.area.clone(), uscc: a.uscc.clone() }
}

/// A sentence about a part.
fn said(part: &Part, key: &str) -> Say {
    let say = Say::new(format!("cli.say.{key}")).with("role", part.role.name()).with("name", &part.name);
    let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    say.with("area", dash(&part.area)).with("uscc", dash(&part.uscc))
}

pub(crate) fn short(node: &str) -> String {
    node.chars().take(SHORT).collect()
}

pub(crate) fn path_text(path: &Path) -> PathText {
    PathText::from_bytes(path.as_os_str().as_encoded_bytes())
}

/// A code as it was typed; `-` reads it from standard input, where no list of processes shows it.
fn code_of(typed: &str) -> Result<Code, CliError> {
    let mut text = typed.to_owned();
    if typed == "-" {
        text.clear();
        let read = std::io::stdin().lock().take(1000).read_to_string(&mut text);
        read.map_err(|_| CliError::new(Say::new("error.not-a-code")))?;
    }
    Code::read(&text).ok_or_else(|| CliError::new(Say::new("error.not-a-code")))
}

fn show(face: &Face, format: Format) -> Result<(), CliError> {
    let node = face.node_read_only()?;
    let (part, parents, members) = (node.part()?, node.parents()?, node.members()?);
    if format == Format::Json {
        let parents = parents.iter().map(parent_json);
        print_json(&json!({
            "node": node.id(), "part": part, "parents": parents.collect::<Vec<_>>(), "members": members.len(),
            "checkpoint": node.checkpoint_text()?,
        }));
        return Ok(());
    }
    match &part {
        Some(part) => print(&face.say(&said(part, "node_is").with("node", short(node.id().as_str())))),
        None => print(&face.say(&Say::new("cli.say.node_is_nothing").with("node", short(node.id().as_str())))),
    }
    for p in &parents {
        let say = said(&p.part, "node_parent").with("node", short(p.node.as_str())).with("date", p.since.date());
        let address = p.address.clone().unwrap_or_else(|| words::text(face.lang, "cli.say.node_by_file").to_owned());
        print(&face.say(&say.with("address", address).with("standing", p.member.standing.name())));
    }
    if part.as_ref().is_some_and(|p| p.role != evidence::NodeRole::Plant) {
        print(&face.say(&Say::new("cli.say.node_members").with("count", members.len())));
    }
    Ok(())
}

fn invitations(face: &Face, format: Format) -> Result<(), CliError> {
    let kept = face.node_read_only()?.invitations()?;
    if format == Format::Json {
        let rows = kept.iter().map(invitation_json);
        print_json(&json!({"invitations": rows.collect::<Vec<_>>()}));
        return Ok(());
    }
    for k in &kept {
        let say = said(&k.invitation.part, "node_invitation").with("id", &k.invitation.id);
        print(&face.say(&say.with("stands", k.state.name()).with("date", k.invitation.expires.date())));
    }
    if kept.is_empty() {
        print(&face.say(&Say::new("cli.say.node_no_invitations")));
    }
    Ok(())
}

fn enrol(
    face: &Face,
    code: &Code,
    (url, ca): (Option<&str>, Option<&Path>),
    (request_out, answer): (Option<&Path>, Option<&Path>),
    format: Format,
) -> Result<(), CliError> {
    let node = face.node()?;
    let enrolled = match (url, request_out, answer) {
        (_, Some(out), _) => {
            node::write(out, &node.enrol_request(code)?)?;
            face.tell(&Say::new("cli.say.node_request").with("path", path_text(out)), format);
            return Ok(());
        }
        (url, None, Some(file)) => {
            let answer = node::read(file, ENROL_BYTES_MAX as u64)?;
            node.enrol_answer(code, &answer, url.map(str::to_owned), ca.map(Path::to_owned))?
        }
        (Some(url), None, None) => {
            let line = calling(face, url, ca)?;
            node.enrol(code, &*line, Some(url.to_owned()), ca.map(Path::to_owned))?
        }
        (None, None, None) => return Err(CliError::new(Say::new("error.enrol-how"))),
    };
    let p = &enrolled.parent;
    match format {
        Format::Json => print_json(&json!({"parent": p.node, "part": p.part, "member": p.member, "record": p.leaf})),
        Format::Text => {
            let key = if enrolled.again { "node_enrolled_again" } else { "node_enrolled" };
            print(&face.say(&said(&p.part, key).with("node", short(p.node.as_str()))));
        }
    }
    Ok(())
}

fn admit(face: &Face, file: &Path, out: &Path, format: Format) -> Result<u8, CliError> {
    let request = node::read(file, ENROL_BYTES_MAX as u64)?;
    let answer = face.node()?.enrolment_taken(&request);
    node::write(out, &answer)?;
    let value: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let refused: Option<Say> = serde_json::from_value(value["refused"].clone()).ok();
    match (refused, format) {
        (refused, Format::Json) => {
            print_json(&json!({"admitted": refused.is_none(), "refused": refused, "node": value["body"]["to"]}));
            Ok(if refused.is_none() { exit::DONE } else { exit::FINDINGS })
        }
        (None, Format::Text) => {
            let to = value["body"]["to"].as_str().unwrap_or_default();
            print(&face.say(&Say::new("cli.say.node_admitted").with("node", short(to)).with("path", path_text(out))));
            Ok(exit::DONE)
        }
        (Some(why), Format::Text) => {
            print(&face.say(&Say::new("cli.say.node_not_admitted").with("why", words::say(face.lang, &why))));
            Ok(exit::FINDINGS)
        }
    }
}

fn members(face: &Face, area: &str, format: Format) -> Result<(), CliError> {
    let node = face.node_read_only()?;
    let all = node.members()?;
    let shown: Vec<&KeptMember> = all.iter().filter(|m| m.member.part.area.starts_with(area)).collect();
    if format == Format::Json {
        let rows = shown.iter().map(|m| member_json(m));
        print_json(&json!({"members": rows.collect::<Vec<_>>()}));
        return Ok(());
    }
    for m in &shown {
        let say = said(&m.member.part, "node_member").with("node", short(m.member.child.as_str()));
        let at = m.receipt.map_or_else(|| "-".to_owned(), |(_, at)| at.to_string());
        let say = say.with("standing", m.member.standing.name()).with("size", m.held.accepted).with("at", at);
        print(&face.say(&say));
        if let Some(caught) = &m.caught {
            print(&face.say(&Say::new("cli.say.node_caught").with("size", caught.size).with("at", caught.at)));
        }
    }
    print(&face.say(&Say::new("cli.say.node_members").with("count", shown.len())));
    Ok(())
}

fn decide(face: &Face, d: &Decision, standing: MemberStanding) -> Result<(), CliError> {
    let member = face.node()?.member_set(&d.node, standing, &d.reason, d.author.as_deref())?;
    match d.format {
        Format::Json => print_json(&json!({"member": member})),
        Format::Text => {
            let say = said(&member.part, "node_decided").with("standing", member.standing.name());
            print(&face.say(&say.with("node", short(member.child.as_str()))));
        }
    }
    Ok(())
}

/// Takes in packages that came as files, all of them together.
fn receive(face: &Face, files: &[std::path::PathBuf], out: Option<&Path>, format: Format) -> Result<u8, CliError> {
    let node = face.node()?;
    let packages = files.iter().map(|f| node::read(f, PACKAGE_BYTES_MAX as u64)).collect::<Result<Vec<_>, _>>()?;
    let answers = node.packages_carried(&packages.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
    let (mut rows, mut all_well) = (Vec::new(), true);
    for (file, answer) in files.iter().zip(&answers) {
        let value: Value = serde_json::from_slice(answer).map_err(|e| internal(&e))?;
        let state = value["state"].as_str().unwrap_or_default();
        all_well &= state != "refused";
        let written = out.map(|out| answer_file(out, file)).transpose()?;
        if let Some(path) = &written {
            node::write(path, answer)?;
        }
        let refused: Option<Say> = serde_json::from_value(value["refused"].clone()).ok();
        if format == Format::Text {
            let say = Say::new(format!("cli.say.received_{state}")).with("path", path_text(file));
            let say =
                say.with("size", &value["held"]["size"]).with("node", short(value["to"].as_str().unwrap_or_default()));
            let why = refused.as_ref().map_or_else(String::new, |r| words::say(face.lang, r));
            print(&face.say(&say.with("why", why)));
        }
        rows.push(json!({
            "file": path_text(file), "from": value["to"], "state": state, "held": value["held"], "refused": refused,
            "answer": written.as_deref().map(path_text),
        }));
    }
    let missed = node.union_missed();
    if let Some(why) = &missed {
        eprintln!("{}", face.say(&Say::new("cli.say.union_missed").with("why", words::say(face.lang, why))));
    }
    if format == Format::Json {
        print_json(&json!({"packages": rows, "union_missed": missed}));
    }
    Ok(if all_well { exit::DONE } else { exit::FINDINGS })
}

fn internal(e: &dyn std::fmt::Display) -> CliError {
    NodeError::Internal(e.to_string()).into()
}

/// Where the answer to a file goes.
fn answer_file(out: &Path, file: &Path) -> Result<std::path::PathBuf, CliError> {
    std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(".answer.json");
    Ok(out.join(name))
}

/// A line that the first Ctrl-C ends.
fn calling(face: &Face, url: &str, ca: Option<&Path>) -> Result<Box<dyn node::Line>, CliError> {
    let how = node::Calling { ca: ca.map(Path::to_owned), stop: face.stop.clone(), ..node::Calling::default() };
    Ok(node::http_line_with(url, &how)?)
}

/// The line to a parent, if it has an address.
pub(crate) fn line_to(face: &Face, node: &Node, named: Option<&str>) -> Result<Box<dyn node::Line>, CliError> {
    let parent = node.parent(named)?;
    let Some(address) = &parent.address else {
        return Err(CliError::new(Say::new("error.no-address").with("name", attest::clean(&parent.part.name))));
    };
    calling(face, address, parent.ca.as_deref())
}
