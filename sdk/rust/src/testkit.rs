//! What a plugin's own tests need, outside the sandbox: the stand-ins for the host, and, with the feature `testkit`, the
//! runner for the case folders and published XML Schemas. Not there when the crate is built for WebAssembly.

#[cfg(feature = "testkit")]
mod cases;
#[cfg(feature = "testkit")]
mod context;
pub(crate) mod doubles;
#[cfg(feature = "testkit")]
mod given;
#[cfg(feature = "testkit")]
mod xml_schema;

#[cfg(feature = "testkit")]
pub use cases::{run_cases, run_composer_cases, run_rules_cases, unlisted};
#[cfg(feature = "testkit")]
pub use context::{declaration, shipment_context};
pub use doubles::{CodeRow, Codes, Line, Row, logged, provide, provide_codes, provide_lists};
#[cfg(feature = "testkit")]
pub use given::{Call, message, stand_in};
pub use portgate_names::Lists;
#[cfg(feature = "testkit")]
pub use xml_schema::XmlSchema;
