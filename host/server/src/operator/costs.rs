//! What a shipment's goods cost to bring in, reckoned from its context by the tables of the moment.

use std::collections::BTreeSet;

use portgate_canonical::ShipmentContext;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_cost::{Accuracy, ArticleCost, Cost, Landed, Total, landed};
use portgate_operator::{
    ArticleCosts, CostAccuracy, CostShare, CostTotal, NoQuery, ShipmentCosts, SpreadCost, UnknownCost,
};
use portgate_workflow::{Standing, shared_with_others};
use serde::Serialize;

use super::answer::Json;
use super::route::Call;
use super::shipments::find;
use crate::clock::now;
use crate::costs::LookedUp;
use crate::refusal::Refusal;

pub(super) async fn show(call: Call, _: NoQuery) -> Result<Json<ShipmentCosts>, Refusal> {
    let kept = find(&call).await?;
    let configuration = call.state.configuration.load_full();
    let rules = configuration.policies.costs.as_ref();
    let context = kept.context.as_deref().and_then(|context| serde_json::from_str::<ShipmentContext>(context).ok());
    let (Some(rules), Some(context)) = (rules, context) else { return Err(Refusal::CostsUnknown) };
    let id = kept.id.to_string();
    let (actor, subject) = (Actor::operator(&call.operator.name), Subject::shipment(&id));
    let entry = Entry::new(now(), Kind::PayloadRead, actor, subject).text("what", "costs");
    call.state.audit.keep(vec![entry]).await?;
    let filings = call.state.journal.shipment_filings(kept.id).await?;
    let (context, withdrawn, untold) = match &configuration.shipments {
        Some(plan) => {
            let documents = call.state.journal.shipment_documents(kept.id).await?;
            let Standing { context, withdrawn } = Standing::of(plan, kept.id, context, &documents, &filings, now());
            let shared = shared_with_others(&*call.state.journal, plan, kept.id, &documents).await?;
            let apportioned = shared.apportion(&context);
            (apportioned.borne(), withdrawn, apportioned.untold_invoices())
        }
        None => (context, BTreeSet::new(), Vec::new()),
    };
    let tables = LookedUp::of(&configuration.tables, &configuration.documents);
    let landed = landed(&context, &withdrawn, &untold, rules, &tables);
    Ok(Json(shown(id, kept.revision.unwrap_or_default(), landed)))
}

fn shown(shipment: String, revision: String, landed: Landed) -> ShipmentCosts {
    let name = |article: usize| landed.articles.get(article).map(|article| article.name.clone()).unwrap_or_default();
    let cost = |cost: &Cost| SpreadCost {
        cost_type: word(cost.cost_type),
        code: cost.code.clone(),
        kind: word(cost.kind),
        amount: cost.amount.amount.to_string(),
        currency: cost.amount.currency.to_string(),
        spread_by: word(cost.spread_by),
        source_ref: Some(cost.source_ref.clone()).filter(|name| !name.is_empty()),
        mrn: cost.declaration_mrn.clone(),
        item_no: cost.item_no,
        shares: (cost.shares.iter())
            .map(|share| CostShare {
                article: name(share.article),
                amount: share.amount.to_string(),
                counts: share.counts,
            })
            .collect(),
    };
    let article = |article: &ArticleCost| ArticleCosts {
        name: article.name.clone(),
        totals: article.costs.iter().map(total).collect(),
        total: article.total.to_string(),
        accuracy: article.accuracy.map(accuracy),
    };
    let rate = |rate: &portgate_cost::Conversion| format!("{} in {} on {}: {}", rate.from, rate.to, rate.on, rate.by);
    ShipmentCosts {
        shipment,
        revision,
        destination: landed.destination.clone(),
        day: landed.day.map(|day| day.to_string()),
        goods_value: landed.goods_value.map(|value| value.to_string()),
        total: landed.total.to_string(),
        totals: landed.totals.iter().map(total).collect(),
        articles: landed.by_article.iter().map(article).collect(),
        accuracy: landed.accuracy.map(accuracy),
        costs: landed.costs.iter().map(cost).collect(),
        unknown: (landed.unknown.iter())
            .map(|unknown| UnknownCost { articles: unknown.articles.clone(), why: unknown.why.clone() })
            .collect(),
        notes: landed.notes.clone(),
        rates: landed.conversions.iter().map(rate).collect(),
        currency: landed.currency,
    }
}

fn total(total: &Total) -> CostTotal {
    let text = |amount: Option<portgate_canonical::Decimal>| amount.map(|amount| amount.to_string());
    CostTotal {
        cost_type: word(total.cost_type),
        estimate: text(total.estimate),
        provisional: text(total.provisional),
        assessed: text(total.assessed),
        invoiced: text(total.invoiced),
        counts: total.counts.to_string(),
    }
}

fn accuracy(accuracy: Accuracy) -> CostAccuracy {
    CostAccuracy {
        estimate: accuracy.before.to_string(),
        assessed: accuracy.assessed.to_string(),
        difference: accuracy.difference.to_string(),
        percent: accuracy.percent.map(|percent| percent.to_string()),
    }
}

/// The word that a kind has in documents and policies.
fn word(kind: impl Serialize) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
