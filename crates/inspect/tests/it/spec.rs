//! The written dictionary keeps step with the code.

use evidence::fact::{DICTIONARY, Shape};

#[test]
fn the_specification_names_every_fact_and_field() {
    let spec = include_str!("../../../../docs/specs/facts-v1.md");
    for def in DICTIONARY {
        let head = format!("| `{}` |", def.id);
        let row = spec.lines().find(|l| l.starts_with(&head)).unwrap_or_else(|| panic!("no row for {}", def.id));
        if let Shape::Many(fields) = def.shape {
            for (name, _) in fields {
                assert!(row.contains(&format!("`{name}`")), "{}: field {name} is missing", def.id);
            }
        }
        assert_eq!(def.live_only, row.contains("(live)"), "{}", def.id);
    }
    let rows = spec.lines().filter(|l| l.starts_with("| `")).count();
    assert_eq!(rows, DICTIONARY.len(), "no row without a fact");
}
