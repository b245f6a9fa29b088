//! How alike two names are.

use strsim::{jaro_winkler, osa_distance};

use crate::name::{Kind, Name, Word};

/// Words that are less alike than this are two words.
const WORDS_ALIKE: f64 = 0.70;

/// How alike two names are, of a thousand. Words are put together whatever their order; what says little of whose name it is
/// weighs little; a word that only one of them has takes off less where all of the other's are found.
pub fn likeness(one: &Name, other: &Name) -> u16 {
    if one.is_empty() || other.is_empty() {
        return 0;
    }
    let by_words = by_words(one, other);
    let (joined, other_joined) = (one.joined(), other.joined());
    let as_one = ratio(&joined, &other_joined);
    let alike = if as_one >= 0.85 { by_words.max(as_one) } else { by_words };
    (alike * 1_000.0).round() as u16
}

fn by_words(one: &Name, other: &Name) -> f64 {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (at, word) in one.words.iter().enumerate() {
        for (other_at, other_word) in other.words.iter().enumerate() {
            let alike = words_alike(word, other_word);
            if alike >= WORDS_ALIKE {
                pairs.push((alike, at, other_at));
            }
        }
    }
    // The most alike first; of those that are equally so the heavier, then in the order of the names.
    let weight_of = |(_, at, other_at): &(f64, usize, usize)| weight(&one.words[*at]) + weight(&other.words[*other_at]);
    pairs.sort_by(|a, b| {
        let by_likeness = b.0.total_cmp(&a.0).then(weight_of(b).total_cmp(&weight_of(a)));
        by_likeness.then((a.1, a.2).cmp(&(b.1, b.2)))
    });
    let (mut taken, mut other_taken) = (vec![false; one.words.len()], vec![false; other.words.len()]);
    let (mut found, mut other_found) = (0.0, 0.0);
    for (alike, at, other_at) in pairs {
        if !taken[at] && !other_taken[other_at] {
            (taken[at], other_taken[other_at]) = (true, true);
            found += alike * weight(&one.words[at]);
            other_found += alike * weight(&other.words[other_at]);
        }
    }
    let (all, other_all) = (total(one), total(other));
    let of_both = (found + other_found) / (all + other_all);
    let of_lighter = if all <= other_all { found / all } else { other_found / other_all };
    // One word alone is a part of too many names.
    let telling = |name: &Name| name.words.iter().filter(|word| word.kind == Kind::Plain).count();
    match telling(one).min(telling(other)) {
        0 | 1 => of_both,
        _ => (of_both + of_lighter) / 2.0,
    }
}

fn total(name: &Name) -> f64 {
    name.words.iter().map(weight).sum()
}

/// What a word weighs.
fn weight(word: &Word) -> f64 {
    let length = (word.text.len() as f64 / 6.0).clamp(0.5, 1.5);
    match word.kind {
        Kind::Plain => length,
        Kind::Common => 0.5 * length,
        Kind::Initial => 0.2,
        Kind::LegalForm => 0.15,
        Kind::Particle => 0.1,
    }
}

/// How alike two words are, from 0 to 1.
fn words_alike(one: &Word, other: &Word) -> f64 {
    if one.text == other.text {
        return 1.0;
    }
    if one.kind == Kind::Initial || other.kind == Kind::Initial {
        let same = one.text.as_bytes().first() == other.text.as_bytes().first();
        return if same && one.kind != other.kind { 0.85 } else { 0.0 };
    }
    let spelt = (ratio(&one.text, &other.text) + jaro_winkler(&one.text, &other.text)) / 2.0;
    let sounds = match one.sound == other.sound {
        true if one.sound.len() >= 3 => 0.94,
        true if one.sound.len() == 2 => 0.90,
        true => 0.75,
        false => 0.0,
    };
    let vowels = if one.vowels == other.vowels { 0.95 } else { 0.0 };
    spelt.max(sounds).max(vowels)
}

/// How much of the longer text is left after the fewest slips that make one of the other.
fn ratio(one: &str, other: &str) -> f64 {
    let longer = one.len().max(other.len()).max(1);
    1.0 - osa_distance(one, other) as f64 / longer as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, other: &str) -> u16 {
        let (one, other) = (Name::read(one), Name::read(other));
        assert_eq!(likeness(&one, &other), likeness(&other, &one), "it is the same both ways");
        likeness(&one, &other)
    }

    #[test]
    fn the_same_name_is_wholly_alike_whatever_its_order_and_accents() {
        assert_eq!(alike("CRUZ, Juan", "Juan Cruz"), 1_000);
        assert_eq!(alike("Compañía Nacional S.A.", "COMPANIA NACIONAL SA"), 1_000);
        assert_eq!(alike("Acme Company Limited", "ACME CO. LTD."), 1_000);
        assert_eq!(alike("", "Acme"), 0);
    }

    #[test]
    fn a_slip_takes_off_a_little_and_another_name_a_lot() {
        assert!(alike("Sinobright Import Export", "Sinobrigth Import Export") > 930);
        assert!(alike("Moammar Gaddafi", "Muammar al-Qadhafi") > 880);
        assert!(alike("Sino Bright", "Sinobright") > 930);
        assert!(alike("Juan Manuel Cruz", "Juan Cruz") > 800);
        assert!(alike("Maria Garcia", "Mario Rossi") < 700);
        assert!(alike("Hermann", "Hermann Miller Furniture Ltd") < 700);
        assert!(alike("General Trading Company Ltd", "Global Trading Company Ltd") < 800);
    }
}
