//! Logs of text: whatever the bytes are, a form is told or not, lines are read or counted.
#![no_main]

use detect::logs::{Clock, read};
use libfuzzer_sys::fuzz_target;
use stdx::Stop;

fuzz_target!(|bytes: &[u8]| {
    let clock = Clock { ahead_minutes: 480, newest: 1_796_083_200_000 };
    let mappings = detect::mappings::Mappings::built_in();
    let mut sources = Vec::new();
    let mut from = bytes;
    let told = read(&mut from, clock, &mut |event, form| mappings.apply(event, form, clock, &mut sources), &Stop::new());
    assert!(told.events + told.bad <= told.lines.max(1));
});
