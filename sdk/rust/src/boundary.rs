//! The boundary: the one place where the SDK's types meet the generated bindings. Strings and bytes move across,
//! nothing is copied. Not part of the public interface; only the export macros reach in here.

use std::marker::PhantomData;

use portgate_canonical::{ContainerNumber, Reference};

pub mod bindings;
#[cfg(feature = "library")]
mod nothing;

#[cfg(not(feature = "library"))]
pub use bindings::{composer::export_composer_world, connector::export_connector_world, rules::export_rules_world};
#[cfg(feature = "library")]
pub use nothing::{
    export_nothing as export_composer_world, export_nothing as export_connector_world,
    export_nothing as export_rules_world,
};
pub use wit_bindgen::rt as runtime;

use crate::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode, Setting};
use crate::boundary::bindings::connector::portgate::connector::types as wire;
use crate::decoded::Decoded;
use crate::delivery::{FollowUp, Outcome, Request, Response, Target, Verdict};
use crate::document::Document;
use crate::finding::{Finding, Rejection, Severity};
use crate::judgement::{Composition, Judgement};
use crate::message::{Header, Message};
use crate::panic::report_panics;
use crate::part::{Part, PartVerdict, Reply};
use crate::plugin::{Composer, Connector, Rules};

/// An author's type as the generated bindings want it.
pub struct Exported<T>(PhantomData<T>);

impl<T: Connector> bindings::connector::Guest for Exported<T> {
    fn decode(message: wire::Message) -> Result<wire::Decoded, wire::Rejection> {
        report_panics();
        let (wanted, message) = (message.note_unread, Message::from(message));
        let (decoded, unread) = noting(wanted && !message.body.is_empty(), || T::decode(&message));
        decoded.map(|decoded| wire::Decoded { unread, ..decoded.into() }).map_err(Into::into)
    }

    fn encode(documents: Vec<wire::Document>, target: wire::Target) -> Result<wire::Request, wire::Rejection> {
        report_panics();
        let documents: Vec<Document> = all(documents);
        T::encode(&documents, &target.into()).map(Into::into).map_err(Into::into)
    }

    fn interpret(sent: wire::Request, got: wire::Response) -> Result<wire::Outcome, wire::Rejection> {
        report_panics();
        let (wanted, sent, got) = (got.note_unread, Request::from(sent), Response::from(got));
        let (outcome, unread) = noting(wanted && !got.body.is_empty(), || T::interpret(&sent, &got));
        outcome.map(|outcome| wire::Outcome { unread, ..outcome.into() }).map_err(Into::into)
    }
}

/// Makes a call, and notes what it leaves unread of what it is given, where the host wants to know.
fn noting<T>(wanted: bool, call: impl FnOnce() -> T) -> (T, Vec<String>) {
    match wanted {
        true => portgate_unread::noted(call),
        false => (call(), Vec::new()),
    }
}

impl<T: Rules> bindings::rules::Guest for Exported<T> {
    fn inspect(context: wire::Document, now: String) -> Vec<wire::Judgement> {
        report_panics();
        all(T::inspect(&context.into(), &now))
    }
}

impl<T: Composer> bindings::composer::Guest for Exported<T> {
    fn compose(
        context: wire::Document,
        composition: wire::Composition,
        now: String,
    ) -> Result<wire::Document, Vec<wire::Judgement>> {
        report_panics();
        T::compose(&context.into(), &composition.into(), &now).map(Into::into).map_err(all)
    }
}

/// Moves every element across; the standard library does it in place where the two types have one layout.
fn all<A: Into<B>, B>(from: Vec<A>) -> Vec<B> {
    from.into_iter().map(Into::into).collect()
}

fn some<A: Into<B>, B>(from: Option<A>) -> Option<B> {
    from.map(Into::into)
}

/// States field by field how a struct moves across the boundary, once for each direction that is needed.
macro_rules! moves {
    ($from:path => $to:path { $($field:ident $(: $convert:ident)?),* $(,)? }) => {
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                Self { $($field: moves!(@field from.$field $(, $convert)?)),* }
            }
        }
    };
    (@field $value:expr) => { $value };
    (@field $value:expr, $convert:ident) => { $convert($value) };
}

moves!(wire::Header => Header { name, value });
moves!(Header => wire::Header { name, value });
moves!(wire::Document => Document { kind, key, refs: known, body });
moves!(Document => wire::Document { kind, key, refs: all, body });
moves!(wire::Message => Message {
    partner, contract, version, content_type, headers: all, received_at, digest, body, agreement: some, control_numbers: some
});
moves!(wire::Target => Target { contract, version, now, agreement: some, control_numbers: some });
moves!(wire::Agreement => Agreement {
    name, ours: all, theirs: all, edition, mode: mode, acknowledgement: acknowledgement, all_or_nothing, settings: all
});
moves!(wire::Identifier => Identifier { level: level, qualifier, value });
moves!(wire::Setting => Setting { name, value });
moves!(wire::ControlNumbers => ControlNumbers { interchange, group, first_message, messages });
moves!(Finding => wire::Finding { code, severity: severity, location, detail });
moves!(Judgement => wire::Judgement { rule, severity: severity, fields, detail, remedy });
moves!(wire::Composition => Composition { regime, lrn, amends, settings: all });
moves!(Rejection => wire::Rejection { findings: all, parts: all, reply: some });
moves!(Part => wire::Part { location, reference, verdict: part_verdict, documents, findings: all });
moves!(Reply => wire::Reply { content_type, body });
moves!(wire::Request => Request { method, path, headers: all, body });
moves!(Request => wire::Request { method, path, headers: all, body });
moves!(wire::Response => Response { status, headers: all, received_at, body });

/// With nothing noted as unread.
impl From<Decoded> for wire::Decoded {
    fn from(from: Decoded) -> Self {
        wire::Decoded {
            documents: all(from.documents),
            findings: all(from.findings),
            parts: all(from.parts),
            reply: some(from.reply),
            unread: Vec::new(),
        }
    }
}

/// With nothing noted as unread.
impl From<Outcome> for wire::Outcome {
    fn from(from: Outcome) -> Self {
        wire::Outcome {
            verdict: verdict(from.verdict),
            documents: all(from.documents),
            findings: all(from.findings),
            next: follow_up(from.next),
            unread: Vec::new(),
        }
    }
}

/// The gateway orders and finds documents by their references, so that a container leaves in its one form however the
/// reference was made.
impl From<Reference> for wire::Reference {
    fn from(from: Reference) -> Self {
        let value = match &*from.scheme {
            Reference::CONTAINER => ContainerNumber::one_form(&from.value),
            _ => from.value.to_string(),
        };
        wire::Reference { scheme: from.scheme.to_string(), value }
    }
}

/// References of a document that the host gives. It has checked them, so none is left out.
fn known(refs: Vec<wire::Reference>) -> Vec<Reference> {
    refs.iter().filter_map(|reference| Reference::new(&reference.scheme, &reference.value).ok()).collect()
}

fn severity(severity: Severity) -> wire::Severity {
    match severity {
        Severity::Info => wire::Severity::Info,
        Severity::Warning => wire::Severity::Warning,
        Severity::Error => wire::Severity::Error,
        Severity::Blocking => wire::Severity::Blocking,
    }
}

fn part_verdict(verdict: PartVerdict) -> wire::PartVerdict {
    match verdict {
        PartVerdict::Accepted => wire::PartVerdict::Accepted,
        PartVerdict::Refused => wire::PartVerdict::Refused,
    }
}

fn level(level: wire::Level) -> Level {
    match level {
        wire::Level::Interchange => Level::Interchange,
        wire::Level::Group => Level::Group,
        wire::Level::Message => Level::Message,
    }
}

fn mode(mode: wire::Mode) -> Mode {
    match mode {
        wire::Mode::Production => Mode::Production,
        wire::Mode::Test => Mode::Test,
    }
}

fn acknowledgement(acknowledgement: wire::Acknowledgement) -> Acknowledgement {
    match acknowledgement {
        wire::Acknowledgement::None => Acknowledgement::None,
        wire::Acknowledgement::InAnswer => Acknowledgement::InAnswer,
        wire::Acknowledgement::Apart => Acknowledgement::Apart,
    }
}

fn verdict(verdict: Verdict) -> wire::Verdict {
    match verdict {
        Verdict::Accepted => wire::Verdict::Accepted,
        Verdict::Rejected => wire::Verdict::Rejected,
        Verdict::Retry => wire::Verdict::Retry,
        Verdict::Pending => wire::Verdict::Pending,
    }
}

fn follow_up(next: Option<FollowUp>) -> Option<wire::FollowUp> {
    next.map(|next| wire::FollowUp { request: next.request.into(), after_seconds: next.after_seconds })
}
