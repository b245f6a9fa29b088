//! What a notification says beside its status, in words for people: statements, what was amended and changed, since when a
//! status holds. None of it has a field of its own in the canonical document.

use portgate_sdk::Severity;
use portgate_sdk::xml::Element;

use crate::declaration;
use crate::notes::Notes;

/// How much of what customs says is repeated in one finding.
const CHARACTERS_MAX: usize = 512;

/// The pointers of an element as one path, outermost first: section code, sequence number in brackets where there is one,
/// and at the end the tag of the element, as in `42A/67A[1]/68A[1]/R144`.
pub(crate) fn place(element: Element<'_>) -> Option<String> {
    let mut path = String::new();
    for pointer in element.children("Pointer") {
        if let Some(section) = pointer.text_at("DocumentSectionCode") {
            path.extend(["/", &section]);
        }
        if let Some(number) = pointer.text_at("SequenceNumeric") {
            path.extend(["[", &number, "]"]);
        }
        if let Some(tag) = pointer.text_at("TagID") {
            path.extend(["/", &tag]);
        }
    }
    Some(path.trim_start_matches('/').to_owned()).filter(|path| !path.is_empty())
}

/// The field of the declaration that the pointers of an element lead to.
pub(crate) fn field(element: Element<'_>) -> Option<String> {
    let step = |pointer: Element<'_>| {
        Some(declaration::Step {
            section: pointer.text_at("DocumentSectionCode")?.trim().to_owned(),
            number: pointer.text_at("SequenceNumeric").and_then(|number| number.trim().parse().ok()),
            tag: pointer.text_at("TagID").map(|tag| tag.trim().to_owned()),
        })
    };
    declaration::field(&element.children("Pointer").map_while(step).collect::<Vec<_>>())
}

/// A statement of a notification that asks for nothing: what it says, its kind and code, and what it concerns.
pub(crate) fn statement(statement: Element<'_>, notes: &mut Notes) {
    let words = statement.text_at("StatementDescription");
    let kind = ["StatementTypeCode", "StatementCode"].map(|name| statement.text_at(name));
    let kind: Vec<String> = kind.into_iter().flatten().map(|code| code.into_owned()).collect();
    let until = statement.child("LimitDateTime").and_then(|limit| notes.time(limit, Severity::Warning));
    let beside = [
        Some(kind.join(" ")).filter(|kind| !kind.is_empty()),
        place(statement).map(|place| format!("at {place}")),
        until.map(|until| format!("until {}", until.as_str())),
    ];
    let beside: Vec<String> = beside.into_iter().flatten().collect();
    let detail = match (words, beside.is_empty()) {
        (Some(words), true) => format!("Customs says: {words}"),
        (Some(words), false) => format!("Customs says: {words} ({})", beside.join(", ")),
        (None, false) => format!("Customs makes a statement without words ({}).", beside.join(", ")),
        (None, true) => return,
    };
    notes.info("STATEMENT", statement, short(&detail));
}

/// What was amended and why, and what the other declarations of the response hold: an amendment is followed by one with
/// nothing but what changed.
pub(crate) fn changes(response: Element<'_>, declaration: Element<'_>, notes: &mut Notes) {
    for amendment in response.children("Amendment") {
        let place = place(amendment).unwrap_or_else(|| "the declaration".to_owned());
        let reason = amendment.text_at("ChangeReasonCode");
        let reason = reason.map_or("without a reason".to_owned(), |code| format!("for the reason {code}"));
        notes.info("AMENDED", amendment, short(&format!("Customs has amended {place} {reason}.")));
    }
    for other in response.children("Declaration").filter(|other| *other != declaration) {
        let said = leaves(other);
        if !said.is_empty() {
            notes.info("CHANGED", other, short(&format!("What has changed: {said}")));
        }
    }
}

/// Since when a status holds, as customs writes it: in no form that could be relied on.
pub(crate) fn effective(response: Element<'_>, notes: &mut Notes) {
    let Some(element) = response.path("Status/EffectiveDateTime") else { return };
    let inner = element.elements().find(|inner| inner.text().is_some()).unwrap_or(element);
    if let Some(since) = inner.text() {
        let format = inner.attribute("formatCode").map(|code| format!(" (format {code})")).unwrap_or_default();
        notes.info("EFFECTIVE", element, short(&format!("The status holds from {since}{format}.")));
    }
}

/// Every text of an element and inside of it, with the names that lead to it and its unit behind it.
pub(crate) fn leaves(element: Element<'_>) -> String {
    fn collect(element: Element<'_>, path: &str, said: &mut Vec<String>) {
        if let Some(text) = element.text() {
            let unit = element.attribute("currencyID").or_else(|| element.attribute("unitCode"));
            let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
            match path {
                "" => said.push(format!("{text}{unit}")),
                path => said.push(format!("{path} = {text}{unit}")),
            }
        }
        for inner in element.elements() {
            let path = if path.is_empty() { inner.name().to_owned() } else { format!("{path}/{}", inner.name()) };
            collect(inner, &path, said);
        }
    }
    let mut said = Vec::new();
    collect(element, "", &mut said);
    said.join(", ")
}

/// At most so much as a finding repeats, and a mark where there is more.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
