//! The little of XML that tasks and events need: the text of named elements, and attributes of a start tag.
//!
//! Not a parser: the sources are written by Windows itself, in one style, and nothing here resolves an entity beyond
//! the five of the standard, follows a declaration or opens anything. What does not fit gives no element.

/// The inner texts of the elements `name`, in order. Elements of the same name inside one another are not looked for.
pub(crate) fn elements<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    pieces(text, name).into_iter().map(|(_, inner)| inner).collect()
}
/// Start tag and inner text of the elements `name`.
pub(crate) fn pieces<'t>(text: &'t str, name: &str) -> Vec<(&'t str, &'t str)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(&open) {
        let Some(after) = rest.get(at + open.len()..) else { break };
        rest = after;
        // `<Name>` must not be found in `<Names>`.
        if !after.starts_with(['>', '/', ' ', '\t', '\r', '\n']) {
            continue;
        }
        let Some((tag, inner)) = after.split_once('>') else { break };
        rest = inner;
        if tag.ends_with('/') {
            out.push((tag, ""));
        } else if let Some((inner, after)) = inner.split_once(&close) {
            out.push((tag, inner));
            rest = after;
        } else {
            break;
        }
    }
    out
}
/// The text of the first element `name`, its entities undone.
pub(crate) fn text(xml: &str, name: &str) -> Option<String> {
    elements(xml, name).first().map(|t| plain(t))
}
/// The value of an attribute in a start tag.
pub(crate) fn attribute(tag: &str, name: &str) -> Option<String> {
    for quote in ['"', '\''] {
        let open = format!("{name}={quote}");
        let found = tag.match_indices(&open).find(|(at, _)| {
            tag.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace))
        });
        if let Some((at, _)) = found {
            return tag.get(at + open.len()..)?.split_once(quote).map(|(v, _)| plain(v));
        }
    }
    None
}
/// A text with its entities undone.
pub(crate) fn plain(text: &str) -> String {
    let text = text.trim().replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_attributes() {
        let x = "<a><Names>no</Names><Name k='v' Other=\"x\">1 &amp; 2</Name><Name/><Name>open";
        assert_eq!(elements(x, "Name"), ["1 &amp; 2", ""]);
        assert_eq!(text(x, "Name").as_deref(), Some("1 & 2"));
        let tag = pieces(x, "Name")[0].0;
        assert_eq!((attribute(tag, "k").as_deref(), attribute(tag, "Other").as_deref()), (Some("v"), Some("x")));
        assert_eq!((attribute(tag, "ther"), text("<", "a"), text("<a", "a")), (None, None, None));
    }
}
