//! Whether two systems that speak of one field contradict each other.

use serde_json::Value;

/// Lists of more entries are compared in the order that they are in.
const ENTRIES_MAX: usize = 100;

/// Whether both can be true. What only one of them says of something contradicts nothing, and neither do zeros at the end of a decimal.
/// Lists agree where each entry of one agrees with one of the other, in whatever order.
pub(super) fn agree(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.iter().all(|(name, value)| other.get(name).is_none_or(|known| agree(value, known)))
        }
        (Value::Array(one), Value::Array(other)) => one.len() == other.len() && lists(one, other),
        (Value::String(one), Value::String(other)) => {
            one == other || decimal(one).is_some_and(|one| decimal(other) == Some(one))
        }
        _ => one == other,
    }
}

fn lists(one: &[Value], other: &[Value]) -> bool {
    if one.iter().zip(other).all(|(one, other)| agree(one, other)) {
        return true;
    }
    let mut left: Vec<&Value> = other.iter().collect();
    one.len() <= ENTRIES_MAX
        && one.iter().all(|value| {
            let same = left.iter().position(|known| agree(value, known));
            same.map(|place| left.swap_remove(place)).is_some()
        })
}

/// A decimal without the zeros that say nothing. Numbers that begin with a zero name something.
fn decimal(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    let is_plain =
        !whole.is_empty() && is_number(whole) && is_number(part) && (whole == "0" || !whole.starts_with('0'));
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    is_plain.then_some(short)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_one_says_beside_the_other_contradicts_nothing() {
        let planned = json!([{ "sku": "A", "quantity": { "value": "4" } }, { "sku": "B", "hsCode": "940521" }]);
        let packed = json!([{ "sku": "B", "sscc": "1" }, { "sku": "A", "quantity": { "value": "4.0" }, "sscc": "2" }]);
        assert!(agree(&planned, &packed) && agree(&packed, &planned));
        let fewer = json!([{ "sku": "B", "sscc": "1" }, { "sku": "A", "quantity": { "value": "3" } }]);
        assert!(!agree(&planned, &fewer) && !agree(&fewer, &planned));
        assert!(!agree(&planned, &json!([{ "sku": "A" }])), "one has an entry more");
    }

    #[test]
    fn a_decimal_is_the_same_with_zeros_at_its_end_and_a_number_that_names_something_is_not() {
        for (one, other) in [("4.4", "4.400"), ("10", "10.00"), ("0.50", "0.5"), ("-1.0", "-1")] {
            assert!(agree(&json!(one), &json!(other)), "{one} and {other}");
        }
        for (one, other) in
            [("10", "1"), ("007", "7"), ("007.0", "007"), ("1.", "1.5"), ("", "0"), ("4.4", "4.40 kg"), ("1e1", "10")]
        {
            assert!(!agree(&json!(one), &json!(other)), "{one} and {other}");
        }
        assert!(!agree(&json!("4"), &json!(4)) && !agree(&json!(null), &json!(true)));
    }
}
