//! What a shipment says of how well things go: how long customs takes, whether events come when they were planned, and how near what was
//! reckoned of costs came to what customs assessed.
//!
//! | figure | begins | ends | left out |
//! |---|---|---|---|
//! | `clearance` | the first word that a declaration was submitted, received or accepted | the first that its goods are released, or else that it is cleared or written off, by whichever of its numbers | declarations without both, such that are still open or were rejected for good |
//! | `milestone` | the time planned (`PLN`), or else expected (`EST`), that was told last before the event | the event's time (`ACT`); on time where no more than a day later | events that nobody had planned or expected |
//!
//! | `landed-cost` | what was estimated of what customs levies on an article | what customs has assessed of it | articles of which one of both is unknown |
//! | `provisional-cost` | what customs reckoned provisionally of a declaration | what it has assessed of it | declarations without both |
//!
//! What is of costs is as of the last notification of what was assessed, and with whoever told of that. All is reckoned from what the documents say, not from when they came, so that it is the same whatever came late.

mod clearance;

use std::collections::BTreeMap;

use jiff::Timestamp;
use portgate_canonical::{CostKind, Decimal, ShipmentContext};
use portgate_core::{sender, shipment};
use portgate_cost::{Accuracy, Landed};
use portgate_store::{Amounts, Figure, Observation, ShipmentDocuments, ShipmentFigures, StatedDocument};
use serde_json::Value;

use clearance::{OF_DECLARATIONS, clearances};

/// How much later than planned an event is on time: liner schedules are held to the day.
const TOLERANCE_SECONDS: i64 = 86_400;
/// Most observations of one shipment.
const OBSERVATIONS_MAX: usize = 500;
/// What tells of events.
const MILESTONE: &str = "milestone";
/// What stands for a country that is not known.
const NOWHERE: &str = "?";

/// What is observed of a shipment. Of tests nothing is.
pub(crate) fn of(context: &ShipmentContext, documents: &ShipmentDocuments) -> ShipmentFigures {
    let stated: Vec<(&StatedDocument, Value)> = documents
        .documents
        .iter()
        .filter(|stated| {
            let is_looked_at = stated.kind == MILESTONE || OF_DECLARATIONS.contains(&stated.kind.as_str());
            is_looked_at && !sender::is_test(&stated.sender)
        })
        .filter_map(|stated| Some((stated, serde_json::from_str(stated.body.as_deref()?).ok()?)))
        .collect();
    let mut observations = clearances(&stated);
    observations.extend(milestones(&stated));
    observations.truncate(OBSERVATIONS_MAX);
    ShipmentFigures { lane: lane(context), observations }
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

/// When it happened, in microseconds since 1970.
fn at(value: &Value) -> Option<i64> {
    shipment::microseconds(text(value, "/occurredAt/value")?)
}

fn observation(
    figure: Figure,
    key: String,
    partner: &str,
    (from, to): (i64, i64),
    is_good: Option<bool>,
) -> Option<Observation> {
    let at = Timestamp::from_microsecond(to).ok()?;
    let partner = sender::partner(partner).to_owned();
    let seconds = (to - from).div_euclid(1_000_000);
    Some(Observation { figure, key, partner, at, seconds, is_good, amounts: None })
}

/// How near what was reckoned of costs came to what customs has assessed since, in the currency of sums. It is good where it is not
/// off by more than a policy's share of what was assessed, in percent; without a policy nothing is said of that.
pub(crate) fn of_costs(landed: &Landed, tolerance_percent: Option<&str>) -> Vec<Observation> {
    let assessed = landed.costs.iter().filter(|cost| cost.kind == CostKind::Assessed);
    let told = assessed.filter_map(|cost| Some((instant(cost.occurred_at.as_deref()?)?, cost.stated_by.as_str())));
    let Some((at, told_by)) = told.max() else { return Vec::new() };
    let tolerance = tolerance_percent.and_then(|percent| Decimal::parse(percent).ok());
    let compared = [(Figure::LandedCost, landed.accuracy), (Figure::ProvisionalCost, landed.settled)];
    let observed = |(figure, accuracy): (Figure, Option<Accuracy>)| {
        let Accuracy { before, assessed, difference, .. } = accuracy?;
        let is_within = |tolerance| magnitude(difference) * Decimal::from(100) <= magnitude(assessed) * tolerance;
        let currency = landed.currency.clone();
        let amounts = Amounts { currency, reckoned: thousandths(before)?, assessed: thousandths(assessed)? };
        let (key, partner) = (landed.currency.clone(), sender::partner(told_by).to_owned());
        let (is_good, amounts) = (tolerance.map(is_within), Some(amounts));
        Some(Observation { figure, key, partner, at, seconds: 0, is_good, amounts })
    };
    compared.into_iter().filter_map(observed).collect()
}

/// A time, or the beginning of a day.
fn instant(text: &str) -> Option<Timestamp> {
    let microseconds = shipment::microseconds(text).or_else(|| shipment::microseconds(&format!("{text}T00:00:00Z")));
    Timestamp::from_microsecond(microseconds?).ok()
}

fn magnitude(amount: Decimal) -> Decimal {
    if amount.is_negative() { Decimal::ZERO - amount } else { amount }
}

/// An amount in thousandths, of which no currency has smaller coins; nothing where that is more than anything costs.
fn thousandths(amount: Decimal) -> Option<i64> {
    (amount * Decimal::from(1_000)).round(0).to_string().parse().ok()
}

/// How much later than planned each event came.
fn milestones(stated: &[(&StatedDocument, Value)]) -> Vec<Observation> {
    /// What is told of one event: when it is planned or expected, with when that was told; and when it happened.
    #[derive(Default)]
    struct Told<'d> {
        planned: Option<(i64, i64)>,
        expected: Option<(i64, i64)>,
        happened: Option<(i64, &'d str)>,
    }
    let of_code = |body: &Value| -> Option<String> {
        let place = ["/location/unLocode", "/location/facilityCode", "/location/name"];
        let place = place.into_iter().find_map(|pointer| text(body, pointer)).unwrap_or(NOWHERE);
        let about = ["/equipmentId", "/transportRef/vesselImo", "/transportRef/id", "/shipmentId"];
        let about = about.into_iter().find_map(|pointer| text(body, pointer)).unwrap_or(NOWHERE);
        Some(format!("{} {about} {place}", text(body, "/code")?))
    };
    let events = || stated.iter().filter(|(document, _)| document.kind == MILESTONE);
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    for (document, body) in events() {
        if let (Some(key), Some(at), Some("ACT")) = (of_code(body), at(body), text(body, "/classifier")) {
            let event = told.entry(key).or_default();
            if event.happened.is_none_or(|(known, _)| at < known) {
                event.happened = Some((at, &document.sender));
            }
        }
    }
    for (document, body) in events() {
        let Some(event) = of_code(body).and_then(|key| told.get_mut(&key)) else { continue };
        let (Some(at), Some((happened, _))) = (at(body), event.happened) else { continue };
        let slot = match text(body, "/classifier") {
            Some("PLN") => &mut event.planned,
            Some("EST") => &mut event.expected,
            _ => continue,
        };
        // What was told when it had happened already was no forecast.
        if document.recorded_at <= happened && slot.is_none_or(|(_, told)| document.recorded_at > told) {
            *slot = Some((at, document.recorded_at));
        }
    }
    let late = |(key, event): (String, Told)| {
        let ((wanted, _), (happened, sender)) = (event.planned.or(event.expected)?, event.happened?);
        let is_on_time = happened - wanted <= TOLERANCE_SECONDS * 1_000_000;
        observation(Figure::Milestone, key, sender, (wanted, happened), Some(is_on_time))
    };
    told.into_iter().filter_map(late).collect()
}

/// From which country to which it goes, such as `VN-DE`.
fn lane(context: &ShipmentContext) -> String {
    let of = |kind: &str, from: [&str; 2], to: [&str; 2]| {
        let documents = context.documents.iter().filter(|document| &*document.kind == kind);
        documents
            .map(|document| {
                let country = |pointers: [&str; 2]| {
                    let body = &document.document.0;
                    let at = |pointer: &str| {
                        let (name, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
                        let value = body.get(name)?;
                        if rest.is_empty() { value.as_str() } else { value.get(rest)?.as_str() }
                    };
                    // A place begins with its country (UN/LOCODE).
                    pointers.into_iter().find_map(at).and_then(|code| code.get(..2)).map(str::to_owned)
                };
                (country(from), country(to))
            })
            .find(|(from, to)| from.is_some() || to.is_some())
    };
    let found = of(
        "shipment",
        ["countryOfDispatch", "placeOfLoading/unLocode"],
        ["countryOfDestination", "placeOfDischarge/unLocode"],
    )
    .or_else(|| {
        of(
            "customs-declaration",
            ["dispatchCountry", "placeOfLoading/unLocode"],
            ["destinationCountry", "placeOfUnloading/unLocode"],
        )
    });
    let (from, to) = found.unwrap_or_default();
    let known = |country: Option<String>| country.unwrap_or_else(|| NOWHERE.to_owned());
    format!("{}-{}", known(from), known(to))
}

#[cfg(test)]
mod tests {
    use portgate_canonical::{CostType, Currency, Money};
    use portgate_core::policy::{CostClass, SpreadBy};
    use portgate_cost::Cost;
    use portgate_store::ExchangeId;
    use serde_json::json;

    use super::*;

    fn stated(sender: &str, kind: &str, recorded: &str, body: Value) -> StatedDocument {
        StatedDocument {
            thing: 1,
            sender: sender.to_owned(),
            kind: kind.to_owned(),
            key: "k".to_owned(),
            version: "1".to_owned(),
            recorded_at: recorded.parse::<Timestamp>().expect("an instant").as_microsecond(),
            sha256: [0; 32],
            exchange: ExchangeId::new(Timestamp::UNIX_EPOCH),
            position: 0,
            body: Some(body.to_string()),
        }
    }

    fn status(status: &str, at: &str) -> StatedDocument {
        let body = json!({ "lrn": "L1", "status": status, "occurredAt": { "value": at } });
        stated("broker", "customs-status", at, body)
    }

    fn event(classifier: &str, at: &str, recorded: &str) -> StatedDocument {
        let body = json!({ "code": "ARRI", "classifier": classifier, "occurredAt": { "value": at },
                           "equipmentId": "CSQU3054383", "location": { "unLocode": "DEHAM" } });
        stated("line", "milestone", recorded, body)
    }

    fn observed(documents: &[StatedDocument]) -> Vec<(Figure, String, i64, Option<bool>)> {
        let documents = ShipmentDocuments { documents: documents.to_vec(), ..Default::default() };
        let context = serde_json::from_value(json!({ "id": "s", "version": "1", "references": [],
            "source": { "system": "portgate", "recordedAt": { "value": "2026-03-01T00:00:00Z" }, "rawRef": "0".repeat(64) } }));
        let observations = of(&context.expect("a context"), &documents).observations;
        observations.into_iter().map(|one| (one.figure, one.partner, one.seconds, one.is_good)).collect()
    }

    #[test]
    fn clearance_is_from_the_first_word_that_a_declaration_is_lodged_to_its_release() {
        let mut documents = vec![
            status("CLEARED", "2026-03-03T00:00:00Z"),
            status("RELEASED", "2026-03-01T10:30:00Z"),
            status("ACCEPTED", "2026-03-01T09:00:00Z"),
            status("RECEIVED", "2026-03-01T08:30:00Z"),
        ];
        let expected = [(Figure::Clearance, "broker".to_owned(), 7_200, None)];
        assert_eq!(observed(&documents), expected);
        documents.reverse();
        assert_eq!(observed(&documents), expected, "in whatever order it came");
        assert_eq!(observed(&documents[..2]), [], "it is still open");
        let of_tests: Vec<StatedDocument> =
            documents.iter().map(|one| StatedDocument { sender: "broker/test".to_owned(), ..one.clone() }).collect();
        assert_eq!(observed(&of_tests), []);
    }

    fn said(status: &str, at: &str, numbers: Value) -> StatedDocument {
        let mut body = numbers;
        (body["status"], body["occurredAt"]["value"]) = (status.into(), at.into());
        stated("broker", "customs-status", at, body)
    }

    #[test]
    fn a_declaration_is_one_by_whichever_of_its_numbers_customs_speaks_of_it() {
        let accepted = |numbers: Value| said("ACCEPTED", "2026-03-01T09:00:00Z", numbers);
        let cleared = |numbers: Value| said("CLEARED", "2026-03-01T11:00:00Z", numbers);
        let two_hours = [(Figure::Clearance, "broker".to_owned(), 7_200, None)];
        let last = cleared(json!({ "mrn": "M1" }));
        assert_eq!(observed(&[accepted(json!({ "lrn": "L1", "mrn": "M1" })), last.clone()]), two_hours);
        // What was declared names both, and customs one at a time; a word between names what ties them.
        let declared =
            stated("own", "customs-declaration", "2026-03-01T08:00:00Z", json!({ "lrn": "L1", "mrn": "M1" }));
        assert_eq!(observed(&[accepted(json!({ "lrn": "L1" })), last.clone(), declared]), two_hours);
        let between = said("CONTROL", "2026-03-01T10:00:00Z", json!({ "lrn": "L1", "mrn": "M1" }));
        let mut all = [accepted(json!({ "lrn": "L1" })), last.clone(), between];
        assert_eq!(observed(&all), two_hours);
        all.reverse();
        assert_eq!(observed(&all), two_hours, "in whatever order it came");
        assert_eq!(observed(&[accepted(json!({ "lrn": "L1" })), last]), [], "nothing ties these");
    }

    #[test]
    fn two_declarations_of_a_consignment_are_two_and_what_names_that_alone_is_of_neither() {
        let of = |lrn: &str, status: &str, at: &str| said(status, at, json!({ "lrn": lrn, "ucr": "U" }));
        let mut all = vec![
            of("L1", "ACCEPTED", "2026-03-01T09:00:00Z"),
            of("L1", "RELEASED", "2026-03-01T10:00:00Z"),
            of("L2", "ACCEPTED", "2026-03-01T09:00:00Z"),
        ];
        let one = (Figure::Clearance, "broker".to_owned(), 3_600, None);
        all.push(said("CLEARED", "2026-03-01T12:00:00Z", json!({ "ucr": "U" })));
        assert_eq!(observed(&all), std::slice::from_ref(&one), "it is not known which of the two is cleared");
        let of_one = [all[2].clone(), all[3].clone()];
        assert_eq!(observed(&of_one), [(Figure::Clearance, "broker".to_owned(), 10_800, None)]);
        all.push(of("L2", "CLEARED", "2026-03-01T11:00:00Z"));
        let other = (Figure::Clearance, "broker".to_owned(), 7_200, None);
        assert_eq!(observed(&all), [one, other]);
    }

    #[test]
    fn an_event_is_held_against_what_was_expected_last_before_it_happened() {
        let documents = [
            event("EST", "2026-03-10T12:00:00Z", "2026-03-01T00:00:00Z"),
            event("EST", "2026-03-12T12:00:00Z", "2026-03-05T00:00:00Z"),
            event("ACT", "2026-03-13T06:00:00Z", "2026-03-13T07:00:00Z"),
            // Told when everybody knew.
            event("EST", "2026-03-13T06:00:00Z", "2026-03-13T08:00:00Z"),
        ];
        assert_eq!(observed(&documents), [(Figure::Milestone, "line".to_owned(), 64_800, Some(true))]);
        let planned =
            [documents[2].clone(), documents[1].clone(), event("PLN", "2026-03-09T06:00:00Z", "2026-02-01T00:00:00Z")];
        assert_eq!(
            observed(&planned),
            [(Figure::Milestone, "line".to_owned(), 4 * 86_400, Some(false))],
            "a plan goes before what was expected later"
        );
        assert_eq!(observed(&documents[..2]), [], "it has not happened");
    }

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).expect("a decimal")
    }

    fn compared(before: &str, assessed: &str) -> Option<Accuracy> {
        let (before, assessed) = (decimal(before), decimal(assessed));
        Some(Accuracy { before, assessed, difference: before - assessed, percent: None })
    }

    fn landed(accuracy: Option<Accuracy>, settled: Option<Accuracy>, told: &[(&str, &str)]) -> Landed {
        let currency = "GBP".to_owned();
        let cost = |(system, at): &(&str, &str)| Cost {
            cost_type: CostType::Duty,
            class: CostClass::Duty,
            code: "A00".to_owned(),
            kind: CostKind::Assessed,
            amount: Money { amount: decimal("1"), currency: Currency::new("GBP").expect("a currency") },
            spread_by: SpreadBy::Value,
            shares: Vec::new(),
            basis: None,
            declaration_mrn: None,
            item_no: None,
            source_ref: String::new(),
            stated_by: (*system).to_owned(),
            occurred_at: Some((*at).to_owned()),
            is_sellers: false,
        };
        Landed {
            currency,
            destination: None,
            day: None,
            articles: Vec::new(),
            costs: told.iter().map(cost).collect(),
            by_article: Vec::new(),
            totals: Vec::new(),
            total: Decimal::ZERO,
            goods_value: None,
            accuracy,
            settled,
            unknown: Vec::new(),
            notes: Vec::new(),
            conversions: Vec::new(),
        }
    }

    #[test]
    fn costs_are_compared_to_the_thousandth_and_belong_to_whoever_told_last_what_was_assessed() {
        let told = [("broker", "2026-03-06T10:00:00Z"), ("customs-software", "2026-03-07"), ("broker", "2026-03-05")];
        let both = landed(compared("224.00", "226.405"), compared("226.405", "226.405"), &told);
        let seen =
            |landed: &Landed, tolerance: Option<&str>| -> Vec<(Figure, String, String, i64, i64, Option<bool>)> {
                let plain = |one: Observation| {
                    let Amounts { reckoned, assessed, .. } = one.amounts.expect("amounts");
                    (one.figure, one.partner, one.at.to_string(), reckoned, assessed, one.is_good)
                };
                of_costs(landed, tolerance).into_iter().map(plain).collect()
            };
        let row = |figure, reckoned, good| {
            (figure, "customs-software".to_owned(), "2026-03-07T00:00:00Z".to_owned(), reckoned, 226_405, good)
        };
        // 2.405 of 226.405 are 1.06 percent.
        let off = [row(Figure::LandedCost, 224_000, Some(false)), row(Figure::ProvisionalCost, 226_405, Some(true))];
        assert_eq!(seen(&both, Some("1.06")), off);
        assert_eq!(seen(&both, Some("1.07"))[0].5, Some(true));
        assert_eq!(seen(&both, None)[0].5, None, "without a policy nothing is good or bad");
        let estimate_alone = landed(None, None, &told);
        assert_eq!(seen(&estimate_alone, None), []);
        let of_nought = landed(compared("0", "0.00"), compared("0.01", "0"), &told);
        let good: Vec<Option<bool>> = seen(&of_nought, Some("5")).into_iter().map(|one| one.5).collect();
        assert_eq!(good, [Some(true), Some(false)], "of nothing any share is nothing");
        let absurd = landed(compared("999999999999999999", "1"), None, &told);
        assert_eq!(seen(&absurd, None), [], "what is more than anything costs is left out");
    }
}
