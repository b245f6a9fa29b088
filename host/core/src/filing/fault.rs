//! What customs finds wrong.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One error that customs found, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct CustomsFault {
    /// The code.
    pub code: String,
    /// What it means; empty where customs does not say.
    pub text: String,
    /// The field that it points to, as customs does; empty for the whole.
    pub pointer: String,
    /// The field of the declaration that this is, as a JSON Pointer (RFC 6901), or the narrowest around it; empty where that is not known.
    #[serde(default)]
    pub field: String,
}

impl fmt::Display for CustomsFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)?;
        let places: Vec<&str> = [&*self.field, &*self.pointer].into_iter().filter(|place| !place.is_empty()).collect();
        match places.is_empty() {
            true => Ok(()),
            false => write!(formatter, "{}({})", if self.text.is_empty() { "" } else { " " }, places.join(", ")),
        }
    }
}
