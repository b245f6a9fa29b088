//! Words that many names share, and which therefore say little about whose name it is.

use strsim::osa_distance;

use crate::name::sound;

/// Legal forms of companies, each with the one spelling that stands for all of its own; but for those that are names as well.
const LEGAL_FORMS: &[(&str, &str)] = &[
    ("ab", "ab"),
    ("ag", "ag"),
    ("aktiengesellschaft", "ag"),
    ("bhd", "bhd"),
    ("bv", "bv"),
    ("co", "co"),
    ("company", "co"),
    ("corp", "corp"),
    ("corporation", "corp"),
    ("fzco", "fzco"),
    ("fzc", "fzco"),
    ("fze", "fze"),
    ("gmbh", "gmbh"),
    ("inc", "inc"),
    ("incorporated", "inc"),
    ("jsc", "jsc"),
    ("kg", "kg"),
    ("limited", "ltd"),
    ("llc", "llc"),
    ("llp", "llp"),
    ("lp", "lp"),
    ("ltd", "ltd"),
    ("ltda", "ltd"),
    ("nv", "nv"),
    ("oao", "jsc"),
    ("ooo", "llc"),
    ("oy", "oy"),
    ("pjsc", "jsc"),
    ("plc", "plc"),
    ("private", "pte"),
    ("pte", "pte"),
    ("pty", "pte"),
    ("pvt", "pte"),
    ("sa", "sa"),
    ("sarl", "srl"),
    ("sas", "sas"),
    ("sdn", "sdn"),
    ("spa", "spa"),
    ("srl", "srl"),
    ("zao", "jsc"),
];

/// Articles, prepositions and what stands between the names of a person and those of its forebears.
const PARTICLES: &[&str] = &[
    "a", "abu", "abou", "al", "and", "bin", "bint", "ben", "da", "das", "de", "del", "della", "der", "des", "di", "do",
    "dos", "du", "e", "el", "et", "for", "ibn", "in", "la", "las", "le", "les", "los", "of", "ould", "the", "ul",
    "und", "van", "von", "y", "zu",
];

/// What companies and organisations do, and where.
const COMMON: &[&str] = &[
    "association",
    "bank",
    "center",
    "centre",
    "commercial",
    "construction",
    "development",
    "engineering",
    "enterprise",
    "enterprises",
    "establishment",
    "export",
    "exports",
    "factory",
    "foundation",
    "general",
    "global",
    "group",
    "holding",
    "holdings",
    "import",
    "industrial",
    "industries",
    "industry",
    "institute",
    "international",
    "investment",
    "investments",
    "logistics",
    "management",
    "maritime",
    "marine",
    "ministry",
    "national",
    "office",
    "organization",
    "organisation",
    "research",
    "service",
    "services",
    "shipping",
    "society",
    "state",
    "technologies",
    "technology",
    "trade",
    "trading",
    "transport",
    "university",
];

/// The one spelling of a legal form, where the word is one.
pub(crate) fn legal_form(word: &str) -> Option<&'static str> {
    // A long one is known with a slip as well, and by its sound.
    let is = |written: &str| {
        written == word || (written.len() >= 7 && (osa_distance(written, word) == 1 || sound(written) == sound(word)))
    };
    LEGAL_FORMS.iter().find(|(written, _)| is(written)).map(|(_, form)| *form)
}

pub(crate) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

pub(crate) fn is_common(word: &str) -> bool {
    COMMON.contains(&word)
}
