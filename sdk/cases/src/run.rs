//! Runs all cases of a plugin through whatever runs the plugin, and says how they went.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use serde_json::{Value, json};

use crate::CaseError;
use crate::answer::Answer;
use crate::case::{Case, is_http, load, request_file};
use crate::difference::{Difference, differences};
use crate::given::Given;
use crate::request::{Request, body_value};
use crate::settings::Ignored;
use crate::unread::{Listed, Unread};

/// The environment variable that makes a run rewrite expectations, when it is `1`.
const UPDATE: &str = "UPDATE_CASES";

/// What running one case gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// What the plugin made of it.
    pub answer: Answer,
    /// What it left unread of what it was given.
    pub unread: Vec<String>,
    /// What it logged, a line each.
    pub log: Vec<String>,
}

/// How one case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The answer is the expected one.
    Passed,
    /// The expectation now says what the answer is.
    Updated,
    /// There is no expectation; this file would hold it.
    NothingExpected(&'static str),
    /// The answer differs.
    Differs(Vec<Difference>),
    /// There is no answer: the plugin panicked or its call ended in an error, which the text says.
    Failed(String),
}

/// One case of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Went {
    /// The case's name.
    pub name: String,
    /// How it went.
    pub verdict: Verdict,
    /// What was left unread that the manifest does not list.
    pub unread: Vec<String>,
    /// What the plugin logged.
    pub log: Vec<String>,
}

impl Went {
    fn passed(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::Updated) && self.unread.is_empty()
    }
}

/// How a plugin's cases went. Displays as one line a case, with everything that is to be said of it below, and then what is
/// left unread of each contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Each case, in the order of their names.
    pub cases: Vec<Went>,
    /// What is left unread of each contract that has cases, by `name/version`.
    pub contracts: BTreeMap<String, Unread>,
    /// What the manifest ignores although no case leaves it unread.
    pub not_needed: Vec<Ignored>,
}

impl Report {
    /// Whether every case passed or was updated, and nothing is left unread that is not listed.
    pub fn passed(&self) -> bool {
        self.cases.iter().all(Went::passed)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Went { name, verdict, unread, log } in &self.cases {
            match verdict {
                Verdict::Passed | Verdict::Updated if !unread.is_empty() => {
                    writeln!(
                        f,
                        "  FAILED   {name}: fields are left unread; read them, or list them under [[ignored]]"
                    )?;
                }
                Verdict::Passed => writeln!(f, "  passed   {name}")?,
                Verdict::Updated => writeln!(f, "  updated  {name}")?,
                Verdict::NothingExpected(file) => {
                    writeln!(f, "  FAILED   {name}: has no {file}; run again with {UPDATE}=1 and read it")?;
                }
                Verdict::Failed(why) => writeln!(f, "  FAILED   {name}: {why}")?,
                Verdict::Differs(differences) => {
                    writeln!(f, "  FAILED   {name}: the answer differs")?;
                    for difference in differences {
                        writeln!(f, "             {difference}")?;
                    }
                }
            }
            for path in unread {
                writeln!(f, "             unread: {path}")?;
            }
            for line in log {
                writeln!(f, "             log: {line}")?;
            }
        }
        for (contract, unread) in &self.contracts {
            let cases = unread.cases;
            writeln!(f, "  {contract}: {cases} case{}", if cases == 1 { "" } else { "s" })?;
            unread.fmt(f)?;
        }
        for Ignored { path, .. } in &self.not_needed {
            writeln!(f, "  ignored, but no case leaves it unread: {path}")?;
        }
        Ok(())
    }
}

/// Loads every case of the plugin's folder, has `ran` run it, and judges. `Err` of `ran` says why there is no answer.
///
/// # Errors
///
/// A case folder that cannot be used.
pub fn run(plugin: &Path, mut ran: impl FnMut(&Case) -> Result<Ran, String>) -> Result<Report, CaseError> {
    let update = env::var_os(UPDATE).is_some_and(|value| value == "1");
    let (cases, ignored) = load(plugin)?;
    let mut listed = Listed::new(&ignored);
    let mut report = Report::default();
    for case in cases {
        let of = report.contracts.entry(case.contract_name()).or_default();
        let went = match ran(&case) {
            Ok(Ran { answer, unread, log }) => {
                let verdict = judge(&case, &answer, update)?;
                Went { verdict, unread: listed.note(&case, unread, of), log, name: case.name }
            }
            Err(why) => Went { verdict: Verdict::Failed(why), unread: Vec::new(), log: Vec::new(), name: case.name },
        };
        report.cases.push(went);
    }
    report.not_needed = listed.not_needed();
    Ok(report)
}

/// Compares an answer with the case's expectation, or rewrites that when `update` is true.
///
/// # Errors
///
/// The expectation cannot be read or written, or is not what it should be.
pub fn judge(case: &Case, answer: &Answer, update: bool) -> Result<Verdict, CaseError> {
    let (name, path) = match (&case.given, answer) {
        (Given::Response(_), _) => ("outcome.json", case.folder.join("outcome.json")),
        (Given::Documents(_), Answer::Rendered(request)) => return judge_request(case, request, update),
        _ => ("expected.json", case.folder.join("expected.json")),
    };
    if let (Given::Documents(_), Some(stale)) = (&case.given, request_file(&case.folder)?) {
        let detail = Difference {
            pointer: String::new(),
            expected: Some(json!(format!("the request of {}", stale.display()))),
            actual: Some(answer.to_value()),
        };
        return Ok(Verdict::Differs(vec![detail]));
    }
    let actual = answer.to_value();
    let expected: Option<Value> = match read(&path)? {
        Some(bytes) => match serde_json::from_slice(&bytes) {
            Ok(value) => Some(value),
            Err(_) if update => None,
            Err(error) => return Err(CaseError::Json { path, error }),
        },
        None => None,
    };
    let written = || format!("{actual:#}\n").into_bytes();
    compared(expected.map(|expected| differences(&expected, &actual)), name, &path, written, update)
}

/// Compares a rendered request: all of it with `request.http`, its body alone with any other `request.<ext>`.
fn judge_request(case: &Case, request: &Request, update: bool) -> Result<Verdict, CaseError> {
    let path = request_file(&case.folder)?.unwrap_or_else(|| case.folder.join("request.http"));
    let bytes = read(&path)?;
    let written = || if is_http(&path) { request.to_http() } else { request.body.clone() };
    let found = match bytes {
        None => None,
        Some(bytes) if is_http(&path) => match Request::from_http(&bytes) {
            Ok(expected) => Some(differences(&expected.to_value(), &request.to_value())),
            Err(_) if update => None,
            Err(problem) => return Err(CaseError::Request { path, problem }),
        },
        Some(bytes) => Some(differences(&body_value(&bytes), &body_value(&request.body))),
    };
    compared(found, "request.http", &path, written, update)
}

/// What comes of a comparison, if there was anything to compare with.
fn compared(
    found: Option<Vec<Difference>>,
    name: &'static str,
    path: &Path,
    written: impl Fn() -> Vec<u8>,
    update: bool,
) -> Result<Verdict, CaseError> {
    match found {
        Some(found) if found.is_empty() => Ok(Verdict::Passed),
        _ if update => {
            let file_error = |error| CaseError::File { path: PathBuf::from(path), error };
            fs::write(path, written()).map_err(file_error)?;
            Ok(Verdict::Updated)
        }
        Some(found) => Ok(Verdict::Differs(found)),
        None => Ok(Verdict::NothingExpected(name)),
    }
}

/// A file's content, or none where there is no such file.
fn read(path: &Path) -> Result<Option<Vec<u8>>, CaseError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CaseError::File { path: path.to_owned(), error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(folder: &Path) -> Case {
        fs::create_dir_all(folder.join("cases/first")).expect("a folder");
        fs::write(folder.join("cases/first/message.txt"), "hello").expect("a file");
        fs::write(folder.join("plugin.toml"), "[[contracts]]\nname = 'a'\nversion = '1'\n").expect("a file");
        load(folder).expect("loads").0.remove(0)
    }

    fn answer(detail: &str) -> Answer {
        let (code, severity, location) = ("C".into(), "error".into(), String::new());
        Answer::rejected(vec![crate::Finding { code, severity, location, detail: detail.into() }], Vec::new(), None)
    }

    #[test]
    fn a_case_without_an_expectation_fails_until_it_is_written() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let case = case(folder.path());
        assert_eq!(judge(&case, &answer("no"), false).expect("judges"), Verdict::NothingExpected("expected.json"));
        assert_eq!(judge(&case, &answer("no"), true).expect("judges"), Verdict::Updated);
        assert_eq!(judge(&case, &answer("no"), false).expect("judges"), Verdict::Passed);
    }

    #[test]
    fn another_answer_differs_at_its_place() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let case = case(folder.path());
        judge(&case, &answer("no"), true).expect("judges");
        let verdict = judge(&case, &answer("yes"), false).expect("judges");
        let went = Went { name: "first".into(), verdict, unread: Vec::new(), log: Vec::new() };
        let report = Report { cases: vec![went], ..Report::default() };
        assert!(!report.passed());
        let text = report.to_string();
        assert!(text.contains("/rejected/findings/0/detail: expected \"no\", got \"yes\""), "{text}");
    }

    const OUT: &str = "[[contracts]]\nname = 'a'\nversion = '1'\ndirection = 'encode'\n";

    fn outgoing(folder: &Path) -> Case {
        fs::create_dir_all(folder.join("cases/first")).expect("a folder");
        fs::write(folder.join("cases/first/documents.json"), "[]").expect("a file");
        fs::write(folder.join("plugin.toml"), OUT).expect("a file");
        load(folder).expect("loads").0.remove(0)
    }

    fn rendered(path: &str, body: &str) -> Answer {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Answer::Rendered(Request { method: "PUT".into(), path: path.into(), headers, body: body.into() })
    }

    #[test]
    fn a_rendered_request_is_compared_as_a_whole_or_by_its_body() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let case = outgoing(folder.path());
        let judged = |answer: &Answer, update| judge(&case, answer, update).expect("judges");
        assert_eq!(judged(&rendered("/x", "{}"), false), Verdict::NothingExpected("request.http"));
        assert_eq!(judged(&rendered("/x", r#"{"a":1}"#), true), Verdict::Updated);
        let text = fs::read_to_string(case.folder.join("request.http")).expect("a file");
        assert_eq!(text, "PUT /x\ncontent-type: application/json\n\n{\"a\":1}");
        assert_eq!(judged(&rendered("/x", r#"{ "a": 1 }"#), false), Verdict::Passed);
        let Verdict::Differs(found) = judged(&rendered("/y", r#"{"a":2}"#), false) else { panic!("differs") };
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["/body/a: expected 1, got 2", "/path: expected \"/x\", got \"/y\""]);
        assert!(matches!(judged(&answer("no"), false), Verdict::Differs(_)), "a rejection is no request");
        fs::remove_file(case.folder.join("request.http")).expect("a file");
        fs::write(case.folder.join("request.json"), r#"{"a":1}"#).expect("a file");
        assert_eq!(judged(&rendered("/anywhere", r#"{"a":1}"#), false), Verdict::Passed);
        assert!(matches!(judged(&rendered("/anywhere", "{}"), false), Verdict::Differs(_)));
    }

    #[test]
    fn a_field_that_is_left_unread_and_not_listed_fails_its_case() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let case = case(folder.path());
        let listed = "[[contracts]]\nname = 'a'\nversion = '1'\n[[ignored]]\npath = '/b'\nwhy = 'w'\n\
                      [[ignored]]\npath = '/z'\nwhy = 'w'\n";
        fs::write(folder.path().join("plugin.toml"), listed).expect("a file");
        judge(&case, &answer("no"), true).expect("judges");
        let run_with = |unread: &[&str]| {
            let unread: Vec<String> = unread.iter().map(|path| (*path).to_owned()).collect();
            run(folder.path(), |_| {
                Ok(Ran { answer: answer("no"), unread: unread.clone(), log: vec!["info: said".to_owned()] })
            })
            .expect("runs")
        };
        let report = run_with(&["/b/c"]);
        assert!(report.passed());
        let text = report.to_string();
        assert!(text.contains("ignored       /b/c (1 case)") && text.contains("log: info: said"), "{text}");
        assert!(text.contains("no case leaves it unread: /z"), "{text}");
        let report = run_with(&["/b/c", "/d"]);
        assert!(!report.passed());
        let text = report.to_string();
        assert!(text.contains("unread: /d") && text.contains("never read    /d (1 case)"), "{text}");
    }
}
