//! One compiled JSON Schema (2020-12), and everything that a value breaks of it.

use std::fmt;

use jsonschema::Validator;
use serde_json::Value;

use super::skim::Skim;
use super::validator::compiled;
use super::{JsonLimits, Violations, explain};
use crate::excerpt::excerpt;
use crate::json::{self, TreeJson};

/// The one dialect that is taken.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Above this many values only the first violation of a payload is looked for: the validator collects all of them before
/// any can be dropped, and a payload made of nothing but mistakes would fill the memory.
const LISTED_VALUES_MAX: usize = 50_000;

/// A compiled schema.
pub struct Schema {
    /// For every payload, while it is read.
    skim: Skim,
    /// For those of which that is not sure.
    holds: Validator<TreeJson>,
    /// For those that break the schema: it keeps the values it complains of without copying them.
    explains: Validator,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        if let Some(dialect) = schema.get("$schema").and_then(Value::as_str)
            && dialect.trim_end_matches('#') != DIALECT
        {
            return Err(format!("`$schema` is {}; only {DIALECT} is taken", excerpt(dialect)));
        }
        Ok(Schema { holds: compiled(schema)?, explains: compiled(schema)?, skim: Skim::of(schema) })
    }

    /// Reads a text and holds it against the schema.
    ///
    /// # Errors
    /// What keeps it from being read, or everything that it breaks.
    pub fn check(&self, text: &[u8], limits: &JsonLimits) -> Result<(), Violations> {
        if self.skim.certainly_holds(text, limits) {
            return Ok(());
        }
        let tree = json::read(text, limits)?;
        if self.holds.is_valid(&tree) {
            return Ok(());
        }
        let value = tree.to_value();
        let mut findings = Vec::new();
        if values_exceed(&value, LISTED_VALUES_MAX) {
            if let Err(error) = self.explains.validate(&value) {
                explain::explain(&error, &mut findings);
            }
        } else {
            for error in self.explains.iter_errors(&value) {
                explain::explain(&error, &mut findings);
            }
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

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.explains.fmt(formatter)
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
