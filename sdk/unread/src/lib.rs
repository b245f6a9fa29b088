//! Which fields of a message nobody has looked at.
//!
//! A connector that overlooks a field loses it in silence. So the SDK's readers can note what a plugin never asked them
//! for: members of JSON, elements and attributes of XML, elements of EDI segments. They do where [`noted`] wants it, and
//! otherwise pay nothing for it. What is noted is general, so that lists stay short:
//!
//! | in | form of a path | example |
//! |---|---|---|
//! | JSON | JSON Pointer (RFC 6901), `*` for any element of a list | `/lines/*/sku` |
//! | XML | names without prefixes, `@` before an attribute's | `/MetaData/Response/IssueDateTime/@formatCode` |
//! | EDIFACT, X12 | tag, element and component, counted from 1 as the readers count them | `NAD/3/1` |
//!
//! A path stands for everything in it: of a segment that nobody looked at only the tag is noted. A path that ends in `**`
//! names something that was taken without its fields being told apart, such as a `serde_json::Value`: nobody can say what
//! of it was looked at. `**` alone stands for a message that went past the readers.
//!
//! What says nothing is not noted: `null`, empty texts, lists and objects, white space.

mod marks;
mod notes;

pub use marks::Marks;
pub use notes::{PATH_BYTES_MAX, PATHS_MAX, Path, begin, note, noted};

/// What stands at the end of a path whose fields were not told apart.
pub const UNTOLD: &str = "**";

/// Whether a path that is listed as ignored covers one that was noted: it is the same or leads to it. `*` stands for any one
/// step, and `**/` at its beginning for any way to where it begins.
pub fn covers(listed: &str, path: &str) -> bool {
    let leads_to = |listed: &str, path: &str| {
        let mut steps = path.split('/');
        listed.split('/').all(|wanted| steps.next().is_some_and(|step| wanted == step || wanted == "*"))
    };
    match listed.strip_prefix("**/") {
        None => leads_to(listed, path),
        Some(listed) => {
            let starts = path.match_indices('/').map(|(slash, _)| slash + 1);
            std::iter::once(0).chain(starts).any(|start| leads_to(listed, &path[start..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_path_covers_itself_and_everything_in_it() {
        for (listed, path) in [
            ("/customer", "/customer"),
            ("/customer", "/customer/name"),
            ("/lines/*/sku", "/lines/*/sku"),
            ("/lines/*", "/lines/*/sku/deep"),
            ("/*/tax", "/line_items/tax"),
            ("NAD", "NAD/3/1"),
            ("NAD/3", "NAD/3/1"),
            ("/note", "/note/**"),
            ("**", "**"),
            ("**/id", "/id"),
            ("**/id", "/order/lines/*/id/deep"),
            ("**/lines/*/id", "/order/lines/*/id"),
        ] {
            assert!(covers(listed, path), "{listed} covers {path}");
        }
        for (listed, path) in [
            ("/customer", "/customers"),
            ("/customer/name", "/customer"),
            ("/lines/*/sku", "/lines/*/price"),
            ("NAD/3", "NAD/30"),
            ("NAD", "NA"),
            ("**", "/customer"),
            ("**", "NAD"),
            ("/lines/*/sku", "/lines"),
            ("**/id", "/order/idea"),
            ("**/lines/id", "/lines/*/id"),
        ] {
            assert!(!covers(listed, path), "{listed} does not cover {path}");
        }
    }
}
