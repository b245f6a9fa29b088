//! Runs all cases of a plugin through whatever runs the plugin, and says how they went.

use std::path::Path;
use std::{env, fmt, fs, io};

use serde_json::Value;

use crate::CaseError;
use crate::answer::Answer;
use crate::case::{Case, load};
use crate::difference::{Difference, differences};

/// The environment variable that makes a run rewrite `expected.json`, when it is `1`.
const UPDATE: &str = "UPDATE_CASES";

/// How one case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The answer is the expected one.
    Passed,
    /// `expected.json` now says what the answer is.
    Updated,
    /// There is no `expected.json`.
    NothingExpected,
    /// The answer differs.
    Differs(Vec<Difference>),
    /// There is no answer: the plugin panicked or its call ended in an error, which the text says.
    Failed(String),
}

/// How a plugin's cases went. Displays as one line a case, with every difference below its case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Each case's name and verdict, in the order of their names.
    pub cases: Vec<(String, Verdict)>,
}

impl Report {
    /// Whether every case passed or was updated.
    pub fn passed(&self) -> bool {
        self.cases.iter().all(|(_, verdict)| matches!(verdict, Verdict::Passed | Verdict::Updated))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, verdict) in &self.cases {
            match verdict {
                Verdict::Passed => writeln!(f, "  passed   {name}")?,
                Verdict::Updated => writeln!(f, "  updated  {name}")?,
                Verdict::NothingExpected => {
                    writeln!(f, "  FAILED   {name}: has no expected.json; run again with {UPDATE}=1 and read it")?;
                }
                Verdict::Failed(why) => writeln!(f, "  FAILED   {name}: {why}")?,
                Verdict::Differs(differences) => {
                    writeln!(f, "  FAILED   {name}: the answer differs")?;
                    for difference in differences {
                        writeln!(f, "             {difference}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Loads every case of the plugin's folder, has `answer` run it, and judges. `Err` of `answer` says why there is none.
///
/// # Errors
///
/// A case folder that cannot be used.
pub fn run(plugin: &Path, mut answer: impl FnMut(&Case) -> Result<Answer, String>) -> Result<Report, CaseError> {
    let update = env::var_os(UPDATE).is_some_and(|value| value == "1");
    let mut report = Report::default();
    for case in load(plugin)? {
        let verdict = match answer(&case) {
            Ok(answer) => judge(&case, &answer, update)?,
            Err(why) => Verdict::Failed(why),
        };
        report.cases.push((case.name, verdict));
    }
    Ok(report)
}

/// Compares an answer with the case's `expected.json`, or rewrites that file when `update` is true.
///
/// # Errors
///
/// `expected.json` cannot be read or written, or is not JSON.
pub fn judge(case: &Case, answer: &Answer, update: bool) -> Result<Verdict, CaseError> {
    let path = case.folder.join("expected.json");
    let file_error = |error| CaseError::File { path: path.clone(), error };
    let actual = answer.to_value();
    let expected: Option<Value> = match fs::read(&path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(value) => Some(value),
            Err(_) if update => None,
            Err(error) => return Err(CaseError::Json { path, error }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(file_error(error)),
    };
    let found = match &expected {
        Some(expected) => differences(expected, &actual),
        None if update => Vec::new(),
        None => return Ok(Verdict::NothingExpected),
    };
    if expected.is_some() && found.is_empty() {
        return Ok(Verdict::Passed);
    }
    if update {
        fs::write(&path, format!("{actual:#}\n")).map_err(file_error)?;
        return Ok(Verdict::Updated);
    }
    Ok(Verdict::Differs(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(folder: &Path) -> Case {
        fs::create_dir_all(folder.join("cases/first")).expect("a folder");
        fs::write(folder.join("cases/first/message.txt"), "hello").expect("a file");
        fs::write(folder.join("plugin.toml"), "[[contracts]]\nname = 'a'\nversion = '1'\n").expect("a file");
        load(folder).expect("loads").remove(0)
    }

    fn answer(detail: &str) -> Answer {
        let (code, severity, location) = ("C".into(), "error".into(), String::new());
        Answer::rejected(vec![crate::Finding { code, severity, location, detail: detail.into() }])
    }

    #[test]
    fn a_case_without_an_expectation_fails_until_it_is_written() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let case = case(folder.path());
        assert_eq!(judge(&case, &answer("no"), false).expect("judges"), Verdict::NothingExpected);
        assert_eq!(judge(&case, &answer("no"), true).expect("judges"), Verdict::Updated);
        assert_eq!(judge(&case, &answer("no"), false).expect("judges"), Verdict::Passed);
    }

    #[test]
    fn another_answer_differs_at_its_place() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let case = case(folder.path());
        judge(&case, &answer("no"), true).expect("judges");
        let verdict = judge(&case, &answer("yes"), false).expect("judges");
        let report = Report { cases: vec![("first".into(), verdict)] };
        assert!(!report.passed());
        let text = report.to_string();
        assert!(text.contains("/rejected/findings/0/detail: expected \"no\", got \"yes\""), "{text}");
    }
}
