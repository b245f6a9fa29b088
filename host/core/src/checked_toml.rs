//! Reads a TOML file against the JSON Schema that editors use, and reports every mistake with its line.
//!
//! There is one truth about each kind of file: the Rust struct. Its generated schema is what checks, so that an editor
//! and the gateway cannot disagree; the struct is filled only from what the schema has let through.

mod explain;
mod located;
mod schema;

use std::cell::RefCell;
use std::collections::BTreeMap;

use jsonschema::{Draft, PatternOptions, Validator};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::located::Located;
pub(crate) use self::schema::schema;
use crate::mistake::{Mistake, Source};

/// The format of an IP address with a port, for schemas of this crate.
pub(crate) const SOCKET_ADDRESS: &str = "socket-address";

/// One kind of file: its schema, ready for checking.
pub(crate) struct FileKind {
    schema: Value,
    validator: Validator,
}

/// A file without mistakes of its own.
pub(crate) struct File<T> {
    /// What it says.
    pub(crate) content: T,
    located: Located,
    /// Where each text of an array is, by the pointers of the arrays that were asked for.
    elements: RefCell<BTreeMap<String, BTreeMap<String, usize>>>,
}

impl FileKind {
    /// The kind of file that a generated schema describes.
    pub(crate) fn new(schema: Value) -> Self {
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex())
            .with_format(SOCKET_ADDRESS, |text: &str| text.parse::<std::net::SocketAddr>().is_ok())
            .build(&schema)
            .expect("a schema generated from this crate's structs compiles: a test builds each");
        FileKind { schema, validator }
    }

    /// Checks and reads one file.
    pub(crate) fn read<T: DeserializeOwned>(&self, source: &Source) -> Result<File<T>, Vec<Mistake>> {
        self.check(Located::parse(source)?)
    }

    /// Checks and reads what has come as JSON; its mistakes have no lines.
    pub(crate) fn read_value<T: DeserializeOwned>(&self, path: &str, value: Value) -> Result<File<T>, Vec<Mistake>> {
        self.check(Located::without_lines(path, value))
    }

    fn check<T: DeserializeOwned>(&self, located: Located) -> Result<File<T>, Vec<Mistake>> {
        let errors = self.validator.iter_errors(&located.value);
        let mistakes = explain::mistakes(&self.schema, &located, errors);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        match T::deserialize(&located.value) {
            Ok(content) => Ok(File { content, located, elements: RefCell::default() }),
            // The schema lets through nothing that the struct refuses; if it ever does, this is less helpful, not wrong.
            Err(error) => Err(vec![located.mistake("", error.to_string(), None)]),
        }
    }
}

impl<T> File<T> {
    /// A mistake at a JSON Pointer, or at the nearest place around it that the file has.
    pub(crate) fn mistake(&self, pointer: &str, problem: impl Into<String>, hint: Option<String>) -> Mistake {
        self.located.mistake(pointer, problem.into(), hint)
    }

    /// The pointer of `element` in the array at `pointer`, or the array's where it is not there.
    pub(crate) fn element(&self, pointer: &str, element: &str) -> String {
        let mut elements = self.elements.borrow_mut();
        let positions = elements.entry(pointer.to_owned()).or_insert_with(|| {
            let array = self.located.value.pointer(pointer).and_then(Value::as_array);
            let mut positions = BTreeMap::new();
            for (index, value) in array.into_iter().flatten().enumerate() {
                if let Some(text) = value.as_str() {
                    positions.entry(text.to_owned()).or_insert(index);
                }
            }
            positions
        });
        positions.get(element).map_or_else(|| pointer.to_owned(), |index| format!("{pointer}/{index}"))
    }
}

#[cfg(test)]
mod tests;
