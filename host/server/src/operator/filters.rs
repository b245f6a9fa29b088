//! What operators mean, in the journal's words.

use std::fmt::Display;
use std::str::FromStr;

use portgate_core::finding::Finding;
use portgate_operator::{AuditFilter, AuditOrder, DeliveryFilter, ExchangeFilter, Paged};
use portgate_store as store;

use super::asked::invalid;
use crate::refusal::Refusal;

/// Which deliveries; `at` is where the filter stands in the request. What it names by an id must be there.
pub(super) async fn deliveries(
    journal: &dyn store::Journal,
    filter: DeliveryFilter,
    at: &str,
) -> Result<store::Filter, Refusal> {
    let filter = deliveries_as_written(filter, at)?;
    known(journal, filter.ids.as_deref().unwrap_or_default(), filter.exchange.as_slice()).await?;
    Ok(filter)
}

/// Makes sure that deliveries and exchanges are there which a request names by their ids: nothing is done, and nothing
/// shown, where one is not.
pub(super) async fn known(
    journal: &dyn store::Journal,
    deliveries: &[store::DeliveryId],
    exchanges: &[store::ExchangeId],
) -> Result<(), Refusal> {
    if !deliveries.is_empty() {
        let ids = journal.unknown_deliveries(deliveries).await?;
        if !ids.is_empty() {
            return Err(Refusal::DeliveriesUnknown { ids: ids.iter().map(ToString::to_string).collect() });
        }
    }
    if !exchanges.is_empty() {
        let ids = journal.unknown_exchanges(exchanges).await?;
        if !ids.is_empty() {
            return Err(Refusal::ExchangesUnknown { ids: ids.iter().map(ToString::to_string).collect() });
        }
    }
    Ok(())
}

/// The exchange that a path names. What is no identifier is that of no exchange.
pub(super) fn exchange(named: &str) -> Result<store::ExchangeId, Refusal> {
    named.parse().map_err(|_| Refusal::ExchangesUnknown { ids: vec![named.to_owned()] })
}

/// There is no exchange with this identifier.
pub(super) fn no_exchange(id: store::ExchangeId) -> Refusal {
    Refusal::ExchangesUnknown { ids: vec![id.to_string()] }
}

fn deliveries_as_written(filter: DeliveryFilter, at: &str) -> Result<store::Filter, Refusal> {
    let DeliveryFilter { id, destination, state, class, contract, exchange, batch, since, until } = filter;
    let ids = ids(&id, at)?;
    let exchange = exchange.map(|exchange| read(&exchange, at, "exchange")).transpose()?;
    let batch = batch.map(|batch| read(&batch, at, "batch")).transpose()?;
    Ok(store::Filter { ids, destination, state, class, contract, exchange, batch, since, until })
}

/// Which exchanges; `at` is where the filter stands in the request.
pub(super) fn exchanges(filter: ExchangeFilter, at: &str) -> Result<store::ExchangeFilter, Refusal> {
    let ExchangeFilter { id, state, awaits_code, partner, test, contract, version, plugin, since, until } = filter;
    let ids = ids(&id, at)?;
    // Tests are listed apart; who names exchanges means those.
    let test = test.or(if ids.is_some() { None } else { Some(false) });
    Ok(store::ExchangeFilter { ids, state, awaits_code, partner, test, contract, version, plugin, since, until })
}

/// Which entries of the audit log.
pub(super) fn audit(filter: AuditFilter) -> store::AuditFilter {
    let AuditFilter { kind, actor, subject, since, until } = filter;
    store::AuditFilter { kind, actor, subject, since, until }
}

/// In which order.
pub(super) fn order(order: Option<AuditOrder>) -> store::AuditOrder {
    match order.unwrap_or_default() {
        AuditOrder::Newest => store::AuditOrder::Newest,
        AuditOrder::Oldest => store::AuditOrder::Oldest,
    }
}

/// Where a list goes on.
pub(super) fn after<F, I: FromStr<Err: Display>>(page: &Paged<F>) -> Result<Option<I>, Refusal> {
    page.after.as_ref().map(|after| read(after, "", "after")).transpose()
}

/// What is kept of an act must tell somebody something.
pub(super) fn reason(reason: &str) -> Result<String, Refusal> {
    let reason = reason.trim();
    match (3..=500).contains(&reason.chars().count()) {
        true => Ok(reason.to_owned()),
        false => Err(invalid("/reason", "must say why, in 3 to 500 characters")),
    }
}

/// Identifiers in a list.
pub(super) fn each<I: FromStr<Err: Display>>(texts: &[String], at: &str, name: &str) -> Result<Vec<I>, Refusal> {
    texts.iter().map(|text| read(text, at, name)).collect()
}

fn ids<I: FromStr<Err: Display>>(texts: &[String], at: &str) -> Result<Option<Vec<I>>, Refusal> {
    Ok(if texts.is_empty() { None } else { Some(each(texts, at, "id")?) })
}

fn read<I: FromStr<Err: Display>>(text: &str, at: &str, name: &str) -> Result<I, Refusal> {
    text.parse().map_err(|error: I::Err| {
        let findings = vec![Finding::error("wrong-value", format!("{at}/{name}"), error.to_string())];
        Refusal::OperatorRequestInvalid { findings }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_or_named() {
        let id = store::DeliveryId::new(jiff::Timestamp::UNIX_EPOCH);
        let good = DeliveryFilter { id: vec![id.to_string()], ..DeliveryFilter::default() };
        assert_eq!(deliveries_as_written(good, "").expect("a filter").ids, Some(vec![id]));
        assert_eq!(deliveries_as_written(DeliveryFilter::default(), "").expect("a filter").ids, None);
        for bad in ["", "1", "not an id"] {
            let filter = DeliveryFilter { id: vec![id.to_string(), bad.to_owned()], ..DeliveryFilter::default() };
            let Err(Refusal::OperatorRequestInvalid { findings }) = deliveries_as_written(filter, "/filter") else {
                panic!("`{bad}` is no identifier")
            };
            assert_eq!(findings[0].location, "/filter/id");
        }
    }

    #[test]
    fn a_reason_tells_something() {
        assert_eq!(reason(" mended ").expect("a reason"), "mended");
        for bad in ["", "  ", "ok", "   a   ", &"x".repeat(501)] {
            assert!(reason(bad).is_err(), "{bad}");
        }
    }
}
