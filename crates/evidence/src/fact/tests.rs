//! The dictionary is well formed, and facts are held to it.

use super::*;
use crate::Place;

#[test]
fn the_dictionary_is_sorted_and_its_names_are_well_formed() {
    assert!(DICTIONARY.windows(2).all(|w| w[0].id < w[1].id), "sorted, no duplicates");
    let word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    for def in DICTIONARY {
        assert!(def.id.split('.').all(word), "{}", def.id);
        if let Shape::Many(fields) = def.shape {
            assert!(fields.iter().all(|f| word(f.0)), "{}", def.id);
            assert_eq!(fields[0].1, Text, "{}: the first field names the object", def.id);
        }
    }
    assert!(DICTIONARY.len() >= 60);
}

#[test]
fn facts_are_held_to_their_types() {
    let fact = |id: &str, value: FactValue| Fact { fact: id.into(), value, at: Place::file("/x") };
    assert_eq!(validate(&fact("audit.present", true.into())), Ok(()));
    assert_eq!(validate(&fact("backup.last_success", FactValue::time(Time::from_secs(0)))), Ok(()));
    assert!(validate(&fact("backup.last_success", "yesterday".into())).is_err());
    assert!(validate(&fact("audit.presence", true.into())).is_err());
    assert_eq!(validate(&fact("group.privileged", FactValue::row([("member", "a".into())]))), Ok(()));
    assert!(validate(&fact("group.privileged", FactValue::row([("group", "sudo".into())]))).is_err());
    assert!(validate(&fact("group.privileged", FactValue::row([("member", 1.into())]))).is_err());
}
