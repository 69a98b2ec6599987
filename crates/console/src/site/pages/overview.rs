//! The overview: how long it still is, where the programme stands, what needs somebody today.

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::parts;
use crate::site::route::{Gate, Route, get};
use maud::html;
use node::accounts::Act;
use serde_json::json;

pub(crate) const ROUTES: &[Route] = &[get("/", Gate::Session, overview)];

fn overview(ask: &Ask<'_>) -> Result<Answer, Fault> {
    if !ask.may(Act::SeeOverview) {
        // Who keeps accounts begins there.
        let first = super::PLACES.iter().find(|p| ask.visitor.is_some_and(|v| p.open_to(v)));
        return Ok(Answer::Go(first.map_or("/me", |p| p.path).to_owned(), Vec::new()));
    }
    let size = ask.site.node().store().checkpoint().map_err(Fault::inside)?.map_or(0, |c| c.size());
    ask.page(
        ask.t("console.place.overview"),
        || html! { div.tiles { (parts::tile(ask.t("console.overview.leaves"), &size.to_string(), "")) } },
        || json!({"format": "watchfire-overview-v1", "log": {"size": size}}),
    )
}
