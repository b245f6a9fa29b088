//! A partner's list: CSV (RFC 4180) with a header, or JSON Lines.

use super::ListedState;

/// Why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BadList {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

/// Reads a list, in whichever form it is.
///
/// # Errors
///
/// The first line that is no row.
pub fn read(file: &[u8]) -> Result<Vec<ListedState>, BadList> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    match file.trim_ascii_start().first() {
        Some(b'{') => lines(file),
        _ => csv(file),
    }
}

fn lines(file: &[u8]) -> Result<Vec<ListedState>, BadList> {
    let lines = (1..).zip(file.split(|byte| *byte == b'\n')).filter(|(_, line)| !line.trim_ascii().is_empty());
    let row = |(line, text): (usize, &[u8])| {
        serde_json::from_slice(text).map_err(|error| BadList { line, problem: error.to_string() })
    };
    lines.map(row).collect()
}

fn csv(file: &[u8]) -> Result<Vec<ListedState>, BadList> {
    const COLUMNS: [&str; 4] = ["reference", "scheme", "state", "version"];
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let bad = |line: u64, problem: String| BadList { line: usize::try_from(line).unwrap_or_default(), problem };
    let header = reader.headers().map_err(|error| bad(1, error.to_string()))?.clone();
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(bad(1, format!("`{unknown}` is none of the columns {}", COLUMNS.join(", "))));
    }
    let place = |name: &str| header.iter().position(|column| column == name);
    let Some(reference) = place("reference") else { return Err(bad(1, "there is no column `reference`".to_owned())) };
    let (scheme, state, version) = (place("scheme"), place("state"), place("version"));
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| bad(error.position().map_or(0, csv::Position::line), error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field =
            |at: Option<usize>| at.and_then(|at| row.get(at)).filter(|text| !text.is_empty()).map(str::to_owned);
        let reference = field(Some(reference)).ok_or_else(|| bad(line, "has no reference".to_owned()))?;
        rows.push(ListedState { reference, scheme: field(scheme), state: field(state), version: field(version) });
    }
    Ok(rows)
}
