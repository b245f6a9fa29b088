//! The operator API in types: what is asked and what is answered. The server answers with these, the commands ask with
//! them, and the description of the API (OpenAPI) is made from them, so that none can say what the others do not.
//!
//! Requests know their fields: one that is not known is refused, because a filter that is half understood would mean more
//! than was meant. Answers may gain members; whoever reads them leaves out what it does not know. Times are RFC 3339 in
//! UTC, digests lower-case hexadecimal digits.

mod act;
mod again;
mod audit;
mod change;
mod code;
mod cost;
mod delivery;
mod exception;
mod exchange;
mod filing;
mod kpi;
mod list;
mod plugin;
mod problem;
mod quarantine;
mod reconciliation;
mod shipment;
mod status;
mod table;

pub use act::{Act, ActedOnDeliveries, Changed, DELIVERIES_PER_SECOND};
pub use again::{
    ConfirmDelivered, ConfirmRerun, DeliveryFate, DocumentChange, LeftOutDelivery, Rerun, RerunDelivery, RerunDocument,
    ResendDeliveries, Resent, ResentDelivery,
};
pub use audit::{
    AuditCount, AuditEntry, AuditFilter, AuditHead, AuditLine, AuditOrder, AuditQuery, Head, LatestQuery, Replay,
    ReplayKept,
};
pub use change::{AcceptedState, Approval, Approve, Approved, Changes, PendingChange};
pub use code::{AddCodes, AwaitedCode, Code, CodeFilter, CodePair, EndCode};
pub use cost::{ArticleCosts, CostAccuracy, CostShare, CostTotal, ShipmentCosts, SpreadCost, UnknownCost};
pub use delivery::{
    Attempt, Body, ControlNumbers, Delivery, DeliveryCount, DeliveryFilter, DeliveryRecord, DeliveryRequest,
    DiscardDeliveries, HeaderField, PartnerAnswer, RetryDeliveries, Transcript,
};
pub use exception::{
    ActOnException, Acted, ConfirmAct, Exception, ExceptionDone, ExceptionFilter, ExceptionRecord, Override,
};
pub use exchange::{
    ActOnExchanges, DocumentKey, Exchange, ExchangeDocument, ExchangeFilter, ExchangeRecord, FindQuery, FoundDocument,
    FoundEvent, FoundExchange, ListedExchange, Parked, PluginBuild, Refused, RerunRecord,
};
pub use filing::{ActOnFiling, Filing, FilingQuery, FilingStep, FilingTold, FilingWord};
pub use kpi::{Kpi, KpiBy, KpiQuery, KpiSums, Kpis};
pub use list::{Items, NoQuery, PAGE, PAGE_MAX, Page, Paged, pairs};
pub use plugin::{Plugin, PluginUses, Since};
pub use problem::Problem;
pub use quarantine::{Lift, ParkedCount, Quarantine, QuarantineState, Quarantines};
pub use reconciliation::{KnownStates, Reconcile, Reconciled, StatesQuery};
pub use shipment::{
    Expectation, PlaceDocuments, Placed, PlacedDocument, Shipment, ShipmentDocument, ShipmentQuery, ShipmentRecord,
    UnattachedDocument, UndoPlacing,
};
pub use status::{Status, Trouble, TroubleKind, TroubleSource};
pub use table::{TableQuery, TableReview, TableReviewQuery, TableVersion};

use schemars::Schema;
use serde_json::Value;

/// Takes `null` out of what a request's fields may be: a filter that is null would mean everything.
fn without_null(schema: &mut Schema) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for property in properties.values_mut().filter_map(Value::as_object_mut) {
        if let Some(Value::Array(types)) = property.get_mut("type") {
            types.retain(|name| name != "null");
            if let [one] = types.as_slice() {
                let one = one.clone();
                property.insert("type".to_owned(), one);
            }
        }
        if let Some(Value::Array(mut shapes)) = property.remove("anyOf") {
            shapes.retain(|shape| shape["type"] != "null");
            match shapes.pop() {
                Some(Value::Object(only)) if shapes.is_empty() => property.extend(only),
                last => {
                    shapes.extend(last);
                    property.insert("anyOf".to_owned(), Value::Array(shapes));
                }
            }
        }
        if property.get("default").is_some_and(Value::is_null) {
            property.remove("default");
        }
    }
}
