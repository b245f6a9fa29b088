//! What documents have no field for is kept among their remarks, whole and under its own name, and goes out again from there:
//! `{"text": "true", "subject": {"code": "isPartialLoadAllowed", "codeList": "DCSA"}}`.
//!
//! A text is kept as it is and everything else as JSON; what is longer than a remark takes several of them. The name of a property
//! within another one has that before it: `documentParties.shipper.displayedAddress`.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Code, TenderRemark, Text};
use serde_json::Value;

use super::wire::Rest;
use crate::notes::Notes;

/// The list that DCSA's names and codes are of.
pub(crate) const DCSA: &str = "DCSA";

/// Characters of a remark.
const TEXT_MAX: usize = 512;

/// A code that DCSA's standard defines.
pub(crate) fn code(code: &str) -> Option<Code> {
    Some(Code { code: Text::new(code).ok()?, code_list: Text::new(DCSA).ok()?, source_code: None })
}

/// Remarks of one thing, of which there is room for so many.
pub(crate) struct Remarks<'r> {
    pub(crate) list: &'r mut Vec<TenderRemark>,
    pub(crate) most: usize,
}

impl Remarks<'_> {
    /// Keeps properties that stand at this place, under their names with this before them.
    pub(crate) fn keep(&mut self, rest: Rest, prefix: &str, at: &Pointer, notes: &mut Notes) {
        for (name, value) in rest {
            self.keep_one(&format!("{prefix}{name}"), &value, &at.key(&name), notes);
        }
    }

    /// Keeps one value under this name.
    pub(crate) fn keep_one(&mut self, name: &str, value: &Value, at: &Pointer, notes: &mut Notes) {
        if says_nothing(value) {
            return;
        }
        let written = written(value);
        // A name that is too long for a subject stands before its value: such a remark is for people alone.
        let (subject, written) = match code(name) {
            Some(subject) => (Some(subject), written),
            None => (None, format!("{name}: {written}")),
        };
        let letters: Vec<char> = written.chars().collect();
        for piece in letters.chunks(TEXT_MAX) {
            if self.list.len() >= self.most {
                let detail = format!("There are more remarks than there is room for; `{name}` is left out.");
                notes.warning("TOO-MANY-REMARKS", at, detail);
                return;
            }
            let text = Text::new(piece.iter().collect::<String>()).ok();
            self.list.extend(text.map(|text| TenderRemark { subject: subject.clone(), text }));
        }
    }
}

/// The properties that were kept under names with this before them.
pub(crate) fn kept(remarks: &[TenderRemark], prefix: &str) -> Rest {
    let mut rest = Rest::new();
    for remark in remarks {
        let subject = remark.subject.as_ref().filter(|subject| &*subject.code_list == DCSA);
        let name = subject.and_then(|subject| subject.code.strip_prefix(prefix));
        let Some(name) = name.filter(|name| !name.is_empty() && !name.contains('.')) else { continue };
        match rest.get_mut(name) {
            Some(Value::String(text)) => text.push_str(&remark.text),
            _ => drop(rest.insert(name.to_owned(), Value::String(remark.text.to_string()))),
        }
    }
    for value in rest.values_mut() {
        if let Some(read) = value.as_str().and_then(|text| serde_json::from_str(text).ok()) {
            *value = read;
        }
    }
    rest
}

/// A text as it is, unless it reads as something else in JSON, and everything else as JSON.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<Value>(text).is_err() => text.clone(),
        other => other.to_string(),
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_kept_comes_back_as_it_was_and_under_its_own_name_alone() {
        let long = "a very long text ".repeat(100);
        let Value::Object(given) = json!({
            "text": "403W", "looksLikeANumber": "0403", "really": true, "number": 1.50, "looksLikeTruth": "true",
            "list": [{"a": [1, 2]}], "long": long, "nothing": null, "empty": " ",
        }) else {
            unreachable!()
        };
        let (mut list, mut notes) = (Vec::new(), Notes::default());
        let mut remarks = Remarks { list: &mut list, most: 200 };
        remarks.keep(given.clone(), "vessel.", &Pointer::root(), &mut notes);
        let mut expected = given;
        expected.remove("nothing");
        expected.remove("empty");
        assert_eq!(kept(&list, "vessel."), expected);
        assert_eq!(kept(&list, ""), Rest::new());
    }

    #[test]
    fn what_there_is_no_room_for_is_said() {
        let (mut list, mut notes) = (Vec::new(), Notes::default());
        let mut remarks = Remarks { list: &mut list, most: 1 };
        let Value::Object(given) = json!({ "a": "x", "b": "y" }) else { unreachable!() };
        remarks.keep(given, "", &Pointer::root(), &mut notes);
        let found = notes.finish().expect("taken").findings;
        assert_eq!((list.len(), found[0].code.as_str(), found[0].location.as_str()), (1, "TOO-MANY-REMARKS", "/b"));
    }
}
