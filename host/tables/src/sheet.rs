//! Texts in columns.

use std::borrow::Cow;

use csv::StringRecord;

use crate::content::Mistake;

/// The text of a file that does not say what its characters are: UTF-8, else Windows-1252, which has all of ISO 8859-1.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Rows with the line of each, below a header where there is one.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) header: StringRecord,
    pub(crate) rows: Vec<(u64, StringRecord)>,
}

impl Sheet {
    /// Reads a text whose columns are divided by what stands most often in its first line.
    pub(crate) fn read(text: &str, has_header: bool) -> Result<Self, Mistake> {
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader
            .delimiter(delimiter(text))
            .has_headers(has_header)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let broken = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            Mistake::at(line, "this is no row of the file's columns")
        };
        let header = if has_header { reader.headers().map_err(broken)?.clone() } else { StringRecord::new() };
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let line = record.position().map_or(0, csv::Position::line);
            // The last line may have been cut off anywhere; an empty one is none.
            if record.iter().any(|field| !field.is_empty()) {
                rows.push((line, record));
            }
        }
        Ok(Sheet { header, rows })
    }

    /// The last column that has one of these names, in whatever case and with whatever blanks and line breaks.
    pub(crate) fn column(&self, names: &[&str]) -> Option<usize> {
        let is_named =
            |at: usize, name: &str| self.header.get(at).is_some_and(|column| squeezed(column) == squeezed(name));
        names.iter().find_map(|name| (0..self.header.len()).rev().find(|at| is_named(*at, name)))
    }

    /// The column of this name.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn needed(&self, name: &str) -> Result<usize, Mistake> {
        self.column(&[name]).ok_or_else(|| Mistake::at(1, format!("there is no column `{name}`")))
    }
}

/// The field of a row; empty where there is none.
pub(crate) fn field(row: &StringRecord, column: Option<usize>) -> &str {
    column.and_then(|column| row.get(column)).unwrap_or_default()
}

/// A field that says something.
pub(crate) fn some(row: &StringRecord, column: Option<usize>) -> Option<&str> {
    Some(field(row, column)).filter(|text| !text.is_empty())
}

/// A name of a column, or a whole first line, without blanks and quotes and in small letters.
pub(crate) fn squeezed(name: &str) -> String {
    name.chars().filter(|sign| !sign.is_whitespace() && *sign != '"').collect::<String>().to_lowercase()
}

fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let many = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(many).unwrap_or(b',')
}
