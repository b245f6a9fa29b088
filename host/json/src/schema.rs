//! One compiled JSON Schema (2020-12), held against a text.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::excerpt::excerpt;
use crate::fast_path::FastPath;
use crate::reader::{JsonError, JsonLimits, read};
use crate::tree::TreeJson;
use crate::validator::compiled;

/// The one dialect that is taken.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Once so many compiled schemas are kept, those that nobody uses are dropped.
const KEPT_MAX: usize = 512;

/// What was compiled, by the schema as text. A schema is needed in several places, and again when policies are read anew or a plugin
/// is put beside another one.
static KEPT: LazyLock<Mutex<HashMap<String, Schema>>> = LazyLock::new(Mutex::default);

/// A compiled schema. Copies are of the same one.
#[derive(Clone)]
pub struct Schema(Arc<Compiled>);

struct Compiled {
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
        let text = schema.to_string();
        if let Some(known) = kept().get(&text) {
            return Ok(known.clone());
        }
        let (holds, explains, fast_path) = (compiled(schema)?, compiled(schema)?, FastPath::of(schema));
        let made = Schema(Arc::new(Compiled { fast_path, holds, explains }));
        let mut kept = kept();
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, schema| Arc::strong_count(&schema.0) > 1);
        }
        kept.insert(text, made.clone());
        Ok(made)
    }

    /// Reads a text and holds it against the schema.
    ///
    /// # Errors
    /// What keeps it from being read, or the value that breaks the schema.
    pub fn check(&self, text: &[u8], limits: &JsonLimits) -> Result<(), Wrong> {
        if self.0.fast_path.certainly_holds(text, limits) {
            return Ok(());
        }
        let tree = read(text, limits).map_err(Wrong::Unreadable)?;
        match self.0.holds.is_valid(&tree) {
            true => Ok(()),
            false => Err(Wrong::Broken(tree.to_value())),
        }
    }

    /// Everything that a value breaks. The validator collects it before the first is given; where that could be too much,
    /// there is [`Schema::first_violation`].
    pub fn violations<'v>(&'v self, value: &'v Value) -> impl Iterator<Item = ValidationError<'v>> {
        self.0.explains.iter_errors(value)
    }

    /// The first thing that a value breaks.
    pub fn first_violation<'v>(&'v self, value: &'v Value) -> Option<ValidationError<'v>> {
        self.0.explains.validate(value).err()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.explains.fmt(formatter)
    }
}

fn kept() -> MutexGuard<'static, HashMap<String, Schema>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}
