//! What customs points to when it rejects a declaration: the field that an element is made of.
//!
//! Customs says it by XPath, with the place of an element among those of its name (`/CC015C/Guarantee[1]/guaranteeType`). Each family of
//! messages has a table of where elements stand ([`Places`]).

use portgate_sdk::canonical::Text;

/// Where the elements of a declaration stand in the document.
pub(crate) struct Places {
    /// The messages that customs points into: a declaration, and its amendment.
    pub(crate) messages: [&'static str; 2],
    /// Elements by the way to them, with the fields that they are made of. `*` is a place in a list: the first of a field is the first of
    /// its element's way. An element of the way without one is the first of its name. What is below an element stands where that does.
    pub(crate) elements: &'static [(&'static str, &'static str)],
    /// What stands in an element of this name, wherever that is: the name of what is in it, and what the field is called there.
    pub(crate) within: &'static [(&'static str, &'static str, &'static str)],
}

/// An element on the way, and which of its name it is, from 1, where that is said.
struct Step<'p> {
    name: &'p str,
    number: Option<usize>,
}

impl Places {
    /// The field (RFC 6901) that this pointer leads to, or the narrowest around what it leads to; nothing where no field is around it, or
    /// it leads into another message.
    pub(crate) fn field(&self, pointer: &str) -> Option<Text<512>> {
        // Some administrations leave out the stroke behind a bracket.
        let pointer = pointer.trim().strip_prefix('/')?.replace(']', "]/");
        let steps: Vec<Step<'_>> = pointer.split('/').filter(|step| !step.is_empty()).map(step).collect();
        let (message, steps) = steps.split_first()?;
        if !self.messages.contains(&message.name) {
            return None;
        }
        let found = self.elements.iter().filter_map(|(way, field)| self.found(way, field, steps));
        let (_, field) = found.max_by_key(|(depth, _)| *depth)?;
        Text::new(field).ok().filter(|field| !field.is_empty())
    }

    /// The field, where the steps lead to an element or into it, and how deep that is.
    fn found(&self, way: &str, field: &str, steps: &[Step<'_>]) -> Option<(usize, String)> {
        let (mut places, mut depth, mut last) = (Vec::new(), 0, "");
        for element in way.split('/') {
            let step = steps.get(depth)?;
            let name = element.trim_end_matches('*');
            let is_first = step.number.is_none_or(|number| number == 1);
            if step.name != name || name == element && !is_first {
                return None;
            }
            if name != element {
                places.push(step.number.and_then(|number| number.checked_sub(1)));
            }
            (depth, last) = (depth + 1, name);
        }
        let (mut pointer, mut places) = (String::new(), places.into_iter());
        for part in field.split('/').filter(|part| !part.is_empty()) {
            match part {
                "*" => match places.next().flatten() {
                    Some(place) => pointer.push_str(&format!("/{place}")),
                    // Without its number the list is all that is known.
                    None => return Some((depth, pointer)),
                },
                part => pointer.push_str(&format!("/{part}")),
            }
        }
        let inner = steps
            .get(depth)
            .and_then(|step| self.within.iter().find(|(element, inner, _)| *element == last && *inner == step.name));
        if let Some((.., field)) = inner {
            (depth, pointer) = (depth + 1, format!("{pointer}/{field}"));
        }
        Some((depth, pointer))
    }
}

/// A step as it is written, `prefix:name[number]`.
fn step(written: &str) -> Step<'_> {
    let written = written.rsplit_once(':').map_or(written, |(_, name)| name);
    match written.trim_end_matches(']').split_once('[') {
        Some((name, number)) => Step { name, number: number.trim().parse().ok() },
        None => Step { name: written, number: None },
    }
}
