//! What the files of one edition say, in whatever format they are.

use std::collections::BTreeMap;

use jiff::civil::Date;
use portgate_core::reference::{Row, Value};
use portgate_readers::xml::XmlError;
use serde::Serialize;

/// A list that is known, in one of the forms that it is published in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// What the table calls the list and its form.
    pub format: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
    /// How much of the list one edition says.
    pub scope: Scope,
    /// Whether what an edition says of days before its own is all that counted then.
    pub knows_past: bool,
}

/// How much of a list one edition says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of it: what it does not name is no longer there.
    Whole,
    /// All of the keys that it names, and nothing of others.
    Part,
    /// Values of days, which go on until the next day that has one. What has been said of a day stays.
    Series,
}

/// What an edition says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The key.
    pub key: String,
    /// What it means.
    pub value: Meaning,
    /// The first day, where the list says it; else [`Date::MIN`].
    pub from: Date,
    /// The day after the last, where the list says it; else [`Date::MAX`].
    pub to: Date,
    /// Where it stands.
    pub place: Place,
}

/// What a key means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A text.
    Text(String),
    /// A JSON object.
    Json(String),
}

/// A line of one of the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the files, from 0.
    pub file: usize,
    /// The line, from 1.
    pub line: u64,
}

/// Something that is not as the format says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What is wrong, and what became of it.
    pub problem: String,
    /// Whether the row is left out for it.
    pub is_lost: bool,
}

/// Why a file is refused as a whole.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) place: String,
    pub(crate) problem: String,
}

/// What one file says.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) list: List,
    /// Which of several lists of one form it is, where the file says it.
    pub(crate) name: Option<String>,
    /// What the file itself says of its edition.
    pub(crate) edition: Option<String>,
    pub(crate) date: Option<Date>,
    pub(crate) said: Vec<Said>,
    pub(crate) findings: Vec<Finding>,
    /// Rows that are no entries of the list, by what they are instead.
    pub(crate) left_out: BTreeMap<&'static str, usize>,
}

impl Content {
    pub(crate) fn of(list: List) -> Self {
        let (said, findings, left_out) = (Vec::new(), Vec::new(), BTreeMap::new());
        Content { list, name: None, edition: None, date: None, said, findings, left_out }
    }

    /// Takes a key of a line up, for all days.
    pub(crate) fn say(&mut self, line: u64, key: impl Into<String>, value: &impl Serialize) {
        self.say_from(line, key, value, (Date::MIN, Date::MAX));
    }

    /// Takes a key of a line up, for the days from the first and before the last.
    pub(crate) fn say_from(
        &mut self,
        line: u64,
        key: impl Into<String>,
        value: &impl Serialize,
        (from, to): (Date, Date),
    ) {
        let json = serde_json::to_string(value).unwrap_or_default();
        let place = Place { file: 0, line };
        self.said.push(Said { key: key.into(), value: Meaning::Json(json), from, to, place });
    }

    /// Something about a row that is left out for it.
    pub(crate) fn find(&mut self, line: u64, problem: impl Into<String>) {
        self.findings.push(Finding { place: Place { file: 0, line }, problem: problem.into(), is_lost: true });
    }

    /// Something about a row that is taken all the same.
    pub(crate) fn note(&mut self, line: u64, problem: impl Into<String>) {
        self.findings.push(Finding { place: Place { file: 0, line }, problem: problem.into(), is_lost: false });
    }

    pub(crate) fn leave_out(&mut self, what: &'static str) {
        *self.left_out.entry(what).or_default() += 1;
    }
}

impl Meaning {
    /// The text, or the JSON.
    pub fn as_str(&self) -> &str {
        match self {
            Meaning::Text(text) | Meaning::Json(text) => text,
        }
    }

    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Meaning::Text(text) => Value::Text(text),
            Meaning::Json(json) => Value::Json(json),
        }
    }
}

impl Said {
    /// The row of a table.
    pub(crate) fn row(&self, edition: Option<u16>) -> Row<'_> {
        Row { key: &self.key, value: self.value.value(), from: self.from, to: self.to, edition }
    }
}

impl Mistake {
    pub(crate) fn at(line: u64, problem: impl Into<String>) -> Self {
        Mistake { place: format!("line {line}"), problem: problem.into() }
    }
}

impl From<XmlError> for Mistake {
    fn from(error: XmlError) -> Self {
        Mistake { place: error.location().to_owned(), problem: error.to_string() }
    }
}
