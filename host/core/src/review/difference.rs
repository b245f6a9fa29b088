//! What is different between two surfaces, and whether it lets anybody do more.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::surface::{Bound, COMPONENT, EXISTS, Fact, Over, Reach, Subject, Surface, Topic};

/// The longest value that a sentence shows; of a longer one it only says that it is another.
const SHOWN_CHARS_MAX: usize = 200;

/// Whether a change lets anybody do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// More may be done, or it is not known that less may.
    Widens,
    /// Less may be done.
    Narrows,
    /// The same may be done.
    Neutral,
}

impl Effect {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Widens => "widens",
            Effect::Narrows => "narrows",
            Effect::Neutral => "neutral",
        }
    }
}

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Whether it lets anybody do more.
    pub effect: Effect,
    /// Who or what may do more or less.
    pub subject: Subject,
    /// The policy file that says it, relative to the policy folder.
    pub file: String,
    /// The policy's key, such as `grants.contracts`; what a component says stands under `component`. Empty where the
    /// subject itself came or went.
    pub key: String,
    /// Which of several things under the key.
    pub item: String,
    /// The plugin that it concerns, where it concerns one.
    pub plugin: Option<String>,
    /// The change in words.
    pub sentence: String,
}

impl Change {
    /// Whether it lets anybody do more, or may do so.
    pub fn widens(&self) -> bool {
        self.effect == Effect::Widens
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.effect.as_str(), self.sentence)
    }
}

/// Everything that is different, what widens first.
pub fn difference(old: &Surface, new: &Surface) -> Vec<Change> {
    let mut changes = Vec::new();
    let gone = old.facts.iter().filter(|(topic, _)| !new.facts.contains_key(topic));
    changes.extend(gone.filter(|(topic, _)| !new.is_unseen(topic)).map(|(topic, fact)| removed(topic, fact, new)));
    for (topic, fact) in &new.facts {
        match old.facts.get(topic) {
            None => changes.push(added(topic, fact, old, new)),
            Some(before) => changes.extend(changed(topic, before, fact)),
        }
    }
    for name in new.unseen.difference(&old.unseen).filter(|name| old.has(&Subject::Plugin((*name).clone()))) {
        let subject = Subject::Plugin(name.clone());
        let sentence = format!("{subject}: its component is not there, so what it imports and declares is not known");
        let topic = Topic { subject, key: COMPONENT.to_owned(), item: String::new() };
        changes.push(change(Effect::Widens, &topic, Some(name), sentence));
    }
    changes.sort();
    changes
}

impl Surface {
    /// Whether there is anything that a bound limits.
    fn has_what_is_bounded(&self, subject: &Subject, over: &Over) -> bool {
        let of_subject = self.facts.keys().filter(|topic| topic.subject == *subject);
        let found = |topic: &Topic| topic.key == over.key && topic.item.starts_with(&over.item);
        self.has(subject) && (over.key == EXISTS || of_subject.into_iter().any(found))
    }

    /// Whether the subject is there; the gateway, its routes and the ceiling always are.
    fn has(&self, subject: &Subject) -> bool {
        let existence = || Topic { subject: subject.clone(), key: EXISTS.to_owned(), item: String::new() };
        match subject {
            Subject::Ceiling
            | Subject::Gateway
            | Subject::Routes
            | Subject::Shipments
            | Subject::Exceptions
            | Subject::Filings
            | Subject::Costs => true,
            Subject::Plugin(_) | Subject::Partner(_) | Subject::Operator(_) | Subject::Signer(_) => {
                self.facts.contains_key(&existence())
            }
        }
    }

    /// Whether a topic is of a component that could not be looked into.
    fn is_unseen(&self, topic: &Topic) -> bool {
        let component = topic.key.strip_prefix(COMPONENT).is_some_and(|rest| rest.starts_with('.'));
        component && matches!(&topic.subject, Subject::Plugin(name) if self.unseen.contains(name))
    }

    /// The permissions that can cover one under this topic.
    fn beside<'s>(&'s self, topic: &'s Topic, reach: &'s Reach) -> impl Iterator<Item = (&'s Topic, &'s Reach)> {
        self.facts.iter().filter_map(move |(other, fact)| match &fact.bound {
            Bound::May(found) if other.subject == topic.subject => {
                (other.key == topic.key || reach.is_of_fields()).then_some((other, found))
            }
            _ => None,
        })
    }
}

fn added(topic: &Topic, fact: &Fact, old: &Surface, new: &Surface) -> Change {
    let Fact { words, bound, plugin, over } = fact;
    let is_new = !old.has_what_is_bounded(&topic.subject, over);
    let subject = &topic.subject;
    let (effect, sentence) = match bound {
        Bound::May(reach) => {
            let mut wider = old.beside(topic, reach).filter(|(_, before)| before.covers(reach));
            match wider.next() {
                None => (Effect::Widens, format!("{subject} may now {words}")),
                Some((_, before)) => {
                    // Either the wider one is still there, or this is what is left of it.
                    let kept = new.beside(topic, reach).any(|(other, still)| other != topic && still.covers(reach));
                    let effect = if kept || reach.covers(before) { Effect::Neutral } else { Effect::Narrows };
                    (effect, format!("{subject} may {words}, which it might before as a part of more"))
                }
            }
        }
        Bound::AtMost(_) | Bound::AtLeast(_) | Bound::This(_) => {
            (Effect::Widens, format!("{subject}: {words}: {}, where nothing was said", shown(bound)))
        }
        Bound::Cap(_) | Bound::Until(_) | Bound::Only(_) => {
            let effect = if is_new { Effect::Neutral } else { Effect::Narrows };
            (effect, format!("{subject}: {words}: {}, where there was no bound", shown(bound)))
        }
        Bound::Content(_) | Bound::Note(_) => (Effect::Neutral, format!("{subject}: {words}: {}", shown(bound))),
    };
    change(effect, topic, plugin.as_ref(), sentence)
}

fn removed(topic: &Topic, fact: &Fact, new: &Surface) -> Change {
    let Fact { words, bound, plugin, over } = fact;
    let is_gone = !new.has_what_is_bounded(&topic.subject, over);
    let subject = &topic.subject;
    let (effect, sentence) = match bound {
        Bound::May(reach) => match new.beside(topic, reach).any(|(_, after)| after.covers(reach)) {
            true => (Effect::Neutral, format!("{subject} may {words} as a part of more")),
            false => (Effect::Narrows, format!("{subject} may no longer {words}")),
        },
        Bound::AtMost(_) | Bound::AtLeast(_) | Bound::This(_) => {
            (Effect::Narrows, format!("{subject}: {words}: no longer {}", shown(bound)))
        }
        Bound::Cap(_) | Bound::Until(_) | Bound::Only(_) => {
            let (effect, left) = if is_gone { (Effect::Neutral, "") } else { (Effect::Widens, ", without any bound") };
            (effect, format!("{subject}: {words}: no longer {}{left}", shown(bound)))
        }
        Bound::Content(_) | Bound::Note(_) => {
            (Effect::Neutral, format!("{subject}: {words}: no longer {}", shown(bound)))
        }
    };
    change(effect, topic, plugin.as_ref(), sentence)
}

fn changed(topic: &Topic, before: &Fact, after: &Fact) -> Option<Change> {
    let raised = |rises: bool| if rises { Effect::Widens } else { Effect::Narrows };
    let effect = match (&before.bound, &after.bound) {
        (Bound::May(old), Bound::May(new)) => match (old.covers(new), new.covers(old)) {
            (true, true) => return None,
            (true, false) => Effect::Narrows,
            (false, _) => Effect::Widens,
        },
        (Bound::AtMost(old), Bound::AtMost(new)) | (Bound::Cap(old), Bound::Cap(new)) if old != new => {
            raised(new > old)
        }
        (Bound::AtLeast(old), Bound::AtLeast(new)) if old != new => raised(new < old),
        (Bound::Until(old), Bound::Until(new)) if old != new => raised(new > old),
        (Bound::Only(old), Bound::Only(new))
        | (Bound::This(old), Bound::This(new))
        | (Bound::Content(old), Bound::Content(new))
            if old != new =>
        {
            Effect::Widens
        }
        (Bound::Note(old), Bound::Note(new)) if old != new => Effect::Neutral,
        (Bound::AtMost(_), Bound::AtMost(_))
        | (Bound::Cap(_), Bound::Cap(_))
        | (Bound::AtLeast(_), Bound::AtLeast(_))
        | (Bound::Until(_), Bound::Until(_))
        | (Bound::Only(_), Bound::Only(_))
        | (Bound::This(_), Bound::This(_))
        | (Bound::Content(_), Bound::Content(_))
        | (Bound::Note(_), Bound::Note(_)) => return None,
        // One topic is always bounded in one way.
        _ => Effect::Widens,
    };
    let Fact { words, bound, plugin, over: _ } = after;
    let subject = &topic.subject;
    let sentence = match bound {
        Bound::May(_) => format!("{subject} might {} and may now {words}", before.words),
        _ if is_long(&before.bound) || is_long(bound) => format!("{subject}: {words} is another"),
        _ => format!("{subject}: {words}: {} instead of {}", shown(bound), shown(&before.bound)),
    };
    Some(change(effect, topic, plugin.as_ref(), sentence))
}

fn change(effect: Effect, topic: &Topic, plugin: Option<&String>, sentence: String) -> Change {
    let Topic { subject, key, item } = topic.clone();
    Change { effect, file: subject.file(), subject, key, item, plugin: plugin.cloned(), sentence }
}

fn value(bound: &Bound) -> String {
    match bound {
        Bound::May(_) => String::new(),
        Bound::AtMost(number) | Bound::AtLeast(number) | Bound::Cap(number) => number.to_string(),
        Bound::Until(day) => day.to_string(),
        Bound::Only(text) | Bound::This(text) | Bound::Content(text) | Bound::Note(text) => text.clone(),
    }
}

fn is_long(bound: &Bound) -> bool {
    value(bound).chars().count() > SHOWN_CHARS_MAX
}

fn shown(bound: &Bound) -> String {
    match is_long(bound) {
        true => "one that is too long to show".to_owned(),
        false => value(bound),
    }
}
