#![no_main]
//! `notify.toml`: whatever somebody wrote, or half of it. What is taken can be asked who is told.
use node::notify::{About, Colour, Numeral, Obligation, Roster, Seen, config_of, due};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // A folder that is not there: no file that the text names is read.
    let Ok(config) = config_of(text, std::path::Path::new("/nonexistent/home")) else { return };
    let now = evidence::Time::from_secs(1_795_956_600);
    let roster = Roster::new(&config, None);
    for r in &config.rotas {
        let _ = roster.table(&config, &r.role, now, 14);
    }
    let open = Obligation {
        about: "i-3f2a91c0".into(),
        clock: "phone".into(),
        kind: About::Clock,
        colour: Some(Colour::Red),
        numeral: Numeral::of("I"),
        deadline: now.plus_minutes(10),
        since: now,
        origin: evidence::Origin::Live,
        area: String::new(),
    };
    let _ = due(now, &config, &roster, &Seen::default(), &[open]);
});
