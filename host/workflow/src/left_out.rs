//! What a shipment says that does not have all that is tied to it: a person is called, and nothing is filed of it meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use portgate_canonical::ShipmentContext;
use portgate_core::exception::{Cause, CauseKind, Wanted};
use portgate_core::finding::Severity;
use portgate_core::judgement::ShipmentFinding;
use portgate_core::sender;
use portgate_store::{LeftOutDocument, ShipmentDocuments, WaitingThing};

use crate::fold::DOCUMENTS_MAX;

/// What the finding is called in the place of a rule.
const OVERFULL: &str = "OVERFULL";
/// Documents that are named one by one.
const NAMED_MAX: usize = 20;
const REMEDY: &str = "Raise `things_max` in `shipments.toml`, split the shipment (`portgate shipment split`), or have the sender of a name \
                      correct it that too many documents carry; until then nothing is filed but what an operator releases.";

/// What is found where documents are left out of a shipment or of its context.
pub(crate) fn found(
    left_out: &[LeftOutDocument],
    documents: &ShipmentDocuments,
    context: &ShipmentContext,
    things_max: usize,
) -> Option<ShipmentFinding> {
    // What the gateway makes follows from all others, and is named only where nothing else is left out: what an operator has released would
    // else be found to be of other facts than were looked at, by its own declaration.
    let (own, told): (Vec<&LeftOutDocument>, Vec<&LeftOutDocument>) =
        left_out.iter().partition(|one| sender::is_gateway(&one.sender));
    let is_own = told.is_empty();
    let told = if is_own { own } else { told };
    let (parts, others): (Vec<&LeftOutDocument>, Vec<&LeftOutDocument>) = told.into_iter().partition(|one| one.is_part);
    let kept = documents.documents.iter().filter(|one| one.body.is_some());
    let all: BTreeSet<(&str, &str)> = kept.map(|one| (&*one.kind, &*one.key)).collect();
    let omitted = match context.documents.len() < DOCUMENTS_MAX {
        true => 0,
        false => all.len().saturating_sub(context.documents.len()),
    };
    let mut said = Vec::new();
    if !others.is_empty() {
        said.push(format!(
            "{} tied to it and left out, since more is tied together than the {things_max} documents of `things_max`: {}.",
            are(others.len()),
            named(&others)
        ));
    }
    if !parts.is_empty() {
        said.push(format!(
            "{} in it as before, and what their latest names tie to it is more than `things_max` ({things_max}): {}.",
            are(parts.len()),
            named(&parts)
        ));
    }
    if omitted > 0 {
        said.push(format!("Its context has {} of {} documents, the latest.", context.documents.len(), all.len()));
    }
    (!said.is_empty()).then(|| ShipmentFinding {
        pack: String::new(),
        rule: OVERFULL.to_owned(),
        severity: if is_own && omitted == 0 { Severity::Warning } else { Severity::Blocking },
        detail: said.join(" "),
        remedy: REMEDY.to_owned(),
        fields: Vec::new(),
        overridden: None,
    })
}

fn are(count: usize) -> String {
    match count {
        1 => "1 document is".to_owned(),
        _ => format!("{count} documents are"),
    }
}

/// As many as people read, and the kinds of all others.
fn named(documents: &[&LeftOutDocument]) -> String {
    let one = |one: &&LeftOutDocument| format!("{} `{}` of `{}`", one.kind, one.key, one.sender);
    let mut names: Vec<String> = documents.iter().take(NAMED_MAX).map(one).collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for other in documents.iter().skip(NAMED_MAX) {
        *kinds.entry(&other.kind).or_default() += 1;
    }
    names.extend(kinds.into_iter().map(|(kind, count)| format!("{count} more of the kind {kind}")));
    names.join(", ")
}

/// That a person is wanted for it: no rule found it, so no override takes it away.
pub(crate) fn wanted(finding: &ShipmentFinding) -> Option<Wanted> {
    let is_it = finding.pack.is_empty() && finding.rule == OVERFULL;
    is_it.then(|| Wanted {
        cause: cause("overfull"),
        team: None,
        severity: finding.severity,
        detail: finding.detail.clone(),
        remedy: finding.remedy.clone(),
        findings: vec![finding.clone()],
    })
}

/// That a person is wanted for a document that is of no shipment, because too much is tied to it.
pub(crate) fn of_no_shipment(thing: &WaitingThing, things_max: usize) -> Wanted {
    let WaitingThing { sender, kind, key, seen_at, .. } = thing;
    Wanted {
        cause: cause(&format!("overfull/{kind}/{sender}/{key}")),
        team: None,
        severity: Severity::Error,
        detail: format!(
            "The document `{key}` of the kind `{kind}`, which `{sender}` sent last at {seen_at}, is of no shipment: more is tied together by \
             its names than the {things_max} documents of `things_max`."
        ),
        remedy: "Raise `things_max` in `shipments.toml`, or have the sender of a name correct it that too many documents carry."
            .to_owned(),
        findings: Vec::new(),
    }
}

fn cause(name: &str) -> Cause {
    Cause { kind: CauseKind::Context, name: name.to_owned() }
}
