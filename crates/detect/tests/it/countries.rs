//! Tables of countries, after the registries' own description of their files (RIR statistics exchange format, version 2).

use detect::countries::{Countries, Importer, TableError};

fn table(files: &[&str]) -> Result<(Countries, detect::countries::Built), TableError> {
    let mut importer = Importer::default();
    for (n, text) in files.iter().enumerate() {
        importer.feed(&format!("f{n}"), text.as_bytes())?;
    }
    let built = importer.finish()?;
    Ok((Countries::open(&built.bytes)?, built))
}

fn of(c: &Countries, at: &str) -> String {
    c.of(at.parse().unwrap()).map_or_else(|| "-".to_owned(), |c| c.map(char::from).iter().collect())
}

#[test]
fn delegated_statistics_count_addresses_and_not_bits() {
    let text = concat!(
        "2|apnic|20260101|6|19830613|20251231|+1000\n",
        "# a remark\n",
        "apnic|*|asn|*|1|summary\napnic|*|ipv4|*|4|summary\napnic|*|ipv6|*|1|summary\n",
        "apnic|JP|asn|173|1|20020801|allocated\n",
        "apnic|AU|ipv4|1.0.0.0|256|20110811|assigned|A91872ED\n",
        "apnic|CN|ipv4|1.0.1.0|768|20110414|allocated|A92E1062\n",
        "apnic|JP|ipv4|1.0.4.0|1|20110414|allocated|x\n",
        "apnic||ipv4|1.1.1.0|256||available\n",
        "apnic|ZZ|ipv4|1.1.2.0|256||reserved\n",
        "apnic|EU|ipv4|1.1.3.0|256|20110414|allocated\n",
        "apnic|CN|ipv6|2001:250::|35|20000426|allocated|A9174785\n",
        "apnic|CN|ipv4|255.255.255.0|512|20110414|allocated\n",
        "apnic|CN|ipv4|1.2.3|256|20110414|allocated\n",
    );
    let (c, built) = table(&[text]).unwrap();
    for (at, want) in [
        ("0.255.255.255", "-"),
        ("1.0.0.0", "AU"),
        ("1.0.0.255", "AU"),
        ("1.0.1.0", "CN"),
        ("1.0.3.255", "CN"),
        ("1.0.4.0", "JP"),
        ("1.0.4.1", "-"),
        ("1.1.1.1", "-"),
        ("1.1.2.1", "-"),
        ("1.1.3.1", "-"),
        ("2001:250::1", "CN"),
        ("2001:250:1fff:ffff::1", "CN"),
        ("2001:250:2000::1", "-"),
        ("::ffff:1.0.1.7", "CN"),
    ] {
        assert_eq!(of(&c, at), want, "{at}");
    }
    assert_eq!((built.rows, built.form.as_str(), built.dated.as_deref()), (4, "delegated", Some("20251231")));
    // Three name no country, two are broken; only these are named.
    assert_eq!((built.refused, built.faults.iter().map(|f| f.line).collect::<Vec<_>>()), (5, vec![14, 15]));
}

#[test]
fn ranges_networks_and_two_files_of_geolite() {
    let (c, built) = table(&["start,end,country\n1.0.0.0,1.0.0.255,AU\n16777472,16777727,cn\n::1,::2,FR\n"]).unwrap();
    assert_eq!([of(&c, "1.0.0.9"), of(&c, "1.0.1.9"), of(&c, "::2")], ["AU", "CN", "FR"]);
    assert_eq!(built.form, "ranges");
    let (c, _) = table(&["network,country\n10.0.0.0/8,DE\n10.1.0.0/16,FR\n10.1.2.0/24,ZZ\n"]).unwrap();
    assert_eq!(
        [of(&c, "10.0.0.1"), of(&c, "10.1.2.3"), of(&c, "10.2.0.0")],
        ["DE", "FR", "DE"],
        "the smaller one wins"
    );
    let blocks = "network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy\n1.0.0.0/24,2077456,2077456,,0\n1.0.1.0/24,,7626844,,0\n1.0.2.0/24,99,99,,0\n";
    let places = "geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name\n2077456,en,OC,Oceania,AU,Australia\n7626844,en,NA,\"North America\",BQ,\"Bonaire, Sint Eustatius, and Saba\"\n6255148,en,EU,Europe,,\n";
    let (c, built) = table(&[blocks, places]).unwrap();
    assert_eq!([of(&c, "1.0.0.1"), of(&c, "1.0.1.1"), of(&c, "1.0.2.1")], ["AU", "BQ", "-"]);
    assert_eq!((built.form.as_str(), built.refused), ("geolite2", 1));
    assert_eq!(table(&[blocks]).unwrap_err(), TableError::Half);
}

#[test]
fn what_is_no_table_is_refused() {
    assert_eq!(table(&["hello\n"]).unwrap_err(), TableError::Unknown("f0".to_owned()));
    assert_eq!(table(&["1.0.0.0/24,ZZ\n"]).unwrap_err(), TableError::Empty);
    for broken in [
        "",
        "watchfire-countries-v2\n",
        "watchfire-countries-v1\n0 1 DE\n",
        "watchfire-countries-v1\n00000001 00000000 DE\n",
        "watchfire-countries-v1\n00000001 00000002 DE\n00000002 00000003 DE\n",
        "watchfire-countries-v1\n00000001 00000002 D1\n",
        "watchfire-countries-v1\n+0000001 00000002 DE\n",
    ] {
        assert!(Countries::open(broken.as_bytes()).is_err(), "{broken:?}");
    }
}

/// Against the plainest way to look it up.
#[test]
fn overlapping_ranges_answer_as_the_smallest_that_holds_the_address() {
    let mut seed = 5_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..50 {
        let ranges: Vec<(u64, u64, char)> = (0..20)
            .map(|_| {
                let a = next(200);
                (a, a + next(60), char::from(b'A' + u8::try_from(next(20)).unwrap()))
            })
            .collect();
        let text: String =
            ranges.iter().map(|(a, b, c)| format!("0.0.0.{},0.0.1.{},X{c}\n", a % 256, b % 256)).collect();
        let numbers: Vec<(u64, u64, char)> = ranges.iter().map(|(a, b, c)| (*a, 256 + b % 256, *c)).collect();
        let (c, _) = table(&[&text]).unwrap();
        for at in 0..512_u64 {
            let inside = numbers.iter().enumerate().filter(|(_, r)| (r.0..=r.1).contains(&at));
            let best = inside.min_by_key(|(n, r)| (r.1 - r.0, std::cmp::Reverse(*n)));
            let sizes: Vec<u64> = numbers.iter().filter(|r| (r.0..=r.1).contains(&at)).map(|r| r.1 - r.0).collect();
            let unique = sizes.iter().filter(|s| Some(*s) == sizes.iter().min()).count() < 2;
            let want = best.map_or_else(|| "-".to_owned(), |(_, r)| format!("X{}", r.2));
            if unique {
                assert_eq!(of(&c, &format!("0.0.{}.{}", at / 256, at % 256)), want, "{at}\n{text}");
            }
        }
    }
}
