//! Tables of published lists, searched by a name that may be misspelt, and how alike two names are. A table is declared in the
//! manifest and granted by the policy as those of [`reference`](crate::reference) are; a plugin that never searches does not
//! even import the interface.
//!
//! In a test, outside the sandbox, tables are the thread's own: `testkit::provide_lists` fills them, and so do the `lists` of a
//! case.

pub use portgate_names::{Kind, Name, Source, Word, likeness};

/// An entry of a list that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The list, by its id.
    pub source: String,
    /// What the list calls the entry.
    pub entry: String,
    /// All names that it is known under, the main one first; one of them at least resembles the one that was asked for.
    pub names: Vec<String>,
    /// What else the table knows of it: a JSON object, or empty.
    pub about: String,
}

/// The lists that a table is made of. In the sandbox, asking for a table that the policy does not grant ends the call.
pub fn sources(table: &str) -> Vec<Source> {
    #[cfg(target_arch = "wasm32")]
    return wire::sources(table).into_iter().map(source).collect();
    #[cfg(not(target_arch = "wasm32"))]
    crate::testkit::doubles::sources(table)
}

/// Entries that are listed on the date `on` (`YYYY-MM-DD`) under a name that resembles this one: the most alike first, at most
/// `most` and never more than a hundred. How alike they are is yours to judge, with [`likeness`]. In the sandbox, asking for a
/// table that the policy does not grant ends the call.
pub fn candidates(table: &str, name: &str, on: &str, most: u32) -> Vec<Candidate> {
    #[cfg(target_arch = "wasm32")]
    return wire::candidates(table, name, on, most).into_iter().map(Candidate::from).collect();
    #[cfg(not(target_arch = "wasm32"))]
    crate::testkit::doubles::candidates(table, name, on, most)
}

#[cfg(target_arch = "wasm32")]
use crate::boundary::bindings::connector::portgate::connector::names as wire;

#[cfg(target_arch = "wasm32")]
fn source(wire::Source { id, name, version, date }: wire::Source) -> Source {
    Source { id, name, version, date }
}

#[cfg(target_arch = "wasm32")]
impl From<wire::Candidate> for Candidate {
    fn from(wire::Candidate { source, entry, names, about }: wire::Candidate) -> Self {
        Candidate { source, entry, names, about }
    }
}
