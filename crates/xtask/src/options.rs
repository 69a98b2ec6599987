//! The words after a job's name: `--flag`, `--name value` and the rest.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Options of a job, as they were given.
#[derive(Default)]
pub(crate) struct Options {
    flags: Vec<String>,
    values: BTreeMap<String, String>,
    /// What is no option.
    pub(crate) rest: Vec<String>,
}
impl Options {
    /// Splits `words`; `flags` and `values` are the names that the job knows.
    pub(crate) fn parse(words: &[&str], flags: &[&str], values: &[&str]) -> Result<Self, String> {
        let mut out = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.strip_prefix("--") {
                Some(name) if flags.contains(&name) => out.flags.push(name.to_owned()),
                Some(name) if values.contains(&name) => {
                    let value = words.next().ok_or_else(|| format!("--{name} needs a value"))?;
                    out.values.insert(name.to_owned(), (*value).to_owned());
                }
                Some(_) => return Err(format!("{word}: known are {flags:?} and, with a value, {values:?}")),
                None => out.rest.push((*word).to_owned()),
            }
        }
        Ok(out)
    }
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
    pub(crate) fn number(&self, name: &str, otherwise: usize) -> Result<usize, String> {
        match self.value(name) {
            Some(text) => text.parse().map_err(|_| format!("--{name} {text}: not a number")),
            None => Ok(otherwise),
        }
    }
}

/// Where downloads are kept between runs: `--cache`, else `XDG_CACHE_HOME` or `~/.cache`, else the temporary folder;
/// never the repository.
pub(crate) fn cache(options: &Options) -> Result<PathBuf, String> {
    let home = || std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cache"));
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).unwrap_or_else(std::env::temp_dir);
    let dir = options.value("cache").map_or_else(|| base.join("watchfire-bench"), PathBuf::from);
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    std::path::absolute(dir).map_err(|e| e.to_string())
}
