//! The part of a schema that can be checked at a glance on a value without parts: its type, length, range, words and
//! pattern.

use regex_automata::dfa::StartKind;
use regex_automata::dfa::dense::{Builder, Config, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use serde_json::{Map, Value};

use super::keywords::{annotates, definition};
use super::rule::{NumberRule, Rule, StringRule};

/// How many references are followed, one from another.
const REFERENCES_MAX: u32 = 4;

/// What the tables of one pattern may take; a larger pattern is left to the validator.
const PATTERN_BYTES_MAX: usize = 64 << 10;

/// The rule of a schema that stands alone, given the definitions that it can refer to: it takes only values that
/// certainly keep the schema. Where nothing is certain, it takes nothing.
pub(super) fn rule(keywords: &Map<String, Value>, definitions: Option<&Value>) -> Rule {
    Reading { definitions, references_left: REFERENCES_MAX }.rule(keywords).unwrap_or_default()
}

#[derive(Clone, Copy)]
struct Reading<'s> {
    definitions: Option<&'s Value>,
    references_left: u32,
}

impl Reading<'_> {
    fn rule(self, keywords: &Map<String, Value>) -> Option<Rule> {
        let mut asked = keywords.iter().filter(|(keyword, _)| !annotates(keyword));
        match (asked.next()?, asked.next()) {
            ((keyword, reference), None) if keyword == "$ref" => {
                let references_left = self.references_left.checked_sub(1)?;
                let target = self.definitions?.get(definition(reference.as_str()?)?)?;
                Reading { references_left, ..self }.rule(target.as_object()?)
            }
            ((keyword, choices), None) if keyword == "anyOf" || keyword == "oneOf" => self.choice(choices.as_array()?),
            _ => plain(keywords),
        }
    }

    /// One of several: of words, or of something and null.
    fn choice(self, choices: &[Value]) -> Option<Rule> {
        if let [one, other] = choices {
            let null = |schema: &Value| schema == &serde_json::json!({ "type": "null" });
            let something = match (null(one), null(other)) {
                (false, true) => Some(one),
                (true, false) => Some(other),
                _ => None,
            };
            if let Some(something) = something {
                let rule = self.rule(something.as_object()?)?;
                return (!rule.null).then_some(Rule { null: true, ..rule });
            }
        }
        let mut words: Vec<Box<str>> = Vec::new();
        for choice in choices {
            let Rule { null: false, boolean: false, number: None, string: Some(rule) } =
                self.rule(choice.as_object()?)?
            else {
                return None;
            };
            words.extend(rule.one_of.filter(|_| rule.least == 0 && rule.most == usize::MAX && rule.pattern.is_none())?);
        }
        let known = words.len();
        words.sort_unstable();
        words.dedup();
        // With `oneOf`, a word that is in two of the choices would be wrong.
        (words.len() == known).then(|| Rule {
            string: Some(StringRule { least: 0, most: usize::MAX, one_of: Some(words.into()), pattern: None }),
            ..Rule::default()
        })
    }
}

/// The rule of keywords that ask something of the value itself.
fn plain(keywords: &Map<String, Value>) -> Option<Rule> {
    let mut types: Vec<&str> = Vec::new();
    let mut string = StringRule { least: 0, most: usize::MAX, one_of: None, pattern: None };
    let (mut least, mut most) = (None, None);
    for (keyword, value) in keywords.iter().filter(|(keyword, _)| !annotates(keyword)) {
        match &**keyword {
            "type" => match value {
                Value::String(only) => types.push(only),
                several => {
                    for one in several.as_array()? {
                        types.push(one.as_str()?);
                    }
                }
            },
            "minLength" => string.least = usize::try_from(value.as_u64()?).ok()?,
            "maxLength" => string.most = usize::try_from(value.as_u64()?).ok()?,
            "pattern" => string.pattern = Some(Box::new(pattern(value.as_str()?)?)),
            "minimum" => least = Some(whole(value)?),
            "maximum" => most = Some(whole(value)?),
            // A value would have to keep both keywords.
            "const" | "enum" if string.one_of.is_some() => return None,
            "const" => string.one_of = Some([value.as_str()?.into()].into()),
            "enum" => {
                let mut words = Vec::new();
                for word in value.as_array()? {
                    words.push(word.as_str()?.into());
                }
                string.one_of = Some(words.into());
            }
            _ => return None,
        }
    }
    let words_only = string.one_of.is_some();
    let asks_for = |wanted: &str| types.contains(&wanted);
    let number =
        (asks_for("integer") || asks_for("number")).then_some(NumberRule { whole: !asks_for("number"), least, most });
    Some(Rule {
        null: asks_for("null") && !words_only,
        boolean: asks_for("boolean") && !words_only,
        number: number.filter(|_| !words_only),
        string: asks_for("string").then_some(string),
    })
}

fn whole(value: &Value) -> Option<i128> {
    value.as_number()?.as_i128()
}

/// The automaton of a pattern that means the same here as in ECMA-262, where JSON Schema takes its patterns from: one
/// of ASCII letters, digits and some other characters that stand for themselves, classes of those, choices, counts and
/// anchors.
fn pattern(pattern: &str) -> Option<DFA<Vec<u32>>> {
    let same = |byte: u8| byte.is_ascii_alphanumeric() || b"^$()[]{}|?*+-,:_#@/ ".contains(&byte);
    let mut bytes = pattern.bytes();
    let mut before = None;
    while let Some(byte) = bytes.next() {
        let escaped = byte == b'\\' && bytes.next()? == b'.';
        let special_group = before == Some(b'(') && byte == b'?';
        let negated_or_nested = before == Some(b'[') && (byte == b'^' || byte == b'[' || byte == b']');
        let doubled = before == Some(byte) && b"-&~".contains(&byte);
        if !(escaped || same(byte)) || special_group || negated_or_nested || doubled {
            return None;
        }
        before = Some(byte);
    }
    let tables = Config::new()
        .start_kind(StartKind::Unanchored)
        .dfa_size_limit(Some(PATTERN_BYTES_MAX))
        .determinize_size_limit(Some(PATTERN_BYTES_MAX));
    Builder::new()
        .syntax(syntax::Config::new().unicode(false))
        .thompson(thompson::Config::new().nfa_size_limit(Some(PATTERN_BYTES_MAX)))
        .configure(tables)
        .build(pattern)
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known(schema: &Value, definitions: Option<&Value>) -> Option<Rule> {
        let reading = Reading { definitions, references_left: REFERENCES_MAX };
        reading.rule(schema.as_object().expect("an object"))
    }

    #[test]
    fn the_words_of_the_canonical_schemas_are_known() {
        let definitions = json!({ "a": { "type": "string", "enum": ["x", "y"] } });
        let schemas = [
            json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 64, "description": "A name." }),
            json!({ "type": "string", "pattern": "^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,10})?$", "maxLength": 30 }),
            json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
            json!({ "type": ["integer", "null"], "minimum": 0, "maximum": u64::MAX }),
            json!({ "oneOf": [{ "type": "string", "const": "a" }, { "type": "string", "enum": ["b", "c"] }] }),
            json!({ "anyOf": [{ "$ref": "#/$defs/a" }, { "type": "null" }] }),
        ];
        for schema in schemas {
            assert!(known(&schema, Some(&definitions)).is_some(), "{schema}");
        }
    }

    #[test]
    fn what_another_dialect_of_patterns_could_read_otherwise_is_left_to_the_validator() {
        for text in ["\\d", "\\w", ".", "[^a]", "(?i)a", "a\\b", "[[:alpha:]]", "[a--b]", "\u{e9}", "\\", "["] {
            assert!(pattern(text).is_none(), "{text}");
        }
        for text in ["[ab]*a[ab]{20}", "((a{1000}){1000}){1000}"] {
            assert!(pattern(text).is_none(), "tables beyond the bound: {text}");
        }
    }

    #[test]
    fn a_reference_that_leads_back_to_itself_ends() {
        let definitions = json!({ "a": { "$ref": "#/$defs/a" } });
        assert!(known(&json!({ "$ref": "#/$defs/a" }), Some(&definitions)).is_none());
    }

    #[test]
    fn a_word_that_two_of_one_have_is_not_certain() {
        let twice = json!({ "oneOf": [{ "type": "string", "const": "a" }, { "type": "string", "enum": ["a", "b"] }] });
        assert!(known(&twice, None).is_none());
    }
}
