//! Standings, lists, the queue and orders, counted by hand.

use crate::fixture::{PLAN, node, sign_record, t};
use crate::programme::{author, code, received, registry, report, roll};
use evidence::{
    Digest, Document, Equivocation, Member, MemberStanding, Mending, NodeId, NodeRole, OrderEntry, OrderMove,
    OrderText, Part, PlanRef, ProgrammeReport, Record, RollRow, ScenarioCounts, Time,
};
use judge::{
    Act, EnterpriseStanding, ListFilter, ListOf, OrderState, OrderView, Oversight, OversightInput, ReceivedReport,
    Reobserved, SelectionRows, Whose, may, order_due, order_extended, order_view, selection,
};
use plan::MatterKind;
use proof::Witness;

const AS_OF: &str = "2026-11-23";

fn instant(text: &str) -> Time {
    text.parse().unwrap()
}

fn member(n: usize, standing: MemberStanding, day: &str) -> Witness {
    let part = Part { role: NodeRole::Plant, name: format!("厂{n}"), area: "440100".into(), uscc: code(n) };
    sign_record(&Record::Member(Box::new(Member {
        node: node(),
        author: author(),
        stated_at: t(day),
        child: NodeId::new(format!("plant-{n:03}")),
        standing,
        part,
        origin: "o".into(),
        evidence_keys: Vec::new(),
        log_keys: Vec::new(),
        invitation: None,
        follows: None,
        reason: String::new(),
    })))
}

fn certified(n: usize) -> Witness {
    member(n, MemberStanding::Certified, "2026-03-01")
}

/// The registry with its signed selection: 000, 001 (Guangdong) and 012 (Jiangsu) are selected.
struct Bed {
    registry: (Witness, Vec<u8>),
    selection: Witness,
}
impl Bed {
    fn new() -> Self {
        let registry = registry();
        let rows = SelectionRows::open(&registry.0, &registry.1).unwrap();
        let judgement = selection(&PLAN, &rows, &[], t("2026-02-01")).judgement;
        let selection = sign_record(&Record::SelectionJudgement(Box::new(judgement)));
        Self { registry, selection }
    }
    fn see<T>(&self, input: &OversightInput<'_>, work: impl FnOnce(&Oversight<'_>) -> T) -> T {
        self.at(input, AS_OF, work)
    }
    fn at<T>(&self, input: &OversightInput<'_>, day: &str, work: impl FnOnce(&Oversight<'_>) -> T) -> T {
        let rows = SelectionRows::open(&self.registry.0, &self.registry.1).unwrap();
        let input = OversightInput { registry: Some(&rows), selection: Some(&self.selection), ..*input };
        work(&Oversight::new(&PLAN, &input, t(day)))
    }
}

fn range(s: &EnterpriseStanding) -> (u64, u64) {
    (s.least, s.most)
}
fn holds(s: &EnterpriseStanding) -> Vec<&str> {
    s.reasons.iter().filter(|r| r.holds).map(|r| r.reason.as_str()).collect()
}
fn cannot(s: &EnterpriseStanding) -> Vec<&str> {
    s.reasons.iter().filter(|r| !r.holds).map(|r| r.reason.as_str()).collect()
}

#[test]
fn what_is_not_known_widens_the_range_and_is_named() {
    let bed = Bed::new();
    let members = [certified(0), certified(12)];
    let reports = [received(report(0, "2026-10-01"), "2026-10-02")];
    let input = OversightInput { members: &members, reports: &reports, ..OversightInput::default() };
    bed.see(&input, |o| {
        // Important data (10) holds. Its report asked no check (15 + 10) and says nothing of drills (10).
        let s = o.standing(&code(0)).unwrap();
        assert_eq!(holds(&s), ["important-data"]);
        assert_eq!(cannot(&s), ["scenarios-failed", "not-examined", "drill-due"]);
        assert_eq!(range(&s), (10, 45));
        assert_eq!(s.reasons.iter().find(|r| r.reason == "drill-due").unwrap().missing, ["drill_days"]);
        let important = s.reasons.iter().find(|r| r.holds).unwrap();
        assert!(important.from.contains(&reports[0].leaf()), "a reason names the report that it follows from");
        assert!(important.from.contains(&members[0].record.leaf()), "and that it is of the programme");
        // Selected, not enrolled (20): of incidents late 30 and open 10, checks 15 + 10, scope 10, data 15 + 10 + 10, measures 15,
        // drills 10 nothing is known.
        let s = o.standing(&code(1)).unwrap();
        assert_eq!((holds(&s), range(&s)), (vec!["not-enrolled"], (20, 20 + 135)));
        // Enrolled and silent (25).
        let s = o.standing(&code(12)).unwrap();
        assert_eq!((holds(&s), range(&s)), (vec!["silent"], (25, 25 + 135)));
        // Not of the programme: nothing is known, and nothing needs to be.
        let s = o.standing(&code(2)).unwrap();
        assert_eq!((range(&s), s.selected, s.reasons.len()), ((0, 0), Some(false), 0));
        assert!(o.standing("91110000600037341L").is_none());
    });
    // Without a selection nobody can say who is selected: of 002 nothing is certain, of 012 that it is enrolled.
    let rows = SelectionRows::open(&bed.registry.0, &bed.registry.1).unwrap();
    let input = OversightInput { registry: Some(&rows), ..input };
    let o = Oversight::new(&PLAN, &input, t(AS_OF));
    assert_eq!(range(&o.standing(&code(2)).unwrap()), (0, 155));
    assert_eq!(range(&o.standing(&code(12)).unwrap()), (25, 160));
    assert!(o.doubts().iter().any(|d| d.say.key == "doubt.oversight-no-selection"));
    assert_eq!(o.list(ListOf::Key, &ListFilter::default(), None, 10).unwrap().total, 0);
}

/// Everything that can be found wrong with one enterprise.
#[test]
fn reasons_add_up_by_hand() {
    let bed = Bed::new();
    let members = [certified(0)];
    let mut bad = report(0, "2026-10-01");
    bad.scope[0].examined = 7;
    let levels = &mut bad.catalogue.as_mut().unwrap().levels;
    levels.insert("core".into(), 1);
    bad.catalogue.as_mut().unwrap().ungraded = 3;
    bad.incidents.levels.insert("III".into(), 2);
    (bad.incidents.open, bad.incidents.late) = (2, 1);
    (bad.measures.open, bad.measures.overdue) = (4, 1);
    let scenario = PLAN.scenarios()[0].id.to_string();
    let counts = ScenarioCounts { scenario, passed: 5, failed: 2, accepted: 1, not_applicable: 0, not_examined: 3 };
    bad.scenarios.push(counts);
    let reports = [received(bad, "2026-10-02")];
    let reobserved = |held| [Reobserved { uscc: code(0), at: t("2026-11-01"), leaf: Digest::of(b"c"), held }];
    let asked = RollRow { uscc: code(0), day: Some(t("2026-11-01")), way: "asked".into(), ..RollRow::default() };
    let rolls = [roll("asked", "2026-10-01", &[asked])];
    let (checks, openings) = (reobserved(false), reobserved(false));
    let input = OversightInput {
        members: &members,
        reports: &reports,
        rolls: &rolls,
        checks: &checks,
        openings: &openings,
        ..OversightInput::default()
    };
    bed.see(&input, |o| {
        let s = o.standing(&code(0)).unwrap();
        // 60 refuted + 40 not opened + 30 late + 15 failed + 10 not examined + 10 scope + 15 core + 10 important + 10 ungraded
        // + 10 open + 15 measures + 10 return = 235; drills 10 cannot be told.
        assert_eq!(range(&s), (235, 245));
        assert_eq!(s.measures, Some((4, 1, 0)));
    });
    // It was looked at again and held.
    let (checks, openings) = (reobserved(true), reobserved(true));
    bed.see(&OversightInput { checks: &checks, openings: &openings, ..input }, |o| {
        assert_eq!(range(&o.standing(&code(0)).unwrap()), (135, 145));
    });
}

#[test]
fn a_doubted_report_is_a_reason_and_the_good_one_before_it_still_speaks() {
    let bed = Bed::new();
    let members = [certified(0), certified(1)];
    let mut wrong = report(0, "2026-11-01");
    wrong.scope[0].examined = 11;
    let plan = PlanRef { digest: Digest::of(b"other"), ..PLAN.reference() };
    let reports = [
        received(wrong, "2026-11-02"),
        received(report(0, "2026-10-01"), "2026-10-02"),
        received(ProgrammeReport { plan, ..report(1, "2026-10-01") }, "2026-10-02"),
    ];
    let input = OversightInput { members: &members, reports: &reports, ..OversightInput::default() };
    bed.see(&input, |o| {
        let s = o.standing(&code(0)).unwrap();
        assert_eq!(holds(&s), ["report-doubted", "important-data"]);
        assert_eq!(s.report.unwrap().0, t("2026-10-01"));
        // Of the other plan: numbers that mean something else are not read.
        let s = o.standing(&code(1)).unwrap();
        assert_eq!((holds(&s), s.report), (vec!["report-doubted"], None));
        let queue = o.queue(&[MatterKind::ReportDoubted], &ListFilter::default(), None, 10).unwrap();
        assert_eq!(queue.items.iter().map(|i| i.uscc.as_str()).collect::<Vec<_>>(), [code(1), code(0)]);
    });
    // 400 days after 2026-10-01 is 2027-11-05: then it is too old, and says so thirty days before.
    let reports = &reports[1..2];
    let input = OversightInput { reports, ..input };
    let expiring = |day: &str| {
        bed.at(&input, day, |o| {
            let q = o.queue(&[MatterKind::ReportExpiring], &ListFilter::default(), None, 10).unwrap();
            (q.items.first().map(|i| (i.why.key.clone(), i.due)), holds(&o.standing(&code(0)).unwrap()).len())
        })
    };
    assert_eq!(expiring("2027-10-05"), (None, 1));
    assert_eq!(expiring("2027-10-06"), (Some(("queue.report-expiring".into(), Some(t("2027-11-05")))), 1));
    assert_eq!(expiring("2027-11-06"), (Some(("queue.report-expired".into(), Some(t("2027-11-05")))), 2));
}

fn filter(supervisor: &str) -> ListFilter {
    ListFilter { supervisor: supervisor.into(), ..ListFilter::default() }
}

#[test]
fn lists_are_pages_in_one_order() {
    let bed = Bed::new();
    let members = [certified(0), certified(12), certified(3)];
    let reports = [received(report(0, "2026-10-01"), "2026-10-02")];
    let input = OversightInput { members: &members, reports: &reports, ..OversightInput::default() };
    bed.see(&input, |o| {
        let walk = |of, limit| {
            let (mut out, mut after) = (Vec::new(), None);
            loop {
                let page = o.list(of, &ListFilter::default(), after.as_deref(), limit).unwrap();
                out.extend(page.rows.into_iter().map(|r| r.uscc));
                match page.next {
                    Some(next) => after = Some(next),
                    None => return out,
                }
            }
        };
        assert_eq!(walk(ListOf::Key, 2), [code(0), code(1), code(12)]);
        // 003 and 012: 25 to 160, the smaller code first; 001: 20 to 155; 000: 10 to 45.
        for limit in [1, 2, 3, 100] {
            assert_eq!(walk(ListOf::Risk, limit), [code(3), code(12), code(1), code(0)], "{limit}");
        }
        let of = |f: &ListFilter| o.list(ListOf::Risk, f, None, 100).unwrap().total;
        assert_eq!((of(&filter("44")), of(&filter("32")), of(&filter("11"))), (3, 1, 0));
        let only = |f: fn(&mut ListFilter)| {
            let mut filter = ListFilter::default();
            f(&mut filter);
            of(&filter)
        };
        assert_eq!(only(|f| f.city = "4401".into()), 3);
        assert_eq!(only(|f| f.province = "32".into()), 1);
        assert_eq!(only(|f| f.industry = "C35".into()), 1);
        assert!(o.list(ListOf::Risk, &ListFilter::default(), Some("nonsense"), 1).is_none());
        assert!(o.queue(&[], &ListFilter::default(), Some("1.2.x"), 1).is_none());
    });
}

#[test]
fn a_node_sees_its_part_and_no_more() {
    let bed = Bed::new();
    let see = |role, area: &str, uscc: &str| {
        let part = Part { role, name: String::new(), area: area.into(), uscc: uscc.into() };
        let input = OversightInput { part: Some(&part), ..OversightInput::default() };
        bed.see(&input, |o| o.list(ListOf::Key, &ListFilter::default(), None, 100).unwrap().total)
    };
    assert_eq!(see(NodeRole::Ministry, "", ""), 3);
    assert_eq!(see(NodeRole::Province, "44", ""), 2);
    assert_eq!(see(NodeRole::City, "3205", ""), 1);
    assert_eq!(see(NodeRole::City, "3206", ""), 0);
    assert_eq!(see(NodeRole::Plant, "", &code(0)), 1);
}

/// One row a role and act: which of eight enterprises it is true of.
#[test]
fn the_matrix_of_roles_and_acts() {
    let own = "91110000600037341L";
    let whose = |uscc, area, supervisor, member| Whose { uscc, area, supervisor, member };
    let rows = [
        whose("A", "440100", "44", false),      // a: Guangzhou
        whose("B", "440300", "4403", false),    // b: Shenzhen, its own supervisor
        whose("C", "320500", "32", true),       // c: Suzhou, certified by who asks
        whose("D", "44", "44", false),          // d: Guangdong, no city known
        whose("E", "659001", "65-XPCC", false), // e: the Corps
        whose(own, "440100", "44", false),      // f: who asks
        whose("G", "", "", true),               // g: certified, nothing else known
        whose("", "", "", false),               // h: nothing
    ];
    let part = |role, area: &str, uscc: &str| Part { role, name: String::new(), area: area.into(), uscc: uscc.into() };
    let expect = [
        (part(NodeRole::Ministry, "", ""), ["abcdefgh", "abcdefgh", ""]),
        (part(NodeRole::Province, "44", ""), ["adf", "adf", ""]),
        (part(NodeRole::Province, "4403", ""), ["b", "b", ""]),
        (part(NodeRole::Province, "65-XPCC", ""), ["e", "e", ""]),
        (part(NodeRole::Province, "", ""), ["", "", ""]),
        (part(NodeRole::City, "4401", ""), ["af", "af", ""]),
        (part(NodeRole::City, "4403", ""), ["b", "b", ""]),
        (part(NodeRole::City, "659001", ""), ["e", "e", ""]),
        (part(NodeRole::City, "", ""), ["", "", ""]),
        (part(NodeRole::Group, "", own), ["cfg", "cg", "f"]),
        (part(NodeRole::Plant, "44", own), ["f", "", "f"]),
        (part(NodeRole::Plant, "44", ""), ["", "", ""]),
    ];
    for (part, want) in expect {
        for (act, want) in Act::ALL.into_iter().zip(want) {
            let got: String =
                ('a'..='h').zip(&rows).filter(|(_, r)| may(&part, act, r)).map(|(name, _)| name).collect();
            assert_eq!(got, want, "{:?} {} {}", part.role, part.area, act.name());
        }
    }
}

fn entry(by: &str, at: &str, what: OrderMove) -> Witness {
    sign_record(&Record::Order(Box::new(OrderEntry {
        node: NodeId::new(by),
        author: author(),
        stated_at: instant(at),
        order: "o-00000001".into(),
        what,
    })))
}

/// Thursday, 12 February 2026, 8 in the morning in Beijing; fifteen working days.
const ISSUED: &str = "2026-02-12T00:00:00.000Z";

fn issued_to(n: usize) -> Witness {
    let due = order_due(&PLAN, instant(ISSUED), 15).unwrap().0;
    let text = OrderText {
        uscc: code(n),
        issuer: "省厅".into(),
        plan: PLAN.reference(),
        basis: "dsl-44".into(),
        demand: "整改".into(),
        reasons: Vec::new(),
        working_days: 15,
        due,
        document: None,
        wants: None,
    };
    entry("province", ISSUED, OrderMove::Issued(Box::new(text)))
}

fn answered() -> OrderMove {
    OrderMove::Answered { says: "已整改".into(), documents: Vec::new(), on_paper: None }
}
fn paper(day: &str) -> OrderMove {
    let document = Document { name: "a.pdf".into(), digest: Digest::of(b"a"), bytes: 1 };
    OrderMove::Answered { says: String::new(), documents: vec![document], on_paper: Some(t(day)) }
}
fn examined(result: Mending) -> OrderMove {
    OrderMove::Examined { result, by: None, note: String::new() }
}
fn extended(working_days: i64, due: Time) -> OrderMove {
    OrderMove::Extended { reason: "设备延迟".into(), working_days, due }
}

fn view<'a>(records: &'a [Witness], at: &str) -> OrderView<'a> {
    order_view(&PLAN, records, "o-00000001", instant(at)).unwrap()
}
fn doubts(v: &OrderView<'_>) -> Vec<String> {
    v.doubts.iter().map(|d| d.say.key.trim_start_matches("doubt.order-").to_owned()).collect()
}

/// 13 and 14 (a Saturday that is worked) February, the festival from 15 to 23, 24 to 27, 28 (worked), 2 to 6 March, 9 to 11: fifteen days,
/// ending at 24:00 of 11 March in Beijing.
const DUE: &str = "2026-03-11T16:00:00.000Z";

#[test]
fn fifteen_working_days_over_spring_festival() {
    let records = [issued_to(0)];
    let v = view(&records, "2026-03-11T15:59:59.999Z");
    assert_eq!((v.due, v.overdue, v.state), (instant(DUE), false, OrderState::Open));
    assert!(v.doubts.is_empty(), "{:?}", v.doubts);
    assert!(view(&records, DUE).overdue);
    // Fifteen more: 12, 13, 16 to 20, 23 to 27, 30, 31 March, 1 April.
    assert_eq!(order_extended(&PLAN, v.due, 15).unwrap().0, instant("2026-04-01T16:00:00.000Z"));
    // 2027 is not announced: what reaches into it says so.
    assert_eq!(order_due(&PLAN, t("2026-12-28"), 15).unwrap().1.into_iter().collect::<Vec<_>>(), [2027]);
}

#[test]
fn an_order_from_issue_to_close_and_what_does_not_fit_counts_nothing() {
    let march = |day: u32| format!("2026-03-{day:02}T02:00:00.000Z");
    let due2 = order_extended(&PLAN, instant(DUE), 10).unwrap().0;
    let mut all = vec![issued_to(0)];
    let mut minute = 0;
    let mut say = |by: &str, at: &str, what: OrderMove, want: &str, state: OrderState| {
        // A node never writes two entries of one order at one instant.
        minute += 1;
        let at = &at.replace("02:00:00", &format!("02:{minute:02}:00"));
        all.push(entry(by, at, what));
        let v = view(&all, at);
        let new = doubts(&v).into_iter().filter(|d| d == want).count();
        assert_eq!(v.state, state, "{want} {at}");
        assert_eq!(new, usize::from(!want.is_empty()), "{want}: {:?}", v.doubts);
        if !want.is_empty() {
            all.pop();
        }
    };
    use OrderState::{Answered, Closed, Mended, NotMended, Open, Received};
    say("province", &march(1), OrderMove::Closed { note: String::new() }, "not-mended", Open);
    say("province", &march(1), examined(Mending::Mended), "not-answered", Open);
    say("province", &march(1), OrderMove::Received {}, "own-answer", Open);
    say("plant", &march(1), OrderMove::Received {}, "", Received);
    say("plant", &march(1), OrderMove::Received {}, "known", Received);
    say("other", &march(1), answered(), "other-node", Received);
    say("plant", &march(1), extended(5, due2), "not-issuer", Received);
    say("province", &march(2), extended(16, due2), "extend-far", Received);
    say("province", &march(2), extended(9, due2), "due", Received);
    say("province", &march(2), extended(10, instant(DUE)), "extend-nothing", Received);
    say("province", &march(2), extended(10, due2), "", Received);
    say("province", &march(3), extended(1, order_extended(&PLAN, due2, 1).unwrap().0), "extend-often", Received);
    say("plant", &march(4), answered(), "", Answered);
    say("province", &march(4), extended(1, due2), "nothing-owed", Answered);
    say("province", &march(5), examined(Mending::NotMended), "", NotMended);
    say("province", &march(6), paper("2026-03-06"), "", Answered);
    say("plant", &march(6), OrderMove::Withdrawn { reason: "x".into() }, "not-issuer", Answered);
    say("province", &march(7), examined(Mending::Mended), "", Mended);
    say("plant", &march(7), answered(), "mended", Mended);
    say("province", &march(8), OrderMove::Withdrawn { reason: String::new() }, "reason", Mended);
    say("province", &march(8), OrderMove::Closed { note: String::new() }, "", Closed);
    say("plant", &march(9), answered(), "over", Closed);
    let v = view(&all, &march(31));
    assert_eq!((v.due, v.answers.len(), v.late(), v.overdue), (due2, 2, false, false));
    assert_eq!(v.extended, (1, 10));
}

#[test]
fn an_answer_after_the_day_is_late_and_a_time_of_ones_own_is_doubted() {
    // One millisecond before the end, and at the end.
    for (at, late) in [("2026-03-11T15:59:59.999Z", false), (DUE, true)] {
        let all = [issued_to(0), entry("plant", at, answered())];
        let v = view(&all, "2026-03-20T00:00:00.000Z");
        assert_eq!((v.late(), v.overdue, v.state), (late, false, OrderState::Answered), "{at}");
    }
    // On paper the day counts: 11 March is in time, 12 March is not.
    for (day, late) in [("2026-03-11", false), ("2026-03-12", true)] {
        let all = [issued_to(0), entry("province", "2026-03-20T00:00:00.000Z", paper(day))];
        assert_eq!(view(&all, "2026-03-20T00:00:00.000Z").late(), late, "{day}");
    }
    // Received after the end, dated before it by the plant alone.
    let own = OrderMove::Carried {
        from: NodeId::new("plant"),
        statement: Digest::of(b"s"),
        stated_at: instant("2026-03-10T00:00:00.000Z"),
        what: Box::new(answered()),
    };
    let all = [issued_to(0), entry("province", "2026-03-13T00:00:00.000Z", own)];
    let v = view(&all, "2026-03-20T00:00:00.000Z");
    assert_eq!((v.late(), doubts(&v)), (false, vec!["own-time".to_owned()]));
    // A clock that is behind does not answer before it was ordered.
    let early = OrderMove::Carried {
        from: NodeId::new("plant"),
        statement: Digest::of(b"s"),
        stated_at: instant("2026-01-01T00:00:00.000Z"),
        what: Box::new(answered()),
    };
    let all = [entry("province", "2026-02-13T00:00:00.000Z", early), issued_to(0)];
    assert_eq!(view(&all, "2026-03-01T00:00:00.000Z").state, OrderState::Answered);
    // After the end nobody can be given more time; but it can be looked at without an answer.
    let more = extended(5, order_extended(&PLAN, instant(DUE), 5).unwrap().0);
    let all = [issued_to(0), entry("province", DUE, more), entry("province", DUE, examined(Mending::NotMended))];
    let v = view(&all, DUE);
    assert_eq!((doubts(&v), v.state, v.overdue), (vec!["extend-late".to_owned()], OrderState::NotMended, true));
}

/// Every kind, each with the enterprise that it is about.
#[test]
fn every_kind_of_the_queue_by_rank_with_its_command() {
    let bed = Bed::new();
    let members = [
        certified(0),
        certified(2),
        certified(3),
        certified(4),
        certified(5),
        certified(6),
        certified(12),
        member(7, MemberStanding::Suspended, "2026-04-01"),
        member(8, MemberStanding::Lost, "2026-04-01"),
        member(9, MemberStanding::Revoked, "2026-04-01"),
    ];
    let mut late = report(3, "2026-10-01");
    late.incidents.levels.insert("III".into(), 1);
    late.incidents.late = 1;
    let mut wrong = report(4, "2026-10-01");
    wrong.scope[0].examined = 11;
    let reports: Vec<ReceivedReport> = [late, wrong, report(5, "2025-10-20"), report(0, "2026-10-01")]
        .into_iter()
        .chain([report(2, "2026-10-01"), report(6, "2026-10-01")])
        .map(|r| received(r, "2026-10-02"))
        .collect();
    let caught = |child: &str| {
        sign_record(&Record::Equivocation(Box::new(Equivocation {
            node: node(),
            child: NodeId::new(child),
            at: t("2026-05-01"),
            size: 3,
            held: "h".into(),
            given: "g".into(),
            held_root: Digest::of(b"h"),
            given_root: Digest::of(b"g"),
            proof: Vec::new(),
        })))
    };
    let equivocations = [caught("plant-006"), caught("nobody-knows")];
    let checks = [Reobserved { uscc: code(2), at: t("2026-11-01"), leaf: Digest::of(b"c"), held: false }];
    let asked = RollRow { uscc: code(12), day: Some(t("2026-11-01")), way: "reminded".into(), ..RollRow::default() };
    let rolls = [roll("asked", "2026-10-01", &[asked])];
    let mut orders = vec![issued_to(0)];
    let second = |what: OrderMove, by: &str, at: &str| {
        let Record::Order(mut e) = entry(by, at, what).record.into_value() else { panic!() };
        e.order = "o-00000002".into();
        sign_record(&Record::Order(e))
    };
    let Record::Order(first) = issued_to(3).record.into_value() else { panic!() };
    orders.push(second(first.what, "province", ISSUED));
    orders.push(second(answered(), "plant", "2026-03-01T00:00:00.000Z"));
    let input = OversightInput {
        members: &members,
        reports: &reports,
        rolls: &rolls,
        orders: &orders,
        checks: &checks,
        equivocations: &equivocations,
        ..OversightInput::default()
    };
    bed.see(&input, |o| {
        let queue = o.queue(&[], &ListFilter::default(), None, 100).unwrap();
        let got: Vec<(&str, String)> = queue.items.iter().map(|i| (i.kind.name(), i.uscc.clone())).collect();
        let want = [
            ("equivocation", code(6)),
            ("equivocation", String::new()),
            ("refuted", code(2)),
            ("order-overdue", code(0)),
            ("incident-late", code(3)),
            ("order-answered", code(3)),
            ("report-doubted", code(4)),
            ("report-expiring", code(5)),
            // Revoked is a decision; 001 was never a member.
            ("not-enrolled", code(1)),
            ("silent", code(12)),
            ("membership", code(7)),
            ("membership", code(8)),
        ];
        assert_eq!(got, want);
        assert!(queue.items.iter().all(|i| i.command.starts_with("watchfire ")), "every line ends with a command");
        assert!(queue.items.iter().filter(|i| i.kind != MatterKind::NotEnrolled).all(|i| !i.from.is_empty()));
        let silent = queue.items.iter().find(|i| i.kind == MatterKind::Silent).unwrap();
        // Asked until 1 November, and silent since: overdue, whatever the word on it was; whoever asked owns it.
        assert_eq!(
            (silent.state.as_str(), silent.owner.as_str(), silent.due),
            ("overdue", "李明", Some(t("2026-03-31")))
        );
        // Pages of one are the whole.
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = o.queue(&[], &ListFilter::default(), after.as_deref(), 1).unwrap();
            seen.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, queue.items);
        assert_eq!(o.queue(&[], &filter("32"), None, 100).unwrap().total, 1);
    });
}

/// A hundred thousand rows: the same answer for each, and one pass.
#[test]
fn many_rows_have_few_answers() {
    let (w, file) = testing_registry(100_000);
    let rows = SelectionRows::open(&w, &file).unwrap();
    let judgement = selection(&PLAN, &rows, &[], t("2026-02-01")).judgement;
    let selected = judgement.readings[0].sums.selected;
    let signed = sign_record(&Record::SelectionJudgement(Box::new(judgement)));
    let input = OversightInput { registry: Some(&rows), selection: Some(&signed), ..OversightInput::default() };
    let o = Oversight::new(&PLAN, &input, t(AS_OF));
    let page = o.list(ListOf::Risk, &ListFilter::default(), None, 50).unwrap();
    assert_eq!((page.total, page.rows.len()), (selected, 50), "nobody else has a point");
    assert!(page.rows.iter().all(|r| range(r) == (20, 155)));
    assert_eq!(o.queue(&[], &ListFilter::default(), None, 1).unwrap().total, selected);
}

fn testing_registry(n: usize) -> (Witness, Vec<u8>) {
    use evidence::{Enterprise, EnterpriseFile, Registry};
    let lines = (0..n).map(|n| {
        let uscc = format!("914403000{n:09}");
        let e = Enterprise {
            above: true,
            area: "440100".into(),
            derived: false,
            group: "".into(),
            industry: "C3451".into(),
            name: "厂".into(),
            revenue: 20_000_000 + n as i64,
            supervisor: "44".into(),
            uscc: uscc.clone().into(),
        };
        (uscc, e.to_line())
    });
    let file = EnterpriseFile::write(lines.collect());
    let Record::Registry(r) = registry().0.record.into_value() else { panic!() };
    let record = Record::Registry(Box::new(Registry { rows: file.root, ..*r }));
    (sign_record(&record), file.lines)
}
