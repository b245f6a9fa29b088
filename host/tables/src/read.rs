//! The files of one edition, read by what they are.

use std::collections::BTreeMap;

use jiff::civil::Date;
use portgate_core::reference::Edition;
use serde_json::Value;

use crate::content::{Content, Finding, Meaning, Mistake, Place, Said, Scope};
use crate::lists;

/// What is said of an edition beside its files.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which of several lists of one form it is, such as `ports` of lists of codes.
    pub list: Option<String>,
    /// Who publishes it, where the form does not say it.
    pub publisher: Option<String>,
    /// What the publisher calls the edition; its day where this is left out.
    pub edition: Option<String>,
    /// The day from which it holds; what the files say where this is left out.
    pub date: Option<Date>,
    /// The member of each value that is the value, as a text.
    pub field: Option<String>,
}

/// An edition, read.
#[derive(Debug)]
pub struct Given {
    /// Which one it is.
    pub edition: Edition,
    /// How much of its list it says.
    pub scope: Scope,
    /// What it says, by key and day.
    pub said: Vec<Said>,
    /// What is not as the format says.
    pub findings: Vec<Finding>,
    /// Rows that are no entries of the list, by what they are instead.
    pub left_out: BTreeMap<&'static str, usize>,
}

/// Why an edition cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A file is none of the lists.
    #[error("{0}: this is none of the lists that are known")]
    Unknown(String),
    /// A file breaks off or holds something else than its format says.
    #[error("{file}: {place}: {problem}")]
    Broken {
        /// The file.
        file: String,
        /// Where in it.
        place: String,
        /// What is wrong there.
        problem: String,
    },
    /// The files are of several lists.
    #[error("{file} is of the list `{one}` and the files before it of `{other}`: import them one by one")]
    Several {
        /// The file.
        file: String,
        /// The list that it is of.
        one: String,
        /// The list of those before it.
        other: String,
    },
    /// Too much of it is not as its format says.
    #[error("{lost} of {of} rows are not as they should be, such as {first}: nothing is taken")]
    Malformed {
        /// How many rows.
        lost: usize,
        /// Of how many.
        of: usize,
        /// The first of them.
        first: String,
    },
    /// Nobody says from which day it holds.
    #[error("none of the files says from which day the edition holds: give its day")]
    DateMissing,
    /// Nobody says whose list it is.
    #[error("none of the files says who publishes the list: give the publisher")]
    PublisherMissing,
    /// There is nothing in it.
    #[error("there is no row in it")]
    Empty,
}

/// How many rows of a hundred may be malformed before the file is taken for something else, cut off or damaged.
const MALFORMED_MAX: usize = 10;

/// Reads the files of one edition, each with the name that errors call it.
///
/// # Errors
/// See [`ReadError`].
pub fn read(asked: &Asked, files: &[(String, Vec<u8>)]) -> Result<Given, ReadError> {
    let mut whole: Option<Content> = None;
    for (number, (file, bytes)) in files.iter().enumerate() {
        let content = lists::content(bytes).ok_or_else(|| ReadError::Unknown(file.clone()))?;
        let broken = |Mistake { place, problem }| ReadError::Broken { file: file.clone(), place, problem };
        let content = of_file(number, content.map_err(broken)?);
        match &mut whole {
            None => whole = Some(content),
            Some(whole) => together(whole, content, file)?,
        }
    }
    let Content { list, name, edition, date, mut said, mut findings, left_out } = whole.ok_or(ReadError::Empty)?;
    if let Some(field) = &asked.field {
        said.retain_mut(|said| match member(&said.value, field) {
            Some(text) => {
                said.value = Meaning::Text(text);
                true
            }
            None => {
                let problem = format!("`{}` has no text `{field}`: it is left out", said.key);
                findings.push(Finding { place: said.place, problem, is_lost: true });
                false
            }
        });
    }
    let of = said.len() + findings.iter().filter(|finding| finding.is_lost).count();
    let mut said = in_order(said, list.scope, &mut findings);
    findings.sort_by_key(|finding| finding.place);
    let mut lost = findings.iter().filter(|finding| finding.is_lost).peekable();
    if let Some(first) = lost.peek().copied() {
        let lost = lost.count();
        if lost * 100 > of * MALFORMED_MAX {
            let file = files.get(first.place.file).map_or("", |(file, _)| file);
            let first = format!("{file}:{}: {}", first.place.line, first.problem);
            return Err(ReadError::Malformed { lost, of, first });
        }
    }
    if said.is_empty() {
        return Err(ReadError::Empty);
    }
    let date = asked.date.or(date).ok_or(ReadError::DateMissing)?;
    if !list.knows_past {
        said.retain_mut(|said| {
            said.from = said.from.max(date);
            said.from < said.to
        });
    }
    let edition = asked.edition.clone().or(edition).unwrap_or_else(|| date.to_string());
    let publisher = asked.publisher.clone().unwrap_or_else(|| list.publisher.to_owned());
    if publisher.is_empty() {
        return Err(ReadError::PublisherMissing);
    }
    let format = match asked.list.clone().or(name) {
        Some(name) => format!("{}:{name}", list.format),
        None => list.format.to_owned(),
    };
    let edition = Edition { publisher, format, edition, date };
    Ok(Given { edition, scope: list.scope, said, findings, left_out })
}

/// The content with the number of its file in each place.
fn of_file(number: usize, mut content: Content) -> Content {
    let places = content.said.iter_mut().map(|said| &mut said.place);
    for place in places.chain(content.findings.iter_mut().map(|finding| &mut finding.place)) {
        *place = Place { file: number, ..*place };
    }
    content
}

fn together(whole: &mut Content, content: Content, file: &str) -> Result<(), ReadError> {
    let of = |content: &Content| {
        format!("{}{}", content.list.format, content.name.as_deref().map_or(String::new(), |name| format!(":{name}")))
    };
    if (whole.list, &whole.name) != (content.list, &content.name) {
        return Err(ReadError::Several { file: file.to_owned(), one: of(&content), other: of(whole) });
    }
    whole.said.extend(content.said);
    whole.findings.extend(content.findings);
    for (what, many) in content.left_out {
        *whole.left_out.entry(what).or_default() += many;
    }
    whole.date = whole.date.max(content.date);
    if whole.edition.is_none() {
        whole.edition = content.edition;
    }
    Ok(())
}

/// By key and day, with nothing said twice of a day: what comes first counts.
fn in_order(mut said: Vec<Said>, scope: Scope, findings: &mut Vec<Finding>) -> Vec<Said> {
    said.sort_by(|one, other| (&one.key, one.from, one.place).cmp(&(&other.key, other.from, other.place)));
    let mut kept: Vec<Said> = Vec::with_capacity(said.len());
    for next in said {
        // The days of a series go on until the next that has a value.
        let on_a_day_of = |last: &&mut Said| match scope {
            Scope::Series => next.from == last.from,
            Scope::Whole | Scope::Part => next.from < last.to,
        };
        match kept.last_mut().filter(|last| last.key == next.key).filter(on_a_day_of) {
            None => kept.push(next),
            Some(last) if last.value == next.value => last.to = last.to.max(next.to),
            Some(_) => {
                let problem =
                    format!("`{}` is there once more and says something else: what came first counts", next.key);
                findings.push(Finding { place: next.place, problem, is_lost: true });
            }
        }
    }
    kept
}

/// A member of an object that is a text or a number.
fn member(value: &Meaning, field: &str) -> Option<String> {
    let Meaning::Json(json) = value else { return None };
    match serde_json::from_str::<Value>(json).ok()?.get(field)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn files(texts: &[&str]) -> Vec<(String, Vec<u8>)> {
        texts.iter().enumerate().map(|(at, text)| (format!("f{at}"), text.as_bytes().to_vec())).collect()
    }

    fn asked() -> Asked {
        Asked { date: Some(date(2026, 1, 1)), publisher: Some("P".into()), ..Asked::default() }
    }

    const SECTIONS: &str = "section,name\nI,Animals\nII,Plants\n";
    const CODES: &str = "[{\"code\": \"A\", \"en\": \"Ay\"},\n{\"code\": \"B\", \"en\": \"Bee\"}]";

    #[test]
    fn several_files_of_one_list_are_one_edition() {
        let more = "section,hscode,description,parent,level\nI,0101,Horses,01,4\n";
        let given = read(&asked(), &files(&[SECTIONS, more])).unwrap();
        assert_eq!(given.said.iter().map(|said| said.key.as_str()).collect::<Vec<_>>(), ["0101", "I", "II"]);
        assert_eq!(given.said[0].place, Place { file: 1, line: 2 });
        assert_eq!((given.edition.format.as_str(), given.edition.edition.as_str()), ("hs", "2026-01-01"));
        let error = read(&asked(), &files(&[SECTIONS, CODES])).unwrap_err();
        assert!(matches!(error, ReadError::Several { .. }), "{error}");
    }

    #[test]
    fn a_key_that_is_there_twice_says_what_it_says_first() {
        let text = format!("{},\n{}]", CODES.trim_end_matches(']'), r#"{"code": "A", "en": "Eh"}"#);
        let error = read(&asked(), &files(&[&text])).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("1 of 3 rows are not as they should be, such as f0:3: `A` is there once more")
        );
        let many: Vec<String> = (0..20).map(|at| format!("{{\"code\": \"A{at}\", \"en\": \"x\"}}")).collect();
        let text = format!("[{},\n{{\"code\": \"A7\", \"en\": \"y\"}}]", many.join(","));
        let given = read(&asked(), &files(&[&text])).unwrap();
        assert_eq!((given.said.len(), given.findings[0].place.line), (20, 2));
    }

    #[test]
    fn one_member_of_the_values_can_be_the_value() {
        let given = read(&Asked { field: Some("description".into()), ..asked() }, &files(&[CODES])).unwrap();
        assert_eq!(given.said[1].value, Meaning::Text("Bee".into()));
        let error = read(&Asked { field: Some("cy".into()), ..asked() }, &files(&[CODES])).unwrap_err();
        assert!(error.to_string().contains("f0:1: `A` has no text `cy`"), "{error}");
    }

    #[test]
    fn what_is_none_of_them_is_refused_whole() {
        let said = |asked: &Asked, text: &str| read(asked, &files(&[text])).unwrap_err().to_string();
        for text in ["hello", "<html/>", "{}", "[]", "[7]", "{\"data\": []}", ""] {
            assert!(said(&asked(), text).starts_with("f0: this is none of the lists"), "{text}");
        }
        assert!(said(&asked(), "[{").starts_with("f0: 1:2: "), "{}", said(&asked(), "[{"));
        assert!(said(&asked(), "<ISO_4217>").starts_with("f0: 1:"));
        assert_eq!(said(&asked(), "<ISO_4217/>"), "there is no row in it");
        assert_eq!(said(&Asked { date: None, ..asked() }, CODES), ReadError::DateMissing.to_string());
        assert_eq!(said(&Asked { publisher: None, ..asked() }, CODES), ReadError::PublisherMissing.to_string());
        assert_eq!(
            said(&asked(), "section,hscode,x\nI,a,x\nI,b,x\n"),
            "2 of 2 rows are not as they should be, such as f0:2: `a` is no code of the Harmonised System: it is left out: nothing is taken"
        );
    }
}
