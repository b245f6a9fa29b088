//! The worlds of `wit/connector/v1` as Rust types, generated from the files that plugins are built with, and the
//! way between them and the words of `portgate-core`. Bodies are moved, never copied.

pub(crate) mod connector {
    wasmtime::component::bindgen!({
        path: "../../wit/connector/v1",
        world: "connector",
        imports: { default: trappable },
        exports: { default: async },
    });
}

pub(crate) mod rules {
    wasmtime::component::bindgen!({
        path: "../../wit/connector/v1",
        world: "rules",
        imports: { default: trappable },
        exports: { default: async },
        with: {
            "portgate:connector/types@1.0.0": super::connector::portgate::connector::types,
            "portgate:connector/log@1.0.0": super::connector::portgate::connector::log,
            "portgate:connector/reference-data@1.0.0": super::connector::portgate::connector::reference_data,
            "portgate:connector/names@1.0.0": super::connector::portgate::connector::names,
        },
    });
}

pub(crate) mod composer {
    wasmtime::component::bindgen!({
        path: "../../wit/connector/v1",
        world: "composer",
        imports: { default: trappable },
        exports: { default: async },
        with: {
            "portgate:connector/types@1.0.0": super::connector::portgate::connector::types,
            "portgate:connector/log@1.0.0": super::connector::portgate::connector::log,
            "portgate:connector/reference-data@1.0.0": super::connector::portgate::connector::reference_data,
        },
    });
}

pub(crate) use connector::portgate::connector::{codes, log, names, reference_data, types};

use portgate_core::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode};
use portgate_core::delivery::{FollowUp, Request, Response, Target, Verdict};
use portgate_core::document::{Document, Part, PartVerdict, Reference, Reply};
use portgate_core::finding::{Finding, Severity};
use portgate_core::judgement::{Composition, Judgement};
use portgate_core::message::Message;
use portgate_core::projection::Projected;

/// Converts it without asking the plugin what it does not look at.
impl From<Message> for types::Message {
    fn from(message: Message) -> Self {
        types::Message {
            partner: message.partner,
            contract: message.contract,
            version: message.version,
            content_type: message.content_type,
            headers: fields_in(message.headers),
            received_at: message.received_at,
            digest: message.digest,
            body: message.body,
            agreement: message.agreement.map(types::Agreement::from),
            control_numbers: message.control_numbers.map(types::ControlNumbers::from),
            note_unread: false,
        }
    }
}

/// The only way of a document into a sandbox: it has been through its plugin's projection.
impl From<Projected> for types::Document {
    fn from(projected: Projected) -> Self {
        let document = projected.into_document();
        let reference = |Reference { scheme, value }| types::Reference { scheme, value };
        types::Document {
            kind: document.kind,
            key: document.key,
            refs: document.refs.into_iter().map(reference).collect(),
            body: document.body,
        }
    }
}

impl From<types::Document> for Document {
    fn from(document: types::Document) -> Self {
        let reference = |types::Reference { scheme, value }| Reference { scheme, value };
        Document {
            kind: document.kind,
            key: document.key,
            refs: document.refs.into_iter().map(reference).collect(),
            body: document.body,
        }
    }
}

impl From<Target> for types::Target {
    fn from(target: Target) -> Self {
        let Target { contract, version, now, agreement, control_numbers } = target;
        types::Target {
            contract,
            version,
            now,
            agreement: agreement.map(types::Agreement::from),
            control_numbers: control_numbers.map(types::ControlNumbers::from),
        }
    }
}

impl From<Agreement> for types::Agreement {
    fn from(agreement: Agreement) -> Self {
        // Codes are looked up and not handed over.
        let Agreement { name, ours, theirs, edition, mode, acknowledgement, all_or_nothing, settings, codes: _ } =
            agreement;
        let identifiers = |list: Vec<Identifier>| list.into_iter().map(types::Identifier::from).collect();
        types::Agreement {
            name,
            ours: identifiers(ours),
            theirs: identifiers(theirs),
            edition,
            mode: match mode {
                Mode::Production => types::Mode::Production,
                Mode::Test => types::Mode::Test,
            },
            acknowledgement: match acknowledgement {
                Acknowledgement::None => types::Acknowledgement::None,
                Acknowledgement::InAnswer => types::Acknowledgement::InAnswer,
                Acknowledgement::Apart => types::Acknowledgement::Apart,
            },
            all_or_nothing,
            settings: settings.into_iter().map(|(name, value)| types::Setting { name, value }).collect(),
        }
    }
}

impl From<Identifier> for types::Identifier {
    fn from(identifier: Identifier) -> Self {
        let Identifier { level, qualifier, value } = identifier;
        let level = match level {
            Level::Interchange => types::Level::Interchange,
            Level::Group => types::Level::Group,
            Level::Message => types::Level::Message,
        };
        types::Identifier { level, qualifier, value }
    }
}

impl From<ControlNumbers> for types::ControlNumbers {
    fn from(numbers: ControlNumbers) -> Self {
        let ControlNumbers { interchange, group, first_message, messages } = numbers;
        types::ControlNumbers { interchange, group, first_message, messages }
    }
}

impl From<types::Part> for Part {
    fn from(part: types::Part) -> Self {
        let verdict = match part.verdict {
            types::PartVerdict::Accepted => PartVerdict::Accepted,
            types::PartVerdict::Refused => PartVerdict::Refused,
        };
        let findings = part.findings.into_iter().map(Finding::from).collect();
        Part { location: part.location, reference: part.reference, verdict, documents: part.documents, findings }
    }
}

impl From<types::Reply> for Reply {
    fn from(reply: types::Reply) -> Self {
        Reply { content_type: reply.content_type, body: reply.body }
    }
}

impl From<types::Severity> for Severity {
    fn from(severity: types::Severity) -> Self {
        match severity {
            types::Severity::Info => Severity::Info,
            types::Severity::Warning => Severity::Warning,
            types::Severity::Error => Severity::Error,
            types::Severity::Blocking => Severity::Blocking,
        }
    }
}

impl From<types::Judgement> for Judgement {
    fn from(judgement: types::Judgement) -> Self {
        let types::Judgement { rule, severity, fields, detail, remedy } = judgement;
        Judgement { rule, severity: severity.into(), fields, detail, remedy }
    }
}

impl From<Composition> for types::Composition {
    fn from(composition: Composition) -> Self {
        let Composition { regime, lrn, amends, settings } = composition;
        let setting = |(name, value)| types::Setting { name, value };
        types::Composition { regime, lrn, amends, settings: settings.into_iter().map(setting).collect() }
    }
}

impl From<types::Finding> for Finding {
    fn from(finding: types::Finding) -> Self {
        let types::Finding { code, severity, location, detail } = finding;
        Finding { code, severity: severity.into(), location, detail }
    }
}

impl From<Request> for types::Request {
    fn from(request: Request) -> Self {
        let Request { method, path, headers, body } = request;
        types::Request { method, path, headers: fields_in(headers), body }
    }
}

impl From<types::Request> for Request {
    fn from(request: types::Request) -> Self {
        let types::Request { method, path, headers, body } = request;
        Request { method, path, headers: fields_out(headers), body }
    }
}

/// Converts it without asking the plugin what it does not look at.
impl From<Response> for types::Response {
    fn from(response: Response) -> Self {
        let Response { status, headers, received_at, body } = response;
        types::Response { status, headers: fields_in(headers), received_at, body, note_unread: false }
    }
}

impl From<types::Verdict> for Verdict {
    fn from(verdict: types::Verdict) -> Self {
        match verdict {
            types::Verdict::Accepted => Verdict::Accepted,
            types::Verdict::Rejected => Verdict::Rejected,
            types::Verdict::Retry => Verdict::Retry,
            types::Verdict::Pending => Verdict::Pending,
        }
    }
}

impl From<types::FollowUp> for FollowUp {
    fn from(follow_up: types::FollowUp) -> Self {
        FollowUp { request: follow_up.request.into(), after_seconds: follow_up.after_seconds }
    }
}

fn fields_in(fields: Vec<(String, String)>) -> Vec<types::Header> {
    fields.into_iter().map(|(name, value)| types::Header { name, value }).collect()
}

fn fields_out(fields: Vec<types::Header>) -> Vec<(String, String)> {
    fields.into_iter().map(|types::Header { name, value }| (name, value)).collect()
}
