//! All that policies and components allow, one fact at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Component;
use crate::policy::{BaseUrlPattern, Deliver, FieldPattern, PathPattern, Policies};

mod costs;
mod gateway;
mod partner;
mod people;
mod plugin;

/// All that everything may do.
#[derive(Clone, Debug, Default)]
pub struct Surface {
    pub(super) facts: BTreeMap<Topic, Fact>,
    /// Plugins whose component was not there to be looked into.
    pub(super) unseen: BTreeSet<String>,
}

/// Who or what may do something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case")]
pub enum Subject {
    /// What any plugin's policy may grant.
    Ceiling,
    /// The process itself.
    Gateway,
    /// Where documents go.
    Routes,
    /// How documents become shipments.
    Shipments,
    /// Who is wanted where something cannot go on.
    Exceptions,
    /// What is declared of shipments.
    Filings,
    /// What it costs to bring goods in.
    Costs,
    /// One plugin.
    Plugin(String),
    /// One partner.
    Partner(String),
    /// One operator.
    Operator(String),
    /// One signer of plugins.
    Signer(String),
}

impl Subject {
    /// The policy file that says it, relative to the policy folder.
    pub fn file(&self) -> String {
        match self {
            Subject::Ceiling => "ceiling.toml".to_owned(),
            Subject::Gateway => "gateway.toml".to_owned(),
            Subject::Routes => "routes.toml".to_owned(),
            Subject::Shipments => "shipments.toml".to_owned(),
            Subject::Exceptions => "exceptions.toml".to_owned(),
            Subject::Filings => "filings.toml".to_owned(),
            Subject::Costs => "costs.toml".to_owned(),
            Subject::Plugin(name) => format!("plugins/{name}.toml"),
            Subject::Partner(name) => format!("partners/{name}.toml"),
            Subject::Operator(name) => format!("operators/{name}.toml"),
            Subject::Signer(name) => format!("signers/{name}.toml"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Ceiling => f.write_str("a plugin's policy"),
            Subject::Gateway => f.write_str("the gateway"),
            Subject::Routes | Subject::Shipments | Subject::Exceptions | Subject::Filings | Subject::Costs => {
                f.write_str("the gateway")
            }
            Subject::Plugin(name) => write!(f, "plugin `{name}`"),
            Subject::Partner(name) => write!(f, "partner `{name}`"),
            Subject::Operator(name) => write!(f, "operator `{name}`"),
            Subject::Signer(name) => write!(f, "signer `{name}`"),
        }
    }
}

/// What a fact is about. Facts of two surfaces with the same topic are compared with each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Topic {
    pub(super) subject: Subject,
    /// The key of the policy, such as `grants.contracts`; what a component says is under `component`.
    pub(super) key: String,
    /// Which of several under the key.
    pub(super) item: String,
}

/// One thing that may be done, or that bounds what may be done.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// After "may" for a permission; else what the value is.
    pub(super) words: String,
    pub(super) bound: Bound,
    /// The plugin that it concerns.
    pub(super) plugin: Option<String>,
    /// What an optional bound limits.
    pub(super) over: Over,
}

/// What a bound limits: the facts of the same subject under this key whose item begins with this. If there are none,
/// the bound limits nothing.
#[derive(Clone, Debug)]
pub(super) struct Over {
    pub(super) key: String,
    pub(super) item: String,
}

/// What the presence of a fact, or its value, means.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    /// It may be done, so its presence widens.
    May(Reach),
    /// It may be done so much at most.
    AtMost(u64),
    /// It must be so much at least.
    AtLeast(u64),
    /// The same for an optional bound.
    Cap(u64),
    /// It may be done before this day; for ever where there is none.
    Until(Date),
    /// Nothing but this passes, so its presence narrows.
    Only(String),
    /// Whether another value allows more cannot be known.
    This(String),
    /// The same, but its presence alone allows nothing.
    Content(String),
    /// It allows nothing, whatever it says.
    Note(String),
}

/// How far a permission goes.
#[derive(Clone, Debug)]
pub(super) enum Reach {
    /// What its name says.
    Named(String),
    /// Fields of documents of a kind.
    Field { kind: String, pattern: FieldPattern },
    /// All fields of documents of any kind but these.
    EveryFieldBut(BTreeSet<String>),
    /// Paths of a request.
    Path(PathPattern),
    /// URLs.
    BaseUrl(BaseUrlPattern),
    /// Types of events: one, or all with this beginning.
    Events(String),
    /// Documents on their way.
    Deliver(Box<Deliver>),
}

impl Reach {
    /// Whether all that the other allows is allowed by this.
    pub(super) fn covers(&self, other: &Reach) -> bool {
        match (self, other) {
            (Reach::Named(own), Reach::Named(other)) => own == "*" || own == other,
            (Reach::Field { kind, pattern }, Reach::Field { kind: other, pattern: within }) => {
                kind == other && pattern.covers(within)
            }
            (Reach::EveryFieldBut(kinds), Reach::Field { kind, .. }) => !kinds.contains(kind),
            (Reach::EveryFieldBut(own), Reach::EveryFieldBut(other)) => own.is_subset(other),
            (Reach::Path(own), Reach::Path(other)) => own.covers(other),
            (Reach::BaseUrl(own), Reach::BaseUrl(other)) => own.covers_pattern(other),
            (Reach::Events(own), Reach::Events(other)) => match own.strip_suffix('*') {
                Some(start) => other.starts_with(start),
                None => own == other,
            },
            (Reach::Deliver(own), Reach::Deliver(other)) => own.covers(other),
            _ => false,
        }
    }

    /// Whether this can cover what stands under another key.
    pub(super) fn is_of_fields(&self) -> bool {
        matches!(self, Reach::Field { .. } | Reach::EveryFieldBut(_))
    }
}

/// The key of the fact that a subject is there at all.
pub(super) const EXISTS: &str = "";

/// What stands before the keys of what a component says.
pub(super) const COMPONENT: &str = "component";

impl Surface {
    /// All that these policies allow, with what the plugins' components say of themselves. A plugin without a component
    /// is one that could not be looked into.
    pub fn new(policies: &Policies, components: &BTreeMap<String, Component>) -> Surface {
        let mut surface = Surface::default();
        let Policies {
            gateway,
            ceiling,
            plugins,
            partners,
            operators,
            signers,
            routes,
            shipments,
            exceptions,
            filings,
            costs,
        } = policies;
        gateway::gateway(&mut surface.facts_of(Subject::Gateway), gateway);
        gateway::ceiling(&mut surface.facts_of(Subject::Ceiling), ceiling);
        gateway::routes(&mut surface.facts_of(Subject::Routes), routes, policies);
        if let Some(shipments) = shipments {
            gateway::shipments(&mut surface.facts_of(Subject::Shipments), shipments);
        }
        if let Some(exceptions) = exceptions {
            people::exceptions(&mut surface.facts_of(Subject::Exceptions), exceptions);
        }
        gateway::filings(&mut surface.facts_of(Subject::Filings), filings);
        if let Some(costs) = costs {
            costs::costs(&mut surface.facts_of(Subject::Costs), costs, policies);
        }
        for (name, policy) in plugins {
            let mut facts = surface.facts_of(Subject::Plugin(name.clone()));
            facts.plugin = Some(name.clone());
            plugin::policy(&mut facts, name, policy);
            match components.get(name) {
                Some(component) => plugin::component(&mut facts, component),
                None => drop(surface.unseen.insert(name.clone())),
            }
        }
        for (name, policy) in partners {
            partner::policy(&mut surface.facts_of(Subject::Partner(name.clone())), policy, policies);
        }
        for (name, policy) in operators {
            gateway::operator(&mut surface.facts_of(Subject::Operator(name.clone())), policy);
        }
        for (name, policy) in signers {
            gateway::signer(&mut surface.facts_of(Subject::Signer(name.clone())), policy);
        }
        surface
    }

    fn facts_of(&mut self, subject: Subject) -> Facts<'_> {
        Facts { facts: &mut self.facts, subject, plugin: None }
    }
}

/// The facts of one subject, as they are gathered.
struct Facts<'f> {
    facts: &'f mut BTreeMap<Topic, Fact>,
    subject: Subject,
    /// The plugin that what comes now concerns.
    plugin: Option<String>,
}

impl Facts<'_> {
    fn add(&mut self, key: &str, item: &str, bound: Bound, words: impl Into<String>) {
        self.bounding((EXISTS, ""), key, item, bound, words);
    }

    /// An optional bound on something that is optional itself.
    fn bounding(&mut self, over: (&str, &str), key: &str, item: &str, bound: Bound, words: impl Into<String>) {
        let topic = Topic { subject: self.subject.clone(), key: key.to_owned(), item: item.to_owned() };
        let over = Over { key: over.0.to_owned(), item: over.1.to_owned() };
        self.facts.insert(topic, Fact { words: words.into(), bound, plugin: self.plugin.clone(), over });
    }

    /// The presence of the subject itself lets it do this.
    fn exists(&mut self, words: &str) {
        self.may(EXISTS, "", words);
    }

    fn may(&mut self, key: &str, name: &str, words: impl Into<String>) {
        self.add(key, name, Bound::May(Reach::Named(name.to_owned())), words);
    }

    fn each<'n>(&mut self, key: &str, names: impl IntoIterator<Item = &'n String>, words: impl Fn(&str) -> String) {
        names.into_iter().for_each(|name| self.may(key, name, words(name)));
    }

    fn may_if(&mut self, holds: bool, key: &str, words: &str) {
        if holds {
            self.may(key, "", words);
        }
    }

    fn reach(&mut self, key: &str, item: &str, reach: Reach, words: impl Into<String>) {
        self.add(key, item, Bound::May(reach), words);
    }

    fn at_most(&mut self, key: &str, value: impl Into<u64>, words: &str) {
        self.add(key, "", Bound::AtMost(value.into()), words);
    }

    fn at_least(&mut self, key: &str, value: impl Into<u64>, words: &str) {
        self.add(key, "", Bound::AtLeast(value.into()), words);
    }

    fn this(&mut self, key: &str, value: impl Into<String>, words: &str) {
        self.add(key, "", Bound::This(value.into()), words);
    }

    fn note(&mut self, key: &str, value: impl Into<String>, words: &str) {
        self.add(key, "", Bound::Note(value.into()), words);
    }
}
