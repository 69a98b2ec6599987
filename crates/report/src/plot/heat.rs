//! A grid of rows and columns: how far each is, as a bar within its square, as a shade in five steps, and as its number.

use maud::{Markup, html};

/// Width of the names of rows.
const NAMES: usize = 120;
/// Width and height of a square.
const CELL: (usize, usize) = (92, 26);
/// Height of the heads of columns.
const HEAD: usize = 26;

/// A square.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatCell {
    /// What stands in it.
    pub value: String,
    /// How far, in hundredths; `None`: there is nothing that it would be a share of.
    pub full: Option<u64>,
}

/// A row; one square a column, `None` where nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatRow {
    /// Its name.
    pub name: String,
    /// Its squares.
    pub cells: Vec<Option<HeatCell>>,
}

/// Draws it; rows have as many squares as there are heads, further ones are not drawn.
#[must_use]
pub fn heat(id: &str, title: &str, about: &str, heads: &[String], rows: &[HeatRow]) -> Markup {
    let (wide, high) = (NAMES + heads.len() * CELL.0, HEAD + rows.len() * CELL.1);
    html! {
        div.wide tabindex="0" role="group" aria-label=(title) { svg.plot.heat viewBox={ "0 0 " (wide) " " (high) } width=(wide) height=(high) role="img" aria-labelledby={ (id) "-t " (id) "-d" } {
            title id={ (id) "-t" } { (title) }
            desc id={ (id) "-d" } { (about) }
            @for (n, head) in heads.iter().enumerate() { text.small x=(NAMES + n * CELL.0 + CELL.0 / 2) y="17" text-anchor="middle" { (head) } }
            @for (r, row) in rows.iter().enumerate() {
                @let y = HEAD + r * CELL.1;
                text x="4" y=(y + 17) { (row.name) }
                @for (n, cell) in row.cells.iter().take(heads.len()).enumerate() { (square(cell.as_ref(), NAMES + n * CELL.0, y)) }
            }
        } }
    }
}

fn square(cell: Option<&HeatCell>, x: usize, y: usize) -> Markup {
    let full = cell.and_then(|c| c.full).map(|f| usize::try_from(f.min(100)).unwrap_or(100));
    let class = match full {
        None => "cell unknown",
        Some(0..20) => "cell h0",
        Some(20..40) => "cell h1",
        Some(40..60) => "cell h2",
        Some(60..80) => "cell h3",
        Some(_) => "cell h4",
    };
    html! {
        rect class=(class) x=(x + 1) y=(y + 1) width=(CELL.0 - 2) height=(CELL.1 - 2) {}
        // How far is a length too: a shade alone says nothing to many eyes, and nothing on paper.
        @if let Some(full) = full.filter(|f| *f > 0) { rect.far x=(x + 1) y=(y + CELL.1 - 6) width=((full * (CELL.0 - 2) / 100).max(1)) height="5" {} }
        text.n x=(x + CELL.0 / 2) y=(y + 16) text-anchor="middle" { (cell.map_or("–", |c| c.value.as_str())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_a_length_and_a_shade_and_nothing_known_is_none_of_them() {
        let cell = |value: &str, full| Some(HeatCell { value: value.to_owned(), full });
        let rows = [HeatRow { name: "<b>".into(), cells: vec![cell("1 / 2", Some(50)), cell("7", None), None] }];
        let heads = ["T1", "T2", "T3"].map(str::to_owned);
        let svg = heat("h", "t", "a", &heads, &rows).into_string();
        assert!(svg.contains("cell h2") && svg.contains("class=\"far\" x=\"121\" y=\"46\" width=\"45\""), "{svg}");
        assert_eq!((svg.matches("cell unknown").count(), svg.matches("class=\"far\"").count()), (2, 1));
        assert!(svg.contains(">1 / 2<") && svg.contains(">7<") && svg.contains(">–<"));
        assert!(svg.contains("&lt;b&gt;") && !svg.contains("style="));
        // More than the whole is drawn as the whole.
        let over = [HeatRow { name: String::new(), cells: vec![cell("9 / 3", Some(300))] }];
        assert!(heat("h", "t", "a", &heads, &over).into_string().contains("width=\"90\" height=\"5\""));
    }
}
