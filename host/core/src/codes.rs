//! A partner's codes beside ours, by an agreement: which carrier, location or unit is meant, on which day, and what becomes of
//! a code that nobody has written down.
//!
//! A table is immutable once it is made: a call of a plugin is given the tables of one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};
use crate::state::words;

/// The code of findings on a code that is not known, where a message waits until it is.
pub const CODE_AWAITED: &str = "code-awaited";

/// The longest code, in bytes.
pub const CODE_BYTES_MAX: usize = 100;

/// How many different codes are remembered that one message or delivery waits for. When they are there, it is looked for
/// the others.
pub const AWAITED_MAX: usize = 300;

/// What becomes of a code that a table does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownCode {
    /// It goes on as it is.
    Pass,
    /// It goes on as it is, with a finding.
    Finding,
    /// The part that names it is refused.
    Refuse,
    /// The part that names it waits until the code is known.
    Park,
}

impl UnknownCode {
    /// As policy writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            UnknownCode::Pass => "pass",
            UnknownCode::Finding => "finding",
            UnknownCode::Refuse => "refuse",
            UnknownCode::Park => "park",
        }
    }
}

words! {
    /// Whose code is looked up; the other side's is what is wanted.
    CodeSide {
        /// The partner's: ours is wanted.
        Theirs = "theirs",
        /// Ours: the partner's is wanted.
        Ours = "ours",
    }
}

words! {
    /// Which way a row counts. Where several codes of one side mean the same, one row counts both ways and the others one way.
    CodeWay {
        /// Both ways.
        Both = "both",
        /// From theirs to ours alone.
        In = "in",
        /// From ours to theirs alone.
        Out = "out",
    }
}

impl CodeWay {
    /// Whether a code of this side is found by it.
    pub fn counts_for(self, side: CodeSide) -> bool {
        match self {
            CodeWay::Both => true,
            CodeWay::In => side == CodeSide::Theirs,
            CodeWay::Out => side == CodeSide::Ours,
        }
    }
}

/// A code of theirs beside one of ours, from one day on and before another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodePair {
    /// The partner's code.
    pub theirs: String,
    /// Our code.
    pub ours: String,
    /// Which way it counts.
    pub way: CodeWay,
    /// The first day.
    pub from: Date,
    /// The first day on which it counts no more; none where no end is known.
    pub to: Option<Date>,
}

/// A code that nobody has written down, where policy has its message wait for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AwaitedCode {
    /// The table.
    pub table: String,
    /// Whose code it is.
    pub side: CodeSide,
    /// The code.
    pub code: String,
    /// The day on which it was looked up.
    pub on: Date,
}

/// The codes that an exchange or a delivery waits for, all under one agreement; none where it waits for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwaitedCodes {
    /// The partner that the agreement is with.
    pub partner: String,
    /// The agreement's name.
    pub agreement: String,
    /// The codes.
    pub codes: Vec<AwaitedCode>,
}

impl AwaitedCodes {
    /// Whether nothing is waited for.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// What a code is on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Translation<'a> {
    /// This.
    Known(&'a str),
    /// Nobody has written it down, and this becomes of it.
    Unknown(UnknownCode),
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeTable {
    by_theirs: Vec<Entry>,
    by_ours: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    code: Box<str>,
    from: Date,
    to: Date,
    other: Box<str>,
}

impl CodeTable {
    /// A table of these pairs, of which no two say something else of one code on one day.
    pub fn new<'a>(pairs: impl IntoIterator<Item = &'a CodePair> + Clone) -> Self {
        let of = |side: CodeSide| {
            let counting = pairs.clone().into_iter().filter(|pair| pair.way.counts_for(side));
            let mut entries: Vec<Entry> = counting
                .map(|CodePair { theirs, ours, way: _, from, to }| {
                    let (code, other) = match side {
                        CodeSide::Theirs => (theirs, ours),
                        CodeSide::Ours => (ours, theirs),
                    };
                    let to = to.unwrap_or(Date::MAX);
                    Entry { code: code.as_str().into(), from: *from, to, other: other.as_str().into() }
                })
                // A row that was ended on its first day never counted.
                .filter(|entry| entry.from < entry.to)
                .collect();
            entries.sort_by(|one, next| (&one.code, one.from).cmp(&(&next.code, next.from)));
            entries
        };
        CodeTable { by_theirs: of(CodeSide::Theirs), by_ours: of(CodeSide::Ours) }
    }

    fn get(&self, side: CodeSide, code: &str, on: Date) -> Option<&str> {
        let entries = match side {
            CodeSide::Theirs => &self.by_theirs,
            CodeSide::Ours => &self.by_ours,
        };
        let begun = entries.partition_point(|entry| (&*entry.code, entry.from) <= (code, on));
        let entry = entries.get(begun.checked_sub(1)?)?;
        (&*entry.code == code && on < entry.to).then_some(&*entry.other)
    }
}

/// The tables of an agreement, by name.
pub type CodeTables = BTreeMap<String, Arc<CodeTable>>;

/// What a plugin may look up under an agreement: its tables as they are at one moment, and what becomes of other codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    tables: Option<Arc<CodeTables>>,
    unknown: BTreeMap<String, UnknownCode>,
}

impl Codes {
    /// The tables that an agreement names, each with what becomes of a code that it does not know. None has a row yet.
    pub fn new(unknown: BTreeMap<String, UnknownCode>) -> Self {
        Codes { tables: None, unknown }
    }

    /// The same, with these rows. Tables that the agreement does not name are as if they were not there.
    #[must_use]
    pub fn with(self, tables: Option<Arc<CodeTables>>) -> Self {
        Codes { tables, ..self }
    }

    /// What a code of one side is on the other, on a day. In a table that the agreement does not name every code goes on as
    /// it is. What can be no code is never waited for, since nobody could write it down.
    pub fn translate(&self, table: &str, side: CodeSide, code: &str, on: Date) -> Translation<'_> {
        let Some(unknown) = self.unknown.get(table) else { return Translation::Unknown(UnknownCode::Pass) };
        let tables = self.tables.as_ref();
        match tables.and_then(|tables| tables.get(table)).and_then(|table| table.get(side, code, on)) {
            Some(other) => Translation::Known(other),
            None if *unknown == UnknownCode::Park && !is_code(code) => Translation::Unknown(UnknownCode::Refuse),
            None => Translation::Unknown(*unknown),
        }
    }
}

/// Whether these findings refuse what they are about for no reason but codes that are waited for.
pub fn only_awaited<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> bool {
    let mut errors = findings.into_iter().filter(|finding| finding.severity >= Severity::Error).peekable();
    errors.peek().is_some() && errors.all(|finding| finding.code == CODE_AWAITED)
}

/// Whether a text can be a code: it is not empty nor too long, has no blank at its ends, and no control character.
pub fn is_code(text: &str) -> bool {
    (1..=CODE_BYTES_MAX).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn pair(theirs: &str, ours: &str, way: CodeWay, from: Date, to: Option<Date>) -> CodePair {
        CodePair { theirs: theirs.to_owned(), ours: ours.to_owned(), way, from, to }
    }

    fn codes(unknown: UnknownCode, pairs: &[CodePair]) -> Codes {
        let tables = CodeTables::from([("carrier".to_owned(), Arc::new(CodeTable::new(pairs)))]);
        Codes::new([("carrier".to_owned(), unknown)].into()).with(Some(Arc::new(tables)))
    }

    #[test]
    fn a_code_is_what_it_is_on_its_day_and_both_ways() {
        let (first, change) = (date(2026, 1, 1), date(2026, 7, 1));
        let codes = codes(
            UnknownCode::Park,
            &[
                pair("OLNE", "OCEAN-2", CodeWay::Both, change, None),
                pair("OLNE", "OCEAN", CodeWay::Both, first, Some(change)),
                pair("OLDN", "OCEAN", CodeWay::In, first, None),
                pair("GONE", "NEVER", CodeWay::Both, first, Some(first)),
            ],
        );
        let ours = |code, on| codes.translate("carrier", CodeSide::Theirs, code, on);
        assert_eq!(ours("OLNE", date(2026, 6, 30)), Translation::Known("OCEAN"));
        assert_eq!(ours("OLNE", change), Translation::Known("OCEAN-2"));
        assert_eq!(ours("OLDN", change), Translation::Known("OCEAN"));
        for (code, on) in [("OLNE", date(2025, 12, 31)), ("GONE", first), ("OLN", change), ("OLNEX", change)] {
            assert_eq!(ours(code, on), Translation::Unknown(UnknownCode::Park), "{code}");
        }
        let theirs = |code, on| codes.translate("carrier", CodeSide::Ours, code, on);
        assert_eq!(theirs("OCEAN", date(2026, 6, 30)), Translation::Known("OLNE"), "one way alone does not count back");
        assert_eq!(theirs("OCEAN", change), Translation::Unknown(UnknownCode::Park));
    }

    #[test]
    fn what_no_agreement_names_goes_on_and_what_can_be_no_code_is_not_waited_for() {
        let on = date(2026, 1, 1);
        let codes = codes(UnknownCode::Park, &[]);
        assert_eq!(codes.translate("unit", CodeSide::Theirs, "X", on), Translation::Unknown(UnknownCode::Pass));
        assert_eq!(
            Codes::default().translate("carrier", CodeSide::Theirs, "X", on),
            Translation::Unknown(UnknownCode::Pass)
        );
        let long = "x".repeat(CODE_BYTES_MAX + 1);
        for absurd in ["", " X", "X ", "X\nY", &long] {
            let found = codes.translate("carrier", CodeSide::Theirs, absurd, on);
            assert_eq!(found, Translation::Unknown(UnknownCode::Refuse), "{absurd:?}");
        }
    }
}
