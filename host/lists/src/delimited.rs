//! Texts in columns.

use csv::StringRecord;

use crate::content::Mistake;

/// The rows of a text, each with its line.
pub(crate) fn rows(text: &str, delimiter: u8, has_header: bool) -> Result<(StringRecord, Vec<StringRecord>), Mistake> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader
        .delimiter(delimiter)
        .has_headers(has_header)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let broken = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        Mistake { place: format!("line {line}"), problem: "this is no row of the file's columns".to_owned() }
    };
    let header = if has_header { reader.headers().map_err(broken)?.clone() } else { StringRecord::new() };
    let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(broken)?;
    Ok((header, rows))
}

/// Finds columns by their names in a header.
pub(crate) struct Columns<'h>(pub(crate) &'h StringRecord);

impl Columns<'_> {
    /// The field of a row in the column of this name; empty where there is none.
    pub(crate) fn of<'r>(&self, row: &'r StringRecord, name: &str) -> &'r str {
        let column = self.0.iter().position(|column| column.eq_ignore_ascii_case(name));
        column.and_then(|at| row.get(at)).unwrap_or_default()
    }
}

/// The parts of a field that holds several, with `; ` between them.
pub(crate) fn several(field: &str) -> impl Iterator<Item = String> + '_ {
    field.split("; ").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty())
}
