//! `filings.toml`: what is declared of which shipments, to whom, and what has to be right before.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calendar::Within;
use crate::filing::{AtCustoms, Awaited, FilingWaits, OnChange};
use crate::finding::Severity;
use crate::judgement::ShipmentFinding;

/// What is declared of shipments. Without this file the gateway files nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filings {
    /// The filings; each is one declaration of each shipment that it is for.
    #[serde(default, rename = "filing")]
    pub filings: Vec<FilingPolicy>,
}

/// One declaration of each shipment that it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingPolicy {
    /// What it is called: lower-case letters, digits and hyphens, starting with a letter. It is part of what local reference
    /// numbers are made from, so it stays.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"))]
    pub name: String,
    /// The regime, as the composer knows it, such as `uk-import`.
    #[schemars(length(min = 1, max = 64))]
    pub regime: String,
    /// The plugin that writes the declaration, which is of the world `composer`.
    pub composer: String,
    /// Names and values for it.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The kinds of documents that a shipment must have before it is declared.
    #[schemars(length(min = 1))]
    pub needs: BTreeSet<String>,
    /// Only shipments of which a document says so: fields as `kind/field/field` with the texts that each may have, such as
    /// `when = { "shipment/consignee/address/country" = ["GB"] }`. All must fit; a list fits where one of its elements does.
    #[serde(default)]
    pub when: BTreeMap<String, BTreeSet<String>>,
    /// The partner that declares it to customs.
    pub to: String,
    /// The partners whose word of customs counts beside that of `to`, such as one that hands customs' notifications on. What any other
    /// says of the declaration moves nothing, and a person is called.
    #[serde(default)]
    pub answers: BTreeSet<String>,
    /// The contract that a declaration is rendered as.
    pub submit: FilingContract,
    /// The contract that an amendment is rendered as; nothing is amended without it.
    #[serde(default)]
    pub amend: Option<FilingContract>,
    /// The contract that a request to cancel is rendered as; nothing is cancelled without it.
    #[serde(default)]
    pub cancel: Option<FilingContract>,
    /// Whether it is filed as soon as nothing stands against it. Otherwise an operator releases it.
    #[serde(default)]
    pub automatic: bool,
    /// What becomes of a change after it was sent.
    #[serde(default)]
    pub on_change: OnChange,
    /// What stands against it.
    #[serde(default)]
    pub blocks: FilingBlocks,
    /// Fields of the declaration whose changes alone amend nothing, as JSON Pointers.
    #[serde(default)]
    pub ignore: BTreeSet<String>,
    /// How long what would be declared must have stayed as it is before customs is told of a change, such as `30 seconds`: what
    /// comes in several messages makes one amendment then. At once where it is left out.
    #[serde(default)]
    pub settle: Option<Within>,
    /// What customs is expected to say within which time of being told, such as `{ answered = "30 minutes", accepted = "4 hours" }`;
    /// a person is called where it has not.
    #[serde(default)]
    pub expect: BTreeMap<Awaited, Within>,
    /// How long it may wait, for what is missing, for findings to go or for a release, before a person is called for it.
    #[serde(default)]
    pub waits: FilingWaits,
    /// Whom the gateway tells where it stands at customs, by the names that each has given the shipment itself.
    #[serde(default)]
    pub tell: Vec<FilingTell>,
}

/// A partner that is told where a declaration stands at customs: by a `customs-status` of the gateway's own, each time that it is
/// another place than the partner was told last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingTell {
    /// The partner. It is told once it has said something of the shipment, since it knows it by no other names.
    pub to: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Which places it is told of.
    #[schemars(length(min = 1))]
    pub of: BTreeSet<AtCustoms>,
}

/// A contract of the partner's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingContract {
    /// Its name.
    pub contract: String,
    /// Its version.
    pub version: String,
}

/// Which findings stand against a filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FilingBlocks {
    /// Findings of this severity and above.
    pub severity: Severity,
    /// Rules that stand against it whatever their severity.
    pub rules: BTreeSet<String>,
    /// Rules that never do, such as one that holds a declaration against what it was made from: an amendment mends that.
    pub but: BTreeSet<String>,
}

impl Default for FilingBlocks {
    fn default() -> Self {
        FilingBlocks { severity: Severity::Error, rules: BTreeSet::new(), but: BTreeSet::new() }
    }
}

impl FilingBlocks {
    /// Whether a finding stands against the filing.
    pub fn holds(&self, finding: &ShipmentFinding) -> bool {
        let FilingBlocks { severity, rules, but } = self;
        let is_meant = finding.severity >= *severity || rules.contains(&finding.rule);
        finding.overridden.is_none() && is_meant && !but.contains(&finding.rule)
    }
}

impl FilingPolicy {
    /// Whether it is for a shipment with these documents, each with its kind.
    pub fn is_for<'d>(&self, documents: impl Iterator<Item = (&'d str, &'d Value)> + Clone) -> bool {
        let has = |kind: &String| documents.clone().any(|(of, _)| of == kind);
        let says = |(field, texts): (&String, &BTreeSet<String>)| {
            let Some((kind, path)) = field.split_once('/') else { return false };
            let path: Vec<&str> = path.split('/').collect();
            documents.clone().any(|(of, document)| of == kind && is_one_of(document, &path, texts))
        };
        self.needs.iter().all(has) && self.when.iter().all(says)
    }
}

fn is_one_of(value: &Value, path: &[&str], texts: &BTreeSet<String>) -> bool {
    match (value, path) {
        (Value::Array(elements), _) => elements.iter().any(|element| is_one_of(element, path, texts)),
        (Value::String(text), []) => texts.contains(text),
        (Value::Object(members), [first, rest @ ..]) => {
            members.get(*first).is_some_and(|member| is_one_of(member, rest, texts))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filing(when: Value) -> FilingPolicy {
        serde_json::from_value(json!({
            "name": "uk-import", "regime": "uk-import", "composer": "composer-uk", "needs": ["shipment", "commercial-invoice"],
            "when": when, "to": "broker", "submit": { "contract": "declaration", "version": "1" },
        }))
        .expect("a filing")
    }

    #[test]
    fn a_filing_is_for_shipments_that_have_all_it_needs_and_say_so() {
        let shipment = json!({ "stops": [{ "country": "VN" }, { "country": "GB" }] });
        let invoice = json!({});
        let documents = [("shipment", &shipment), ("commercial-invoice", &invoice)];
        let is_for = |when| filing(when).is_for(documents.into_iter());
        assert!(is_for(json!({})) && is_for(json!({ "shipment/stops/country": ["GB", "XI"] })));
        for other in
            ["shipment/stops/country", "shipment/stops", "order/stops/country", "shipment/at/country", "shipment"]
        {
            assert!(!is_for(json!({ other: ["DE"] })), "{other}");
        }
        assert!(!filing(json!({})).is_for(documents[..1].iter().copied()), "the invoice is missing");
    }

    #[test]
    fn findings_stand_against_it_by_their_severity_and_by_their_rules() {
        let blocks: FilingBlocks = serde_json::from_value(json!({ "rules": ["R18"], "but": ["R23"] })).expect("blocks");
        let finding = |rule: &str, severity| ShipmentFinding {
            pack: "rules-core".to_owned(),
            rule: rule.to_owned(),
            severity,
            detail: String::new(),
            remedy: String::new(),
            fields: Vec::new(),
            overridden: None,
        };
        let holds = |rule, severity| blocks.holds(&finding(rule, severity));
        assert!(holds("R1", Severity::Error) && holds("R1", Severity::Blocking) && holds("R18", Severity::Info));
        assert!(!holds("R1", Severity::Warning) && !holds("R23", Severity::Blocking));
        let by =
            serde_json::from_value(json!({ "by": 1, "operator": "ada", "reason": "it is right" })).expect("a person");
        let overridden = ShipmentFinding { overridden: Some(by), ..finding("R1", Severity::Blocking) };
        assert!(!blocks.holds(&overridden), "a person has said that it blocks nothing");
    }
}
