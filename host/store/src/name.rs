//! The names that exchanges are found by. A name is kept as a short hash of its letters and digits.
//!
//! Whoever looks for a container has its number from a letter, with blanks and hyphens or without, and does not know which
//! field of which format it came in. So a name has no scheme, and counts by its letters and digits alone.

use aws_lc_rs::digest::{Context, SHA256};
use portgate_core::document::Part;
use portgate_core::finding::Finding;
use portgate_core::interchange;

use crate::acceptance::{Acceptance, RequestKey};

/// Words of findings that an exchange is found by, at most: a message that is wrong everywhere says the same again and again.
const FINDING_WORDS_MAX: usize = 48;
/// Letters and digits that a word must have: a shorter one says nothing.
const WORD_MIN: usize = 3;

/// Something that exchanges are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub(crate) [u8; 8]);

impl Name {
    /// The name that a text is, by its letters and digits alone. Nothing where it has none.
    pub fn of(text: &str) -> Option<Name> {
        let (mut context, mut any) = (Context::new(&SHA256), false);
        let mut bytes = [0; 4];
        for letter in text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase) {
            context.update(letter.encode_utf8(&mut bytes).as_bytes());
            any = true;
        }
        any.then(|| Name(context.finish().as_ref()[..8].try_into().expect("SHA-256 has more than 8 bytes")))
    }
}

/// What somebody looks for: a name, or several words that all must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub(crate) whole: Name,
    pub(crate) words: Vec<Name>,
}

impl Wanted {
    /// What a text asks for. Nothing where it has neither letters nor digits.
    pub fn of(text: &str) -> Option<Wanted> {
        let words: Vec<Name> = words(text).collect();
        let words = if words.len() > 1 { words } else { Vec::new() };
        Some(Wanted { whole: Name::of(text)?, words })
    }
}

impl Wanted {
    /// Whether a name is what is wanted.
    pub fn is(&self, name: Name) -> bool {
        self.whole == name
    }

    /// Whether a finding has what is wanted: in its code or its place, or among its words.
    pub fn is_in(&self, finding: &Finding) -> bool {
        let said: Vec<Name> = of_finding(finding).collect();
        said.contains(&self.whole) || (!self.words.is_empty() && self.words.iter().all(|word| said.contains(word)))
    }
}

/// What a finding is found by.
fn of_finding(finding: &Finding) -> impl Iterator<Item = Name> {
    let whole = [finding.code.as_str(), finding.location.as_str()].into_iter().filter_map(Name::of);
    whole.chain(words(&finding.detail))
}

fn words(text: &str) -> impl Iterator<Item = Name> {
    let word = |word: &&str| word.chars().filter(|letter| letter.is_alphanumeric()).count() >= WORD_MIN;
    text.split_whitespace().filter(word).filter_map(Name::of)
}

/// What an acceptance is found by.
pub(crate) fn of_acceptance(acceptance: &Acceptance) -> Vec<Name> {
    let keys = acceptance.idempotency.iter().flat_map(|known| &known.keys);
    let business = acceptance.business_key.as_ref().map(|business| business.key.as_str());
    let documents = acceptance.documents.iter().flat_map(|document| {
        document.refs.iter().map(|reference| reference.value.as_str()).chain([document.key.as_str()])
    });
    let exchange = &acceptance.exchange;
    let texts = documents.chain(keys.filter_map(of_key)).chain(business).chain([exchange.request_id.as_str()]);
    let texts = texts.chain(of_parts(&exchange.parts));
    all(texts, &exchange.payload, &exchange.findings)
}

/// The references of a message's parts.
pub(crate) fn of_parts(parts: &[Part]) -> impl Iterator<Item = &str> {
    parts.iter().map(|part| part.reference.as_str())
}

/// The key of a request, if it is a name that somebody gave the request.
pub(crate) fn of_key(key: &RequestKey) -> Option<&str> {
    match key {
        RequestKey::Idempotency { key, .. } => Some(key),
        RequestKey::Webhook { id } | RequestKey::Message { id, .. } => Some(id),
        // Its control number is one of the payload's.
        RequestKey::Interchange { .. } => None,
        RequestKey::Content { .. } | RequestKey::RefusedInterchange { .. } | RequestKey::TakenUp { .. } => None,
    }
}

/// The names that these texts are, the control numbers of the payload, and the words of findings, each once.
pub(crate) fn all<'a>(texts: impl Iterator<Item = &'a str>, payload: &[u8], findings: &[Finding]) -> Vec<Name> {
    let mut names: Vec<Name> = texts.filter_map(Name::of).collect();
    names.extend(interchange::control_number(payload).and_then(|number| Name::of(&number)));
    let mut said: Vec<Name> = findings.iter().flat_map(of_finding).collect();
    said.sort_unstable();
    said.dedup();
    said.truncate(FINDING_WORDS_MAX);
    names.append(&mut said);
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_by_its_letters_and_digits_alone() {
        let name = Name::of("CSQU3054383");
        for written in ["csqu 305438-3", " CSQU305438/3", "`CSQU3054383`,"] {
            assert_eq!(Name::of(written), name, "{written}");
        }
        assert_ne!(Name::of("CSQU3054384"), name);
        assert_eq!(Name::of("ÄRGER-1"), Name::of("ärger 1"));
        assert_eq!([Name::of(""), Name::of(" -./")], [None, None]);
    }

    #[test]
    fn several_words_are_wanted_as_a_whole_or_each() {
        let wanted = Wanted::of("wrong check digit").expect("words");
        assert_eq!(wanted.words.len(), 3);
        assert_eq!(Some(wanted.whole), Name::of("WrongCheckDigit"));
        assert!(Wanted::of("CSQU3054383").expect("a name").words.is_empty());
        assert_eq!(Wanted::of("—"), None);
    }
}
