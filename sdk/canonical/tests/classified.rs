//! What counts of what systems say of an article's code, and the order of times by which it does.

use serde_json::json;

use portgate_canonical::{ItemClassification, Provenance, Timestamp, classified};

type Stated = (Provenance, ItemClassification);

fn stated(system: &str, id: &str, at: &str, more: serde_json::Value) -> Stated {
    let raw = "0".repeat(64);
    let mut body = json!({
        "id": id, "version": "1", "source": { "system": system, "recordedAt": { "value": at }, "rawRef": raw },
        "sku": "LAMP", "jurisdiction": "GB", "nomenclature": "UKGT10", "code": "9405110000",
    });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let by = json!({ "system": system, "version": "1", "recordedAt": { "value": at }, "rawRef": raw });
    (serde_json::from_value(by).expect("a provenance"), serde_json::from_value(body).expect("a classification"))
}

fn counting<'s>(all: &'s [Stated], day: Option<&str>) -> Vec<&'s str> {
    classified(all, |(by, says)| (by, says), day).into_iter().map(|(_, says)| &*says.id).collect()
}

#[test]
fn of_one_system_the_last_word_on_an_article_in_a_jurisdiction_counts_under_whatever_id() {
    let all = [
        stated("erp", "LAMP|GB|9405104090", "2026-03-02T06:30:00+01:00", json!({ "code": "9405104090" })),
        stated("erp", "LAMP|GB", "2026-03-02T06:00:00Z", json!({})),
        stated("erp", "LAMP|EU", "2026-03-01T06:00:00Z", json!({ "jurisdiction": "EU", "code": "94051190" })),
        stated("broker", "7", "2026-03-01T06:00:00Z", json!({ "code": "9405990000" })),
    ];
    assert_eq!(counting(&all, Some("2026-03-10")), ["LAMP|EU", "7", "LAMP|GB"]);
    let reversed: Vec<Stated> = all.iter().rev().cloned().collect();
    assert_eq!(counting(&reversed, None), ["LAMP|EU", "7", "LAMP|GB"]);
}

#[test]
fn what_is_of_one_time_counts_together_and_what_does_not_hold_that_day_not_at_all() {
    let time = "2026-03-02T06:00:00Z";
    let all = [
        stated("erp", "a", time, json!({})),
        stated("erp", "b", time, json!({ "code": "9405190000" })),
        stated("erp", "c", "2026-03-03T06:00:00Z", json!({ "validFrom": "2027-01-01", "code": "9405210000" })),
    ];
    assert_eq!(counting(&all, Some("2026-12-31")), ["a", "b"]);
    assert_eq!(counting(&all, Some("2027-01-01")), ["c"]);
    assert!(all[0].1.contradicts(&all[1].1));
    let shorter = stated("erp", "d", time, json!({ "code": "940511" })).1;
    assert!(!all[0].1.contradicts(&shorter) && !shorter.contradicts(&all[0].1), "the same, said less exactly");
    let more = stated("erp", "e", time, json!({ "additionalCodes": ["X301"] })).1;
    assert!(all[0].1.contradicts(&more));
}

#[test]
fn times_have_an_order_whatever_their_zones() {
    let instant = |text: &str| Timestamp::new(text).unwrap().instant();
    assert_eq!(instant("1970-01-01T00:00:00Z"), (0, 0));
    assert_eq!(instant("1969-12-31T23:59:59.5Z"), (-1, 500_000_000));
    assert_eq!(instant("2026-03-01T08:15:00+01:00"), instant("2026-03-01T02:15:00-05:00"));
    assert_eq!(instant("2026-03-01T08:15:00"), (1_772_352_900, 0));
    assert_eq!(instant("2024-03-01T00:00:00Z").0 - instant("2024-02-28T00:00:00Z").0, 2 * 86_400);
    assert_eq!(instant("2000-01-01T00:00:00Z").0, 946_684_800);
    assert_eq!(instant("0000-01-01T00:00:00Z").0, -62_167_219_200);
}
