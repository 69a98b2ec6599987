//! `notify.toml`: ways, persons, rota, escalation (`docs/specs/notify-v1.md` §3). The types; [`super::read`] reads them.

use super::message::{About, Colour, Numeral, Obligation};
use super::secret::Secret;
use super::switch::SwitchedOff;
use super::template::Template;
use evidence::{Lang, Say};
use jiff::civil::{DateTime, Time as Clock, Weekday};
use jiff::tz::TimeZone;
use rustls::pki_types::CertificateDer;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// Languages of messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageLang {
    /// Both, Chinese first.
    Both,
    /// 简体中文.
    Zh,
    /// English.
    En,
}
impl MessageLang {
    pub(crate) fn langs(self) -> &'static [Lang] {
        match self {
            Self::Both => &[Lang::Zh, Lang::En],
            Self::Zh => &[Lang::Zh],
            Self::En => &[Lang::En],
        }
    }
}

/// The configuration, read and checked.
#[derive(Debug)]
pub struct Config {
    /// Languages of messages.
    pub lang: MessageLang,
    /// Messages of drills stay inside.
    pub quiet_drill: bool,
    /// The zone, if the file names one.
    pub zone: Option<TimeZone>,
    /// Ways.
    pub channels: Vec<Channel>,
    /// Persons.
    pub persons: Vec<Person>,
    /// Who has which duty when.
    pub rotas: Vec<Rota>,
    /// Rules of escalation, in the order of the file.
    pub rules: Vec<Rule>,
    /// Ways that an administrator has switched off.
    pub off: Vec<SwitchedOff>,
    /// What is allowed and still to be seen each time: plain connections.
    pub remarks: Vec<Say>,
    by_person: HashMap<String, usize>,
    by_channel: HashMap<String, usize>,
}
impl Config {
    pub(crate) fn new(lang: MessageLang, quiet_drill: bool, zone: Option<TimeZone>) -> Self {
        Self {
            lang,
            quiet_drill,
            zone,
            channels: Vec::new(),
            persons: Vec::new(),
            rotas: Vec::new(),
            rules: Vec::new(),
            off: Vec::new(),
            remarks: Vec::new(),
            by_person: HashMap::new(),
            by_channel: HashMap::new(),
        }
    }
    /// Takes a channel; false if there is one of its id.
    pub(crate) fn add_channel(&mut self, c: Channel) -> bool {
        let new = self.by_channel.insert(c.id.clone(), self.channels.len()).is_none();
        self.channels.push(c);
        new
    }
    /// Takes a person; false if there is one of this id.
    pub(crate) fn add_person(&mut self, p: Person) -> bool {
        let new = self.by_person.insert(p.id.clone(), self.persons.len()).is_none();
        self.persons.push(p);
        new
    }
    /// The channel of this id.
    #[must_use]
    pub fn channel(&self, id: &str) -> Option<&Channel> {
        self.by_channel.get(id).map(|i| &self.channels[*i])
    }
    /// The person of this id.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.by_person.get(id).map(|i| &self.persons[*i])
    }
    /// The rota of a role.
    #[must_use]
    pub fn rota(&self, role: &str) -> Option<&Rota> {
        self.rotas.iter().find(|r| r.role == role)
    }
    /// The first rule that fits.
    #[must_use]
    pub fn rule(&self, o: &Obligation) -> Option<&Rule> {
        self.rules.iter().find(|r| r.fits(o))
    }
    /// What no rule is for, by kind: colours that nobody would be told of (numerals are not looked at).
    #[must_use]
    pub fn uncovered(&self) -> Vec<(About, Vec<Colour>)> {
        let covers = |r: &Rule, k: About, c: Colour| {
            r.kind.is_none_or(|kind| kind == k) && (r.colours.is_empty() || r.colours.contains(&c))
        };
        let bare = |k: About| {
            let bare = Colour::ALL.into_iter().filter(|c| !self.rules.iter().any(|r| covers(r, k, *c)));
            (k, bare.collect::<Vec<_>>())
        };
        About::ALL.into_iter().map(bare).filter(|(_, bare)| !bare.is_empty()).collect()
    }
    /// Since when a way is switched off, and by whom.
    #[must_use]
    pub fn is_off(&self, channel: &str) -> Option<&SwitchedOff> {
        self.off.iter().find(|o| o.channel == channel)
    }
    /// On which ways a step asks a person: those that the step names, or all if the person has none of them. Ways that are switched off are not there:
    /// who has no other is not reached, and the next one is asked.
    #[must_use]
    pub fn ways<'a>(&'a self, person: &'a Person, channels: &[String]) -> Vec<&'a PersonWay> {
        let on = || person.ways.iter().filter(|w| self.is_off(&w.channel).is_none());
        let named: Vec<&PersonWay> = on().filter(|w| channels.contains(&w.channel)).collect();
        if named.is_empty() { on().collect() } else { named }
    }
}

/// A way on which messages go.
#[derive(Debug)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// Longest time of one attempt.
    pub timeout: Duration,
    /// Attempts until it is given up.
    pub attempts_max: u32,
    /// Messages that it takes in a minute, if that is limited.
    pub pace: Option<PaceOf>,
    /// How.
    pub how: How,
}

/// A limit of a channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaceOf {
    /// Messages a minute.
    pub per_minute: u32,
    /// Who says so: what the template names; empty if it is not confirmed. `None`: `notify.toml`.
    pub source: Option<String>,
}

/// How a way works.
#[derive(Debug)]
pub enum How {
    /// Mail.
    Smtp(Smtp),
    /// A signed webhook.
    Webhook(Http),
    /// RFC 5424.
    Syslog(Syslog),
    /// A program.
    Command(Command),
    /// A request as a template says.
    Template(Box<Template>, Http),
}
impl How {
    /// The kind, as the configuration names it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Webhook(_) => "webhook",
            Self::Syslog(_) => "syslog",
            Self::Command(_) => "command",
            Self::Template(..) => "template",
        }
    }
}

/// How a mail server is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailTls {
    /// Plain first, then TLS; without it nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Plain.
    None,
}

/// A mail server.
#[derive(Debug)]
pub struct Smtp {
    pub(crate) server: String,
    pub(crate) port: u16,
    pub(crate) tls: MailTls,
    pub(crate) from: String,
    pub(crate) hello: String,
    pub(crate) login: Option<(String, Secret)>,
    pub(crate) roots: Option<Vec<CertificateDer<'static>>>,
}

/// Where requests go.
#[derive(Debug)]
pub struct Http {
    pub(crate) url: String,
    pub(crate) secret: Option<Secret>,
    pub(crate) token: Option<Secret>,
    pub(crate) roots: Option<Vec<CertificateDer<'static>>>,
}

/// Where syslog messages go.
#[derive(Debug)]
pub struct Syslog {
    pub(crate) to: SyslogTo,
    pub(crate) facility: u8,
}
/// How syslog messages go.
#[derive(Debug)]
pub enum SyslogTo {
    /// Host and port.
    Udp(String, u16),
    /// Host and port.
    Tcp(String, u16),
    /// A socket of datagrams.
    Unix(PathBuf),
}

/// A program.
#[derive(Debug)]
pub struct Command {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<String>,
}

/// A person.
#[derive(Debug)]
pub struct Person {
    /// Id: what records name.
    pub id: String,
    /// Name, for people.
    pub name: String,
    /// On which ways they are reached.
    pub ways: Vec<PersonWay>,
}
/// A way to a person.
#[derive(Debug)]
pub struct PersonWay {
    /// Channel.
    pub channel: String,
    /// Address there.
    pub address: String,
}

/// Who has a duty when.
#[derive(Debug)]
pub struct Rota {
    /// Role.
    pub role: String,
    /// Who stands in, in order.
    pub deputies: Vec<String>,
    /// Weekly shifts.
    pub shifts: Vec<Shift>,
    /// Dated overrides.
    pub overrides: Vec<Override>,
}

/// Days on which a shift begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum On {
    /// Work days of the calendar.
    Work,
    /// Rest days of the calendar.
    Rest,
    /// All days.
    All,
}

/// A weekly shift.
#[derive(Debug)]
pub struct Shift {
    /// On which days of the calendar.
    pub on: On,
    /// On which days of the week; empty: all.
    pub days: Vec<Weekday>,
    /// Begin.
    pub from: Clock,
    /// End; not after the begin: on the next day.
    pub to: Clock,
    /// Who.
    pub person: String,
}

/// A dated override, in local time.
#[derive(Debug)]
pub struct Override {
    /// Begin.
    pub since: DateTime,
    /// End, exclusive.
    pub until: DateTime,
    /// Who.
    pub person: String,
}

/// A rule of escalation.
#[derive(Debug)]
pub struct Rule {
    /// For what; `None`: for anything.
    pub kind: Option<About>,
    /// For which colours; empty: all.
    pub colours: Vec<Colour>,
    /// For which numerals; empty: all.
    pub numerals: Vec<Numeral>,
    /// Its steps.
    pub steps: Vec<Step>,
}
impl Rule {
    fn fits(&self, o: &Obligation) -> bool {
        self.kind.is_none_or(|k| k == o.kind)
            && (self.colours.is_empty() || o.colour.is_some_and(|c| self.colours.contains(&c)))
            && (self.numerals.is_empty() || o.numeral.is_some_and(|n| self.numerals.contains(&n)))
    }
}

/// A step of an escalation.
#[derive(Debug)]
pub struct Step {
    /// Minutes after the obligation began.
    pub after_minutes: i64,
    /// Who is asked.
    pub role: String,
    /// On which channels; empty: all of the person.
    pub channels: Vec<String>,
    /// Minutes until it is said again; 0: once.
    pub repeat_minutes: i64,
    /// Rounds, at most.
    pub repeats_max: u32,
    /// An acknowledgement ends it.
    pub until_acknowledged: bool,
}
