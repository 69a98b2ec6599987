//! Version order: the examples that each scheme publishes, and that every order is one.

use crate::Chance;
use advise::version::{Scheme, compare};
use std::cmp::Ordering::{self, Equal, Greater, Less};

/// Every version of the list is before all that follow.
fn ascending(scheme: Scheme, list: &[&str]) {
    for (i, a) in list.iter().enumerate() {
        for b in &list[i + 1..] {
            assert_eq!(compare(scheme, a, b), Less, "{}: {a} < {b}", scheme.name());
            assert_eq!(compare(scheme, b, a), Greater, "{}: {b} > {a}", scheme.name());
        }
    }
}
fn equal(scheme: Scheme, list: &[&str]) {
    for a in list {
        for b in list {
            assert_eq!(compare(scheme, a, b), Equal, "{}: {a} = {b}", scheme.name());
        }
    }
}

#[test]
fn dpkg() {
    // Debian Policy §5.6.12: "~~, ~~a, ~, the empty part, a"; deb-version(7).
    ascending(Scheme::Deb, &["1~~", "1~~a", "1~", "1", "1a", "1+", "1.1"]);
    ascending(Scheme::Deb, &["1.0~beta1~svn1245", "1.0~beta1", "1.0", "1.0-1", "1.0-1+deb12u1", "1.0-1.1", "1.0-10"]);
    ascending(Scheme::Deb, &["2.0", "1:1.0", "2:0.1"]);
    equal(Scheme::Deb, &["1.0", "0:1.0", "1.0-0", "1.00"]);
}

/// Cases of rpm's own test of its comparison, as facts.
#[test]
fn rpm() {
    for (a, order, b) in [
        ("1.0", Less, "2.0"),
        ("2.0", Less, "2.0.1"),
        ("2.0.1a", Greater, "2.0.1"),
        ("5.5p1", Less, "5.5p2"),
        ("5.5p1", Less, "5.5p10"),
        ("10xyz", Less, "10.1xyz"),
        ("xyz10", Less, "xyz10.1"),
        ("xyz.4", Less, "8"),
        ("xyz.4", Less, "2"),
        ("5.5p2", Less, "5.6p1"),
        ("5.6p1", Less, "6.5p1"),
        ("6.0.rc1", Greater, "6.0"),
        ("10b2", Greater, "10a1"),
        ("1.0a", Less, "1.0aa"),
        ("10.0001", Equal, "10.1"),
        ("10.0001", Less, "10.0039"),
        ("4.999.9", Less, "5.0"),
        ("20101121", Less, "20101122"),
        ("2.0", Equal, "2_0"),
        ("a+", Equal, "a_"),
        ("+a", Equal, "_a"),
        ("+_", Equal, "_+"),
        ("1.0~rc1", Less, "1.0"),
        ("1.0~rc1", Less, "1.0~rc2"),
        ("1.0~rc1~git123", Less, "1.0~rc1"),
        ("1.0^", Greater, "1.0"),
        ("1.0^git1", Greater, "1.0"),
        ("1.0^git1", Less, "1.0^git2"),
        ("1.0^git1", Less, "1.01"),
        ("1.0^20160101", Less, "1.0.1"),
        ("1.0^20160102", Greater, "1.0^20160101^git1"),
        ("1.0~rc1^git1", Greater, "1.0~rc1"),
        ("1.0^git1~pre", Less, "1.0^git1"),
    ] {
        assert_eq!(compare(Scheme::Rpm, a, b), order, "{a} {order:?} {b}");
        assert_eq!(compare(Scheme::Rpm, b, a), order.reverse(), "{b} {a}");
    }
    ascending(Scheme::Rpm, &["1.0", "1.0-1.el9", "1.0-1.el9_2", "1.0-2.el9", "1:0.1-1"]);
    // The known conflict: an empty release is no release.
    equal(Scheme::Rpm, &["1", "1-", "0:1"]);
}

#[test]
fn pacman() {
    // vercmp(8), EXAMPLES.
    ascending(Scheme::Alpm, &["1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1"]);
    ascending(Scheme::Alpm, &["1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0", "1:0.1"]);
}

#[test]
fn apk() {
    // apk-package(5): pre-release suffixes sort before, others behind, the version itself; then the revision.
    let order = ["1.0_alpha", "1.0_alpha2", "1.0_beta", "1.0_pre1", "1.0_rc1", "1.0", "1.0-r0", "1.0-r1", "1.0-r10"];
    ascending(Scheme::Apk, &order);
    ascending(Scheme::Apk, &["1.0", "1.0_cvs", "1.0_svn1", "1.0_git20240101", "1.0_hg", "1.0_p1", "1.0b", "1.0.1"]);
    ascending(Scheme::Apk, &["0.1.0_alpha_pre2", "0.1.0_alpha", "0.1.3_alpha", "2.34"]);
    ascending(Scheme::Apk, &["1.01", "1.1", "1.9", "1.10"]);
    // Known conflict: apk calls this form invalid.
    ascending(Scheme::Apk, &["1.9.5", "1.9.5p", "1.9.5p1", "1.9.6"]);
}

#[test]
fn semver_and_relatives() {
    // Semantic Versioning 2.0.0 §11.
    let order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"];
    ascending(Scheme::Semver, &[&order[..], &["1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"]].concat());
    equal(Scheme::Semver, &["v1.0.0", "1.0.0", "1.0", "1", "=1.0.0", "1.0.0+build.5"]);
    // NuGet, "Package versioning": sort order of labels, and normal forms.
    let labels =
        ["1.0.1-aaa", "1.0.1-alpha10", "1.0.1-alpha2", "1.0.1-beta", "1.0.1-open", "1.0.1-rc.2", "1.0.1-rc.10"];
    ascending(Scheme::NuGet, &[&labels[..], &["1.0.1-zzz", "1.0.1"]].concat());
    equal(Scheme::NuGet, &["1.01.1", "1.1.1", "1.1.1.0", "1.1.1+r3456"]);
    equal(Scheme::NuGet, &["1.0.0-Beta", "1.0-beta"]);
    ascending(Scheme::NuGet, &["1.0.0", "1.0.0.1"]);
    // Go modules reference, "Pseudo-versions".
    let pseudo = ["v0.0.0-20191109021931-daa7c04131f5", "v1.2.3", "v1.2.4-0.20191109021931-daa7c04131f5", "v1.2.4"];
    ascending(Scheme::Go, &pseudo);
    ascending(Scheme::Go, &["v1.2.4-pre", "v1.2.4-pre.0.20191109021931-daa7c04131f5", "v1.2.4"]);
    equal(Scheme::Go, &["v2.0.0+incompatible", "2.0.0"]);
    equal(Scheme::Go, &["go1.21rc2", "1.21.0-rc.2"]);
    ascending(Scheme::Go, &["1.21.0-0", "go1.21beta1", "go1.21rc2", "go1.21.0", "go1.21.10"]);
}

#[test]
fn pep440() {
    // PEP 440, "Summary of permitted suffixes and relative ordering", with the local versions of its section.
    ascending(
        Scheme::Pep440,
        &[
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "1!0.1",
        ],
    );
    // Its section on normalization.
    equal(Scheme::Pep440, &["1.1a1", "1.1.a1", "1.1-ALPHA_1", "v1.1a1", "1.1.0a01"]);
    equal(Scheme::Pep440, &["1.0.post2", "1.0-2", "1.0-r2", "1.0rev2"]);
    equal(Scheme::Pep440, &["1.0rc1", "1.0c1", "1.0-pre1", "1.0preview1"]);
    equal(Scheme::Pep440, &["1.0+ubuntu.1", "1.0+ubuntu-1"]);
    // Legacy versions sort below all others, as in packaging before 22.
    ascending(Scheme::Pep440, &["0.1-bulbasaur", "0.1-ivysaur", "0.0.1.dev1"]);
}

#[test]
fn maven() {
    // POM reference, "Version Order Specification": its examples.
    ascending(Scheme::Maven, &["1", "1.1"]);
    ascending(Scheme::Maven, &["1-snapshot", "1", "1-sp"]);
    ascending(Scheme::Maven, &["1-foo2", "1-foo10"]);
    ascending(Scheme::Maven, &["1.foo", "1-1", "1.1"]);
    equal(Scheme::Maven, &["1.foo", "1-foo"]);
    equal(Scheme::Maven, &["1.ga", "1-ga", "1-0", "1.0", "1", "1.0.0-0.0.0", "1-final"]);
    ascending(Scheme::Maven, &["1-ga.1", "1-sp.1"]);
    ascending(Scheme::Maven, &["1-sp-1", "1-ga-1"]);
    equal(Scheme::Maven, &["1-ga-1", "1-1"]);
    equal(Scheme::Maven, &["1-a1", "1-alpha-1"]);
    ascending(Scheme::Maven, &["1-alpha", "1-beta", "1-milestone", "1-rc", "1-SNAPSHOT", "1", "1-sp", "1-abc", "1-1"]);
    // MNG-7644.
    equal(Scheme::Maven, &["2-abc", "2.0.abc", "2.0.0.abc"]);
}

#[test]
fn rubygems_and_packagist() {
    // Gem::Version, its documentation and tests.
    ascending(Scheme::Gem, &["0.9", "1.0.a.2", "1.0.b1", "1.0"]);
    ascending(Scheme::Gem, &["1.8.2.a", "1.8.2.a9", "1.8.2.a10", "1.8.2.b", "1.8.2"]);
    ascending(Scheme::Gem, &["5.a", "5.0.0.rc2", "5.x"]);
    equal(Scheme::Gem, &["1.0", "1.0.0", "1"]);
    equal(Scheme::Gem, &["0.beta.1", "0.0.beta.1"]);
    equal(Scheme::Gem, &["", "0"]);
    // PHP manual, version_compare; getcomposer.org, "Versions and constraints".
    let order = ["dev-main", "1.0-dev", "1.0.0-alpha1", "1.0-beta.2", "1.0-RC1", "1.0", "1.0.0-p1", "1.0.1"];
    ascending(Scheme::Composer, &order);
    equal(Scheme::Composer, &["v1.0", "1.0.0.0", "1.0.0-stable"]);
    equal(Scheme::Composer, &["1.0a1", "1.0.0-alpha1"]);
    ascending(Scheme::Plain, &["V2.9 beta", "V2.9", "V2.9 SP1", "V2.9.1", "V2.10"]);
    equal(Scheme::Plain, &["V2.9", "2.9.0", "v 2.9"]);
}

/// Pieces from which versions and garbage are put together.
const PIECES: &[&str] = &[
    "0",
    "1",
    "2",
    "10",
    "01",
    "00",
    "20240101",
    ".",
    ".",
    ".",
    "-",
    "-r",
    "_",
    "~",
    "^",
    "+",
    ":",
    "!",
    "v",
    "a",
    "b",
    "rc",
    "alpha",
    "beta",
    "dev",
    "post",
    "pre",
    "sp",
    "ga",
    "final",
    "snapshot",
    "p",
    "_p",
    "_rc",
    "_git",
    "git",
    "x",
    "..",
    " ",
    "é",
    "中",
    "\u{0}",
    "el9",
    "deb12u1",
    "@",
    "patch",
    "go",
    "A",
    "99999999999999999999999999",
];
fn any(chance: &mut Chance) -> String {
    (0..chance.below(7)).map(|_| *chance.of(PIECES)).collect()
}

#[test]
fn every_order_is_total() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for scheme in Scheme::ALL {
        for _ in 0..20_000 {
            let [a, b, c] = [any(&mut chance), any(&mut chance), any(&mut chance)];
            let (ab, bc, ac) = (compare(scheme, &a, &b), compare(scheme, &b, &c), compare(scheme, &a, &c));
            assert_eq!(compare(scheme, &a, &format!(" {a} ")), Equal, "{scheme:?} {a:?}");
            assert_eq!(compare(scheme, &b, &a), ab.reverse(), "{scheme:?} {a:?} {b:?}");
            let broken = match (ab, bc) {
                (Equal, other) | (other, Equal) => ac != other,
                (x, y) if x == y => ac != x,
                _ => false,
            };
            assert!(!broken, "{scheme:?}: {a:?} {ab:?} {b:?} {bc:?} {c:?}, yet {ac:?}");
        }
    }
}

fn differs(scheme: Scheme, chance: &mut Chance, pieces: &[&str], other: impl Fn(&str, &str) -> Ordering) {
    for _ in 0..40_000 {
        let mut version = || -> String {
            let tail: String = (0..chance.below(5)).map(|_| *chance.of(pieces)).collect();
            format!("{}{tail}", chance.below(3))
        };
        let (a, b) = (version(), version());
        assert_eq!(compare(scheme, &a, &b), other(&a, &b), "{scheme:?} {a:?} {b:?}");
    }
}

#[test]
fn dpkg_and_rpm_agree_with_other_programs() {
    let mut chance = Chance(7);
    let pieces = ["0", "1", "10", ".", "a", "rc", "+", "~", "deb", "-1", "-0.2"];
    differs(Scheme::Deb, &mut chance, &pieces, deb_version::compare_versions);
    let pieces = ["0", "1", "10", ".", "a", "rc", "_", "~", "^", "el", "."];
    differs(Scheme::Rpm, &mut chance, &pieces, rpm_version::rpm_evr_compare);
}
