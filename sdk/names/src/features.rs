//! What names have in common where they are alike: three letters in a row, and sounds.

use std::collections::BTreeSet;

use crate::name::{Kind, Name};

/// What an index knows a name by. Two names that resemble each other have some of them in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Feature {
    /// Three characters in a row of a word, of which `^` is its beginning and `$` its end.
    Letters([u8; 3]),
    /// The sound of a word, or of two that follow each other, since blanks are left out and put in.
    Sound(Box<str>),
    /// A word with vowels that are written for each other being one.
    Vowels(Box<str>),
}

/// Each feature of a name once, in their order.
pub(crate) fn features(name: &Name) -> BTreeSet<Feature> {
    let mut features = BTreeSet::new();
    for word in &name.words {
        let bytes: Vec<u8> = [b"^", word.text.as_bytes(), b"$"].concat();
        features.extend(bytes.windows(3).map(|three| Feature::Letters([three[0], three[1], three[2]])));
        if matches!(word.kind, Kind::Plain | Kind::Common) {
            features.insert(Feature::Sound(word.sound.as_str().into()));
            features.insert(Feature::Vowels(word.vowels.as_str().into()));
        }
    }
    for pair in name.words.windows(2) {
        features.insert(Feature::Sound(format!("{}{}", pair[0].sound, pair[1].sound).into()));
    }
    features
}
