//! What a surface is called: one digest over everything that it allows.

use super::surface::{Bound, Fact, Reach, Subject, Surface, Topic};
use crate::audit::Hash;
use crate::sha256::Sha256;

/// What stands before everything else; another one means that the same facts are written in another way.
const FORMAT: &str = "portgate surface 1";

impl Surface {
    /// SHA-256 over every fact, those that allow nothing included, such as the digests of components. Two surfaces with
    /// one digest are the same surface. The words of explanations are left out.
    pub fn digest(&self) -> Hash {
        let mut text = Text(Sha256::new());
        text.part(FORMAT);
        text.0.number(self.facts.len());
        for (Topic { subject, key, item }, Fact { words: _, bound, plugin, over: _ }) in &self.facts {
            let (kind, name) = named(subject);
            for part in [kind, name, key, item, plugin.as_deref().unwrap_or_default()] {
                text.part(part);
            }
            text.bound(bound);
        }
        text.0.number(self.unseen.len());
        self.unseen.iter().for_each(|name| text.part(name));
        text.0.digest()
    }
}

fn named(subject: &Subject) -> (&'static str, &str) {
    match subject {
        Subject::Ceiling => ("ceiling", ""),
        Subject::Gateway => ("gateway", ""),
        Subject::Routes => ("routes", ""),
        Subject::Shipments => ("shipments", ""),
        Subject::Exceptions => ("exceptions", ""),
        Subject::Filings => ("filings", ""),
        Subject::Costs => ("costs", ""),
        Subject::Plugin(name) => ("plugin", name),
        Subject::Partner(name) => ("partner", name),
        Subject::Operator(name) => ("operator", name),
        Subject::Signer(name) => ("signer", name),
    }
}

/// The facts as they are hashed, part by part.
struct Text(Sha256);

impl Text {
    fn part(&mut self, part: &str) {
        self.0.text(part);
    }

    fn bound(&mut self, bound: &Bound) {
        let (tag, value) = match bound {
            Bound::May(reach) => return self.reach(reach),
            Bound::AtMost(number) => ("at-most", number.to_string()),
            Bound::AtLeast(number) => ("at-least", number.to_string()),
            Bound::Cap(number) => ("cap", number.to_string()),
            Bound::Until(day) => ("until", day.to_string()),
            Bound::Only(text) => ("only", text.clone()),
            Bound::This(text) => ("this", text.clone()),
            Bound::Content(text) => ("content", text.clone()),
            Bound::Note(text) => ("note", text.clone()),
        };
        self.part(tag);
        self.part(&value);
    }

    /// Patterns and routes are written by the item of their topic, which is the text that they were read from.
    fn reach(&mut self, reach: &Reach) {
        match reach {
            Reach::Named(name) => {
                self.part("named");
                self.part(name);
            }
            Reach::Field { kind, pattern: _ } => {
                self.part("field");
                self.part(kind);
            }
            Reach::EveryFieldBut(kinds) => {
                self.part("every-field-but");
                self.0.number(kinds.len());
                kinds.iter().for_each(|kind| self.part(kind));
            }
            Reach::Path(_) => self.part("path"),
            Reach::BaseUrl(_) => self.part("base-url"),
            Reach::Events(types) => {
                self.part("events");
                self.part(types);
            }
            Reach::Deliver(_) => self.part("deliver"),
        }
    }
}
