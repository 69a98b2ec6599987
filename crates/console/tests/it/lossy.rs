//! A bad line: whoever sends until he is answered is answered, and nothing was half taken.

use crate::bed::face;
use node::{Calling, LineFault, http_line_with};
use testing::lossy::{Lossy, Trouble};

/// Packages that each child sends.
const PACKAGES: usize = 12;
/// Children that send at the same time.
const CHILDREN: usize = 6;
/// Attempts after which a package is given up as lost by the test.
const ATTEMPTS_MAX: usize = 200;

#[test]
fn every_package_is_answered_in_the_end() {
    let face = face(|_| {});
    // Two of three connections are cut, somewhere in a request of some 9,000 bytes or an answer of as many.
    let trouble = Trouble { seed: 20_261_130, cut_per_mille: 666, cut_bytes_max: 10_000, delay_millis_max: 3 };
    let line = Lossy::before(face.address, trouble).unwrap();
    let url = format!("http://{}", line.address());
    let body = |child: usize, n: usize| {
        format!("{{\"child\":{child},\"package\":{n},\"fill\":\"{}\"}}", "x".repeat(9_000)).into_bytes()
    };
    let child = |child: usize| {
        let line = http_line_with(&url, &Calling::default()).unwrap();
        for n in 0..PACKAGES {
            let sent = body(child, n);
            let answer = (0..ATTEMPTS_MAX).find_map(|_| match line.post("/v1/packages", &sent) {
                Ok(answer) => Some(answer),
                Err(LineFault::Unreachable(why)) => {
                    assert!(["broken-off", "no-connection", "other-program"].contains(&why.as_str()), "{why}");
                    None
                }
                Err(other) => panic!("{other:?}"),
            });
            assert_eq!(answer, Some([b"took ".as_slice(), &sent].concat()), "child {child}, package {n}");
        }
    };
    std::thread::scope(|s| {
        for n in 0..CHILDREN {
            s.spawn(move || child(n));
        }
    });
    let seen = face.desk.seen.0.lock().unwrap();
    let want: std::collections::BTreeSet<Vec<u8>> =
        (0..CHILDREN).flat_map(|c| (0..PACKAGES).map(move |n| body(c, n))).collect();
    assert!(seen.bodies.keys().eq(want.iter()), "what came is what was sent, whole");
    let came: usize = seen.bodies.values().sum();
    println!("{} packages, {} connections, {} cut, taken {came} times", want.len(), line.seen(), line.cut());
    assert!(line.cut() > 20, "the line was bad: {}", line.cut());
    assert!(came > want.len(), "answers were lost too, and those packages came again");
}
