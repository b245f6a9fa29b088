//! What customs finds wrong.

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
}
