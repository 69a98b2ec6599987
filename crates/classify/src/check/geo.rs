//! Where on the earth: pairs of degrees, reference systems, projected coordinates, and the two shifts in use on
//! Chinese maps.
//!
//! What is told about a value (how many decimals, inside China or not) is computed on integers; the shifts are
//! floating point and never stand in a record.

use super::Validity;
use Validity::{Fair, No, Strong, Weak};

/// A decimal number in units of 10^-7, and how many decimals were written.
fn decimal(text: &str) -> Option<(i64, usize)> {
    let (negative, plain) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || !digits(whole) || !digits(part) || part.len() > 16 {
        return None;
    }
    let kept = part.get(..part.len().min(7))?;
    let scale = 10i64.pow(u32::try_from(7 - kept.len()).ok()?);
    let fraction = if kept.is_empty() { 0 } else { kept.parse::<i64>().ok()? * scale };
    let value = whole.parse::<i64>().ok()? * 10_000_000 + fraction;
    Some((if negative { -value } else { value }, part.len()))
}
const DEGREE: i64 = 10_000_000;
/// The box of the public GCJ-02 formula: longitude 73.66 to 135.05, latitude 3.86 to 53.55.
fn in_china(lat: i64, lon: i64) -> bool {
    (736_600_000..=1_350_500_000).contains(&lon) && (38_600_000..=535_500_000).contains(&lat)
}
fn on_earth(lat: i64, lon: i64) -> bool {
    lat.abs() <= 90 * DEGREE && lon.abs() <= 180 * DEGREE
}
/// Two numbers with what stands between them; letters N, S, E, W and the degree sign are read over.
fn pair(value: &[u8]) -> Option<[(i64, usize); 2]> {
    let text = std::str::from_utf8(value).ok().filter(|t| t.len() <= 80)?;
    let mut parts = text
        .split([',', ' ', ';', '，', '、', '\t', '/', '|'])
        .map(|p| p.trim_matches(|c: char| "NSEWnsew°()[]（）".contains(c)))
        .filter(|p| !p.is_empty());
    let both = [decimal(parts.next()?)?, decimal(parts.next()?)?];
    // A height may follow.
    parts.next().is_none_or(|p| p.parse::<f64>().is_ok()).then_some(both)
}

/// Latitude and longitude in either order. Four decimals are about ten metres: fewer are no precise place.
///
/// Inside China and of five or more decimals it is strong, elsewhere on earth fair (two random numbers under 180
/// with such decimals are one in four).
pub(super) fn lat_lon(value: &[u8]) -> Validity {
    let Some([a, b]) = pair(value) else { return No };
    let decimals = a.1.min(b.1);
    let whole = |v: (i64, usize)| v.0 % DEGREE == 0;
    if decimals < 4 || whole(a) || whole(b) || a.0 == b.0 {
        return No;
    }
    if in_china(a.0, b.0) || in_china(b.0, a.0) {
        return if decimals >= 5 { Strong } else { Fair };
    }
    if !on_earth(a.0, b.0) && !on_earth(b.0, a.0) {
        No
    } else if a.0.abs() < 2 * DEGREE && b.0.abs() < 2 * DEGREE {
        // Pairs below two degrees are positions on a screen, weights, probabilities.
        No
    } else {
        Weak
    }
}
/// One latitude alone, for a table's column.
pub(super) fn latitude(value: &[u8]) -> Validity {
    axis(value, 90)
}
/// One longitude alone, for a table's column.
pub(super) fn longitude(value: &[u8]) -> Validity {
    axis(value, 180)
}
fn axis(value: &[u8], limit: i64) -> Validity {
    let number = std::str::from_utf8(value).ok().and_then(|t| decimal(t.trim()));
    let Some((v, decimals)) = number else { return No };
    if v.abs() > limit * DEGREE || v % DEGREE == 0 {
        No
    } else if decimals >= 4 {
        Fair
    } else {
        Weak
    }
}

/// Degrees, minutes, seconds: `39°54′26″N`, `116°23'29.5"E`, `39度54分26秒`, `N39°54.433'`.
pub(super) fn dms(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let hemisphere = |c: char| matches!(c, 'N' | 'S' | 'E' | 'W' | '北' | '南' | '东' | '西' | '纬' | '经');
    let marked = text.contains(hemisphere);
    let body = text.trim_matches(|c: char| hemisphere(c) || c == ' ' || c == '：' || c == ':');
    let numbers: Vec<&str> =
        body.split(['°', '度', '′', '\'', '分', '″', '"', '秒', '’', '”', ' ']).filter(|p| !p.is_empty()).collect();
    let values: Vec<Option<(i64, usize)>> = numbers.iter().map(|n| decimal(n)).collect();
    let below =
        |i: usize, limit: i64| values.get(i).is_none_or(|v| v.is_some_and(|(v, _)| (0..limit * DEGREE).contains(&v)));
    if !(2..=3).contains(&values.len())
        || !body.contains(['°', '度'])
        || !below(0, 180)
        || !below(1, 60)
        || !below(2, 60)
    {
        return No;
    }
    match (values.len(), marked) {
        (3, true) => Strong,
        (3, false) | (2, true) => Fair,
        _ => Weak,
    }
}

/// Gauss-Krüger coordinates with the zone before the easting: northing of seven digits (China lies between 0.4 and
/// 6.0 million metres), easting of eight (zones 13 to 23 of 6°, 25 to 45 of 3°, 500 km in the middle).
pub(super) fn gauss_krueger(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let numbers: Vec<(&str, &str)> = text
        .split([',', ' ', ';', '，', '\t', '/'])
        .filter(|p| !p.is_empty())
        .map(|p| p.trim_start_matches(['X', 'Y', 'x', 'y', '=', ':']))
        .map(|p| p.split_once('.').unwrap_or((p, "")))
        .collect();
    let [(a, a_part), (b, b_part)] = numbers.as_slice() else { return No };
    let metres = |s: &str| s.bytes().all(|c| c.is_ascii_digit()).then(|| s.parse::<u32>().ok()).flatten();
    let zoned = |n: &str, e: &str| {
        let (Some(north), Some(east)) = (metres(n), metres(e)) else { return false };
        let in_zone = (200_000..=800_000).contains(&(east % 1_000_000));
        let zone = east / 1_000_000;
        n.len() == 7 && e.len() == 8 && (400_000..=6_000_000).contains(&north) && (13..=45).contains(&zone) && in_zone
    };
    if zoned(a, b) || zoned(b, a) {
        // With decimals nobody wrote them by chance; without, one pair in twelve of such lengths passes.
        if a_part.is_empty() || b_part.is_empty() { Fair } else { Strong }
    } else {
        No
    }
}

/// Names and numbers of reference systems of China, as EPSG codes, WKT names and words.
#[rustfmt::skip]
const SYSTEMS: [&str; 26] = [
    "CGCS2000", "China Geodetic Coordinate System 2000", "China_2000", "GCS_China_Geodetic_Coordinate_System_2000", "国家大地坐标系",
    "GCJ-02", "GCJ02", "火星坐标", "BD-09", "BD09", "百度坐标", "WGS-84", "WGS84", "WGS 84", "WGS_1984", "GCS_WGS_1984",
    "Beijing 1954", "Beijing_1954", "北京54", "1954北京坐标系", "Xian 1980", "Xian_1980", "西安80", "1980西安坐标系", "地方坐标系", "独立坐标系",
];
/// A reference system that Chinese surveys use. EPSG: 4490, 4214, 4610, 4326, 3857 and the projected ranges of CGCS2000
/// (4491 to 4554), Beijing 1954 (21413 to 21463, 2401 to 2442) and Xi'an 1980 (2327 to 2390).
pub(super) fn reference(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    if let Some(code) = text.strip_prefix("EPSG:").or_else(|| text.strip_prefix("epsg:")) {
        return match code.trim_start_matches(':').parse::<u32>() {
            Ok(4490..=4554 | 4214 | 4610 | 2327..=2442 | 21413..=21463 | 4555 | 4479 | 4480) => Strong,
            Ok(4326 | 3857) => Weak,
            _ => No,
        };
    }
    let Some(name) = SYSTEMS.iter().find(|s| text.eq_ignore_ascii_case(s)) else { return No };
    if name.starts_with("WGS") || name.starts_with("GCS_WGS") { Weak } else { Strong }
}

/// Well-known text of geometry (OGC 06-103r4) with at least one pair of coordinates of four decimals.
pub(super) fn wkt(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let kinds = ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"];
    let upper = text.trim_start().to_ascii_uppercase();
    let Some(open) = upper.find('(').filter(|_| kinds.iter().any(|k| upper.starts_with(k))) else { return No };
    let first = upper.get(open..).unwrap_or_default().trim_start_matches(['(', ' ']);
    let pair = first.split([',', ')']).next().unwrap_or_default();
    lat_lon(pair.trim().as_bytes())
}

const A: f64 = 6_378_245.0;
const EE: f64 = 0.006_693_421_622_965_943;

fn shift(x: f64, y: f64) -> (f64, f64) {
    use std::f64::consts::PI;
    let wave = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let near = |v: f64| (20.0 * (v * PI).sin() + 40.0 * (v / 3.0 * PI).sin()) * 2.0 / 3.0;
    let lat = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + wave
        + near(y)
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let lon = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + wave
        + near(x)
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    (lat, lon)
}

/// WGS-84 degrees to GCJ-02 (the public formula; outside its box of China nothing changes).
#[must_use]
pub fn gcj02(lon: f64, lat: f64) -> (f64, f64) {
    use std::f64::consts::PI;
    if !(73.66..=135.05).contains(&lon) || !(3.86..=53.55).contains(&lat) {
        return (lon, lat);
    }
    let (d_lat, d_lon) = shift(lon - 105.0, lat - 35.0);
    let radians = lat / 180.0 * PI;
    let magic = 1.0 - EE * radians.sin() * radians.sin();
    let root = magic.sqrt();
    let d_lat = d_lat * 180.0 / ((A * (1.0 - EE)) / (magic * root) * PI);
    let d_lon = d_lon * 180.0 / (A / root * radians.cos() * PI);
    (lon + d_lon, lat + d_lat)
}
/// GCJ-02 degrees to BD-09 (the public formula).
#[must_use]
pub fn bd09(lon: f64, lat: f64) -> (f64, f64) {
    let pi = std::f64::consts::PI * 3000.0 / 180.0;
    let z = lon.hypot(lat) + 0.000_02 * (lat * pi).sin();
    let theta = lat.atan2(lon) + 0.000_003 * (lon * pi).cos();
    (z * theta.cos() + 0.0065, z * theta.sin() + 0.006)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (lat_lon, "39.90420, 116.40740", Strong),
            (lat_lon, "116.4074,39.9042", Fair),
            (lat_lon, "31.298886 120.585316", Strong),
            (lat_lon, "39.9042N 116.4074E", Fair),
            (lat_lon, "51.5007,-0.1246", Weak),
            (lat_lon, "39.90,116.40", No),
            (lat_lon, "0.12345,0.54321", No),
            (lat_lon, "239.9042,116.4074", No),
            (lat_lon, "39.9042", No),
            (lat_lon, "39.9042,116.4074,x", No),
            (latitude, "31.298886", Fair),
            (latitude, "131.298886", No),
            (longitude, "120.58", Weak),
            (longitude, "120", No),
            (dms, "39°54′26″N", Strong),
            (dms, "116°23'29.5\"E", Strong),
            (dms, "39度54分26秒", Fair),
            (dms, "N39°54.433'", Fair),
            (dms, "39°74′26″N", No),
            (dms, "85°", No),
            (gauss_krueger, "3462731.25,40456789.12", Strong),
            (gauss_krueger, "X=3462731 Y=40456789", Fair),
            (gauss_krueger, "3462731,456789", No),
            (gauss_krueger, "3462731.25,40956789.12", No),
            (reference, "EPSG:4490", Strong),
            (reference, "EPSG:4326", Weak),
            (reference, "EPSG:27700", No),
            (reference, "cgcs2000", Strong),
            (reference, "WGS84", Weak),
            (wkt, "POINT(120.585316 31.298886)", Strong),
            (wkt, "POLYGON((120.5853 31.2988, 120.6 31.3))", Fair),
            (wkt, "POINT(1 2)", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
    }

    /// The vector of the public formula: 116.404, 39.915.
    #[test]
    fn shifts() {
        let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6;
        assert!(near(gcj02(116.404, 39.915), (116.410_244, 39.916_404)));
        assert_eq!(gcj02(2.35, 48.86), (2.35, 48.86), "Paris is not shifted");
        assert!(near(bd09(116.404, 39.915), (116.410_369_49, 39.921_336_99)));
    }
}
