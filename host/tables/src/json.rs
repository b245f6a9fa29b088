//! JSON, with the lines of what is in it.

use serde_json::value::RawValue;

use crate::content::Mistake;

/// A text that is no JSON of the shape that it should have.
pub(crate) fn broken(error: serde_json::Error) -> Mistake {
    let problem = error.to_string();
    let said = problem.split(" at line ").next().unwrap_or_default();
    Mistake { place: format!("{}:{}", error.line(), error.column()), problem: said.to_owned() }
}

/// The items of a text, which lie in it one behind the other, with the line of each.
pub(crate) fn lines<'j>(text: &'j str, items: &[&'j RawValue]) -> Vec<(u64, &'j RawValue)> {
    let (mut seen, mut line) = (0, 1);
    let mut placed = Vec::with_capacity(items.len());
    for item in items {
        let at = (item.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        line += text.as_bytes().get(seen..at).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count() as u64;
        seen = seen.max(at);
        placed.push((line, *item));
    }
    placed
}
