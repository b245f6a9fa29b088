//! The parts of a document that nobody has looked at: texts and attributes. If nothing of an element was looked at,
//! only its own path is noted.

use portgate_unread::{Marks, Path, note};
use roxmltree::{Attribute, Node};

use super::{Seen, Tree};

/// Attributes of this namespace say how a validator finds the schema, and nothing of the message.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

impl Seen {
    /// The text of an element was looked at.
    pub(super) fn text(&self, element: Node<'_, '_>) {
        self.texts.mark(element.id().get_usize());
    }

    /// The attribute of an element, by its position.
    pub(super) fn attribute(&self, element: Node<'_, '_>, position: usize) {
        self.attributes.mark(self.number(element, position));
    }

    fn number(&self, element: Node<'_, '_>, position: usize) -> usize {
        self.first_attributes.get(element.id().get_usize()).map_or(usize::MAX, |first| *first as usize + position)
    }
}

/// A document of which nothing was looked at yet.
pub(super) fn nothing_seen(tree: &Tree<'_>) -> Seen {
    let mut attributes = 0;
    let first = |node: Node<'_, '_>| {
        let first = attributes;
        attributes += node.attributes().len() as u32;
        first
    };
    let first_attributes: Vec<u32> = tree.root().descendants().map(first).collect();
    Seen { texts: Marks::new(first_attributes.len()), attributes: Marks::new(attributes as usize), first_attributes }
}

/// Notes what says something and was not looked at.
pub(super) fn note_unread(tree: &Tree<'_>, seen: &Seen) {
    let nodes = seen.first_attributes.len();
    let survey = Survey { seen, says: Marks::new(nodes), looked_at: Marks::new(nodes) };
    survey.within(tree.root_element());
    survey.note(tree.root_element(), &Path::default());
}

/// Which elements say something, and which were looked at; what is inside of an element counts for it too.
struct Survey<'s> {
    seen: &'s Seen,
    says: Marks,
    looked_at: Marks,
}

impl Survey<'_> {
    fn within(&self, element: Node<'_, '_>) {
        let number = element.id().get_usize();
        let mut says = has_text(element);
        let mut looked_at = self.seen.texts.has(number);
        for (position, _) in telling(element) {
            says = true;
            looked_at |= self.seen.attributes.has(self.seen.number(element, position));
        }
        for child in element.children().filter(Node::is_element) {
            self.within(child);
            says |= self.says.has(child.id().get_usize());
            looked_at |= self.looked_at.has(child.id().get_usize());
        }
        if says {
            self.says.mark(number);
        }
        if looked_at {
            self.looked_at.mark(number);
        }
    }

    /// Whether there is room for more.
    fn note(&self, element: Node<'_, '_>, parent: &Path) -> bool {
        let number = element.id().get_usize();
        if !self.says.has(number) {
            return true;
        }
        let mut path = parent.clone();
        path.push("/");
        path.push(element.tag_name().name());
        if !self.looked_at.has(number) {
            return note(path.as_str());
        }
        if has_text(element) && !self.seen.texts.has(number) && !note(path.as_str()) {
            return false;
        }
        for (position, attribute) in telling(element) {
            if !self.seen.attributes.has(self.seen.number(element, position)) {
                let mut path = path.clone();
                path.push("/@");
                path.push(attribute.name());
                if !note(path.as_str()) {
                    return false;
                }
            }
        }
        element.children().filter(Node::is_element).all(|child| self.note(child, &path))
    }
}

fn has_text(element: Node<'_, '_>) -> bool {
    element.children().any(|child| child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()))
}

/// The attributes that say something of the message, each with its position.
fn telling<'t>(element: Node<'t, 't>) -> impl Iterator<Item = (usize, Attribute<'t, 't>)> {
    let of_the_schema = |attribute: &Attribute<'_, '_>| {
        attribute.namespace() == Some(SCHEMA_INSTANCE) && attribute.name().ends_with("chemaLocation")
    };
    let attributes = element.attributes().enumerate();
    attributes.filter(move |(_, attribute)| !attribute.value().trim().is_empty() && !of_the_schema(attribute))
}
