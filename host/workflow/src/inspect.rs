//! What rule packs say of a context, with what the fields that they name say.

use async_trait::async_trait;
use portgate_core::document::Document;
use portgate_core::finding::Severity;
use portgate_core::judgement::{JudgedField, Judgement, ShipmentFinding};
use portgate_core::policy::RulePack;
use portgate_core::reference::Lookups;
use serde_json::Value;

use crate::fold::Folded;

/// Most findings that a shipment has of one pack.
const FINDINGS_MAX: usize = 500;
/// Most fields of one finding.
const FIELDS_MAX: usize = 16;
/// Most characters of a sentence.
const SENTENCE_MAX: usize = 1_000;
/// The rule that a pack breaks which fails.
pub(crate) const FAILED: &str = "PACK-FAILED";
/// The rule that stands for those that are left out.
const TOO_MANY: &str = "TOO-MANY-FINDINGS";

/// What a pack said.
pub struct Inspected {
    /// What does not fit.
    pub judgements: Vec<Judgement>,
    /// The context as the pack saw it, by its grants: what its pointers point into.
    pub seen: Vec<u8>,
    /// What it looked up in reference tables.
    pub looked_up: Lookups,
}

/// Calls rule packs.
#[async_trait]
pub trait Packs: Send + Sync {
    /// Has one judge a context.
    ///
    /// # Errors
    ///
    /// Why it could not, in words for people: it trapped, ran out of its budget, or is not there.
    async fn inspect(&self, plugin: &str, context: Document) -> Result<Inspected, String>;
}

/// What these packs say, in one order, and what they looked up for it. One that fails says so and keeps nobody else from saying
/// anything.
pub(crate) async fn inspect(
    packs: &dyn Packs,
    wanted: &[RulePack],
    folded: &Folded,
) -> (Vec<ShipmentFinding>, Lookups) {
    let (mut findings, mut all) = (Vec::new(), Lookups::default());
    for pack in wanted {
        let context = Document {
            kind: "shipment-context".to_owned(),
            key: folded.context.id.to_string(),
            refs: Vec::new(),
            body: folded.json.clone().into_bytes(),
        };
        match packs.inspect(&pack.plugin, context).await {
            Ok(Inspected { judgements, seen, looked_up }) => {
                findings.extend(found(pack, judgements, &seen));
                all.extend(looked_up);
            }
            Err(why) => {
                let size = folded.json.len();
                let detail =
                    format!("The rule pack could not judge the shipment, whose context has {size} bytes: {why}.");
                let remedy = "No rule of this pack was applied. Tell who looks after the rule packs and their limits.";
                findings.push(ShipmentFinding { remedy: remedy.to_owned(), ..of_the_pack(pack, FAILED, detail) });
            }
        }
    }
    findings.sort();
    findings.dedup();
    (findings, all)
}

fn of_the_pack(pack: &RulePack, rule: &str, detail: String) -> ShipmentFinding {
    ShipmentFinding {
        pack: pack.plugin.clone(),
        rule: rule.to_owned(),
        severity: pack.severity.get(rule).copied().unwrap_or(Severity::Error),
        detail,
        remedy: String::new(),
        fields: Vec::new(),
        overridden: None,
    }
}

pub(crate) fn found(pack: &RulePack, judgements: Vec<Judgement>, seen: &[u8]) -> Vec<ShipmentFinding> {
    let seen: Value = serde_json::from_slice(seen).unwrap_or_default();
    let left_out = judgements.len().saturating_sub(FINDINGS_MAX);
    let finding = |judgement: Judgement| ShipmentFinding {
        pack: pack.plugin.clone(),
        severity: pack.severity.get(&judgement.rule).copied().unwrap_or(judgement.severity),
        rule: cut(judgement.rule, 64),
        detail: cut(judgement.detail, SENTENCE_MAX),
        remedy: cut(judgement.remedy, SENTENCE_MAX),
        fields: judgement.fields.iter().take(FIELDS_MAX).filter_map(|pointer| judged(&seen, pointer)).collect(),
        overridden: None,
    };
    let mut findings: Vec<ShipmentFinding> = judgements.into_iter().take(FINDINGS_MAX).map(finding).collect();
    if left_out > 0 {
        findings.push(of_the_pack(pack, TOO_MANY, format!("{left_out} more findings are left out.")));
    }
    findings
}

/// The field at a pointer into the context, with what it says and who said it.
fn judged(seen: &Value, pointer: &str) -> Option<JudgedField> {
    let mut steps = pointer.splitn(5, '/').skip(1);
    let (list, index, document) = (steps.next()?, steps.next()?, steps.next()?);
    let field = steps.next().map(|rest| format!("/{rest}")).unwrap_or_default();
    let element = seen.get(list)?.get(index.parse::<usize>().ok()?)?;
    if document != "document" {
        return None;
    }
    // The nearest thing around the field that is another's: a system's, or what master data has filled.
    let around = |source: &&Value| {
        let rest = source["field"].as_str().and_then(|other| field.strip_prefix(other));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let of_another = element["fields"].as_array().into_iter().flatten().filter(around);
    let nearest = of_another.max_by_key(|source| source["field"].as_str().map(str::len));
    let provenance = nearest.map_or(&element["provenance"], |source| &source["provenance"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Some(JudgedField {
        kind: text(&element["kind"]),
        id: text(&element["id"]),
        value: element["document"].pointer(&field).map(JudgedField::said),
        field,
        system: text(&provenance["system"]),
        recorded_at: text(&provenance["recordedAt"]["value"]),
    })
}

fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pack() -> RulePack {
        RulePack { plugin: "core".to_owned(), severity: [("R2".to_owned(), Severity::Blocking)].into() }
    }

    #[test]
    fn a_judgement_gets_the_values_of_its_fields_and_who_said_them() {
        let seen = json!({ "documents": [{
            "kind": "shipment", "id": "S",
            "provenance": { "system": "erp", "recordedAt": { "value": "2026-03-01T00:00:00Z" } },
            "fields": [
                { "field": "/grossKg", "provenance": { "system": "wms", "recordedAt": { "value": "2026-03-02T00:00:00Z" } } },
                { "field": "/lines", "provenance": { "system": "wms", "recordedAt": { "value": "2026-03-02T00:00:00Z" } } },
                { "field": "/lines/0/unit", "provenance": { "system": "table:units", "recordedAt": { "value": "2026-01-01T00:00:00Z" } } },
            ],
            "document": { "grossKg": "10", "lines": [{ "quantity": { "value": "3" }, "unit": "KGM" }], "units": 1 },
        }] });
        let fields = [
            "/documents/0/document/grossKg",
            "/documents/0/document/lines/0/quantity/value",
            "/documents/0/document/lines/0/unit",
            "/documents/0/document/units",
            "/documents/9/document/x",
            "/id",
        ];
        let judgement = |rule: &str, fields: &[&str]| Judgement {
            rule: rule.to_owned(),
            severity: Severity::Warning,
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            detail: "It does not fit.".to_owned(),
            remedy: String::new(),
        };
        let seen = seen.to_string().into_bytes();
        let found = found(&pack(), vec![judgement("R1", &fields), judgement("R2", &[])], &seen);
        let told: Vec<(&str, Option<&str>, &str)> = found[0]
            .fields
            .iter()
            .map(|field| (field.field.as_str(), field.value.as_deref(), field.system.as_str()))
            .collect();
        let wanted = [
            ("/grossKg", Some("\"10\""), "wms"),
            ("/lines/0/quantity/value", Some("\"3\""), "wms"),
            ("/lines/0/unit", Some("\"KGM\""), "table:units"),
            ("/units", Some("1"), "erp"),
        ];
        assert_eq!(told, wanted);
        assert_eq!(
            (found[0].severity, found[1].severity),
            (Severity::Warning, Severity::Blocking),
            "policy says what R2 is"
        );
    }

    #[test]
    fn what_a_pack_says_too_much_is_counted() {
        let judgement = Judgement {
            rule: "R1".to_owned(),
            severity: Severity::Info,
            fields: Vec::new(),
            detail: "x".repeat(2_000),
            remedy: String::new(),
        };
        let found = found(&pack(), vec![judgement; FINDINGS_MAX + 7], b"{}");
        assert_eq!(found.len(), FINDINGS_MAX + 1);
        assert_eq!(
            found.last().map(|last| (last.rule.as_str(), last.detail.as_str())),
            Some((TOO_MANY, "7 more findings are left out."))
        );
        assert_eq!(found[0].detail.len(), SENTENCE_MAX);
    }
}
