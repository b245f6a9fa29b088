//! Names that another screening tool publishes as cases, with the score that it gives them, beside what is given here: pairs that
//! it calls false alarms or hits that an older version of it missed, and pairs whose names say what they are.

use portgate_names::{Name, likeness};

/// From here on a person has to look, as connectors that screen have it.
const REVIEW: u16 = 850;

/// The listed name, the one that is searched for, what moov-io/watchman publishes (of a thousand, by its best pairs of words), and
/// whether they are one.
const CASES: &[(&str, &str, u16, bool)] = &[
    ("vladimirov vladimir vladimirovich", "vladimir levenshtein", 603, false),
    ("shaqiri shaqir", "zaid shakir", 704, false),
    ("hadi", "hadi alwai", 615, false),
    ("li shangfu", "li shanlan", 867, false),
    ("browningweight", "brown", 703, false),
    ("dominguez", "jimenez", 580, false),
    ("saddam hussein al tikriti", "saddam hussien", 924, true),
    ("valencia trujillo joaquin mario", "valencia trujillo joaquin", 973, true),
    ("lukashenko alexander grigoryevich", "alexander lukashenko", 942, true),
    ("a i c sogo kenkyusho", "sogo kenkyusho", 972, true),
    ("A.I.C. SOGO KENKYUSHO", "i c sogo kenkyusho", 968, true),
    ("WEI, Zhao", "wei zhao", 1_000, true),
    ("john doe", "paul john", 624, false),
    ("john doe", "john othername", 440, false),
    ("jane doe", "jan lahore", 439, false),
    ("kalamity linden", "kala limited", 687, false),
    ("nicolas moros maduro", "nicolas maduro", 958, true),
    ("nicolas maduro", "nicolás maduro", 937, true),
    ("nick maduro", "nicolas maduro", 859, true),
    ("nicolas maduroo", "nicolas maduro", 966, true),
    ("maduro moros, nicolas", "nicolas maduro", 953, true),
    ("nicolas maduro moros", "maduro", 900, false),
    ("ian mckinley", "ian", 891, false),
    ("ian mckinley", "tian xiang 7", 0, false),
    ("bindaree food group pty ltd", "independent insurance group ltd", 401, false),
    ("p.c.c. (singapore) private limited", "culver max entertainment private limited", 514, false),
    ("zincum llc", "easy verification inc.", 0, false),
    ("transpetrochart co ltd", "jx metals trading co.", 431, false),
    ("technolab", "moomoo technologies inc", 565, false),
    ("sewa security services", "sesa - safety & environmental services australia pty ltd", 480, false),
    ("africada financial services bureau change", "skylight financial services inc", 730, false),
    ("the group for the preservation of the holy sites", "the bridgespan group", 682, false),
    ("the group for the preservation of the holy sites", "the group", 880, false),
    ("11,420.2-1 CORP.", "1142021 corp", 752, true),
    ("JSCARGUMENT", "JSC ARGUMENT", 413, true),
    ("ARGUMENTJSC", "JSC ARGUMENT", 750, true),
];

/// The listed name, the one that is searched for, and why the outcome is another one here.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("nick maduro", "nicolas maduro", "pet names are not known"),
    ("ARGUMENTJSC", "JSC ARGUMENT", "a legal form that is written together with the name behind it is not told apart"),
];

#[test]
fn published_cases_come_out_as_they_are_meant_but_for_those_that_are_listed() {
    let mut wrong = Vec::new();
    for (listed, searched, published, same) in CASES {
        let ours = likeness(&Name::read(listed), &Name::read(searched));
        println!("{listed:<52} {searched:<58} {published:>5} {ours:>5} {same}");
        let is_known = OTHERWISE.iter().any(|(one, other, _)| (one, other) == (listed, searched));
        if (ours >= REVIEW) != *same && !is_known {
            wrong.push(format!("{listed} / {searched}: {ours}"));
        }
        assert!(!is_known || (ours >= REVIEW) != *same, "{listed} / {searched} comes out right: it need not be listed");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
