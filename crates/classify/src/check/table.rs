//! The validators under the names that detectors call them by. Names are fixed: packs outside this house use them.

use super::{
    Validity, body, device, finance, geo, industry, mail, name, organisation, password, people, phone, place, token,
    vehicle,
};

/// A validator: the value's bytes in, a grade out.
type Validator = fn(&[u8]) -> Validity;

/// Every validator, by name, in order.
#[rustfmt::skip]
pub static VALIDATORS: [(&str, Validator); 83] = [
    ("age-key", token::age),
    ("aws-key-id", token::aws_key_id),
    ("aws-secret", token::aws_secret),
    ("azure-key", token::azure_key),
    ("bank-account", finance::account),
    ("bank-card", finance::bank_card),
    ("battery-code", vehicle::battery),
    ("biometric-record", body::biometric),
    ("birth-date", people::birth_date),
    ("blood-group", body::blood_group),
    ("cn-address", place::chinese),
    ("cn-company", organisation::company),
    ("cn-disability-card", people::disability_card),
    ("cn-landline", phone::landline),
    ("cn-mobile", phone::mobile),
    ("cn-mobile-iot", phone::mobile_iot),
    ("cn-name", name::chinese),
    ("cn-officer-card", people::officer_card),
    ("cn-passport", people::passport),
    ("cn-plate", vehicle::plate),
    ("cn-plate-nev", vehicle::plate_new_energy),
    ("cn-postcode", place::postcode),
    ("cn-privacy-number", phone::privacy_number),
    ("cn-registration", organisation::registration),
    ("cn-social-security", people::social_security),
    ("crypt-hash", password::crypt),
    ("customs-code", organisation::customs_code),
    ("device-id", device::device_id),
    ("discord-token", token::discord),
    ("dms", geo::dms),
    ("email", mail::address),
    ("en-address", place::english),
    ("en-name", name::english),
    ("engine-number", vehicle::engine),
    ("foreigner-card-old", people::foreigner_old),
    ("g-code", industry::g_code),
    ("gauss-krueger", geo::gauss_krueger),
    ("geo-reference", geo::reference),
    ("github-fine-token", token::github_fine),
    ("github-token", token::github),
    ("hex-secret", token::hex_secret),
    ("hk-id", people::hong_kong),
    ("hm-permit", people::home_return),
    ("iban", finance::iban),
    ("iccid", device::iccid),
    ("icd10", body::icd10),
    ("iec61850-reference", industry::iec61850),
    ("imei", device::imei),
    ("imeisv", device::imeisv),
    ("imsi", device::imsi),
    ("ipv4", device::ipv4),
    ("ipv6", device::ipv6),
    ("isa-tag", industry::isa_tag),
    ("jwt", token::jwt),
    ("lat-lon", geo::lat_lon),
    ("latitude", geo::latitude),
    ("lei", finance::lei),
    ("longitude", geo::longitude),
    ("luhn", finance::luhn_digits),
    ("mac", device::mac),
    ("macao-id", people::macao),
    ("modbus-register", industry::modbus),
    ("mrz", people::mrz),
    ("npm-token", token::npm),
    ("ntlm-line", password::ntlm),
    ("opc-da-item", industry::opc_item),
    ("opcua-nodeid", industry::opc_node),
    ("organisation-code", organisation::organisation_code),
    ("password-value", password::value),
    ("pypi-token", token::pypi),
    ("quantity", industry::quantity),
    ("random", token::random),
    ("resident-id", people::resident),
    ("resident-id-15", people::resident_15),
    ("s7-address", industry::s7),
    ("swift-code", finance::swift),
    ("tax-number", organisation::tax_number),
    ("telegram-token", token::telegram),
    ("tw-id", people::taiwan),
    ("tw-permit", people::taiwan_permit),
    ("uscc", organisation::social_credit),
    ("vin", vehicle::vehicle),
    ("wkt-geometry", geo::wkt),
];

/// The validator of that name.
#[must_use]
pub fn validator(name: &str) -> Option<Validator> {
    VALIDATORS.binary_search_by(|(n, _)| n.cmp(&name)).ok().and_then(|i| VALIDATORS.get(i)).map(|(_, v)| *v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_finds_its_validator() {
        assert!(VALIDATORS.windows(2).all(|w| w[0].0 < w[1].0), "sorted, no name twice");
        for (name, _) in VALIDATORS {
            assert!(validator(name).is_some(), "{name}");
        }
        assert!(validator("nothing").is_none());
    }

    /// Numbers drawn by lot and completed by python-stdnum 2.2: they pass, and with any one digit changed they do not.
    #[test]
    fn agrees_with_stdnum() {
        let table = [
            ("cn-registration", "320552601815906"),
            ("cn-registration", "320583016613185"),
            ("cn-registration", "320560913909966"),
            ("cn-registration", "320503082462811"),
            ("imei", "867975432319486"),
            ("imei", "867574911862528"),
            ("imei", "867114710497463"),
            ("lei", "M1TMA7V3DI8FPPV5AS19"),
            ("lei", "PZH8RZHQMOE95B9EE097"),
            ("lei", "P6UP3C4DSA7L3609Y645"),
            ("resident-id", "320501198506200275"),
            ("resident-id", "320501198502282138"),
            ("resident-id", "32050119851109979X"),
            ("resident-id", "320501198508041191"),
        ];
        for (name, value) in table {
            let check = validator(name).unwrap();
            assert!(check(value.as_bytes()) >= Validity::Fair, "{name} {value}");
            for i in 0..value.len() {
                let mut other = value.as_bytes().to_vec();
                if other[i].is_ascii_digit() {
                    other[i] = b'0' + (other[i] - b'0' + 1) % 10;
                    assert_eq!(check(&other), Validity::No, "{name} {value} at {i}");
                }
            }
        }
    }

    /// How many of 25,000 strings drawn by lot from a shape (`9` digit, `A` capital, `Z` either, the rest as it
    /// stands) reach a grade: the figures that the grades and the packs' bases rest on.
    #[test]
    fn chance_rates() {
        let mut noise = 0x9E37_79B9_7F4A_7C15u64;
        let mut next = move || {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise
        };
        let mut draw = move |shape: &str| -> Vec<u8> {
            let mut one = |set: &[u8]| set[(next() % set.len() as u64) as usize];
            let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
            let either = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
            let pick = |b: u8| match b {
                b'9' => one(b"0123456789"),
                b'A' => one(letters),
                b'Z' => one(either),
                other => other,
            };
            shape.bytes().map(pick).collect()
        };
        let table = [
            ("resident-id", "999999999999999999", Validity::Fair, 0..=2),
            ("resident-id-15", "999999999999999", Validity::Fair, 50..=175),
            ("hk-id", "A999999(9)", Validity::Fair, 1750..=2750),
            ("tw-id", "A199999999", Validity::Fair, 2000..=3000),
            ("bank-card", "9999999999999999", Validity::Fair, 375..=750),
            ("bank-card", "9999999999999999", Validity::Strong, 0..=1),
            ("imei", "999999999999999", Validity::Fair, 175..=350),
            ("imsi", "999999999999999", Validity::Fair, 0..=10),
            ("uscc", "999999999999999999", Validity::Fair, 0..=0),
            ("uscc", "999999999999999999", Validity::Weak, 125..=325),
            ("organisation-code", "ZZZZZZZZ9", Validity::Fair, 1750..=2625),
            ("cn-registration", "999999999999999", Validity::Fair, 500..=1250),
            ("lei", "ZZZZZZZZZZZZZZZZZZ99", Validity::Fair, 175..=350),
            ("iban", "DE99999999999999999999", Validity::Strong, 175..=350),
            ("cn-mobile", "99999999999", Validity::Weak, 1250..=2250),
            ("cn-landline", "099999999999", Validity::Weak, 2500..=6250),
            ("vin", "ZZZZZZZZZZZZZZZZZ", Validity::Strong, 0..=1),
            ("tax-number", "999999999999999", Validity::Weak, 375..=1125),
            ("jwt", "eyJZZZZZZZZZZZZZ.eyJZZZZZZZZZZZZ.ZZZZZZZZZZ", Validity::Weak, 0..=0),
            ("github-token", "ghp_ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ", Validity::Weak, 0..=0),
        ];
        for (name, shape, grade, expect) in table {
            let check = validator(name).unwrap();
            let passed = (0..25_000).filter(|_| check(&draw(shape)) >= grade).count();
            assert!(expect.contains(&passed), "{name} {shape} {grade:?}: {passed}");
        }
    }

    /// Foreign bytes: every validator takes anything without a panic, also cut and bent forms of good values.
    #[test]
    fn no_validator_panics() {
        let seeds: [&[u8]; 14] = [
            b"",
            b"\0",
            b"\xff\xfe\xfd",
            b"11010519491231002X",
            b"6228480402564890018",
            "苏E·D12345".as_bytes(),
            "江苏省苏州市吴中区东吴北路98号".as_bytes(),
            b"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",
            b"39.90420, 116.40740",
            "39°54′26″N".as_bytes(),
            b"$6$a$b",
            b"ns=2;s=Line1.Temp",
            b"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
            "１３９６１８３５６７４".as_bytes(),
        ];
        let mut noise = 0x2545_F491_4F6C_DD1Du64;
        let mut next = move || {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise
        };
        for seed in seeds {
            for cut in 0..=seed.len() {
                let mut value = seed[..cut].to_vec();
                for _ in 0..8 {
                    for (_, check) in VALIDATORS {
                        check(&value);
                    }
                    let [a, b, ..] = next().to_le_bytes();
                    if let Some(i) = usize::from(a).checked_rem(value.len()) {
                        value[i] = b;
                    }
                }
            }
        }
        for size in [1000, 100_000] {
            for (_, check) in VALIDATORS {
                check(&vec![b'1'; size]);
                check("省市".repeat(size / 6).as_bytes());
            }
        }
    }
}
