//! The scanner against the reference: random rules over random events, one seed each.

use std::fmt::Write;
use std::sync::Arc;

use sigma::{Compiler, Event, Options, Scanner, Value};

struct Dice(u64);
impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.roll(all.len())]
    }

    /// A text of few letters, so that things meet.
    fn text(&mut self, most: usize) -> String {
        (0..self.roll(most + 1)).map(|_| self.of(&["a", "B", "b", "ab", "É", "é", "-x", " /y", "12", "\\\\"])).collect()
    }
}

fn item(dice: &mut Dice) -> String {
    let field = dice.of(&["f", "g", "h"]);
    let modifiers = dice.of(&[
        "",
        "",
        "|contains",
        "|contains",
        "|startswith",
        "|endswith",
        "|contains|all",
        "|cased",
        "|cased|contains",
        "|neq",
        "|contains|windash",
        "|re",
        "|re|i",
        "|exists",
        "|fieldref",
        "|gt",
        "|lte",
    ]);
    let mut value = || match modifiers {
        "|exists" => dice.of(&["true", "false"]).to_owned(),
        "|fieldref" => dice.of(&["f", "g", "h"]).to_owned(),
        "|gt" | "|lte" => dice.roll(20).to_string(),
        "|re" | "|re|i" => format!("'{}'", dice.of(&["a.*bab", "^ab", "(ab|ba)b+", "b$", "[ab]{3}12", "é|x", ""])),
        _ => {
            let (a, b) = (dice.text(4), dice.text(3));
            format!("'{a}{}{b}'", dice.of(&["", "", "*", "?"]))
        }
    };
    let one = matches!(modifiers, "|exists");
    let values: Vec<String> = (0..if one { 1 } else { 2 }).map(|_| value()).collect();
    format!("{field}{modifiers}: {}", if one { values[0].clone() } else { format!("[{}]", values.join(", ")) })
}

fn rule(dice: &mut Dice, n: usize) -> String {
    let mut text = format!("title: r{n}\nlogsource: {{product: windows}}\ndetection:\n");
    for name in ["s1", "s2", "t"] {
        match dice.roll(8) {
            0 => writeln!(text, "  {name}: ['{}x', 'ab']", dice.text(3)).unwrap(),
            1 => writeln!(text, "  {name}: {{f: null}}").unwrap(),
            _ => writeln!(text, "  {name}:\n    - {}\n    - {}", item(dice), item(dice)).unwrap(),
        }
    }
    let condition = dice.of(&[
        "s1 and t",
        "s1 and not t",
        "1 of s* and t",
        "all of them",
        "2 of them",
        "not s1",
        "s1 or (s2 and not t)",
        "not 1 of s* or t",
    ]);
    text + "  condition: " + condition + "\n---\n"
}

#[test]
fn the_scanner_says_what_the_reference_says() {
    let mut dice = Dice(20_261_130);
    let (mut rules_read, mut hits) = (0, 0);
    for round in 0..12 {
        let text: String = (0..60).map(|n| rule(&mut dice, n)).collect();
        let mut compiler = Compiler::new(Options::default());
        compiler.add("random.yml", &text);
        let compiled = compiler.finish();
        assert!(compiled.refusals.is_empty(), "{:?}", compiled.refusals);
        let rules = Arc::new(compiled.rules);
        rules_read += rules.all().len();
        let (plan, mut scanner, mut event) = (rules.plan_of_all(), Scanner::new(&rules), Event::new());
        for n in 0..150 {
            event.clear();
            for _ in 0..dice.roll(6) {
                let field = rules.field(dice.of(&["f", "g", "h", "other"]));
                match dice.roll(8) {
                    0 => event.push(field, Value::Null),
                    1 => event.push(field, Value::Int(dice.roll(20) as i64)),
                    _ => event.push(field, Value::Text(&dice.text(9).replace("\\\\", "\\"))),
                }
            }
            let found = scanner.scan(&plan, &event).to_vec();
            let plainly: Vec<_> = plan.rules().iter().copied().filter(|r| rules.matches_plainly(*r, &event)).collect();
            assert_eq!(found, plainly, "round {round}, event {n}: {event:?}");
            hits += found.len();
        }
    }
    assert_eq!(rules_read, 720);
    assert!(hits > 10_000, "{hits}: the generator makes things that meet");
}
