//! Strict JSON (RFC 8259): what partners send and plugins return is read here and nowhere else.
//!
//! Two ways lead in: [`parse`] gives the value, [`Schema`] says whether a text is what a schema wants. How that is quick with
//! good texts (`fast_path`) is nobody else's affair.
//!
//! Promises: UTF-8 without a byte order mark, no duplicate keys, nesting, values and numbers within bounds, nothing after
//! the value, numbers kept digit for digit, and for whatever is refused the line, the column and a JSON Pointer. The
//! syntax itself is `serde_json`'s; the fast path knows it too. It deliberately repairs nothing: two systems that repair
//! differently disagree about what a partner has said.

pub mod excerpt;
mod fast_path;
mod reader;
mod schema;
mod tree;
mod validator;

pub use reader::{DEPTH_MAX, DIGITS_MAX, EXPONENT_MAX, JsonError, JsonLimits, VALUES_MAX, check, parse};
pub use schema::{Schema, Wrong};
