//! Plots as SVG, for pages. Classes and shapes, no colours of their own: the page's style gives them, light or dark. Each has a title and a description inside, and
//! whoever shows it puts a table behind it.
//!
//! Refused: a chart library (they draw text as paths or set colours and styles inline, which a strict policy of the page forbids).

mod bars;
mod burn;
mod clocks;
mod heat;
mod scatter;
mod tiles;
mod treemap;

pub use bars::{Bar, Part, bars, gauge};
pub use burn::{Burn, burn_up};
pub use clocks::{ClockBar, clock_bars};
pub use heat::{HeatCell, HeatRow, heat};
pub use scatter::{Band, Point, scatter};
pub use tiles::{Tile, provinces, tile_grid};
pub use treemap::{Group, Leaf, treemap};
