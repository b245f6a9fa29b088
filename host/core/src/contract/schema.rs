//! One compiled JSON Schema, and everything that a text breaks of it.

use portgate_json::Wrong;
use serde_json::Value;

use super::{JsonLimits, Violations, explain};

/// Above this many values only the first violation of a payload is looked for: the validator collects all of them before
/// any can be dropped, and a payload made of nothing but mistakes would fill the memory.
const LISTED_VALUES_MAX: usize = 50_000;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema(portgate_json::Schema);

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        portgate_json::Schema::compile(schema).map(Schema)
    }

    /// Reads a text and holds it against the schema.
    ///
    /// # Errors
    /// What keeps it from being read, or everything that it breaks.
    pub fn check(&self, text: &[u8], limits: &JsonLimits) -> Result<(), Violations> {
        let value = match self.0.check(text, limits) {
            Ok(()) => return Ok(()),
            Err(Wrong::Unreadable(error)) => return Err(error.into()),
            Err(Wrong::Broken(value)) => value,
        };
        let mut findings = Vec::new();
        if values_exceed(&value, LISTED_VALUES_MAX) {
            self.0.first_violation(&value).iter().for_each(|error| explain::explain(error, &mut findings));
        } else {
            self.0.violations(&value).for_each(|error| explain::explain(&error, &mut findings));
        }
        if findings.is_empty() {
            // The two walks of the validator disagree: the value is refused all the same.
            findings.push(explain::whole());
        }
        let most = (limits.findings_max as usize).max(1);
        let more = findings.len().saturating_sub(most) as u64;
        findings.truncate(most);
        Err(Violations { findings, more })
    }
}

/// Whether a value holds more than `most` values; stops counting there.
fn values_exceed(value: &Value, most: usize) -> bool {
    fn count(value: &Value, left: &mut usize) -> bool {
        if *left == 0 {
            return true;
        }
        *left -= 1;
        match value {
            Value::Array(elements) => elements.iter().any(|element| count(element, left)),
            Value::Object(members) => members.values().any(|member| count(member, left)),
            _ => false,
        }
    }
    count(value, &mut { most })
}
