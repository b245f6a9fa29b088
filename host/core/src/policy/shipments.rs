//! `shipments.toml`: how documents of all systems become shipments, and whose word counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Severity;
use crate::shipment::{ShipmentRules, Tie};

/// How shipments are put together from documents. Without this file the gateway makes none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shipments {
    /// The kinds of documents that begin a shipment. All others wait until something ties them to one.
    #[schemars(length(min = 1))]
    pub opens: BTreeSet<String>,
    /// The kinds that say what is known of goods in whatever shipment: a context has those of the articles that it names.
    #[serde(default)]
    pub catalogue: BTreeSet<String>,
    /// The kinds that concern no shipment.
    #[serde(default)]
    pub apart: BTreeSet<String>,
    /// How the names that documents carry tie them together.
    pub references: ShipmentReferences,
    /// Whose word counts for which fields.
    #[serde(default, rename = "owner")]
    pub owners: Vec<Owner>,
    /// What fills fields of which nobody says anything, in this order.
    #[serde(default, rename = "enrich")]
    pub enrichments: Vec<Enrichment>,
    /// The rule packs that judge every shipment each time that something of it changes.
    #[serde(default, rename = "pack")]
    pub packs: Vec<RulePack>,
    /// How much what the gateway itself finds matters: `CONFLICT`, where systems say different things of one field, `COST-SHARED` and
    /// `INVOICE-SHARED`, where a cost or an invoice is of several shipments and nobody can say which part is whose. Where nothing is said,
    /// the last is an error and the others are warnings.
    #[serde(default)]
    pub severity: BTreeMap<String, Severity>,
    /// Days without news after which a shipment is closed, and its documents may be removed like any others.
    #[schemars(range(min = 1, max = 3_650))]
    pub quiet_days: u32,
    /// Most things that are looked at for one shipment; where more are tied together, it says so and stays as it was.
    #[schemars(range(min = 10, max = 20_000))]
    pub things_max: u32,
}

/// How names tie documents together, by their schemes. A name of another scheme ties nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShipmentReferences {
    /// One shipment each, such as `ucr`.
    #[schemars(length(min = 1))]
    pub identifying: BTreeSet<String>,
    /// Of any number of shipments, such as `order`.
    #[serde(default)]
    pub shared: BTreeSet<String>,
    /// Of one shipment at a time, such as `container`: the days that two documents may be apart which are tied by it.
    #[serde(default)]
    #[schemars(extend("additionalProperties" = { "type": "integer", "minimum": 1, "maximum": 365 }))]
    pub windowed: BTreeMap<String, u32>,
}

/// Whose word counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The role; partners name theirs by `role`.
    pub role: String,
    /// The fields: `kind/field`, or `kind/*` for all that nothing more exact is said of.
    #[schemars(length(min = 1), inner(regex(pattern = r"^[a-z][a-z-]*/(\*|[A-Za-z][A-Za-z0-9]*)$")))]
    pub fields: BTreeSet<String>,
    /// Only documents whose `id` begins with one of these; all where none is given.
    #[serde(default)]
    pub ids: BTreeSet<String>,
    /// Only documents that have one of these codes among their `classifications`, by the list that the codes are of: a company code, a
    /// sales organisation. Of several lists, one of each.
    #[serde(default)]
    pub codes: BTreeMap<String, BTreeSet<String>>,
    /// Only what was recorded on this day or later.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub from: Option<Date>,
    /// Only what was recorded before this day.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub until: Option<Date>,
}

/// Fills a field of which nobody says anything with what master data says. What a system has said stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrichment {
    /// The kind of the documents.
    pub document: String,
    /// The field that is filled, such as `/placeOfLoading/country` or `/lines/*/commodityCode`, where `*` is each element of a
    /// list. What it is a field of must be there.
    #[schemars(regex(pattern = r"^(/[^/*]+|/\*)*/[^/*]+$"))]
    pub field: String,
    /// The field that says what is looked up, of the same elements, such as `/placeOfLoading/unLocode` or `/lines/*/sku`.
    #[schemars(regex(pattern = r"^(/[^/*]+|/\*)*/[^/*]+$"))]
    pub by: String,
    /// The reference table in which it is looked up, for the day on which the context is put together. Either this or `catalogue`.
    #[serde(default)]
    pub table: Option<String>,
    /// The kind of documents of the catalogue which say it of the article whose `sku` this is, such as `item`.
    #[serde(default)]
    pub catalogue: Option<String>,
    /// What is taken: of a table's value that is an object one member, such as `country`, and the value itself where this is left
    /// out; of a document of the catalogue one of its fields, such as `/originCountry`.
    #[serde(default)]
    pub take: Option<String>,
}

/// A rule pack that judges shipments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulePack {
    /// Its plugin, which is of the world `rules`.
    pub plugin: String,
    /// How much what single rules say matters here, in the place of what the pack says.
    #[serde(default)]
    pub severity: BTreeMap<String, Severity>,
}

const DAY_SECONDS: i64 = 86_400;

impl Shipments {
    /// The same for the decision which documents are of which shipment.
    pub fn rules(&self) -> ShipmentRules {
        let ShipmentReferences { identifying, shared, windowed } = &self.references;
        let mut ties: BTreeMap<String, Tie> =
            identifying.iter().map(|scheme| (scheme.clone(), Tie::Identifying)).collect();
        ties.extend(shared.iter().map(|scheme| (scheme.clone(), Tie::Shared)));
        let window = |days: &u32| Tie::Windowed { seconds: i64::from(*days) * DAY_SECONDS };
        ties.extend(windowed.iter().map(|(scheme, days)| (scheme.clone(), window(days))));
        ShipmentRules {
            opens: self.opens.clone(),
            ties,
            catalogue: self.catalogue.clone(),
            apart: self.apart.clone(),
            things_max: self.things_max as usize,
        }
    }
}
