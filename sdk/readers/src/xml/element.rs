//! A handle to one element, with the ways to get about from it. It is small and can be copied.

use std::borrow::Cow;
use std::fmt;

use roxmltree::{Attribute, Node};

use super::Seen;
use crate::position::Position;

/// One element. Names are given without prefix or namespace; the `…_in` variants ask for one.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    node: Node<'d, 'd>,
    seen: Option<&'d Seen>,
}

/// The same place of the same document.
impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Eq for Element<'_> {}

impl<'d> Element<'d> {
    pub(super) fn new(node: Node<'d, 'd>, seen: Option<&'d Seen>) -> Self {
        Element { node, seen }
    }

    /// Its name, without prefix.
    pub fn name(&self) -> &'d str {
        self.node.tag_name().name()
    }

    /// Its namespace, when it has one.
    pub fn namespace(&self) -> Option<&'d str> {
        self.node.tag_name().namespace()
    }

    /// The element around it; nothing for the root.
    pub fn parent(&self) -> Option<Element<'d>> {
        let seen = self.seen;
        self.node.parent_element().map(|node| Element::new(node, seen))
    }

    /// The elements directly in it.
    pub fn elements(&self) -> impl DoubleEndedIterator<Item = Element<'d>> + use<'d> {
        let seen = self.seen;
        self.node.children().filter(Node::is_element).map(move |node| Element::new(node, seen))
    }

    /// The elements of this name directly in it.
    pub fn children<'n>(&self, name: &'n str) -> impl DoubleEndedIterator<Item = Element<'d>> + use<'d, 'n> {
        self.elements().filter(move |element| element.name() == name)
    }

    /// The elements of this namespace and name directly in it.
    pub fn children_in<'n>(
        &self,
        namespace: &'n str,
        name: &'n str,
    ) -> impl DoubleEndedIterator<Item = Element<'d>> + use<'d, 'n> {
        self.children(name).filter(move |element| element.namespace() == Some(namespace))
    }

    /// The first element of this name directly in it.
    pub fn child(&self, name: &str) -> Option<Element<'d>> {
        self.children(name).next()
    }

    /// The first element of this namespace and name directly in it.
    pub fn child_in(&self, namespace: &str, name: &str) -> Option<Element<'d>> {
        self.children_in(namespace, name).next()
    }

    /// The first element, in document order, at a path of names: `Declaration/ID`.
    pub fn path(&self, path: &str) -> Option<Element<'d>> {
        match path.split_once('/') {
            Some((name, rest)) => self.children(name).find_map(|element| element.path(rest)),
            None => self.child(path),
        }
    }

    /// All elements at a path of names, in document order: every `Error` of every `Response` for `Response/Error`.
    pub fn all(&self, path: &str) -> Vec<Element<'d>> {
        let mut found = vec![*self];
        for name in path.split('/') {
            found = found.iter().flat_map(|element| element.children(name)).collect();
        }
        found
    }

    /// The text directly in it, trimmed; nothing when it has none but white space. Comments in the middle of it do not
    /// cut it short.
    pub fn text(&self) -> Option<Cow<'d, str>> {
        if let Some(seen) = self.seen {
            seen.text(self.node);
        }
        let mut texts = self.node.children().filter_map(|child| if child.is_text() { child.text() } else { None });
        let first = texts.next()?;
        let text = match texts.next() {
            None => Cow::Borrowed(first.trim()),
            Some(second) => {
                let mut whole = [first, second].concat();
                whole.extend(texts);
                Cow::Owned(whole.trim().to_owned())
            }
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The text of the first element at a path that has text.
    pub fn text_at(&self, path: &str) -> Option<Cow<'d, str>> {
        match path.split_once('/') {
            Some((name, rest)) => self.children(name).find_map(|element| element.text_at(rest)),
            None => self.children(path).find_map(|element| element.text()),
        }
    }

    /// The value of an attribute, as it stands; one without a namespace comes before one with.
    pub fn attribute(&self, name: &str) -> Option<&'d str> {
        let named = || self.node.attributes().enumerate().filter(|(_, attribute)| attribute.name() == name);
        let found = named().find(|(_, attribute)| attribute.namespace().is_none()).or_else(|| named().next());
        found.map(|found| self.value(found))
    }

    /// The value of the attribute of this namespace and name.
    pub fn attribute_in(&self, namespace: &str, name: &str) -> Option<&'d str> {
        let wanted = |(_, attribute): &(usize, Attribute<'_, '_>)| {
            attribute.name() == name && attribute.namespace() == Some(namespace)
        };
        self.node.attributes().enumerate().find(wanted).map(|found| self.value(found))
    }

    fn value(&self, (position, attribute): (usize, Attribute<'d, 'd>)) -> &'d str {
        if let Some(seen) = self.seen {
            seen.attribute(self.node, position);
        }
        attribute.value()
    }

    /// The line and column it begins at, both from 1. Counting them costs a pass over the text before it.
    pub fn position(&self) -> (u32, u32) {
        let document = self.node.document();
        Position::of(document.input_text().as_bytes(), self.node.range().start)
    }

    /// The place as findings write it: `12:7 /MetaData/Response/Error[2]/ValidationCode`. A number stands behind a name
    /// that the element shares with its siblings.
    pub fn location(&self) -> String {
        let (line, column) = self.position();
        let mut names: Vec<String> = self.node.ancestors().filter(Node::is_element).map(numbered).collect();
        names.reverse();
        format!("{line}:{column} /{}", names.join("/"))
    }
}

fn numbered(node: Node<'_, '_>) -> String {
    let name = node.tag_name().name();
    let same = |sibling: &Node<'_, '_>| sibling.is_element() && sibling.tag_name().name() == name;
    let before = node.prev_siblings().skip(1).filter(same).count();
    match before > 0 || node.next_siblings().skip(1).any(|sibling| same(&sibling)) {
        true => format!("{name}[{}]", before + 1),
        false => name.to_owned(),
    }
}

/// The element's place, for logs; not its content, which may be personal data.
impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.location())
    }
}
