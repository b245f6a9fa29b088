//! `exceptions.toml`: who is wanted where something cannot go on, by when, and what must arrive by when.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::Within;
use crate::exception::{CauseKind, ExceptionAct, Wanted};
use crate::expectation::Expect;
use crate::finding::Severity;

/// Who is wanted for what. Without this file nothing waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    /// The reference table of working hours and holidays, where deadlines are in working time.
    #[serde(default)]
    pub calendar: Option<String>,
    /// The teams by name.
    #[serde(default)]
    pub teams: BTreeMap<String, Team>,
    /// What goes to which team: the first that fits. What none fits opens no exception.
    #[serde(default, rename = "route")]
    pub routes: Vec<ExceptionRoute>,
    /// How long a document may wait for a shipment before a person is wanted for it; for ever where it is not given.
    #[serde(default)]
    pub unattached: Option<Within>,
    /// What must arrive by when.
    #[serde(default, rename = "expect")]
    pub expects: Vec<Expect>,
    /// Where corrections by operators go, beside the shipment itself.
    #[serde(default, rename = "correction")]
    pub corrections: Vec<CorrectionRoute>,
}

/// People who do one kind of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// What people call it.
    pub title: String,
    /// Its operators, by the names of their files. Only they act on its exceptions.
    #[schemars(length(min = 1))]
    pub operators: BTreeSet<String>,
    /// The country whose working hours and holidays it has, as the calendar's keys begin.
    #[serde(default)]
    pub country: Option<String>,
}

/// Which exceptions go to which team, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionRoute {
    /// The team.
    pub team: String,
    /// The kinds of causes; findings of rule packs where none is given.
    #[serde(default = "rule")]
    #[schemars(length(min = 1))]
    pub causes: BTreeSet<CauseKind>,
    /// Only these: rules such as `R11`, or expectations by name; all where none is given.
    #[serde(default)]
    pub names: BTreeSet<String>,
    /// Only what matters at least so much.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// By when the team must have done something about it; no deadline where it is not given.
    #[serde(default)]
    pub within: Option<Within>,
    /// The team that has it from its deadline on.
    #[serde(default)]
    pub escalate_to: Option<String>,
    /// What of it needs a second operator.
    #[serde(default)]
    pub two_persons: BTreeSet<ExceptionAct>,
}

/// Where a correction of a document goes, besides being one of its shipment's documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRoute {
    /// The kind of document.
    pub document: String,
    /// The partner that owns it.
    pub to: String,
    /// The contract that it is rendered as, `name/version`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9.-]+/[A-Za-z0-9.-]+$"))]
    pub contract: String,
}

fn rule() -> BTreeSet<CauseKind> {
    BTreeSet::from([CauseKind::Rule])
}

impl Exceptions {
    /// Where what is wanted goes: the first route that fits; nothing where it is for nobody.
    pub fn route(&self, wanted: &Wanted) -> Option<&ExceptionRoute> {
        self.routes.iter().find(|route| route.fits(wanted))
    }
}

impl ExceptionRoute {
    fn fits(&self, wanted: &Wanted) -> bool {
        let name = wanted.cause.name.as_str();
        // Rules are named without their pack as well, expectations without what they are about.
        let own = match wanted.cause.kind {
            CauseKind::Rule => name.rsplit('/').next(),
            _ => name.split('/').next(),
        };
        let is_named = |known: &String| known == name || Some(known.as_str()) == own;
        self.causes.contains(&wanted.cause.kind)
            && (self.names.is_empty() || self.names.iter().any(is_named))
            && self.severity.is_none_or(|least| wanted.severity >= least)
            && wanted.team.as_ref().is_none_or(|team| *team == self.team)
    }
}
