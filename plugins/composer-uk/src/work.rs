//! What all parts of a declaration are made with.

use portgate_compose::{Facts, Gaps, Settings};
use portgate_sdk::Composition;
use portgate_sdk::canonical::{Code, Text};

use crate::data_set::DataSet;

/// The documents, the settings, and what is missing so far.
pub(crate) struct Work<'c> {
    /// Which data set is made.
    pub(crate) set: DataSet,
    /// The documents.
    pub(crate) facts: &'c Facts,
    /// What policy says.
    pub(crate) settings: Settings<'c>,
    /// The MRN of the declaration that is amended.
    pub(crate) amends: Option<&'c str>,
    /// The day on which codes and rates must hold, `YYYY-MM-DD`.
    pub(crate) on: &'c str,
    /// What is missing.
    pub(crate) gaps: Gaps,
}

impl<'c> Work<'c> {
    pub(crate) fn new(set: DataSet, facts: &'c Facts, composition: &'c Composition, now: &'c str) -> Self {
        Work {
            set,
            facts,
            settings: Settings::of(composition, "C-UK-02"),
            amends: composition.amends.as_deref(),
            on: now.get(..10).unwrap_or(now),
            gaps: Gaps::default(),
        }
    }

    /// The entries of a setting that are made of parts, such as `CGU:GB123456789000,DPO:GB123456789000`. One that has fewer
    /// parts than it needs is said to be unusable.
    pub(crate) fn entries(&mut self, name: &str, least: usize, form: &str) -> Vec<Vec<&'c str>> {
        let mut entries = Vec::new();
        for entry in self.settings.list(name) {
            let parts: Vec<&str> = entry.split(':').map(str::trim).collect();
            if parts.len() < least || parts[..least].iter().any(|part| part.is_empty()) {
                self.settings.unusable(name, entry, &format!("`{form}`, parted by commas"), &mut self.gaps);
            } else {
                entries.push(parts);
            }
        }
        entries
    }

    /// A part of an entry as a text; where it is too long, that is said of the setting.
    pub(crate) fn part<const MAX: usize>(&mut self, name: &str, parts: &[&str], at: usize) -> Option<Text<MAX>> {
        let part = parts.get(at).filter(|part| !part.is_empty())?;
        match Text::new(*part) {
            Ok(text) => Some(text),
            Err(error) => {
                self.settings.unusable(name, part, &error.expected, &mut self.gaps);
                None
            }
        }
    }
}

/// A code of a list.
pub(crate) fn code(code: &str, list: &str) -> Option<Code> {
    Some(Code { code: Text::new(code).ok()?, code_list: Text::new(list).ok()?, source_code: None })
}
