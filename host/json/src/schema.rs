//! One compiled JSON Schema (2020-12), held against a text.

use std::fmt;

use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::excerpt::excerpt;
use crate::fast_path::FastPath;
use crate::reader::{JsonError, JsonLimits, read};
use crate::tree::TreeJson;
use crate::validator::compiled;

/// The one dialect that is taken.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A compiled schema.
pub struct Schema {
    /// For every text, while it is read.
    fast_path: FastPath,
    /// For the texts of which the fast path is not sure.
    holds: Validator<TreeJson>,
    /// For the texts that break the schema: it keeps the values it complains of without copying them.
    explains: Validator,
}

/// Why a text is not what a schema wants.
#[derive(Debug)]
pub enum Wrong {
    /// It is no JSON within the limits.
    Unreadable(JsonError),
    /// It is JSON, but this value breaks the schema: [`Schema::violations`] says where.
    Broken(Value),
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What is wrong with it: another dialect than 2020-12, a reference out of it, a pattern that does not work in linear
    /// time.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        if let Some(dialect) = schema.get("$schema").and_then(Value::as_str)
            && dialect.trim_end_matches('#') != DIALECT
        {
            return Err(format!("`$schema` is {}; only {DIALECT} is taken", excerpt(dialect)));
        }
        Ok(Schema { holds: compiled(schema)?, explains: compiled(schema)?, fast_path: FastPath::of(schema) })
    }

    /// Reads a text and holds it against the schema.
    ///
    /// # Errors
    /// What keeps it from being read, or the value that breaks the schema.
    pub fn check(&self, text: &[u8], limits: &JsonLimits) -> Result<(), Wrong> {
        if self.fast_path.certainly_holds(text, limits) {
            return Ok(());
        }
        let tree = read(text, limits).map_err(Wrong::Unreadable)?;
        match self.holds.is_valid(&tree) {
            true => Ok(()),
            false => Err(Wrong::Broken(tree.to_value())),
        }
    }

    /// Everything that a value breaks. The validator collects it before the first is given; where that could be too much,
    /// there is [`Schema::first_violation`].
    pub fn violations<'v>(&'v self, value: &'v Value) -> impl Iterator<Item = ValidationError<'v>> {
        self.explains.iter_errors(value)
    }

    /// The first thing that a value breaks.
    pub fn first_violation<'v>(&'v self, value: &'v Value) -> Option<ValidationError<'v>> {
        self.explains.validate(value).err()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.explains.fmt(formatter)
    }
}
