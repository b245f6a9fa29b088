//! What would be declared of a shipment now: a composer writes it, or what is missing for it is found.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::document::Document;
use portgate_core::filing::{COMPOSER_FAILED, Filing, difference};
use portgate_core::finding::Severity;
use portgate_core::judgement::{Composition, ShipmentFinding};
use portgate_core::policy::{FilingPolicy, RulePack};
use portgate_core::reference::Lookups;
use serde_json::Value;

use super::{Filer, document};
use crate::inspect::{self, Inspected};

/// The rule that a shipment breaks which is not to be declared any more.
const NOT_DECLARED: &str = "NOT-DECLARED";

/// What a composer made of a context.
pub enum Composed {
    /// A declaration, and what was looked up for it in reference tables.
    Declaration(Document, Lookups),
    /// What is missing for it.
    Missing(Inspected),
}

/// Calls composers.
#[async_trait]
pub trait Composers: Send + Sync {
    /// Has one write a declaration.
    ///
    /// # Errors
    ///
    /// Why it could not, in words for people: it trapped, ran out of its budget, broke the schema, or is not there.
    async fn compose(
        &self,
        plugin: &str,
        context: Document,
        composition: Composition,
        now: Timestamp,
    ) -> Result<Composed, String>;
}

/// What would be declared now, or what is missing for it.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) document: Option<Document>,
    pub(super) content: Option<Value>,
    pub(super) missing: Vec<ShipmentFinding>,
    pub(super) looked_up: Lookups,
}

impl Filer<'_> {
    /// What a composer makes of the context, without what the gateway has declared itself: a declaration is made of facts.
    pub(super) async fn compose(
        &self,
        policy: &FilingPolicy,
        filing: &Filing,
        lrn: &str,
        amends: Option<String>,
    ) -> Draft {
        let failed = |why: String| Draft { missing: vec![not_written(policy, &why)], ..Draft::default() };
        let context = match document::context(&self.standing.context) {
            Ok(context) => context,
            Err(error) => return failed(error.to_string()),
        };
        let composition = Composition {
            regime: policy.regime.clone(),
            lrn: lrn.to_owned(),
            amends,
            settings: policy.settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        };
        // What is held against what was declared is composed as of the same time.
        let now = filing.current().next().map_or(self.now, |first| first.at);
        match self.composers.compose(&policy.composer, context, composition, now).await {
            Ok(Composed::Declaration(document, looked_up)) => match serde_json::from_slice::<Value>(&document.body) {
                Ok(body) => Draft {
                    content: Some(difference::content(&body, &policy.ignore)),
                    document: Some(document),
                    missing: Vec::new(),
                    looked_up,
                },
                Err(error) => failed(error.to_string()),
            },
            Ok(Composed::Missing(Inspected { judgements, seen, looked_up })) => {
                let pack = RulePack { plugin: policy.composer.clone(), severity: BTreeMap::new() };
                Draft { missing: inspect::found(&pack, judgements, &seen), looked_up, ..Draft::default() }
            }
            Err(why) => failed(why),
        }
    }
}

pub(super) fn not_written(policy: &FilingPolicy, why: &str) -> ShipmentFinding {
    let detail = format!("The composer could not write the declaration: {why}.");
    let remedy = "Look at the gateway's log; it is tried again and again, and the filing goes on by itself.";
    finding(policy, COMPOSER_FAILED.to_owned(), detail, remedy)
}

pub(super) fn not_declared(policy: &FilingPolicy) -> ShipmentFinding {
    let detail = format!("The shipment is not one any more that `{}` is filed of.", policy.name);
    let remedy =
        "Look at what its documents say of the fields that `filings.toml` names; cancel the filing where it stands.";
    finding(policy, NOT_DECLARED.to_owned(), detail, remedy)
}

fn finding(policy: &FilingPolicy, rule: String, detail: String, remedy: &str) -> ShipmentFinding {
    ShipmentFinding {
        pack: policy.composer.clone(),
        rule,
        severity: Severity::Error,
        detail,
        remedy: remedy.to_owned(),
        fields: Vec::new(),
        overridden: None,
    }
}
