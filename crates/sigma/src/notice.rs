//! Refusals and warnings: a stable code, a place, and parameters. Words for people are not here.

/// What is wrong with a rule, or worth knowing about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What.
    pub code: Code,
    /// The file as it was given to [`Compiler::add`](crate::Compiler::add).
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// Title of the rule, where one was read.
    pub title: Option<String>,
    /// Id of the rule, where one was read.
    pub id: Option<String>,
    /// What the words of the code have holes for.
    pub params: Vec<(&'static str, String)>,
}
impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.code.as_str())?;
        self.params.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

/// A fault before it is known in which file and rule.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) line: usize,
    pub(crate) params: Vec<(&'static str, String)>,
}
/// Longest parameter that is kept, in characters: enough to find the place, no copy of a hostile file.
const PARAM_CHARS_MAX: usize = 160;

impl Fault {
    pub(crate) fn new(code: Code, line: usize) -> Self {
        Self { code, line, params: Vec::new() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers give texts, numbers and words alike")]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        let text = value.to_string();
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.params.push((name, line.chars().take(PARAM_CHARS_MAX).collect()));
        self
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        /// Stable codes. Those of warnings leave the rule in.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Code { $($(#[$doc])* $name,)* }
        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// As it is written: in output, in documents, as a key of words.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}
codes! {
    /// The file is larger than `max` bytes.
    FileTooLarge "file-too-large",
    /// The YAML cannot be read: `why`.
    Yaml "yaml",
    /// A key stands twice in one map: `key`.
    DuplicateKey "duplicate-key",
    /// Deeper, longer or more than a limit (`limit`, `max`).
    Limit "limit",
    /// A document that is neither rule, correlation nor filter.
    NotARule "not-a-rule",
    /// `part` must be there.
    Missing "missing",
    /// `part` has another form than `expected`.
    Form "form",
    /// An action other than global, reset and repeat: `action`.
    UnknownAction "unknown-action",
    /// `level` is none of the five.
    UnknownLevel "unknown-level",
    /// A modifier that Sigma 2.1 does not have: `modifier`.
    UnknownModifier "unknown-modifier",
    /// Modifiers that do not go together: `modifier`, `other`.
    ModifierConflict "modifier-conflict",
    /// A value that the modifier cannot take: `modifier`, `value`.
    ModifierValue "modifier-value",
    /// A placeholder without a list: `name`.
    Placeholder "placeholder",
    /// A regular expression that cannot be read, or asks for what is unsupported: `pattern`, `why`.
    Regex "regex",
    /// No network: `value`.
    Cidr "cidr",
    /// `null` in a list of values (specification, Special Field Values).
    NullInList "null-in-list",
    /// A field, a selection or a list without values: `part`.
    Empty "empty",
    /// The condition cannot be read at `column`: `expected`.
    Condition "condition",
    /// The condition names a selection that is not there: `name`.
    UnknownSelection "unknown-selection",
    /// `1 of x*` where no selection is called so: `pattern`.
    NoSuchSelections "no-such-selections",
    /// `N of` more than there are: `wanted`, `there`.
    TooFewSelections "too-few-selections",
    /// A condition with `|`: replaced by correlations in Sigma 2.
    OldAggregation "old-aggregation",
    /// A correlation type that Sigma 2.1 does not have: `type`.
    UnknownCorrelation "unknown-correlation",
    /// No rule of that id or name: `reference`.
    UnknownRule "unknown-rule",
    /// Several rules of that id or name: `reference`.
    AmbiguousRule "ambiguous-rule",
    /// A correlation that refers to itself over others: `reference`.
    Cycle "cycle",
    /// The rule that this one refers to was refused: `reference`.
    RefusedRule "refused-rule",
    /// A timespan that is no number and s, m, h or d: `value`.
    Timespan "timespan",
    /// An alias that names no rule of the correlation, or no field: `alias`.
    Alias "alias",
    /// Warning: a rule of this id was read before: `id`.
    SameId "same-id",
    /// Warning: no condition uses this selection: `name`.
    UnusedSelection "unused-selection",
    /// Warning: `all` over one value.
    AllOfOne "all-of-one",
    /// Warning: YAML 1.1 reads this word or number as something else: `value`. Both readings match.
    PlainScalar "plain-scalar",
    /// Warning: the network has bits beyond its length: `value`.
    CidrHostBits "cidr-host-bits",
    /// Warning: every event of its log source is looked at closely, for want of something to find it by.
    Slow "slow",
    /// Warning: the rule's log source is left open.
    OpenLogsource "open-logsource",
    /// Warning: a filter refers to a rule that is not there: `reference`.
    FilterUnknownRule "filter-unknown-rule",
    /// Warning: a filter is for another log source than the rule that it refers to: `reference`.
    FilterLogsource "filter-logsource",
    /// Warning: the filter's condition begins with `not`: read as what remains.
    FilterNegated "filter-negated",
    /// Warning: a rule with `status: deprecated` or `unsupported`: `status`.
    Status "status",
    /// Warning: a taxonomy other than `sigma`: fields are compared as they are named: `taxonomy`.
    Taxonomy "taxonomy",
}
