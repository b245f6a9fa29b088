//! What a case gives a connector, as the connector is called with it natively.

use std::collections::BTreeMap;

use portgate_canonical::{CanonicalDocument as _, Reference, ShipmentContext};
use portgate_cases::{Case, Given};
use portgate_names::Lists;
use serde_json::Value;

use super::doubles::{CodeRow, Codes, Row, logged, provide, provide_codes, provide_lists};
use crate::agreement::{self, Acknowledgement, Agreement, ControlNumbers, Identifier, Mode, Setting};
use crate::codes::Unknown;
use crate::delivery::{Request, Response, Target};
use crate::document::Document;
use crate::judgement::Composition;
use crate::message::{Header, Message};

/// The function of a connector that a case is about, with what it is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// `decode`.
    Decode(Message),
    /// `encode`.
    Encode(Vec<Document>, Target),
    /// `interpret`.
    Interpret(Request, Response),
}

impl Call {
    /// What the case has its connector called with.
    ///
    /// # Errors
    ///
    /// A document has a reference that is none, or the request that a response answers cannot be read.
    pub fn of(case: &Case) -> Result<Self, String> {
        Ok(match &case.given {
            Given::Message { body, digest } => Call::Decode(of_case(case, body, digest)),
            Given::Documents(documents) => {
                let target = Target {
                    agreement: case.agreement.as_ref().map(agreement),
                    control_numbers: case.control_numbers.map(control_numbers),
                    ..Target::new(&case.contract, &case.version, &case.received_at)
                };
                Call::Encode(documents.iter().map(given).collect::<Result<_, _>>()?, target)
            }
            Given::Response(response) => {
                let portgate_cases::Request { method, path, headers, body } =
                    case.sent().map_err(|error| error.to_string())?;
                let sent = Request { method, path, headers: headers.iter().map(header).collect(), body };
                let headers = response.headers.iter().map(|(name, value)| Header::new(name, value)).collect();
                let (status, received_at) = (response.status, case.received_at.clone());
                Call::Interpret(sent, Response { status, headers, received_at, body: response.body() })
            }
            Given::Context { .. } => return Err("a context is for a rule pack or a composer".to_owned()),
        })
    }
}

/// The context of a case, as a rule pack or a composer is given it.
pub(super) fn context(body: &Value) -> Document {
    Document {
        kind: ShipmentContext::KIND.to_owned(),
        key: body["id"].as_str().unwrap_or_default().to_owned(),
        refs: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

/// What a case has made of its context.
pub(super) fn composition(given: &portgate_cases::Composition) -> Composition {
    let portgate_cases::Composition { regime, lrn, amends, settings } = given.clone();
    let settings = settings.into_iter().map(|(name, value)| Setting { name, value }).collect();
    Composition { regime, lrn, amends, settings }
}

/// Has this thread's stand-ins for the host give what the case has, and forget what was logged before.
///
/// # Errors
///
/// A table of lists cannot be read.
pub fn stand_in(case: &Case) -> Result<(), String> {
    provide(case.rows.iter().map(row).collect());
    provide_codes(codes(case));
    provide_lists(lists(case)?);
    drop(logged());
    Ok(())
}

/// A message of this contract as it might arrive: from a partner called `partner`, on 2026-03-01, without headers and without an
/// agreement. What a test wants otherwise it says over it: `Message { partner: …, ..message(…) }`.
#[must_use]
pub fn message(contract: &str, version: &str, content_type: &str, body: Vec<u8>) -> Message {
    let digest: String = hmac_sha256::Hash::hash(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    Message {
        partner: "partner".to_owned(),
        contract: contract.to_owned(),
        version: version.to_owned(),
        content_type: content_type.to_owned(),
        headers: Vec::new(),
        received_at: "2026-03-01T08:15:00Z".to_owned(),
        digest,
        body,
        agreement: None,
        control_numbers: None,
    }
}

fn of_case(case: &Case, body: &[u8], digest: &str) -> Message {
    Message {
        partner: case.partner.clone(),
        contract: case.contract.clone(),
        version: case.version.clone(),
        content_type: case.content_type.clone(),
        headers: case.headers.iter().map(header).collect(),
        received_at: case.received_at.clone(),
        digest: digest.to_owned(),
        body: body.to_vec(),
        agreement: case.agreement.as_ref().map(agreement),
        control_numbers: case.control_numbers.map(control_numbers),
    }
}

fn agreement(agreement: &portgate_cases::Agreement) -> Agreement {
    let setting = |(name, value): (&String, &String)| Setting { name: name.clone(), value: value.clone() };
    Agreement {
        name: agreement.name().to_owned(),
        ours: agreement.ours.iter().map(identifier).collect(),
        theirs: agreement.theirs.iter().map(identifier).collect(),
        edition: agreement.edition.clone(),
        mode: match agreement.mode {
            portgate_cases::Mode::Production => Mode::Production,
            portgate_cases::Mode::Test => Mode::Test,
        },
        acknowledgement: match agreement.acknowledgement {
            portgate_cases::Acknowledgement::None => Acknowledgement::None,
            portgate_cases::Acknowledgement::InAnswer => Acknowledgement::InAnswer,
            portgate_cases::Acknowledgement::Apart => Acknowledgement::Apart,
        },
        all_or_nothing: agreement.all_or_nothing,
        settings: agreement.settings.iter().map(setting).collect(),
    }
}

fn identifier(identifier: &portgate_cases::Identifier) -> Identifier {
    let level = match identifier.level {
        portgate_cases::Level::Interchange => agreement::Level::Interchange,
        portgate_cases::Level::Group => agreement::Level::Group,
        portgate_cases::Level::Message => agreement::Level::Message,
    };
    Identifier { level, qualifier: identifier.qualifier.clone(), value: identifier.value.clone() }
}

fn control_numbers(numbers: portgate_cases::ControlNumbers) -> ControlNumbers {
    let portgate_cases::ControlNumbers { interchange, group, first_message, messages } = numbers;
    ControlNumbers { interchange, group, first_message, messages }
}

fn row(row: &portgate_cases::Row) -> Row {
    Row {
        table: row.table.clone(),
        key: row.key.clone(),
        from: row.from.clone(),
        to: row.to.clone(),
        value: row.value.clone(),
    }
}

fn codes(case: &Case) -> Codes {
    let unknown = |unknown: &portgate_cases::UnknownCode| match unknown {
        portgate_cases::UnknownCode::Pass => Unknown::Pass,
        portgate_cases::UnknownCode::Finding => Unknown::Finding,
        portgate_cases::UnknownCode::Refuse => Unknown::Refuse,
        portgate_cases::UnknownCode::Park => Unknown::Park,
    };
    let row = |row: &portgate_cases::CodeRow| CodeRow {
        table: row.table.clone(),
        theirs: row.theirs.clone(),
        ours: row.ours.clone(),
        way: row.way.clone(),
        from: row.from.clone(),
        to: row.to.clone(),
    };
    let tables = case.agreement.iter().flat_map(|agreement| &agreement.codes);
    Codes {
        unknown: tables.map(|(table, policy)| (table.clone(), unknown(policy))).collect(),
        rows: case.codes.iter().map(row).collect(),
    }
}

/// The case's tables that are searched by name.
fn lists(case: &Case) -> Result<BTreeMap<String, Lists>, String> {
    let read = |(table, file): (&String, &Vec<u8>)| {
        let wrong = |error: portgate_names::ListError| format!("{table}, line {}: {}", error.line, error.problem);
        Lists::read(file).map(|lists| (table.clone(), lists)).map_err(wrong)
    };
    case.lists.iter().map(read).collect()
}

fn header((name, value): &(String, String)) -> Header {
    Header::new(name, value)
}

fn given(document: &portgate_cases::GivenDocument) -> Result<Document, String> {
    let named = |name: portgate_cases::Reference| {
        let wrong = |error| format!("documents.json: the reference {}: {error}", name.value);
        Reference::new(&name.scheme, &name.value).map_err(wrong)
    };
    Ok(Document {
        kind: document.kind.clone(),
        key: document.key(),
        refs: document.refs().into_iter().map(named).collect::<Result<_, _>>()?,
        body: document.body.to_string().into_bytes(),
    })
}
