//! Patterns of paths: literal segments, `*` for one segment, `**` at the end for one or more.

/// A pattern of paths, such as `/declarations/*/documents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    One,
    Rest,
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow the pattern.
    pub fn parse(text: &str) -> Result<PathPattern, &'static str> {
        let path = text.strip_prefix('/').ok_or("must start with a slash")?;
        let written: Vec<&str> = path.split('/').collect();
        let last = written.len() - 1;
        let segment = |(index, segment): (usize, &&str)| match *segment {
            "*" => Ok(Segment::One),
            "**" if index == last => Ok(Segment::Rest),
            "**" => Err("has `**` before its end"),
            // A slash at the end is part of the path: `/orders/` is not `/orders`.
            "" if index == last => Ok(Segment::Literal(String::new())),
            text if is_literal(text) => Ok(Segment::Literal(text.to_owned())),
            text if text.contains('*') => Err("has a `*` inside a segment; it stands for a whole one"),
            _ => Err("is not in normal form: no empty or dot segments, no `%`, no query"),
        };
        let segments = written.iter().enumerate().map(segment).collect::<Result<_, _>>()?;
        Ok(PathPattern { segments })
    }

    /// Whether a path in normal form (beginning with a slash, without its query) fits the pattern. `*` and `**` never
    /// stand for an empty segment.
    pub fn fits(&self, path: &str) -> bool {
        let Some(path) = path.strip_prefix('/') else { return false };
        let mut left = path.split('/');
        for segment in &self.segments {
            let fits = match (segment, left.next()) {
                (_, None) => false,
                (Segment::Literal(literal), Some(part)) => literal == part,
                (Segment::One, Some(part)) => !part.is_empty(),
                (Segment::Rest, Some(part)) => return !part.is_empty() && left.all(|part| !part.is_empty()),
            };
            if !fits {
                return false;
            }
        }
        left.next().is_none()
    }

    /// Whether every path that fits the other pattern fits this one.
    pub fn covers(&self, other: &PathPattern) -> bool {
        let mut left = other.segments.iter();
        for segment in &self.segments {
            let is_filled = |other: &Segment| !matches!(other, Segment::Literal(literal) if literal.is_empty());
            let covers = match (segment, left.next()) {
                (_, None) => false,
                (Segment::Literal(_), Some(other)) => segment == other,
                (Segment::One, Some(other)) => *other != Segment::Rest && is_filled(other),
                (Segment::Rest, Some(other)) => return is_filled(other) && left.all(is_filled),
            };
            if !covers {
                return false;
            }
        }
        left.next().is_none()
    }
}

/// Whether a segment is one that can only be written in this way: the characters of RFC 3986 §3.3 without `%` and `*`,
/// no `;` (what follows it is cut off by some servers), and no dot segment.
pub(super) fn is_literal(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()+,=:@".contains(&byte);
    !matches!(segment, "" | "." | "..") && segment.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_whole_segments_only() {
        for (pattern, fits, fits_not) in [
            ("/orders", "/orders", "/orders/ /order /orders/1 / /Orders"),
            ("/orders/", "/orders/", "/orders /orders//"),
            ("/orders/*", "/orders/1 /orders/%2A", "/orders /orders/ /orders/1/2 /orders/1/"),
            ("/orders/*/lines", "/orders/1/lines", "/orders//lines /orders/lines /orders/1/lines/2"),
            ("/files/**", "/files/a /files/a/b/c", "/files /files/ /filesa /files/a//b /files/a/"),
            ("/**", "/a /a/b", "/"),
            ("/", "/", "/a //"),
        ] {
            let parsed = PathPattern::parse(pattern).expect("a pattern");
            for path in fits.split(' ') {
                assert!(parsed.fits(path), "{pattern} {path}");
            }
            for path in fits_not.split(' ') {
                assert!(!parsed.fits(path), "{pattern} {path}");
            }
        }
    }

    #[test]
    fn a_pattern_covers_those_that_fit_no_other_path() {
        let pattern = |text: &str| PathPattern::parse(text).expect("a pattern");
        for (wide, narrow) in [
            ("/a/*", "/a/b"),
            ("/a/*", "/a/*"),
            ("/a/**", "/a/b/*/c"),
            ("/a/**", "/a/b/**"),
            ("/**", "/a"),
            ("/*/b", "/a/b"),
            ("/a/", "/a/"),
        ] {
            assert!(pattern(wide).covers(&pattern(narrow)), "{wide} {narrow}");
            assert_eq!(pattern(narrow).covers(&pattern(wide)), wide == narrow, "{narrow} {wide}");
        }
        for (one, other) in [("/a/*", "/a/**"), ("/a/**", "/a"), ("/a/**", "/a/b/"), ("/a/*", "/a/"), ("/a", "/b")] {
            assert!(!pattern(one).covers(&pattern(other)), "{one} {other}");
        }
    }

    #[test]
    fn a_pattern_has_one_way_to_be_written() {
        for bad in ["", "orders", "/a//b", "/a/../b", "/.", "/a*", "/**/a", "/a?b", "/a#b", "/%61", "/a b", "/a\\b"] {
            assert!(PathPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
