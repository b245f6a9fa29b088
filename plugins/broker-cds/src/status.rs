//! One `Response` as a `customs-status`: function code, references and times of the declaration, why it was rejected and
//! what customs wants.

use std::collections::{BTreeMap, BTreeSet};

use portgate_sdk::canonical::{Code, CustomsError, CustomsRequest, CustomsStatus, DeclarationStatus, Text, Timestamp};
use portgate_sdk::xml::Element;
use portgate_sdk::{Message, Severity, reference};

use crate::codes;
use crate::notes::Notes;
use crate::subject::{subject, text};
use crate::{tax, words};

/// The table that says in words what a validation code means.
const ERROR_CODES: &str = "dms-error-codes";

/// Different validation codes that are looked up for one message; a look-up costs, and the policy bounds them.
const LOOKUPS_MAX: usize = 100;

/// The most that the canonical document takes.
const ERRORS_MAX: usize = 999;
const REQUESTS_MAX: usize = 99;

/// What is known from earlier responses in the same message.
#[derive(Default)]
pub(crate) struct Memory {
    ids: BTreeSet<Text<128>>,
    /// By validation code and date.
    meanings: BTreeMap<(Text<32>, String), Option<String>>,
    /// Whether a code was not looked up because there are too many.
    unexplained: bool,
}

impl Memory {
    /// What a validation code means on a date, looked up once.
    fn meaning(&mut self, code: &Text<32>, on: &str) -> Option<String> {
        let key = (code.clone(), on.to_owned());
        if let Some(known) = self.meanings.get(&key) {
            return known.clone();
        }
        if self.meanings.len() >= LOOKUPS_MAX {
            self.unexplained = true;
            return None;
        }
        let meaning = reference::lookup(ERROR_CODES, code, on);
        self.meanings.insert(key, meaning.clone());
        meaning
    }
}

/// Reads a response into documents and findings. `memory` is of the responses before it.
pub(crate) fn read(response: Element<'_>, message: &Message, memory: &mut Memory, notes: &mut Notes) {
    // Everything is looked at before anything is given up, so that all that is missing is said at once.
    let function_code = notes.required_text::<64>(response, "FunctionCode");
    let declaration = declaration(response, notes);
    let issued_at = notes.required(response, "IssueDateTime").and_then(|element| notes.time(element, Severity::Error));
    let subject = subject(response, declaration, issued_at, message, notes);
    let (Some(function_code), Some(declaration), Some(subject)) = (function_code, declaration, subject) else {
        return;
    };
    if !memory.ids.insert(subject.id.clone()) {
        notes.error("DUPLICATE", response, "Two responses of this message have one id; each needs its own.");
        return;
    }

    let status = codes::status(&function_code).unwrap_or_else(|| {
        let detail = format!("The function code `{function_code}` is not known; add it to the connector.");
        notes.warning("UNKNOWN-FUNCTION-CODE", response.child("FunctionCode").unwrap_or(response), detail);
        DeclarationStatus::Unmapped
    });
    // In a tax notification this code says how firm the taxes are, and each tax has that already.
    let outcome = response.path("Status/NameCode").filter(|_| status != DeclarationStatus::Tax);
    let granted = response.text_at("Status/NameCode").filter(|_| status == DeclarationStatus::RequestOutcome);
    let outcome = outcome.and_then(|element| {
        let name = format!("{function_code}/{}", element.text()?);
        notes.identifier(element, "code of the outcome", &name)
    });
    let accepted_at = declaration.child("AcceptanceDateTime");
    // What became of a request to amend or cancel, or how goods left, is in the status name code: it is kept beside, as in
    // `11/39`.
    let code = Code { source_code: outcome, code: function_code, code_list: text(codes::FUNCTION_CODES) };
    let source = message.source(Some(subject.response_id.widened()), Some(subject.issued_at.clone()));
    let occurred_at = decided_at(declaration, notes).unwrap_or_else(|| subject.issued_at.clone());
    let document = CustomsStatus {
        references: subject.references.clone(),
        lrn: subject.lrn.clone(),
        mrn: subject.mrn.clone(),
        granted: granted.and_then(|code| codes::granted(&code)),
        declaration_version: declaration.text_at("VersionID").map(|_| subject.version.clone()),
        accepted_at: accepted_at.and_then(|element| notes.time(element, Severity::Warning)),
        errors: errors(response, status, &subject.issued_at, memory, notes),
        requests: requests(response, declaration, status, notes),
        ..CustomsStatus::new(subject.id.clone(), subject.version.widened(), source, status, code, occurred_at)
    };
    notes.document(&document);
    words::changes(response, declaration, notes);
    words::effective(response, notes);
    if status == DeclarationStatus::Tax {
        tax::read(response, declaration, &subject, message, notes);
    }
}

/// When customs rejected or cancelled the declaration, where the response says so: earlier than it was issued.
fn decided_at(declaration: Element<'_>, notes: &mut Notes) -> Option<Timestamp> {
    let times = ["RejectionDateTime", "CancellationDateTime"].map(|name| declaration.child(name));
    let times = times.into_iter().flatten().map(|element| notes.time(element, Severity::Warning));
    times.fold(None, Option::or)
}

/// The declaration that a response speaks of: the first that says which it is. An amendment is followed by a second
/// `Declaration` that only holds what changed.
fn declaration<'d>(response: Element<'d>, notes: &mut Notes) -> Option<Element<'d>> {
    let named = |declaration: &Element<'_>| {
        declaration.text_at("ID").is_some() || declaration.text_at("FunctionalReferenceID").is_some()
    };
    let found = response.children("Declaration").find(named);
    if found.is_none() {
        let at = response.child("Declaration").unwrap_or(response);
        notes.error(
            "MISSING",
            at,
            "Neither `Declaration/ID` nor `Declaration/FunctionalReferenceID` says which it is.",
        );
    }
    found
}

/// Every `Error`, with its meaning and its place in the declaration. Errors of a rejection are also findings, so that
/// whoever reads the answer sees them; only they are looked up.
fn errors(
    response: Element<'_>,
    status: DeclarationStatus,
    issued_at: &Timestamp,
    memory: &mut Memory,
    notes: &mut Notes,
) -> Vec<CustomsError> {
    let rejected = status == DeclarationStatus::Rejected;
    let on = issued_at.as_str().get(..10).unwrap_or_default();
    let mut errors = Vec::new();
    for error in response.children("Error") {
        let Some(code) = notes.required_text::<32>(error, "ValidationCode") else { continue };
        let meaning = if rejected { memory.meaning(&code, on) } else { None };
        // Where the table has nothing, what customs itself says is the best there is.
        let meaning = meaning.or_else(|| error.text_at("Description").map(|text| text.into_owned()));
        let pointer = words::place(error).and_then(|place| notes.identifier(error, "place of the error", &place));
        if rejected {
            let words = meaning.as_deref().unwrap_or("no meaning is known; look the code up with HMRC.");
            let place = pointer.as_deref().unwrap_or("the declaration");
            let words: String = words.chars().take(512).collect();
            notes.warning(&code, error, format!("Customs rejected the declaration at {place}: {words}"));
        }
        let text = meaning.and_then(|meaning| notes.free_text(error, "meaning of the error", &meaning));
        let field = words::field(error).and_then(|field| Text::new(field).ok());
        errors.push(CustomsError { text, pointer, field, ..CustomsError::new(code) });
    }
    if std::mem::take(&mut memory.unexplained) {
        let detail =
            format!("Only the first {LOOKUPS_MAX} different codes are looked up; look the others up with HMRC.");
        notes.info("NOT-LOOKED-UP", response, detail);
    }
    if errors.is_empty() && rejected {
        notes.warning("NO-REASON", response, "The declaration was rejected without an `Error`; ask customs why.");
    }
    if errors.len() > ERRORS_MAX {
        let detail = format!("The response has {} errors; the first {ERRORS_MAX} are kept.", errors.len());
        notes.warning("CUT", response, detail);
        errors.truncate(ERRORS_MAX);
    }
    errors
}

/// What customs wants: statements of a notification that asks for something, and payments that are due. A statement of
/// any other notification is for people only, and becomes a finding.
fn requests(
    response: Element<'_>,
    declaration: Element<'_>,
    status: DeclarationStatus,
    notes: &mut Notes,
) -> Vec<CustomsRequest> {
    use DeclarationStatus::{Control, DocsRequired, ExitEvidenceRequired, PaymentRequired};
    let wants = matches!(status, Control | DocsRequired | ExitEvidenceRequired | PaymentRequired);
    let mut requests = Vec::new();
    for statement in response.children("AdditionalInformation") {
        if !wants {
            words::statement(statement, notes);
            continue;
        }
        let words = statement.text_at("StatementDescription");
        let code = statement.text_at("StatementCode").or_else(|| statement.text_at("StatementTypeCode"));
        let Some(code) = code else {
            notes.warning("NO-CODE", statement, "Customs wants something without a code; read the notification.");
            continue;
        };
        let Some(code) = notes.identifier(statement, "code of the statement", &code) else { continue };
        let due = statement.child("LimitDateTime").and_then(|limit| notes.time(limit, Severity::Warning));
        let code_list = text(codes::STATEMENT_CODES);
        let kind = statement.text_at("StatementTypeCode");
        let source_code = kind.and_then(|kind| notes.identifier(statement, "kind of the statement", &kind));
        let code = Code { code, code_list, source_code };
        let words =
            [words.map(|words| words.into_owned()), words::place(statement).map(|place| format!("(at {place})"))];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let text = notes.free_text(statement, "statement", &words);
        requests.push(CustomsRequest { code, text, due });
    }
    if status == PaymentRequired {
        for payment in declaration.all("DutyTaxFee/Payment") {
            let Some(words) = to_pay(payment, response) else { continue };
            let words = notes.free_text(payment, "amount to pay", &words);
            let code = Code { code: text("PAYMENT"), code_list: text("Portgate"), source_code: None };
            requests.push(CustomsRequest { code, text: words, due: None });
        }
    }
    if requests.len() > REQUESTS_MAX {
        let detail = format!("The response has {} requests; the first {REQUESTS_MAX} are kept.", requests.len());
        notes.warning("CUT", response, detail);
        requests.truncate(REQUESTS_MAX);
    }
    requests
}

/// What is to be paid, under which references and where to.
fn to_pay(payment: Element<'_>, response: Element<'_>) -> Option<String> {
    let amount = payment.child("PaymentAmount")?;
    let mut words = format!("Pay {}", amount.text()?);
    if let Some(currency) = amount.attribute("currencyID") {
        words.extend([" ", currency]);
    }
    let more = [
        ("reference", payment.text_at("ReferenceID")),
        ("guarantee", payment.text_at("ObligationGuarantee/ReferenceID")),
        ("to the account", response.text_at("Bank/ID")),
        ("at", response.text_at("Bank/ReferenceID")),
    ];
    for (what, text) in more {
        if let Some(text) = text {
            words.extend([", ", what, " ", &text]);
        }
    }
    Some(words)
}
