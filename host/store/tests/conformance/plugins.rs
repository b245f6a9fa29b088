//! What plugins used, by component, day and gateway.

use jiff::Timestamp;
use portgate_store::KeptUse;
use uuid::Uuid;

use crate::bed::{Bed, later, start};

const DAY: i64 = 24 * 3600;

fn used(plugin: &str, sha256: u8, day: Timestamp, gateway: u128, record: &str) -> KeptUse {
    let gateway = Uuid::from_u128(gateway);
    KeptUse { plugin: plugin.to_owned(), sha256: [sha256; 32], day, gateway, record: record.to_owned() }
}

pub(crate) async fn what_a_gateway_says_of_a_day_takes_the_place_of_what_it_said_before(bed: Bed) {
    let first = used("carrier", 1, start(), 1, "{\"calls\":1}");
    let others = [
        used("carrier", 1, later(DAY), 1, "{\"calls\":3}"),
        used("carrier", 1, start(), 2, "{\"calls\":4}"),
        used("carrier", 2, start(), 1, "{\"calls\":5}"),
    ];
    let unrelated = used("broker", 1, start(), 1, "{}");
    let all = [&[first.clone(), unrelated][..], &others].concat();
    bed.journal.keep_uses(all).await.expect("it is kept");
    let second = used("carrier", 1, start(), 1, "{\"calls\":2}");
    bed.journal.keep_uses(vec![second.clone()]).await.expect("it is kept");
    let [later_day, other_gateway, other_component] = others;
    let expected = vec![later_day.clone(), second, other_gateway, other_component];
    assert_eq!(bed.journal.uses("carrier", start()).await, Ok(expected));
    assert_eq!(bed.journal.uses("carrier", later(DAY)).await, Ok(vec![later_day]));
    assert_eq!(bed.journal.uses("nobody", start()).await, Ok(Vec::new()));
}

pub(crate) async fn old_uses_are_forgotten(bed: Bed) {
    let days = [used("carrier", 1, start(), 1, "{}"), used("carrier", 1, later(DAY), 1, "{}")];
    bed.journal.keep_uses(days.to_vec()).await.expect("they are kept");
    assert_eq!(bed.journal.forget_uses(later(DAY)).await, Ok(1));
    assert_eq!(bed.journal.uses("carrier", start()).await, Ok(days[1..].to_vec()));
}
