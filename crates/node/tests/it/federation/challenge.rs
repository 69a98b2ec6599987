//! A plant that shows another's evidence, answers late, or answers what was not asked; and one that is observed anew.

use super::bed::{Direct, Site, assert_holds, folder, part, two};
use evidence::{
    ChallengeEntry, ChallengeJudged, ChallengeMove, ChallengeVerdict, Digest, NodeRole, Record, RecordKind,
    SealedAnswer,
};
use node::{Answering, Order, OrderWanted, SignedChallenge, Took};
use std::path::PathBuf;
use stdx::{Silent, Stop};

const WANTED: OrderWanted<'_> = OrderWanted { count: 30, days: 10, round: None, author: None };

fn plan() -> plan::CheckedPlan {
    node::load_plan(None).unwrap()
}

/// A folder with telephone numbers in it.
fn share(name: &str) -> PathBuf {
    let share = folder(name);
    std::fs::create_dir_all(&share).unwrap();
    for n in 0..20 {
        let rows = format!("姓名,手机\n李四,139{n:08}\n王五,137{n:08}\n");
        std::fs::write(share.join(format!("f{n}.csv")), rows).unwrap();
    }
    share
}

fn examine(site: &Site, share: &std::path::Path) -> Digest {
    let order = Order { folders: vec![share.to_owned()], workers: 1, ..Order::default() };
    site.node.examine(&order, &plan(), &Silent, &Stop::new()).unwrap().run.leaf
}

fn report(site: &Site, parent: &Site) {
    site.node.report_to_parent(&plan(), None, &Silent, &Stop::new()).unwrap();
    site.submit_all(parent);
}

fn uscc(site: &Site) -> String {
    site.node.part().unwrap().unwrap().uscc
}

/// Draws items of a plant's newest report, which the plant answers.
fn answered(site: &Site, parent: &Site) -> (SignedChallenge, Vec<u8>) {
    let order = parent.node.challenge_open(&uscc(site), &WANTED).unwrap();
    assert_eq!(site.node.orders_ask(None, &Direct(&parent.node)).unwrap(), (1, 0), "the order comes with an answer");
    let waiting = site.node.challenges_unanswered().unwrap();
    assert_eq!(waiting.iter().map(|o| o.leaf).collect::<Vec<_>>(), [order.leaf]);
    let done = site.node.challenge_answer(&waiting[0], &Answering::default(), &Silent, &Stop::new()).unwrap();
    (order, done.file)
}

#[track_caller]
fn judged(took: &Took) -> &ChallengeJudged {
    match took {
        Took::Judged(kept) => match &kept.entry.what {
            ChallengeMove::Judged(judged) => judged,
            other => panic!("{other:?}"),
        },
        Took::Refused(..) => panic!("{took:?}"),
    }
}

#[track_caller]
fn refused(took: &Took) -> &str {
    match took {
        Took::Refused(_, say) => say.key.trim_start_matches("refused.challenge-"),
        Took::Judged(_) => panic!("{took:?}"),
    }
}

#[test]
fn the_evidence_of_another_plant_is_flagged_where_it_is_shown_second() {
    let (province, first) = two();
    let second = Site::new(part(NodeRole::Plant, "3201", 2));
    second.join(&province);
    province.node.challenge_commit("a", None).unwrap();
    let share = share("share");
    let run = examine(&first, &share);
    // The second plant signs as its own what the first one saw.
    let record = first.node.store().witness(run).unwrap().record.into_value();
    let items = first.node.store().items(run).unwrap();
    let Record::Examination(mut examination) = record else { panic!("no examination") };
    examination.node = second.node.id();
    second.node.store().record(&Record::Examination(examination), items, vec![]).unwrap();
    report(&first, &province);
    report(&second, &province);
    let (_, file) = answered(&first, &province);
    let took = province.node.challenge_take_file(&plan(), &file).unwrap();
    let n = judged(&took).opening.clone().unwrap();
    assert_eq!((judged(&took).verdict, n.shared, n.missing, n.held), (ChallengeVerdict::Kept, 0, 0, 30));
    let (_, file) = answered(&second, &province);
    let took = province.node.challenge_take_file(&plan(), &file).unwrap();
    let n = judged(&took).opening.clone().unwrap();
    // Of 30 drawn items of the same run many are the same; those with a keyed digest cannot be so by chance.
    assert!(n.shared > 0 && n.shared_with.len() == 1, "{n:?}");
    // By the next packages the same answers come again, and are judged already.
    for plant in [&first, &second] {
        plant.submit_all(&province);
    }
    assert_eq!(province.node.challenge_take(&plan()).unwrap().len(), 0);
    for node in [&first.node, &second.node, &province.node] {
        assert_holds(node);
    }
    // A judgement whose draws, numbers or verdict do not follow is found, each.
    let true_one = judged(&took).clone();
    let change: [fn(&mut ChallengeJudged); 4] = [
        |j| j.opening.as_mut().unwrap().draws = Digest::of(b"others"),
        |j| j.opening.as_mut().unwrap().held += 1,
        |j| j.verdict = ChallengeVerdict::Failed,
        |j| j.child = evidence::NodeId::new("another"),
    ];
    for (n, change) in (1..).zip(change) {
        let mut lie = true_one.clone();
        change(&mut lie);
        let Took::Judged(kept) = &took else { panic!("not judged") };
        let what = ChallengeMove::Judged(Box::new(lie));
        province.record(&Record::Challenge(Box::new(ChallengeEntry { what, ..kept.entry.clone() })));
        let problems = province.node.audit(&Silent, &Stop::new()).unwrap().problems;
        assert_eq!(problems.len(), n, "{problems:?}");
        assert!(problems.iter().all(|p| p.key == "cli.say.audit_challenge"));
    }
    let _ = std::fs::remove_dir_all(share);
}

#[test]
fn late_foreign_and_replayed_answers() {
    let (province, plant) = two();
    province.node.challenge_commit("a", None).unwrap();
    let share = share("share");
    examine(&plant, &share);
    report(&plant, &province);
    let (order, file) = answered(&plant, &province);
    // Another plant's node signs the same letter for the same order: the order was not its own.
    let other = Site::new(part(NodeRole::Plant, "3201", 2));
    other.join(&province);
    other.submit_all(&province);
    let answer = plant.node.store().records(&[RecordKind::Challenge]).unwrap().pop().unwrap().record.into_value();
    let Record::Challenge(answer) = answer else { panic!("no answer") };
    let ChallengeMove::Opened(sealed) = answer.what.clone() else { panic!("no answer") };
    let letter = plant.node.store().artifact(sealed.sealed).unwrap();
    let stolen = ChallengeEntry { node: other.node.id(), ..(*answer).clone() };
    other.node.store().record(&Record::Challenge(Box::new(stolen)), None, vec![letter.clone()]).unwrap();
    other.submit_all(&province);
    let took = province.node.challenge_take(&plan()).unwrap();
    assert_eq!(took.iter().map(refused).collect::<Vec<_>>(), ["other-order"]);
    // An order whose time is over yesterday, with the same key: the answer is good, and late.
    let late = |name: &str| {
        let mut entry = order.entry.clone();
        entry.challenge = name.to_owned();
        let ChallengeMove::Drawn(drawn) = &mut entry.what else { panic!("no order") };
        drawn.due = entry.stated_at.plus_minutes(-1).unwrap();
        entry
    };
    let path = province.home.join("challenges.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(&order.entry.challenge, "c-late")).unwrap();
    let entry = late("c-late");
    let leaf = province.record(&Record::Challenge(Box::new(entry.clone())));
    // The plant's own keys say when it answers; the parent's clock says when that came.
    let ordered = SignedChallenge { entry, leaf };
    let done = plant.node.challenge_answer(&ordered, &Answering::default(), &Silent, &Stop::new()).unwrap();
    let took = province.node.challenge_take_file(&plan(), &done.file).unwrap();
    let n = judged(&took);
    assert_eq!((n.verdict, n.opening.as_ref().unwrap().missing), (ChallengeVerdict::Late, 0));
    // Again: judged before. The first answer: its key is gone.
    assert_eq!(refused(&province.node.challenge_take_file(&plan(), &done.file).unwrap()), "judged");
    assert_eq!(refused(&province.node.challenge_take_file(&plan(), &file).unwrap()), "no-key");
    // A letter about another order does not open under this one.
    let what = ChallengeMove::Opened(SealedAnswer { order: order.leaf, ..sealed });
    let wrong = ChallengeEntry { what, challenge: "c-late".to_owned(), ..(*answer).clone() };
    plant.node.store().record(&Record::Challenge(Box::new(wrong)), None, vec![letter]).unwrap();
    plant.submit_all(&province);
    let took = province.node.challenge_take(&plan()).unwrap();
    assert!(took.iter().all(|t| matches!(t, Took::Refused(..))), "{took:?}");
    let _ = std::fs::remove_dir_all(share);
}
