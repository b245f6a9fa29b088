//! What the gateway itself finds in a shipment, beside rule packs: systems that contradict each other, and costs that nobody can tell
//! apart. It is judged, overridden and routed like whatever packs find.

use std::collections::BTreeMap;

use portgate_canonical::{FieldConflict, ShipmentContext, StatedValue};
use portgate_core::finding::Severity;
use portgate_core::judgement::{CONFLICT, JudgedField, ShipmentFinding};
use portgate_core::sender;

/// What stands in the place of a pack.
const GATEWAY: &str = sender::GATEWAY;
/// So many findings of one of these rules a shipment has at most, and so many others who say something else one of them names.
const FINDINGS_MAX: usize = 100;
const OTHERS_MAX: usize = 8;

/// A finding of the gateway's own.
pub(crate) fn finding(rule: &str, severity: Severity, detail: String, remedy: &str) -> ShipmentFinding {
    ShipmentFinding {
        pack: GATEWAY.to_owned(),
        rule: rule.to_owned(),
        severity,
        detail,
        remedy: remedy.to_owned(),
        fields: Vec::new(),
        overridden: None,
    }
}

/// Keeps as many findings of a rule as there is room for, and counts the others.
pub(crate) fn bound(findings: &mut Vec<ShipmentFinding>, rule: &str, severity: Severity) {
    let left_out = findings.len().saturating_sub(FINDINGS_MAX);
    if left_out > 0 {
        findings.truncate(FINDINGS_MAX);
        let detail = format!("Of this rule {left_out} more findings are left out.");
        findings.push(finding(rule, severity, detail, "Mend those that are here first."));
    }
}

/// The same with how much each rule matters by policy, in their order.
pub(crate) fn weighed(mut findings: Vec<ShipmentFinding>, by: &BTreeMap<String, Severity>) -> Vec<ShipmentFinding> {
    for finding in &mut findings {
        if let Some(severity) = by.get(&finding.rule) {
            finding.severity = *severity;
        }
    }
    findings
}

/// Each field of which systems say different things. Where an operator's correction counts, somebody has decided already.
pub(crate) fn conflicts(context: &ShipmentContext) -> Vec<ShipmentFinding> {
    let mut fields: BTreeMap<(&str, &str, &str), Vec<&FieldConflict>> = BTreeMap::new();
    for conflict in context.conflicts.iter().filter(|one| &*one.counts.provenance.system != sender::OPERATORS) {
        fields.entry((&conflict.kind, &conflict.id, &conflict.field)).or_default().push(conflict);
    }
    let found = |((kind, id, field), all): ((&str, &str, &str), Vec<&FieldConflict>)| {
        let counts = &all.first()?.counts;
        let others: Vec<String> = all.iter().take(OTHERS_MAX).map(|one| said(&one.differs)).collect();
        let more = match all.len().saturating_sub(OTHERS_MAX) {
            0 => String::new(),
            more => format!(", and {more} more say something else again"),
        };
        let detail = format!("{field} of {kind}/{id}: {} counts, and {}{more}.", said(counts), others.join(", and "));
        let remedy = "Have the one corrected that is wrong, or name the owner of the field in `shipments.toml`.";
        let judged = |one: &StatedValue| JudgedField {
            kind: kind.to_owned(),
            id: id.to_owned(),
            field: field.to_owned(),
            value: Some(one.value.to_string()),
            system: one.provenance.system.to_string(),
            recorded_at: one.provenance.recorded_at.as_str().to_owned(),
        };
        let others = all.iter().take(OTHERS_MAX).map(|one| judged(&one.differs));
        let fields = [judged(counts)].into_iter().chain(others).collect();
        Some(ShipmentFinding { fields, ..finding(CONFLICT, Severity::Warning, detail, remedy) })
    };
    let mut found: Vec<ShipmentFinding> = fields.into_iter().filter_map(found).collect();
    bound(&mut found, CONFLICT, Severity::Warning);
    found
}

/// What somebody says, and when; the value cut where it is long.
fn said(one: &StatedValue) -> String {
    const VALUE_MAX: usize = 60;
    let value: String = one.value.chars().take(VALUE_MAX).collect();
    let more = if one.value.chars().count() > VALUE_MAX { "…" } else { "" };
    let (system, at) = (&*one.provenance.system, one.provenance.recorded_at.as_str());
    format!("what {system} said on {at} ({value}{more})")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn context(conflicts: Vec<Value>) -> ShipmentContext {
        let source = json!({ "system": "portgate", "recordedAt": { "value": "2026-03-01T00:00:00Z" }, "rawRef": "0".repeat(64) });
        let context = json!({ "id": "s", "version": "1", "source": source, "conflicts": conflicts });
        serde_json::from_value(context).expect("a context")
    }

    fn conflict(field: &str, (one, says): (&str, &str), (other, differs): (&str, &str)) -> Value {
        let stated = |system: &str, value: &str| {
            let at = json!({ "value": "2026-03-02T06:00:00Z" });
            let provenance = json!({ "system": system, "version": "1", "recordedAt": at, "rawRef": "0".repeat(64) });
            json!({ "value": value, "provenance": provenance })
        };
        json!({ "kind": "shipment", "id": "S", "field": field, "counts": stated(one, says), "differs": stated(other, differs) })
    }

    #[test]
    fn each_field_in_conflict_is_a_finding_with_all_that_is_said_of_it() {
        let both = [("erp", "\"10\""), ("wms", "\"12\""), ("tms", "\"11\"")];
        let conflicts = vec![
            conflict("/grossKg", both[0], both[1]),
            conflict("/grossKg", both[0], both[2]),
            conflict("/mode", ("operators", "\"sea\""), ("erp", "\"air\"")),
        ];
        let found = super::conflicts(&context(conflicts));
        let [one] = found.as_slice() else { panic!("what an operator has corrected is decided: {found:#?}") };
        let wanted = "/grossKg of shipment/S: what erp said on 2026-03-02T06:00:00Z (\"10\") counts, and what wms said on \
                      2026-03-02T06:00:00Z (\"12\"), and what tms said on 2026-03-02T06:00:00Z (\"11\").";
        assert_eq!((one.detail.as_str(), one.severity), (wanted, Severity::Warning));
        let said: Vec<_> = one.fields.iter().map(|field| (field.system.as_str(), field.value.as_deref())).collect();
        assert_eq!(said, both.map(|(system, value)| (system, Some(value))));
        let weighed = weighed(found, &[(CONFLICT.to_owned(), Severity::Error)].into());
        assert_eq!(weighed[0].severity, Severity::Error, "policy says how much it matters");
    }

    #[test]
    fn of_a_partner_that_contradicts_in_everything_the_most_are_counted() {
        let all = (0..400).map(|at| conflict(&format!("/field{at}"), ("erp", "1"), ("hostile", "2")));
        let found = super::conflicts(&context(all.collect()));
        assert_eq!(found.len(), FINDINGS_MAX + 1);
        assert!(found.iter().any(|one| one.detail == "Of this rule 300 more findings are left out."));
        let many = (0..20).map(|at| conflict("/grossKg", ("erp", "1"), (&format!("partner-{at}"), &"2".repeat(400))));
        let found = super::conflicts(&context(many.collect()));
        assert!(found[0].detail.ends_with(", and 12 more say something else again.") && found[0].detail.len() < 2_000);
        assert_eq!(found[0].fields.len(), OTHERS_MAX + 1);
    }
}
