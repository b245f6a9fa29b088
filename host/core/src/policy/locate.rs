//! Where in a policy file a key stands, for those who point at it without having a mistake to report.

use serde_json::Value;

use crate::checked_toml::Located;
use crate::excerpt::pointer_token;
use crate::mistake::Source;

/// The line and column of a key such as `grants.contracts`, of the item in its list where it has one, or of the nearest
/// thing around it that the file has. Counted from 1; the first place where nothing of it is there.
pub fn locate(source: &Source, key: &str, item: &str) -> (usize, usize) {
    let Ok(located) = Located::parse(source) else { return (1, 1) };
    let mut pointer: String = key.split('.').map(|part| format!("/{}", pointer_token(part))).collect();
    let list = located.value.pointer(&pointer).and_then(Value::as_array);
    if let Some(index) = list.and_then(|list| list.iter().position(|value| value == item)) {
        pointer.push_str(&format!("/{index}"));
    }
    let place = located.key_mistake(&pointer, String::new(), None);
    (place.line.max(1), place.column.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_items_are_found_and_else_what_is_around_them() {
        let text = "title = \"x\"\n\n[grants]\nemit = [\"order\", \"item\"]\n".to_owned();
        let source = Source { path: "plugins/x.toml".to_owned(), text };
        let place = |key: &str, item: &str| locate(&source, key, item);
        assert_eq!(place("grants.emit", "item"), (4, 18));
        assert_eq!(place("grants.emit", "gone"), (4, 1));
        assert_eq!(place("grants.fields.order", "/id"), place("grants", ""));
        assert_eq!(place("", ""), (1, 1));
        assert_eq!(locate(&Source { path: String::new(), text: "not TOML".to_owned() }, "a", ""), (1, 1));
    }
}
