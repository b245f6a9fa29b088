//! What one file of a list holds, in whatever format, and what can be wrong with it.

use portgate_readers::xml::XmlError;

use crate::party::Party;

/// What one file holds.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) parties: Vec<Party>,
    /// More about parties of another file: of each its id, and a name or a country.
    pub(crate) more: Vec<(String, More)>,
    pub(crate) date: Option<String>,
}

#[derive(Debug)]
pub(crate) enum More {
    Name(String),
    Country(String),
}

/// A mistake with its place in a file.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) place: String,
    pub(crate) problem: String,
}

impl From<XmlError> for Mistake {
    fn from(error: XmlError) -> Self {
        Mistake { place: error.location().to_owned(), problem: error.to_string() }
    }
}
