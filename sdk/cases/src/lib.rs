//! Case folders: `cases/<name>/` holds what a plugin is given and what it must make of it, so that adding a test is adding
//! a folder. The SDK's test kit runs them natively, `portgate plugin test` in the sandbox, and both must agree.
//!
//! | given | expected | of the function |
//! |---|---|---|
//! | `message.<ext>`: the payload, byte for byte | `expected.json`: `{"documents": […], "findings": […]}` | `decode` |
//! | `documents.json`: `[{"kind", "body"}, …]` | `request.http`: the whole request; or `request.<ext>`: its body | `encode` |
//! | `response.json`: `{"status", "headers", "body"}`, to what `request.*` sent | `outcome.json`: `{"verdict", "documents", "findings", "next"}` | `interpret` |
//! | `context.json`: a `shipment-context`; `[composition]` in `case.toml` | `expected.json`: `{"document": …}` or `{"judgements": […]}` | `compose` |
//! | `context.json` alone | `expected.json`: `{"judgements": […]}` | `inspect` |
//!
//! A rejection is expected as `{"rejected": {"findings": […]}}`: of documents in `expected.json`, otherwise in the same
//! file. `case.toml` says what else there is to know ([`Settings`]) and may be left out.
//!
//! A comparison ignores nothing: every member, every element, the order of lists, and numbers as they are written. What
//! differs is named by JSON Pointer. With `UPDATE_CASES=1` in the environment the expectation is rewritten instead, for
//! a person to read in the diff.
//!
//! A case also fails where the plugin leaves a field of what it is given unread that the manifest does not list as ignored
//! ([`Ignored`]), and a plugin without any case fails as a whole.
//!
//! This crate only reads and compares; the caller runs the plugin.

mod answer;
mod case;
mod difference;
mod given;
mod request;
mod run;
mod settings;
mod unread;

pub use answer::{Answer, Document, Finding, FollowUp, Judgement, Outcome, Part, Reference, Rejection, Reply};
pub use case::{Case, load};
pub use difference::{Difference, differences};
pub use given::{Document as GivenDocument, Given, Response};
pub use request::Request;
pub use run::{Ran, Report, Verdict, Went, judge, run};
pub use settings::{
    Acknowledgement, Agreement, CodeRow, Composition, ControlNumbers, Identifier, Ignored, Level, Mode, Row, Settings,
    UnknownCode,
};
pub use unread::{Unread, unlisted};

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
    /// A case folder gives nothing, or several things.
    #[error("{path}: holds {found} files named message.<ext>{}; a case has exactly one message, or documents.json, \
             or response.json, or context.json", if *.goes_out { " beside documents or a response" } else { "" })]
    Messages {
        /// The case's folder.
        path: PathBuf,
        /// How many messages there are.
        found: usize,
        /// Whether there are documents or a response.
        goes_out: bool,
    },
    /// A case folder has several requests.
    #[error("{path}: holds {found} files named request.<ext>; there is one request")]
    Requests {
        /// The case's folder.
        path: PathBuf,
        /// How many there are.
        found: usize,
    },
    /// There is an answer, and nothing that it answers.
    #[error(
        "{path}: holds a response, but not what was sent; add request.http, or documents.json that it is rendered from"
    )]
    NothingSent {
        /// The case's folder.
        path: PathBuf,
    },
    /// `request.http` is no request.
    #[error("{path}: {problem}")]
    Request {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A TOML file does not say what it should.
    #[error("{path}: {error}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        error: Box<toml::de::Error>,
    },
    /// A JSON file is none, or does not say what it should.
    #[error("{path}: {error}")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        error: serde_json::Error,
    },
    /// A case folder has a context and something else, or a composition and no context.
    #[error(
        "{path}: a context is a case by itself, and a composition wants one: keep context.json alone, or leave it out"
    )]
    Context {
        /// The case's folder.
        path: PathBuf,
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
