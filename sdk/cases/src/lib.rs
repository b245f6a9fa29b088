//! Case folders: `cases/<name>/` holds a message and what a plugin must make of it, so that adding a test is adding a
//! folder. The SDK's test kit runs them natively, `portgate plugin test` in the sandbox, and both must agree.
//!
//! | file | what it holds |
//! |---|---|
//! | `message.<ext>` | the payload, byte for byte |
//! | `case.toml` | what the payload does not say: see [`Settings`]; may be left out |
//! | `expected.json` | `{"documents": […], "findings": […]}` or `{"rejected": {"findings": […]}}` |
//!
//! A comparison ignores nothing: every member, every element, the order of lists, and numbers as they are written. What
//! differs is named by JSON Pointer. With `UPDATE_CASES=1` in the environment `expected.json` is rewritten instead, for
//! a person to read in the diff.
//!
//! Reading folders is all that happens here; what runs the plugin is the caller's.

mod answer;
mod case;
mod difference;
mod run;
mod settings;

pub use answer::{Answer, Document, Finding, Findings, Reference};
pub use case::{Case, load};
pub use difference::{Difference, differences};
pub use run::{Report, Verdict, judge, run};
pub use settings::{Row, Settings};

use std::path::PathBuf;

/// Why a case folder cannot be used. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// There are no cases at all.
    #[error("{path}: holds no cases; add a folder with a message file, such as {path}/first/message.json")]
    None {
        /// The folder `cases`.
        path: PathBuf,
    },
    /// A case folder has no message, or several.
    #[error("{path}: holds {found} files named message.<ext>; a case has exactly one")]
    Messages {
        /// The case's folder.
        path: PathBuf,
        /// How many there are.
        found: usize,
    },
    /// A TOML file does not say what it should.
    #[error("{path}: {error}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        error: Box<toml::de::Error>,
    },
    /// `expected.json` is not JSON.
    #[error("{path}: {error}")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        error: serde_json::Error,
    },
    /// The case does not say which contract its message is of.
    #[error("{path}: {why}; say `contract = \"…\"` and `version = \"…\"` in case.toml; the manifest has: {known}")]
    Contract {
        /// The case's folder.
        path: PathBuf,
        /// What is unclear.
        why: &'static str,
        /// The contracts of the manifest.
        known: String,
    },
}
