//! What a plugin leaves unread in its cases, held against what its manifest ignores on purpose.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use portgate_unread::covers;

use crate::CaseError;
use crate::case::{Case, ignored};
use crate::settings::Ignored;

/// What was left unread of one contract's messages or answers, over all its cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// How many cases the contract has.
    pub cases: usize,
    /// Paths that no case reads and the manifest does not list, each with the number of cases that have it.
    pub unlisted: BTreeMap<String, usize>,
    /// The same of those that are ignored on purpose.
    pub ignored: BTreeMap<String, usize>,
}

/// What was left unread of a message of this contract and is not listed as ignored by the manifest in the plugin's
/// folder.
///
/// # Errors
///
/// `plugin.toml` cannot be read.
pub fn unlisted(
    plugin: &Path,
    contract: &str,
    version: &str,
    mut unread: Vec<String>,
) -> Result<Vec<String>, CaseError> {
    let listed = ignored(plugin)?;
    unread.retain(|path| {
        !listed.iter().any(|ignored| ignored.concerns(contract, version) && covers(&ignored.path, path))
    });
    Ok(unread)
}

/// What a manifest ignores, and what of it the cases have.
pub(crate) struct Listed<'l> {
    listed: &'l [Ignored],
    needed: Vec<bool>,
}

impl<'l> Listed<'l> {
    pub(crate) fn new(listed: &'l [Ignored]) -> Self {
        Listed { listed, needed: vec![false; listed.len()] }
    }

    /// Adds what one case leaves unread, and says what of it is not listed.
    pub(crate) fn note(&mut self, case: &Case, unread: Vec<String>, of: &mut Unread) -> Vec<String> {
        of.cases += 1;
        let mut unlisted = Vec::new();
        for path in unread {
            let mut is_listed = false;
            for (ignored, needed) in self.listed.iter().zip(&mut self.needed) {
                if ignored.concerns(&case.contract, &case.version) && covers(&ignored.path, &path) {
                    (is_listed, *needed) = (true, true);
                }
            }
            if is_listed {
                *of.ignored.entry(path).or_default() += 1;
            } else {
                *of.unlisted.entry(path.clone()).or_default() += 1;
                unlisted.push(path);
            }
        }
        unlisted
    }

    /// What is listed and in no case left unread.
    pub(crate) fn not_needed(&self) -> Vec<Ignored> {
        let unneeded = self.listed.iter().zip(&self.needed).filter(|(_, needed)| !**needed);
        unneeded.map(|(ignored, _)| ignored.clone()).collect()
    }
}

/// The contract's lines of a report.
impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |count: &usize| if *count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
        for (path, cases) in &self.unlisted {
            writeln!(f, "    never read    {path} ({})", counted(cases))?;
        }
        for (path, cases) in &self.ignored {
            writeln!(f, "    ignored       {path} ({})", counted(cases))?;
        }
        Ok(())
    }
}
