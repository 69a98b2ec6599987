//! Who has a duty at an instant: overrides, shifts of the calendar's work and rest days, deputies, delegates.
//! Pure: what it is asked and what it was given decide.

use super::config::{Config, On, Rota, Shift};
use super::message::About;
use evidence::{Delegation, Digest, Time};
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use plan::Calendar;
use std::collections::{BTreeSet, HashMap};

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// The calendar and the delegations by which the rota is read.
#[derive(Debug)]
pub struct Roster {
    zone: TimeZone,
    rest: Vec<Weekday>,
    years: BTreeSet<i16>,
    off: BTreeSet<Date>,
    work: BTreeSet<Date>,
    /// The newest statement of each id, with when it was made and its leaf.
    delegations: HashMap<String, (Time, Digest, Delegation)>,
}

/// A span of the rota with the same people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// Begin.
    pub since: Time,
    /// End, exclusive.
    pub until: Time,
    /// Who is asked, in order; empty: nobody.
    pub persons: Vec<String>,
}

impl Roster {
    /// By the zone of the configuration, else of the calendar, else UTC; by the calendar's rest days, else Saturday and Sunday.
    #[must_use]
    pub fn new(config: &Config, calendar: Option<&Calendar>) -> Self {
        let of_plan = || calendar.and_then(|c| TimeZone::posix(&c.zone_rule).ok());
        let weekday = |d: &u32| i8::try_from(*d).ok().and_then(|d| Weekday::from_monday_one_offset(d).ok());
        let years = calendar.map_or(&[][..], |c| &c.years);
        let dates = |texts: &[String]| texts.iter().filter_map(|d| d.parse::<Date>().ok()).collect::<Vec<_>>();
        Self {
            zone: config.zone.clone().or_else(of_plan).unwrap_or(TimeZone::UTC),
            rest: calendar
                .map_or(vec![Weekday::Saturday, Weekday::Sunday], |c| c.rest.iter().filter_map(weekday).collect()),
            years: years.iter().filter_map(|y| i16::try_from(y.year).ok()).collect(),
            off: years.iter().flat_map(|y| dates(&y.off)).collect(),
            work: years.iter().flat_map(|y| dates(&y.work)).collect(),
            delegations: HashMap::new(),
        }
    }

    /// The zone of all local times.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Takes a statement; the newest of its id counts.
    pub fn delegate(&mut self, stated_at: Time, leaf: Digest, d: Delegation) {
        let newer = self.delegations.get(&d.id).is_none_or(|known| (known.0, known.1) < (stated_at, leaf));
        if newer {
            self.delegations.insert(d.id.clone(), (stated_at, leaf, d));
        }
    }
    /// All delegations, as they stand, by id.
    #[must_use]
    pub fn delegations(&self) -> Vec<&Delegation> {
        let mut all: Vec<&Delegation> = self.delegations.values().map(|d| &d.2).collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
    /// The delegations of another roster, which a new configuration replaces.
    pub(crate) fn inherit(&mut self, other: Roster) {
        self.delegations = other.delegations;
    }

    /// True if the calendar does not know the year of this instant: days of the week alone decide then.
    #[must_use]
    pub fn is_guess(&self, now: Time) -> bool {
        !self.years.contains(&self.local(now).date().year())
    }

    fn local(&self, at: Time) -> DateTime {
        let stamp = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(stamp)
    }
    /// The instant of a local time; one that the clocks skip is taken as it would have been.
    fn instant(&self, at: DateTime) -> Option<Time> {
        Some(Time::from_millis(self.zone.to_timestamp(at).ok()?.as_millisecond()))
    }
    /// The beginning of a local day `YYYY-MM-DD`, so many days later.
    #[must_use]
    pub fn midnight(&self, day: &str, days: i64) -> Option<Time> {
        let day: Date = day.parse().ok()?;
        let day = day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        self.instant(day.to_datetime(jiff::civil::Time::midnight()))
    }
    fn rests(&self, day: Date) -> bool {
        self.off.contains(&day) || (self.rest.contains(&day.weekday()) && !self.work.contains(&day))
    }

    /// Who is asked, in order. `None` if no rota has the role.
    #[must_use]
    pub fn candidates(
        &self,
        config: &Config,
        role: &str,
        now: Time,
        kind: Option<About>,
        area: &str,
    ) -> Option<Vec<String>> {
        let rota = config.rota(role)?;
        let at = self.local(now);
        let mut duty: Vec<&str> = Vec::new();
        let current = rota.overrides.iter().filter(|o| o.since <= at && at < o.until);
        duty.extend(current.map(|o| o.person.as_str()));
        if duty.is_empty() {
            duty.extend(rota.shifts.iter().filter(|s| self.covers(s, at)).map(|s| s.person.as_str()));
        }
        duty.extend(rota.deputies.iter().map(String::as_str));
        let mut out: Vec<String> = Vec::new();
        let mut add = |p: &str| {
            if !out.iter().any(|o| o == p) {
                out.push(p.to_owned());
            }
        };
        for person in duty {
            let fits = |d: &&Delegation| {
                let holds = match kind {
                    Some(k) => d.holds(now, k.name(), area),
                    // For a table that shows people who has the duty at all: any scope.
                    None => !d.revoked && d.since <= now && now < d.until,
                };
                d.role == role && d.from == person && holds && config.person(&d.to).is_some()
            };
            let mut to: Vec<&Delegation> = self.delegations.values().map(|d| &d.2).filter(fits).collect();
            to.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
            to.iter().for_each(|d| add(&d.to));
            add(person);
        }
        Some(out)
    }

    /// A shift belongs to the day on which it begins.
    fn covers(&self, s: &Shift, at: DateTime) -> bool {
        let over_midnight = s.to <= s.from;
        let (day, time) = (at.date(), at.time());
        let today = self.begins_on(s, day) && s.from <= time && (over_midnight || time < s.to);
        let yesterday = over_midnight && time < s.to && day.yesterday().is_ok_and(|d| self.begins_on(s, d));
        today || yesterday
    }
    fn begins_on(&self, s: &Shift, day: Date) -> bool {
        let on = match s.on {
            On::All => true,
            On::Work => !self.rests(day),
            On::Rest => self.rests(day),
        };
        on && (s.days.is_empty() || s.days.contains(&day.weekday()))
    }

    /// The rota of a role from an instant on, so many days; neighbours with the same people are one span.
    #[must_use]
    pub fn table(&self, config: &Config, role: &str, from: Time, days: u16) -> Vec<Span> {
        let Some(rota) = config.rota(role) else { return Vec::new() };
        let end = Time::from_millis(from.millis() + i64::from(days) * DAY_MILLIS);
        let mut edges = self.edges(rota, role, from, days);
        edges.extend([from, end]);
        let edges: Vec<Time> = edges.into_iter().filter(|e| from <= *e && *e <= end).collect();
        let mut out: Vec<Span> = Vec::new();
        for pair in edges.windows(2) {
            let persons = self.candidates(config, role, pair[0], None, "").unwrap_or_default();
            match out.last_mut() {
                Some(last) if last.persons == persons => last.until = pair[1],
                _ => out.push(Span { since: pair[0], until: pair[1], persons }),
            }
        }
        out
    }

    /// Every instant at which the rota of a role can change.
    fn edges(&self, rota: &Rota, role: &str, from: Time, days: u16) -> BTreeSet<Time> {
        let mut out = BTreeSet::new();
        let mut day = self.local(from).date();
        for _ in 0..=days {
            let times = rota.shifts.iter().flat_map(|s| [s.from, s.to]);
            out.extend(times.filter_map(|t| self.instant(day.to_datetime(t))));
            out.extend(self.instant(day.to_datetime(jiff::civil::Time::midnight())));
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        out.extend(rota.overrides.iter().flat_map(|o| [o.since, o.until]).filter_map(|d| self.instant(d)));
        out.extend(self.delegations.values().map(|d| &d.2).filter(|d| d.role == role).flat_map(|d| [d.since, d.until]));
        out
    }
}
