//! Which logs a rule is for, and which an event comes from.

/// Category, product and service; each may be left open. Values are kept as written, in lower case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Logsource {
    /// Such as `process_creation`.
    pub category: Option<String>,
    /// Such as `windows`.
    pub product: Option<String>,
    /// Such as `sysmon`.
    pub service: Option<String>,
}
impl Logsource {
    /// Of three parts, where an empty text is none.
    #[must_use]
    pub fn new(category: &str, product: &str, service: &str) -> Self {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_lowercase());
        Self { category: part(category), product: part(product), service: part(service) }
    }

    /// Whether `other` has every part that this one names: a rule's log source covers an event's.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let part = |mine: &Option<String>, theirs: &Option<String>| mine.is_none() || mine == theirs;
        part(&self.category, &other.category)
            && part(&self.product, &other.product)
            && part(&self.service, &other.service)
    }

    /// Whether no part is named.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.category.is_none() && self.product.is_none() && self.service.is_none()
    }
}
impl std::fmt::Display for Logsource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |p: &Option<String>| p.clone().unwrap_or_else(|| "*".into());
        write!(f, "{}/{}/{}", part(&self.product), part(&self.category), part(&self.service))
    }
}
