//! Provinces as a grid of equal fields: not a map of territory, which may be shown in an approved form alone.

use maud::{Markup, html};

/// Place of each province-level unit, from the west and from the north; 34 of them.
const PLACES: [(&str, u32, u32); 34] = [
    ("23", 7, 0),
    ("15", 4, 1),
    ("11", 5, 1),
    ("21", 6, 1),
    ("22", 7, 1),
    ("65", 0, 2),
    ("62", 2, 2),
    ("64", 3, 2),
    ("14", 4, 2),
    ("13", 5, 2),
    ("12", 6, 2),
    ("63", 1, 3),
    ("61", 3, 3),
    ("41", 4, 3),
    ("37", 5, 3),
    ("54", 0, 4),
    ("51", 2, 4),
    ("50", 3, 4),
    ("42", 4, 4),
    ("34", 5, 4),
    ("32", 6, 4),
    ("31", 7, 4),
    ("53", 2, 5),
    ("52", 3, 5),
    ("43", 4, 5),
    ("36", 5, 5),
    ("33", 6, 5),
    ("45", 3, 6),
    ("44", 4, 6),
    ("35", 5, 6),
    ("71", 6, 6),
    ("46", 3, 7),
    ("82", 4, 7),
    ("81", 5, 7),
];
// The longest names, "Inner Mongolia" and "Heilongjiang", have room.
const WIDE: u32 = 114;
const HIGH: u32 = 72;
const GAP: u32 = 4;

/// What a square shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Code of the province, two digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub value: String,
    /// How full it is, 0 to 100; `None`: nothing is known, or it is not in the plan.
    pub full: Option<u64>,
    /// Where it leads.
    pub link: Option<String>,
}

/// Codes of the province-level units, from north to south.
pub fn provinces() -> impl Iterator<Item = &'static str> {
    PLACES.iter().map(|p| p.0)
}

/// Draws the grid; a province without a tile is an empty square with its code.
#[must_use]
pub fn tile_grid(tiles: &[Tile], title: &str, about: &str) -> Markup {
    let (wide, high) = (8 * (WIDE + GAP), 8 * (HIGH + GAP));
    html! {
        svg.plot.provinces viewBox={ "0 0 " (wide) " " (high) } role="group" aria-label=(title) {
            title { (title) }
            desc { (about) }
            @for (code, west, north) in PLACES {
                @let tile = tiles.iter().find(|t| t.code == code);
                @let (x, y) = (west * (WIDE + GAP), north * (HIGH + GAP));
                @match tile.and_then(|t| t.link.as_deref()) {
                    Some(link) => a href=(link) { (square(code, tile, x, y)) },
                    None => g { (square(code, tile, x, y)) },
                }
            }
        }
    }
}

fn square(code: &str, tile: Option<&Tile>, x: u32, y: u32) -> Markup {
    let full = tile.and_then(|t| t.full).map(|f| f.min(100));
    // Filled from below: how much is a height, not only a shade.
    let height = full.map_or(0, |f| u32::try_from(f).unwrap_or(100) * (HIGH - 8) / 100);
    html! {
        rect class={ "square" @if full.is_none() { " unknown" } } x=(x) y=(y) width=(WIDE) height=(HIGH) {}
        rect.fill x=(x + 4) y=(y + 4 + (HIGH - 8) - height) width="6" height=(height) {}
        text.name x=(x + 16) y=(y + 24) { (tile.map_or(code, |t| t.name.as_str())) }
        text.value x=(x + 16) y=(y + 48) { (tile.map_or("–", |t| t.value.as_str())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn thirty_four_units_each_on_a_place_of_its_own() {
        let codes: BTreeSet<_> = PLACES.iter().map(|p| p.0).collect();
        let places: BTreeSet<_> = PLACES.iter().map(|p| (p.1, p.2)).collect();
        assert_eq!((codes.len(), places.len()), (34, 34));
        // Neighbours in the world lie on the same side of each other here: north is above, west is left.
        let at = |code: &str| PLACES.iter().find(|p| p.0 == code).map(|p| (p.1, p.2)).unwrap();
        for (north, south) in [("23", "22"), ("11", "13"), ("32", "33"), ("43", "44"), ("44", "82")] {
            assert!(at(north).1 < at(south).1, "{north} {south}");
        }
        for (west, east) in [("65", "62"), ("51", "50"), ("42", "34"), ("35", "71"), ("45", "44")] {
            assert!(at(west).0 < at(east).0, "{west} {east}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_shown_as_nothing() {
        let tile = |full| Tile { code: "32".into(), name: "江苏".into(), value: "1 / 4".into(), full, link: None };
        let known = tile_grid(&[tile(Some(0))], "t", "a").into_string();
        let unknown = tile_grid(&[tile(None)], "t", "a").into_string();
        assert_ne!(known, unknown);
        assert_eq!(known.matches("square unknown").count(), 33);
        assert_eq!(unknown.matches("square unknown").count(), 34);
    }
}
