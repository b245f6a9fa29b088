//! Which media types there are, so that a mistyped one is found when a plugin is built and not when a partner is refused.
//!
//! `media-types.txt` holds those of `application` and `text` that IANA has registered outside of the trees for vendors and
//! persons (RFC 6838 §3), and a few that are in common use without. Other top-level types are not looked into.

use crate::mistake::nearest;

const REGISTERED: &str = include_str!("media-types.txt");

/// The top-level types that there are.
const TOP_LEVEL: [&str; 11] =
    ["application", "audio", "font", "haptics", "image", "message", "model", "multipart", "text", "video", "example"];

/// Endings that say in which format a type is written (RFC 6839).
const SUFFIXES: [&str; 8] = ["+json", "+xml", "+zip", "+gzip", "+cbor", "+yaml", "+der", "+zstd"];

/// What is wrong with a well-formed media type in lower case that does not exist, and what to do.
pub(super) fn unknown(media_type: &str) -> Option<String> {
    let (top_level, subtype) = media_type.split_once('/')?;
    if !TOP_LEVEL.contains(&top_level) {
        return Some(hint(nearest(top_level, TOP_LEVEL).map(|meant| format!("{meant}/{subtype}"))));
    }
    let is_private = ["vnd.", "prs.", "x.", "x-"].iter().any(|tree| subtype.starts_with(tree));
    if !matches!(top_level, "application" | "text") || is_private || registered().any(|known| known == media_type) {
        return None;
    }
    let meant = nearest_registered(media_type);
    // Formats of partners' own are often called this without being registered.
    let says_its_format = SUFFIXES.iter().any(|suffix| subtype.ends_with(suffix));
    (meant.is_some() || !says_its_format).then(|| hint(meant.map(str::to_owned)))
}

fn hint(meant: Option<String>) -> String {
    match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "name a registered one, or one of your own that begins with `vnd.` or `x-`".to_owned(),
    }
}

fn registered() -> impl Iterator<Item = &'static str> {
    REGISTERED.lines()
}

/// The registered type that is at most two letters away; types with one beginning and one end are tried first, so that
/// `application/jsn` is `json` and not one of the hundred others of three letters.
fn nearest_registered(media_type: &str) -> Option<&'static str> {
    let close = |known: &&str| strsim::damerau_levenshtein(media_type, known) <= 2;
    let common =
        ["application/json", "application/xml", "application/edifact", "application/edi-x12", "text/plain", "text/xml"];
    common.into_iter().find(close).or_else(|| {
        let near = registered().filter(|known| known.len().abs_diff(media_type.len()) <= 2).filter(close);
        near.min_by_key(|known| strsim::damerau_levenshtein(media_type, known))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_and_private_types_exist() {
        for media_type in [
            "application/json",
            "application/edi-x12",
            "application/edifact",
            "application/octet-stream",
            "text/csv",
            "application/vnd.acme.order+json",
            "application/x-anything",
            "text/x-edi",
            "image/whatever",
            "application/acme-tracking+json",
            "application/soap+xml",
            "application/cloudevents+json",
        ] {
            assert_eq!(unknown(media_type), None, "{media_type}");
        }
        let types: Vec<&str> = registered().collect();
        assert!(
            types.is_sorted() && types.iter().all(|known| known.contains('/') && !known.contains(char::is_whitespace))
        );
    }

    #[test]
    fn a_mistyped_one_is_named_with_the_one_that_was_meant() {
        for (written, meant) in [
            ("application/jsn", "`application/json`"),
            ("aplication/json", "`application/json`"),
            ("application/xlm", "`application/xml`"),
            ("application/edi-x21", "`application/edi-x12`"),
            ("txt/plain", "`text/plain`"),
            ("application/nonsense", "registered"),
            ("whatever/bar", "registered"),
        ] {
            let hint = unknown(written).expect(written);
            assert!(hint.contains(meant), "{written}: {hint}");
        }
    }
}
