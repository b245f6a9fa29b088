//! Mistakes in configuration files: where, which key, what is wrong, what to do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A configuration file that somebody has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its path, relative to the folder that it belongs to, as people know it.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// One thing that is wrong in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file's path.
    pub path: String,
    /// Counted from 1; 0 where the mistake concerns the file as a whole.
    pub line: usize,
    /// In characters, counted from 1; 0 where the mistake concerns the file as a whole.
    pub column: usize,
    /// The key, such as `limits.burst` or `contracts[0].name`; empty where there is none.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Mistake {
    /// A mistake that concerns a file as a whole.
    pub fn whole_file(path: impl Into<String>, problem: impl Into<String>, hint: Option<String>) -> Self {
        Mistake { path: path.into(), line: 0, column: 0, key: String::new(), problem: problem.into(), hint }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.problem)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// A longer text is not compared: it is no mistyped name.
const WRITTEN_BYTES_MAX: usize = 200;
/// So many known names are compared: comparing takes time, and each of many mistakes asks for it.
const KNOWN_MAX: usize = 256;

/// Of what is known, the name that was probably meant.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > WRITTEN_BYTES_MAX {
        return None;
    }
    let written = written.to_lowercase();
    let chars = written.chars().count();
    let within = (chars / 3).max(2);
    // The distance is at least the difference of the lengths.
    let known = known.into_iter().take(KNOWN_MAX).filter(|name| name.chars().count().abs_diff(chars) <= within);
    let distance = |name: &str| strsim::damerau_levenshtein(&written, &name.to_lowercase());
    let candidates = known.map(|name| (distance(name), name)).filter(|(distance, _)| *distance <= within);
    candidates.min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_reads_as_place_key_problem_and_hint() {
        let mistake = Mistake {
            path: "partners/acme.toml".to_owned(),
            line: 12,
            column: 3,
            key: "limits.burts".to_owned(),
            problem: "unknown key".to_owned(),
            hint: Some("did you mean `burst`?".to_owned()),
        };
        assert_eq!(mistake.to_string(), "partners/acme.toml:12:3: limits.burts: unknown key; did you mean `burst`?");
        let whole = Mistake::whole_file("ceiling.toml", "is missing", None);
        assert_eq!(whole.to_string(), "ceiling.toml: is missing");
    }

    #[test]
    fn the_nearest_name_is_found_and_a_stranger_has_none() {
        assert_eq!(nearest("burts", ["burst", "title"]), Some("burst"));
        assert_eq!(nearest("Memory_byte_max", ["memory_bytes_max", "cpu_ms_max"]), Some("memory_bytes_max"));
        assert_eq!(nearest("colour", ["burst", "title"]), None);
    }
}
