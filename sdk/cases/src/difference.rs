//! The differences between two JSON values, each by its JSON Pointer. Nothing is ignored.

use std::fmt;

use serde_json::Value;

/// One place at which two values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: a JSON Pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// What was expected there; none where nothing was.
    pub expected: Option<Value>,
    /// What is there; none where nothing is.
    pub actual: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the whole answer" } else { &self.pointer };
        match (&self.expected, &self.actual) {
            (Some(expected), Some(actual)) => write!(f, "{place}: expected {expected}, got {actual}"),
            (Some(expected), None) => write!(f, "{place}: expected {expected}, got nothing"),
            (None, Some(actual)) => write!(f, "{place}: expected nothing, got {actual}"),
            (None, None) => f.write_str(place),
        }
    }
}

/// Every difference, in the order of the document; empty when both are the same. Numbers are compared as written, so
/// that `1.0` and `1.00` differ: an amount's digits are part of it.
pub fn differences(expected: &Value, actual: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(&mut String::new(), Some(expected), Some(actual), &mut found);
    found
}

fn walk(pointer: &mut String, expected: Option<&Value>, actual: Option<&Value>, found: &mut Vec<Difference>) {
    let mut step = |name: &str, expected: Option<&Value>, actual: Option<&Value>, found: &mut Vec<Difference>| {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        walk(pointer, expected, actual, found);
        pointer.truncate(length);
    };
    match (expected, actual) {
        (Some(Value::Object(expected)), Some(Value::Object(actual))) => {
            for (name, value) in expected {
                step(name, Some(value), actual.get(name), found);
            }
            for (name, value) in actual.iter().filter(|(name, _)| !expected.contains_key(*name)) {
                step(name, None, Some(value), found);
            }
        }
        (Some(Value::Array(expected)), Some(Value::Array(actual))) => {
            for index in 0..expected.len().max(actual.len()) {
                step(&index.to_string(), expected.get(index), actual.get(index), found);
            }
        }
        (expected, actual) if expected == actual => {}
        (expected, actual) => {
            found.push(Difference { pointer: pointer.clone(), expected: expected.cloned(), actual: actual.cloned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_values_have_no_difference() {
        assert_eq!(differences(&json!({"a": [1, {"b": null}]}), &json!({"a": [1, {"b": null}]})), []);
    }

    #[test]
    fn every_difference_is_named_by_its_pointer() {
        let expected = json!({"a": [1, 2], "b/c": "x", "gone": true});
        let actual = json!({"a": [1, 3, 4], "b/c": "y", "new": false});
        let lines: Vec<String> = differences(&expected, &actual).iter().map(Difference::to_string).collect();
        assert_eq!(
            lines,
            [
                "/a/1: expected 2, got 3",
                "/a/2: expected nothing, got 4",
                "/b~1c: expected \"x\", got \"y\"",
                "/gone: expected true, got nothing",
                "/new: expected nothing, got false",
            ]
        );
    }

    #[test]
    fn numbers_differ_when_their_digits_do() {
        let one: Value = serde_json::from_str("1.0").expect("JSON");
        let other: Value = serde_json::from_str("1.00").expect("JSON");
        assert_eq!(differences(&one, &other).len(), 1);
    }
}
