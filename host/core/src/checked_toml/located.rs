//! A TOML file as JSON, with the place of every key and value.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

use crate::excerpt::pointer_token;
use crate::mistake::{Mistake, Source};

/// Syntax errors that are reported of one file: the rest follows from them.
const SYNTAX_MISTAKES_MAX: usize = 5;

/// What a file says, and where.
pub(crate) struct Located {
    /// The file as JSON; dates and times as text.
    pub(crate) value: Value,
    path: String,
    /// None where there are no lines to name.
    text: Option<Text>,
    places: BTreeMap<String, Place>,
}

/// A file's text, with the byte offset at which each line begins.
struct Text {
    text: String,
    lines: Vec<usize>,
}

impl Text {
    fn new(text: &str) -> Text {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(end, _)| end + 1)).collect();
        Text { text: text.to_owned(), lines }
    }

    /// Counted from 1.
    fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|begin| *begin <= offset)
    }

    /// In characters, counted from 1.
    fn column(&self, offset: usize) -> usize {
        let begin = self.lines[self.line(offset).saturating_sub(1)];
        let offset = offset.min(self.text.len());
        self.text.get(begin..offset).unwrap_or_default().chars().count() + 1
    }
}

/// Byte offsets of a key (of an array's element: of the element) and of its value.
#[derive(Clone, Copy)]
struct Place {
    key: usize,
    value: usize,
}

impl Located {
    /// Reads a file; the mistakes are those of TOML itself.
    pub(crate) fn parse(source: &Source) -> Result<Self, Vec<Mistake>> {
        let (table, errors) = DeTable::parse_recoverable(&source.text);
        let mut located = Located {
            value: Value::Null,
            path: source.path.clone(),
            text: Some(Text::new(&source.text)),
            places: BTreeMap::new(),
        };
        if !errors.is_empty() {
            let mut mistakes: Vec<Mistake> = Vec::new();
            for error in &errors {
                let offset = error.span().map_or(0, |span| span.start);
                let line = located.text.as_ref().map_or(0, |text| text.line(offset));
                if mistakes.iter().all(|known| known.line != line) {
                    mistakes.push(located.at(offset, String::new(), format!("not TOML: {}", error.message()), None));
                }
                if mistakes.len() == SYNTAX_MISTAKES_MAX {
                    break;
                }
            }
            mistakes.sort();
            return Err(mistakes);
        }
        located.value = located.table(table.get_ref(), "");
        Ok(located)
    }

    /// What has not come as TOML, so that nothing has a place but its key.
    pub(crate) fn without_lines(path: &str, value: Value) -> Self {
        Located { value, path: path.to_owned(), text: None, places: BTreeMap::new() }
    }

    fn table(&mut self, table: &DeTable<'_>, pointer: &str) -> Value {
        let mut object = Map::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let pointer = format!("{pointer}/{}", pointer_token(name));
            self.places.insert(pointer.clone(), Place { key: key.span().start, value: value.span().start });
            let value = self.value(value.get_ref(), &pointer);
            object.insert(name.to_owned(), value);
        }
        Value::Object(object)
    }

    fn value(&mut self, value: &DeValue<'_>, pointer: &str) -> Value {
        match value {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(integer) => i128::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .and_then(Number::from_i128)
                .map_or_else(|| Value::String(integer.as_str().to_owned()), Value::Number),
            // Infinity and "not a number" stay text, which no schema takes for a number.
            DeValue::Float(float) => float
                .as_str()
                .parse::<Number>()
                .map_or_else(|_| Value::String(float.as_str().to_owned()), Value::Number),
            DeValue::Boolean(boolean) => Value::Bool(*boolean),
            DeValue::Datetime(datetime) => Value::String(datetime.to_string()),
            DeValue::Array(elements) => {
                let mut array = Vec::with_capacity(elements.len());
                for (index, element) in elements.iter().enumerate() {
                    let pointer = format!("{pointer}/{index}");
                    let start = element.span().start;
                    self.places.insert(pointer.clone(), Place { key: start, value: start });
                    array.push(self.value(element.get_ref(), &pointer));
                }
                Value::Array(array)
            }
            DeValue::Table(table) => self.table(table, pointer),
        }
    }

    /// A mistake of the value at `pointer`.
    pub(super) fn mistake(&self, pointer: &str, problem: String, hint: Option<String>) -> Mistake {
        self.at(self.place(pointer).value, self.dotted(pointer), problem, hint)
    }

    /// A mistake of the key at `pointer`.
    pub(crate) fn key_mistake(&self, pointer: &str, problem: String, hint: Option<String>) -> Mistake {
        self.at(self.place(pointer).key, self.dotted(pointer), problem, hint)
    }

    /// A mistake of the file as a whole.
    pub(super) fn whole_file(&self, problem: String) -> Mistake {
        Mistake::whole_file(self.path.as_str(), problem, None)
    }

    /// The place of `pointer`, or of the nearest thing around it that the file has.
    fn place(&self, mut pointer: &str) -> Place {
        loop {
            if let Some(place) = self.places.get(pointer) {
                return *place;
            }
            match pointer.rsplit_once('/') {
                Some((around, _)) => pointer = around,
                None => return Place { key: 0, value: 0 },
            }
        }
    }

    fn at(&self, offset: usize, key: String, problem: String, hint: Option<String>) -> Mistake {
        let (line, column) = self.text.as_ref().map_or((0, 0), |text| (text.line(offset), text.column(offset)));
        Mistake { path: self.path.clone(), line, column, key, problem, hint }
    }

    /// A pointer as people write it: `authenticate[0].sha256`.
    pub(super) fn dotted(&self, pointer: &str) -> String {
        let mut dotted = String::new();
        let mut at = Some(&self.value);
        for token in pointer.split('/').skip(1) {
            let key = token.replace("~1", "/").replace("~0", "~");
            if at.is_some_and(Value::is_array) {
                dotted.push_str(&format!("[{key}]"));
                at = key.parse::<usize>().ok().and_then(|index| at?.get(index));
                continue;
            }
            if !dotted.is_empty() {
                dotted.push('.');
            }
            let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            dotted.push_str(&if bare { key.clone() } else { format!("{key:?}") });
            at = at.and_then(|value| value.get(&key));
        }
        dotted
    }
}
