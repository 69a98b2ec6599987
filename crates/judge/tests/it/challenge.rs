//! Planted lies, and the lot that finds them.

use crate::fixture::{Exam, PLAN, envelope, node, public_key, sign_record, t};
use evidence::{
    Authenticated, Author, Body, ChallengeEntry, ChallengeMove, ChallengeVerdict, Digest, DigestKey, Examination,
    ExaminedItems, FactValue, Hits, Item, Masked, NodeId, Opening, OpeningOrder, Origin, Place, ProgrammeReport,
    Record, RecordKind, ReobservationNumbers, ReobservationOrder, Sample, Scope, ScopeEntry, ScopeKind, Spot,
    WitnessKind, Witnessed, canonical, leaf_hash, merkle_root,
};
use judge::{
    OpeningCase, OpeningContent, OpeningJudged, REOBSERVATION, ReobservationCase, ReobservationContent, Reporter,
    ShownItem, ShownRun, ShownThing, draw, judged_anew, judged_opening, opening_verdict, programme_report,
    reobservation_verdict,
};
use proof::{Envelope, Witness};

const REPORT: Digest = Digest([9; 32]);

/// A run, as its node keeps it: `envelope` signs the bytes that `sign` did, with another signature, so a run is signed once here.
#[derive(Clone)]
struct Run {
    envelope: Envelope,
    examination: Examination,
    leaf: Digest,
    items: Vec<Item>,
}
impl Run {
    fn of(exam: &Exam) -> Self {
        let witness = exam.sign();
        let Record::Examination(examination) = witness.record.value().clone() else { panic!("no examination") };
        Self::signed(examination, witness.items.unwrap().items().to_vec())
    }
    fn signed(examination: Examination, items: Vec<Item>) -> Self {
        let envelope = envelope(&Record::Examination(examination.clone()));
        let leaf = proof::verify_envelope(&envelope, &[public_key()]).unwrap().leaf();
        Self { envelope, examination, leaf, items }
    }
    fn lines(&self) -> Vec<Vec<u8>> {
        self.items.iter().map(|i| canonical::to_vec(i).unwrap()).collect()
    }
    fn witness(&self) -> Witness {
        let record = proof::verify_envelope(&self.envelope, &[public_key()]).unwrap();
        let lines: Vec<u8> = self.lines().into_iter().flat_map(|l| [l, b"\n".to_vec()].concat()).collect();
        let items = proof::open_items(&record, &lines).unwrap();
        Witness { record, items: Some(items) }
    }
    fn shown(&self) -> ShownRun {
        let lines: Vec<u8> = self.lines().into_iter().flat_map(|l| [l, b"\n".to_vec()].concat()).collect();
        ShownRun { envelope: self.envelope.clone(), items: String::from_utf8(lines).unwrap() }
    }
    fn open(&self, n: u64) -> ShownItem {
        let hashes: Vec<Digest> = self.lines().iter().map(|l| leaf_hash(l)).collect();
        let at = usize::try_from(n).unwrap();
        let opening = Opening { item: self.items[at].clone(), path: path(&hashes, at) };
        ShownItem { examination: self.leaf, opening }
    }
}

/// RFC 6962 §2.1.1, written from its text.
fn path(hashes: &[Digest], at: usize) -> Vec<Digest> {
    if hashes.len() <= 1 {
        return Vec::new();
    }
    let mut half = 1;
    while half * 2 < hashes.len() {
        half *= 2;
    }
    let (left, right) = hashes.split_at(half);
    let (mut below, sibling) =
        if at < half { (path(left, at), merkle_root(right)) } else { (path(right, at - half), merkle_root(left)) };
    below.push(sibling);
    below
}

/// A host with `rows` accounts, all of them good, and a server that nobody may enter as root.
fn host(rows: i64) -> Exam {
    let mut exam = Exam::of("h1", "2026-10-01")
        .one("os.family", "linux")
        .one("ssh.server_present", true)
        .one("ssh.permit_root_login", "no")
        .one("ssh.password_authentication", false);
    for n in 0..rows {
        exam = exam.row("account", [("name", format!("u{n:04}").as_str().into()), ("uid", FactValue::Int(1000 + n))]);
    }
    exam
}

fn report(runs: &[Run]) -> ProgrammeReport {
    let witnesses: Vec<Witness> = runs.iter().map(Run::witness).collect();
    let judgement = judge::judge(&PLAN, &witnesses, t("2026-10-02"));
    let mut records = witnesses;
    records.push(sign_record(&Record::Judgement(Box::new(judgement))));
    let who = node();
    programme_report(&PLAN, &records, &Reporter { node: &who, uscc: "91350100M000100Y43" }, t("2026-10-02"))
}

fn order(seed: u64, count: u64) -> (OpeningOrder, [u8; 32]) {
    let mut bytes = [3; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let order = OpeningOrder {
        child: node(),
        round: "r".into(),
        committed: Digest([1; 32]),
        seed: String::new(),
        report: REPORT,
        count,
        due: t("2026-11-01"),
        key: String::new(),
    };
    (order, bytes)
}

/// What a plant that keeps everything shows.
fn honest(runs: &[Run], report: &ProgrammeReport, seed: u64, count: u64) -> OpeningContent {
    let (order, bytes) = order(seed, count);
    let mut content = OpeningContent::new(Digest([2; 32]));
    content.examinations = runs.iter().map(|r| r.envelope.clone()).collect();
    for (leaf, n) in draw(&bytes, &order.child, REPORT, &report.examinations, count) {
        content.items.push(runs.iter().find(|r| r.leaf == leaf).unwrap().open(n));
    }
    content
}

fn judged(report: &ProgrammeReport, seed: u64, count: u64, shown: &OpeningContent) -> OpeningJudged {
    let (order, bytes) = order(seed, count);
    judged_opening(&OpeningCase {
        plan: &PLAN,
        order: &order,
        seed: bytes,
        report,
        report_index: 10,
        keys: &[public_key()],
        place: &|_| Some(3),
        shown,
    })
}

fn verdict(judged: &OpeningJudged) -> ChallengeVerdict {
    opening_verdict(t("2026-11-01"), Some((t("2026-10-20"), &judged.numbers)))
}

#[test]
fn an_honest_plant_is_never_accused() {
    // A host that fails a check, one whose newest run mended what an older one failed, and a folder of its own.
    let runs = [
        Run::of(&host(40).one("ssh.permit_root_login_", "x")),
        Run::of(&Exam { host: "h2", ..host(30).one("sudo.x", "y") }),
        Run::of(
            &Exam::of("h1", "2026-09-01")
                .one("os.family", "linux")
                .one("ssh.server_present", true)
                .one("ssh.permit_root_login", "yes")
                .in_folders(&["/srv"])
                .folder("/srv", 3),
        ),
    ];
    let report = report(&runs);
    assert!(report.examinations.len() == 3, "{:?}", report.examinations);
    for seed in 0..300 {
        let got = judged(&report, seed, 20, &honest(&runs, &report, seed, 20));
        assert_eq!((verdict(&got), got.numbers.held), (ChallengeVerdict::Kept, 20), "seed {seed}: {:?}", got.numbers);
        assert_eq!(got.bodies.len(), 20);
    }
}

/// A share p of items that is gone is seen with probability 1 - (1 - p)^k (docs/specs/challenge-v1.md §1). 1000 items, 100 gone, 20
/// draws: 1 - 0.9^20 = 0.8784; without replacement 0.8803 (hypergeometric: 1 - C(900,20)/C(1000,20)). Over 1000 seeds one standard
/// deviation is sqrt(0.88 * 0.12 / 1000) = 0.0103; the bounds are four of them.
#[test]
fn what_was_thrown_away_is_missed_as_often_as_the_specification_says() {
    let runs = [Run::of(&host(996))];
    let report = report(&runs);
    assert_eq!(report.examinations.iter().map(|e| e.items).sum::<u64>(), 1000);
    let lines: Vec<Digest> = runs[0].lines().iter().map(|l| leaf_hash(l)).collect();
    assert_eq!(merkle_root(&lines), runs[0].examination.items.root);
    let mut caught = 0_u32;
    for seed in 0..1000 {
        let (order, bytes) = order(seed, 20);
        let mut content = OpeningContent::new(Digest([2; 32]));
        content.examinations.push(runs[0].envelope.clone());
        for (leaf, n) in draw(&bytes, &order.child, REPORT, &report.examinations, 20) {
            // Every tenth was thrown away. Paths are not looked at for the others here: that they lead to the root is another test.
            if n % 10 == 3 {
                content.missing.push((leaf, n));
            }
        }
        caught += u32::from(!content.missing.is_empty());
        // The judge says the same of a few of them, whole.
        if seed < 40 {
            let mut shown = honest(&runs, &report, seed, 20);
            shown.items.retain(|s| s.opening.item.n % 10 != 3);
            let got = judged(&report, seed, 20, &shown);
            assert_eq!(got.numbers.missing, content.missing.len() as u64);
            let want = if content.missing.is_empty() { ChallengeVerdict::Kept } else { ChallengeVerdict::Failed };
            assert_eq!(verdict(&got), want);
        }
    }
    let share = f64::from(caught) / 1000.0;
    assert!((share - 0.8803).abs() < 4.0 * 0.0103, "caught {share}");
}

/// Everything of the only examination is drawn: what is wrong is seen for certain.
fn full(change: impl Fn(&mut OpeningContent)) -> OpeningJudged {
    let runs = [Run::of(&host(4))];
    let report = report(&runs);
    let mut shown = honest(&runs, &report, 1, 20);
    assert_eq!(shown.items.len(), 8, "all");
    change(&mut shown);
    judged(&report, 1, 20, &shown)
}
fn wrong(judged: &OpeningJudged) -> Vec<(&str, u64)> {
    assert_eq!(verdict(judged), ChallengeVerdict::Failed);
    judged.numbers.wrong.iter().map(|(k, n)| (k.as_str(), *n)).collect()
}

#[test]
fn what_was_changed_after_signing_is_seen() {
    assert_eq!(full(|_| {}).numbers.held, 8);
    let changed = full(|c| {
        if let Body::Fact(f) = &mut c.items[0].opening.item.body {
            f.at = Place::file("/etc/z");
        }
    });
    assert_eq!((wrong(&changed), changed.numbers.held), (vec![("path", 1)], 7));
    let salted = full(|c| c.items[0].opening.item.salt = "0".repeat(32));
    assert_eq!(wrong(&salted), [("path", 1)]);
    // Another item of the run in its place is that item, and what was drawn is missing.
    let other = full(|c| c.items[0] = c.items[1].clone());
    assert_eq!((other.numbers.missing, verdict(&other)), (1, ChallengeVerdict::Failed));
    // No examination, or one that this plant did not sign.
    assert_eq!(wrong(&full(|c| c.examinations.clear())), [("no-examination", 8)]);
    let forged = full(|c| {
        let e = &c.examinations[0];
        c.examinations[0] = Envelope::new(e.payload().to_vec(), "somebody".into(), vec![1; 70]);
    });
    assert_eq!(wrong(&forged), [("no-examination", 8)]);
}

#[test]
fn an_examination_that_the_report_cannot_rest_on_is_seen() {
    let base = Run::of(&host(4));
    let told = |change: &dyn Fn(&mut Examination), at: Option<u64>| {
        let mut e = base.examination.clone();
        change(&mut e);
        let run = Run::signed(e, base.items.clone());
        let mut said = report(std::slice::from_ref(&base));
        said.examinations = vec![ExaminedItems { leaf: run.leaf, items: 8 }];
        let shown = honest(&[run], &said, 1, 20);
        let (order, seed) = order(1, 20);
        let got = judged_opening(&OpeningCase {
            plan: &PLAN,
            order: &order,
            seed,
            report: &said,
            report_index: 10,
            keys: &[public_key()],
            place: &|_| at,
            shown: &shown,
        });
        got.numbers.wrong.into_keys().next()
    };
    let is = |why: &str| Some(why.to_owned());
    assert_eq!(told(&|_| {}, Some(3)), None);
    assert_eq!(told(&|_| {}, None), is("not-in-log"));
    assert_eq!(told(&|_| {}, Some(11)), is("after-report"));
    assert_eq!(told(&|e| e.node = NodeId::new("another"), Some(3)), is("node"));
    assert_eq!(told(&|e| e.origin = Origin::Drill, Some(3)), is("origin"));
    assert_eq!(told(&|e| e.ended = t("2026-10-03"), Some(3)), is("times"));
    assert_eq!(told(&|e| e.items.count = 9, Some(3)), is("count"));
}

#[test]
fn a_report_that_the_items_contradict_is_seen_and_one_with_room_for_them_is_not() {
    let exam = Exam::of("h1", "2026-10-01")
        .one("os.family", "linux")
        .one("ssh.server_present", true)
        .one("ssh.permit_root_login", "yes")
        .one("ssh.password_authentication", true);
    let runs = [Run::of(&exam)];
    let said = report(&runs);
    let got = judged(&said, 1, 20, &honest(&runs, &said, 1, 20));
    assert_eq!((got.numbers.contradicted, verdict(&got)), (0, ChallengeVerdict::Kept));
    // The same plant says that everything passed.
    let mut lie = said.clone();
    for s in &mut lie.scenarios {
        s.passed += s.failed + s.accepted + s.not_examined;
        (s.failed, s.accepted, s.not_examined) = (0, 0, 0);
    }
    let got = judged(&lie, 1, 20, &honest(&runs, &lie, 1, 20));
    assert!(got.numbers.contradicted >= 2, "root may log in, and with a password: {:?}", got.numbers);
    assert_eq!(verdict(&got), ChallengeVerdict::Failed);
    // A newer run of the host takes its place: what it replaced says nothing.
    let newer = Run::of(&Exam { ended: t("2026-10-02"), started: t("2026-10-02"), ..host(0) });
    let mut both = report(&[runs[0].clone(), newer.clone()]);
    both.examinations =
        vec![ExaminedItems { leaf: runs[0].leaf, items: 4 }, ExaminedItems { leaf: newer.leaf, items: 4 }];
    both.scenarios = lie.scenarios.clone();
    let all = [runs[0].clone(), newer];
    assert_eq!(judged(&both, 1, 20, &honest(&all, &both, 1, 20)).numbers.contradicted, 0);
}

#[test]
fn an_item_with_a_keyed_digest_tells_whose_it_is() {
    let key = DigestKey::new([5; 32]);
    let hits = Body::Hits(Hits {
        class: "cn.mobile".into(),
        at: Place::file("/srv/a.csv"),
        bands: evidence::Bands { high: 1, medium: 0, low: 0 },
        distinct: 1,
        samples: vec![Sample {
            spot: Spot::Line { line: 1, column: 1 },
            mask: Masked::keep("13912345678", 3, 0),
            keyed: key.digest("cn.mobile", b"13912345678"),
            confidence: 97,
            why: Vec::new(),
        }],
    });
    let runs = [Run::of(&host(1).body(hits))];
    let said = report(&runs);
    let got = judged(&said, 1, 20, &honest(&runs, &said, 1, 20));
    assert_eq!(got.bodies.iter().filter(|b| b.telling).count(), 1);
    // Salt and number apart, the same body is the same digest.
    let again =
        [Run::of(&host(0).body(runs[0].items.iter().find(|i| matches!(i.body, Body::Hits(_))).unwrap().body.clone()))];
    let told = report(&again);
    let other = judged(&told, 1, 20, &honest(&again, &told, 1, 20));
    let telling = |j: &OpeningJudged| j.bodies.iter().find(|b| b.telling).unwrap().digest;
    assert_eq!(telling(&got), telling(&other));
}

struct Anew {
    scope: Scope,
    before: Run,
    after: Run,
    nonce: String,
}
impl Anew {
    fn new() -> Self {
        let entry = |kind, id: &str| ScopeEntry {
            kind,
            id: id.into(),
            label: String::new(),
            site: String::new(),
            country: String::new(),
        };
        let scope = Scope {
            node: node(),
            author: author(1000),
            stated_at: t("2026-09-01"),
            document: None,
            entries: vec![entry(ScopeKind::Host, "h1"), entry(ScopeKind::Share, "/srv")],
        };
        let nonce = "0b".repeat(32);
        let before = Run::of(&host(3));
        let after = Self::again(&host(3), &nonce);
        Self { scope, before, after, nonce }
    }
    fn again(exam: &Exam, nonce: &str) -> Run {
        let fresh = Run::of(&Exam { ended: t("2026-10-05"), started: t("2026-10-05"), ..exam.clone() });
        Run::signed(Examination { nonce: Some(nonce.to_owned()), ..fresh.examination }, fresh.items)
    }
    fn judged(&self, witness: Option<&Author>) -> ReobservationNumbers {
        let order_leaf = Digest([4; 32]);
        let scope = envelope(&Record::Scope(self.scope.clone()));
        let scope_leaf = proof::verify_envelope(&scope, &[public_key()]).unwrap().leaf();
        let mut said = report(std::slice::from_ref(&self.before));
        said.cites.push((scope_leaf, RecordKind::Scope));
        let order = ReobservationOrder {
            child: node(),
            report: REPORT,
            nonce: self.nonce.clone(),
            things: vec![("host".into(), 0)],
            due: t("2026-11-01"),
            key: String::new(),
        };
        let witnessed = witness.map(|by| {
            let what = ChallengeMove::Witnessed(Witnessed { order: order_leaf, examination: self.after.leaf });
            let entry = ChallengeEntry {
                node: node(),
                author: by.clone(),
                stated_at: t("2026-10-05"),
                challenge: "c".into(),
                what,
            };
            envelope(&Record::Challenge(Box::new(entry)))
        });
        let thing = ShownThing {
            thing: 0,
            before: self.before.shown(),
            after: self.after.shown(),
            witness: witnessed,
            witness_key: None,
        };
        let shown =
            ReobservationContent { format: REOBSERVATION.into(), order: order_leaf, scope, things: vec![thing] };
        judged_anew(&ReobservationCase {
            plan: &PLAN,
            order: &order,
            order_leaf,
            report: &said,
            keys: &[public_key()],
            author: &author(1000),
            shown: &shown,
        })
    }
}
fn author(uid: u32) -> Author {
    Author { name: "x".into(), authenticated: Authenticated::OsAccount { account: "x".into(), uid } }
}
fn verdict_anew(n: &ReobservationNumbers) -> ChallengeVerdict {
    reobservation_verdict(t("2026-11-01"), Some((t("2026-10-20"), n)))
}

#[test]
fn a_fresh_run_holds_only_with_its_nonce_its_thing_and_a_second_account() {
    let anew = Anew::new();
    let other = author(1001);
    let good = anew.judged(Some(&other));
    assert_eq!((good.observed, good.worse, good.gone, good.wrong.len()), (1, 0, 0, 0), "{good:?}");
    assert!(good.same >= 2, "{good:?}");
    assert_eq!((verdict_anew(&good), good.witness), (ChallengeVerdict::Kept, WitnessKind::OtherAccount));
    let typed = Author { name: "y".into(), authenticated: Authenticated::TypedName };
    for (witness, kind) in [
        (None, WitnessKind::Nobody),
        (Some(&typed), WitnessKind::TypedName),
        (Some(&author(1000)), WitnessKind::SameAccount),
    ] {
        let told = anew.judged(witness);
        assert_eq!((told.witness, verdict_anew(&told)), (kind, ChallengeVerdict::Failed));
    }
    let reason = |anew: &Anew| anew.judged(Some(&other)).wrong.into_keys().next().unwrap();
    let replayed = Anew { after: anew.before.clone(), ..Anew::new() };
    assert_eq!(reason(&Anew { before: anew.before.clone(), ..replayed }), "nonce");
    let wrong_nonce = Anew { after: Anew::again(&host(3), &"0c".repeat(32)), ..Anew::new() };
    assert_eq!(reason(&wrong_nonce), "nonce");
    let another = Exam { host: "h2", ..host(3) };
    let other_host = Anew { after: Anew::again(&another, &"0b".repeat(32)), ..Anew::new() };
    assert_eq!(reason(&other_host), "subject");
}

#[test]
fn a_host_that_stands_worse_than_it_was_reported_is_seen() {
    let other = author(1001);
    let worse = Exam::of("h1", "2026-10-05")
        .one("os.family", "linux")
        .one("ssh.server_present", true)
        .one("ssh.permit_root_login", "yes")
        .one("ssh.password_authentication", false);
    let anew = Anew { after: Anew::again(&worse, &"0b".repeat(32)), ..Anew::new() };
    let told = anew.judged(Some(&other));
    assert!(told.worse >= 1, "root may log in now: {told:?}");
    assert_eq!(verdict_anew(&told), ChallengeVerdict::Failed);
    // What cannot be seen any more is gone, not the same.
    let blind = Exam::of("h1", "2026-10-05").one("os.family", "linux").one("ssh.server_present", true);
    let anew = Anew { after: Anew::again(&blind, &"0b".repeat(32)), ..Anew::new() };
    let told = anew.judged(Some(&other));
    assert!(told.gone >= 1, "{told:?}");
    assert_eq!(verdict_anew(&told), ChallengeVerdict::Failed);
}
