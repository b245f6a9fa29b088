//! A name as its words: in Latin letters, small, without accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::words::{is_common, is_particle, legal_form};

/// As much of a name as is looked at; no public list has longer ones.
const CHARACTERS_MAX: usize = 400;
/// As many of its words as are looked at.
const WORDS_MAX: usize = 40;

/// A name, read for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Its words, in their order.
    pub words: Vec<Word>,
}

/// One word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Small letters `a` to `z` and digits.
    pub text: String,
    /// What is left of it in every spelling: its consonants, those that sound alike being one, none twice in a row. The word
    /// itself where it has none.
    pub sound: String,
    /// The word with vowels that are written for each other being one: `e`, `i` and `y`, `o`, `u` and `w`.
    pub vowels: String,
    /// How much it says of whose name this is.
    pub kind: Kind,
}

/// How much a word says of whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word like any other.
    Plain,
    /// What companies do, such as `trading`.
    Common,
    /// A single letter.
    Initial,
    /// A legal form, such as `ltd`.
    LegalForm,
    /// An article, a preposition or the like.
    Particle,
}

impl Name {
    /// Reads a name in any script. What is no letter and no digit parts words, but for an apostrophe; letters with points
    /// between them are one word, as in `S.A.`.
    pub fn read(text: &str) -> Self {
        let mut words = Vec::new();
        for written in written_words(text) {
            let latin: String = latin(&written).filter(char::is_ascii_alphanumeric).collect();
            if !latin.is_empty() && words.len() < WORDS_MAX {
                words.push(Word::new(latin));
            }
        }
        Name { words }
    }

    /// Whether there is nothing in it that could be compared.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Its words in one, as where somebody has left out the blanks.
    pub(crate) fn joined(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }
}

impl Word {
    fn new(text: String) -> Self {
        let (text, kind) = match legal_form(&text) {
            Some(form) => (form.to_owned(), Kind::LegalForm),
            None if is_particle(&text) => (text, Kind::Particle),
            None if text.len() == 1 => (text, Kind::Initial),
            None if is_common(&text) => (text, Kind::Common),
            None => (text, Kind::Plain),
        };
        let said = said(&text);
        Word { sound: sound(&said), vowels: vowels(&said), text, kind }
    }
}

/// The words as they are written, without apostrophes, and with letters that points part taken for one word.
fn written_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = text.chars().take(CHARACTERS_MAX).peekable();
    while let Some(c) = characters.next() {
        match c {
            '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '`' | '´' | 'ʿ' | 'ʾ' => {}
            // The point of an abbreviation: the letters before it and behind it are one word.
            '.' if is_abbreviated(&word) && characters.peek().is_some_and(|next| next.is_alphabetic()) => {
                word.push('.')
            }
            c if c.is_alphanumeric() || is_combining_mark(c) => word.push(c),
            _ => words.push(std::mem::take(&mut word)),
        }
    }
    words.push(word);
    words
}

/// Whether it is a letter, or letters with points between them.
fn is_abbreviated(word: &str) -> bool {
    !word.is_empty() && word.split('.').all(|letter| letter.chars().count() == 1)
}

/// The word in Latin letters, small, without accents.
fn latin(word: &str) -> impl Iterator<Item = char> {
    let plain: String = word.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let latin = if plain.is_ascii() { plain } else { deunicode::deunicode(&plain) };
    latin.to_ascii_lowercase().into_bytes().into_iter().map(char::from)
}

/// The word with letters that are said as others are: `x`, a `j` that ends a syllable, a `w` that ends the word.
fn said(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let is_vowel = |at: usize| letters.get(at).is_some_and(|c| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y'));
    let mut said = String::with_capacity(word.len() + 1);
    for (at, c) in letters.iter().enumerate() {
        let follows_vowel = at > 0 && is_vowel(at - 1);
        match c {
            'x' => said.push_str("ks"),
            'j' if follows_vowel && !is_vowel(at + 1) => said.push('y'),
            'w' if follows_vowel && at + 1 == letters.len() => said.push('v'),
            c => said.push(*c),
        }
    }
    said
}

/// What is left of a word in every spelling.
pub(crate) fn sound(word: &str) -> String {
    let bytes = word.as_bytes();
    let mut sound = String::new();
    let mut at = 0;
    // What was heard last, vowels included: `mm` is one, `mum` are two.
    let mut last = None;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (heard, length) = heard(rest);
        if let Some(heard) = heard
            && last != Some(heard)
        {
            sound.push(heard);
        }
        if heard.is_some() || !matches!(rest[0], b'h') {
            last = heard;
        }
        at += length;
    }
    if sound.is_empty() { word.to_owned() } else { sound }
}

/// The word with vowels that are written for each other being one, and no letter twice in a row.
fn vowels(word: &str) -> String {
    let mut vowels = String::with_capacity(word.len());
    for c in word.chars() {
        let c = match c {
            'e' | 'i' | 'y' => 'i',
            'o' | 'u' | 'w' => 'u',
            c => c,
        };
        if !vowels.ends_with(c) {
            vowels.push(c);
        }
    }
    vowels
}

/// Which sound a word begins with, none for a vowel, and how many letters it takes.
fn heard(word: &[u8]) -> (Option<char>, usize) {
    let next = word.get(1).copied().unwrap_or_default();
    match (word[0], next) {
        (b's', b'c') if word.get(2) == Some(&b'h') => (Some('S'), 3),
        (b't', b'c') if word.get(2) == Some(&b'h') => (Some('S'), 3),
        (b'c' | b's' | b'z', b'h') | (b'c' | b's', b'z') | (b't', b's' | b'z') => (Some('S'), 2),
        (b'd', b'j') | (b'd', b'z') => (Some('K'), 2),
        (b'k' | b'g', b'h') | (b'c', b'k') => (Some('K'), 2),
        (b'p', b'h') => (Some('F'), 2),
        (b't' | b'd', b'h') => (Some('T'), 2),
        (b'c', b'e' | b'i' | b'y') => (Some('S'), 1),
        (b'c' | b'g' | b'j' | b'k' | b'q', _) => (Some('K'), 1),
        (b'x', _) => (Some('K'), 1),
        (b's' | b'z', _) => (Some('S'), 1),
        (b't' | b'd', _) => (Some('T'), 1),
        (b'b' | b'p', _) => (Some('B'), 1),
        (b'f' | b'v', _) => (Some('F'), 1),
        (b'l', _) => (Some('L'), 1),
        (b'm', _) => (Some('M'), 1),
        (b'n', _) => (Some('N'), 1),
        (b'r', _) => (Some('R'), 1),
        (digit @ b'0'..=b'9', _) => (Some(char::from(digit)), 1),
        // Vowels, and what stands for one in many a spelling: `h`, `w`, `y`.
        _ => (None, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str) -> Vec<String> {
        Name::read(name).words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn a_name_is_its_words_in_small_latin_letters() {
        assert_eq!(texts("CRUZ, Juan M. de la"), ["cruz", "juan", "m", "de", "la"]);
        assert_eq!(texts("Compañía Nacional S.A."), ["co", "nacional", "sa"]);
        assert_eq!(texts("Qa'idat al-Jihad"), ["qaidat", "al", "jihad"]);
        assert_eq!(texts("Straße Łódź Ørsted"), ["strasse", "lodz", "orsted"]);
        assert_eq!(texts("Acme Company Limited"), ["acme", "co", "ltd"]);
        assert_eq!(texts("Владимир"), ["vladimir"]);
        assert_eq!(texts("  -- , "), Vec::<String>::new());
        assert!(Name::read("'").is_empty());
    }

    #[test]
    fn spellings_of_one_name_sound_the_same() {
        let sounds = |names: &[&str]| -> Vec<String> { names.iter().map(|name| sound(&said(name))).collect() };
        for same in [
            &["muhammad", "mohamed", "mohammed", "muhamad", "mohamad"][..],
            &["qaddafi", "gaddafi", "kadhafi", "qadhafi"],
            &["yusuf", "youssef", "yousuf"],
            &["husayn", "hussein", "houssein", "husain"],
            &["jamal", "gamal", "djamal"],
            &["yevgeny", "evgenij"],
            &["dragomirov", "dragomirow"],
            &["aleksei", "alexey"],
        ] {
            let sounds = sounds(same);
            assert!(sounds.iter().all(|sound| *sound == sounds[0]), "{same:?} {sounds:?}");
        }
        assert_ne!(sound("muhammad"), sound("mahmoud_ali"));
        assert_eq!(sound("ayo"), "ayo");
    }

    #[test]
    fn only_so_much_of_a_name_is_looked_at() {
        let long = "word ".repeat(1_000);
        assert!(Name::read(&long).words.len() <= WORDS_MAX);
        assert!(Name::read(&"x".repeat(10_000)).joined().len() <= CHARACTERS_MAX);
    }
}
