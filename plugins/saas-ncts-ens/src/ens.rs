//! ICS: entry summary declarations with their amendments, and what customs says of them. HMRC's import control and the Union's ICS have
//! the same messages (`CC315A`), with or without namespaces, alone or in an envelope.

pub(crate) mod declaration;
pub(crate) mod goods;
pub(crate) mod header;
pub(crate) mod names;
mod places;
pub(crate) mod plain;
pub(crate) mod status;
pub(crate) mod write;
