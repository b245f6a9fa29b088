//! The partner's codes beside ours: which carrier, location or unit it means, by the tables of the agreement. The manifest
//! declares each table (`agreement = { codes = ["carrier"] }`), policy grants it and says what becomes of a code that nobody
//! has written down. A connector that never asks does not even import the interface.
//!
//! ```
//! use portgate_sdk::{Decoded, codes};
//!
//! let mut decoded = Decoded::new();
//! decoded.part("segment 3 ST", "0001");
//! // Without an agreement that has the table, each code goes on as it is.
//! let carrier = codes::to_ours("carrier", "OLNE", "2026-03-01", "segment 5 B4, element 9", |finding| {
//!     decoded.finding(finding);
//! });
//! assert_eq!(carrier, "OLNE");
//! ```
//!
//! In a test, outside the sandbox, tables are the thread's own: `testkit::provide_codes` fills them, and so does the
//! `[[codes]]` of a case.

use std::fmt::Display;

use crate::finding::Finding;

/// The code of findings on a code that nobody has written down, where its part does not wait for it.
pub const UNKNOWN: &str = "code-unknown";

/// The code of findings on a code that nobody has written down, where its part waits until it is. A part whose errors are all
/// of this code has nothing wrong with it.
pub const AWAITED: &str = "code-awaited";

/// What policy wants to become of a code that nobody has written down. The set is closed: it never grows within version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It goes on as it is.
    Pass,
    /// It goes on as it is, with a warning.
    Finding,
    /// The part that names it is refused.
    Refuse,
    /// The part that names it waits until the code is there.
    Park,
}

/// What a code is on the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Translation {
    /// This.
    Known(String),
    /// Nobody has written it down.
    Unknown(Unknown),
}

/// Our code for the partner's code `theirs` in `table` on the date `on` (`YYYY-MM-DD`). Without an agreement, or where the
/// agreement does not have the table, no code is known, and each passes. In the sandbox, asking for a table that the policy
/// does not grant ends the call.
pub fn ours(table: &str, theirs: &str, on: &str) -> Translation {
    #[cfg(target_arch = "wasm32")]
    return crate::boundary::bindings::connector::portgate::connector::codes::ours(table, theirs, on).into();
    #[cfg(not(target_arch = "wasm32"))]
    crate::testkit::doubles::ours(table, theirs, on)
}

/// The partner's code for our code `ours`, likewise.
pub fn theirs(table: &str, ours: &str, on: &str) -> Translation {
    #[cfg(target_arch = "wasm32")]
    return crate::boundary::bindings::connector::portgate::connector::codes::theirs(table, ours, on).into();
    #[cfg(not(target_arch = "wasm32"))]
    crate::testkit::doubles::theirs(table, ours, on)
}

/// The code to go on with for the partner's code `theirs`, which stands at `location`: ours where it is known, else the
/// partner's. `tell` is given what is to be said of a code that is not: a warning, or an error that refuses the part or has it
/// wait, as policy wants it.
pub fn to_ours(table: &str, theirs: &str, on: &str, location: impl Display, tell: impl FnMut(Finding)) -> String {
    gone_on(self::ours(table, theirs, on), ("The partner's", table, theirs, on), location, tell)
}

/// The code to go on with for our code `ours`, likewise: the partner's where it is known, else ours.
pub fn to_theirs(table: &str, ours: &str, on: &str, location: impl Display, tell: impl FnMut(Finding)) -> String {
    gone_on(self::theirs(table, ours, on), ("Our", table, ours, on), location, tell)
}

fn gone_on(
    translation: Translation,
    (whose, table, code, on): (&str, &str, &str, &str),
    location: impl Display,
    mut tell: impl FnMut(Finding),
) -> String {
    let what = format!("{whose} code `{code}` is not in the table `{table}` on {on}");
    match translation {
        Translation::Known(other) => return other,
        Translation::Unknown(Unknown::Pass) => {}
        Translation::Unknown(Unknown::Finding) => {
            tell(Finding::warning(
                UNKNOWN,
                location,
                format!("{what}; it goes on as it is. Add it with `portgate codes add`."),
            ));
        }
        Translation::Unknown(Unknown::Refuse) => {
            tell(Finding::error(UNKNOWN, location, format!("{what}. Have it added, or use one that was agreed.")));
        }
        Translation::Unknown(Unknown::Park) => {
            let todo = "this waits until it is added (`portgate codes add`), and then goes on by itself";
            tell(Finding::error(AWAITED, location, format!("{what}; {todo}.")));
        }
    }
    code.to_owned()
}

/// Whether these findings refuse what they are about for no reason but codes that are waited for.
pub(crate) fn only_awaited<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> bool {
    let mut errors = findings.into_iter().filter(|finding| finding.severity.rejects()).peekable();
    errors.peek().is_some() && errors.all(|finding| finding.code == AWAITED)
}

#[cfg(target_arch = "wasm32")]
impl From<crate::boundary::bindings::connector::portgate::connector::codes::Translation> for Translation {
    fn from(found: crate::boundary::bindings::connector::portgate::connector::codes::Translation) -> Self {
        use crate::boundary::bindings::connector::portgate::connector::codes as wire;
        match found {
            wire::Translation::Known(code) => Translation::Known(code),
            wire::Translation::Unknown(unknown) => Translation::Unknown(match unknown {
                wire::Unknown::Pass => Unknown::Pass,
                wire::Unknown::Finding => Unknown::Finding,
                wire::Unknown::Refuse => Unknown::Refuse,
                wire::Unknown::Park => Unknown::Park,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::testkit::{CodeRow, Codes, provide_codes};

    fn carriers(unknown: Unknown) {
        let row = CodeRow {
            table: "carrier".into(),
            theirs: "OLNE".into(),
            ours: "OCEAN".into(),
            way: None,
            from: Some("2026-01-01".into()),
            to: Some("2026-02-01".into()),
        };
        provide_codes(Codes { unknown: [("carrier".to_owned(), unknown)].into(), rows: vec![row] });
    }

    #[test]
    fn a_code_is_known_on_its_days_and_both_ways() {
        carriers(Unknown::Refuse);
        assert_eq!(ours("carrier", "OLNE", "2026-01-01"), Translation::Known("OCEAN".into()));
        assert_eq!(theirs("carrier", "OCEAN", "2026-01-31"), Translation::Known("OLNE".into()));
        assert_eq!(ours("carrier", "OLNE", "2026-02-01"), Translation::Unknown(Unknown::Refuse));
        assert_eq!(ours("unit", "PK", "2026-01-01"), Translation::Unknown(Unknown::Pass));
    }

    #[test]
    fn what_becomes_of_an_unknown_code_is_as_policy_wants_it() {
        for (unknown, expected) in [
            (Unknown::Pass, None),
            (Unknown::Finding, Some((Severity::Warning, UNKNOWN))),
            (Unknown::Refuse, Some((Severity::Error, UNKNOWN))),
            (Unknown::Park, Some((Severity::Error, AWAITED))),
        ] {
            carriers(unknown);
            let mut found = Vec::new();
            let code =
                to_ours("carrier", "XXXX", "2026-01-01", "segment 5 B4, element 9", |finding| found.push(finding));
            assert_eq!(code, "XXXX");
            let told = found.first().map(|finding| (finding.severity, finding.code.as_str()));
            assert_eq!(told, expected, "{unknown:?}");
            assert!(
                found.iter().all(
                    |finding| finding.location == "segment 5 B4, element 9" && finding.detail.contains("`carrier`")
                )
            );
        }
    }
}
