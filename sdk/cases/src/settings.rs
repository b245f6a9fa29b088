//! `case.toml`, and the few lines of `plugin.toml` that stand in for what it leaves out.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a case says beside its payload. Everything may be left out; unknown keys are refused.
///
/// ```toml
/// contract = "order"                     # needed only where the manifest has several contracts
/// version = "2026-01"
/// content_type = "application/json"      # default: the contract's first media type
/// received_at = "2026-03-01T08:15:00Z"   # this is the default
/// partner = "partner"                    # this is the default
///
/// breaks_contract = true                 # a message that a gateway would refuse before the plugin sees it
///
/// [headers]                              # only those that the contract lists reach the plugin
/// x-topic = "orders/create"
///
/// [[rows]]                               # what look-ups find
/// table = "rates"
/// key = "EUR"
/// from = "2026-01-01"                    # first day, may be left out
/// to = "2027-01-01"                   # first day on which it holds no longer, may be left out
/// value = "0.86"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The contract's name.
    pub contract: Option<String>,
    /// The contract's version.
    pub version: Option<String>,
    /// The media type.
    pub content_type: Option<String>,
    /// When the message came, RFC 3339.
    pub received_at: Option<String>,
    /// The partner that sent it.
    pub partner: Option<String>,
    /// Whether the message breaks its contract, so that a gateway would refuse it before the plugin sees it.
    pub breaks_contract: bool,
    /// Request headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What look-ups find.
    pub rows: Vec<Row>,
}

/// One row of a reference table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The table's name.
    pub table: String,
    /// What is looked up.
    pub key: String,
    /// The first day on which the row holds, `YYYY-MM-DD`; none for ever before.
    pub from: Option<String>,
    /// The first day on which it holds no longer, `YYYY-MM-DD`; none for ever after.
    pub to: Option<String>,
    /// What is found.
    pub value: String,
}

/// What a case takes from `plugin.toml`. Everything else there is somebody else's to check.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Manifest {
    #[serde(default)]
    pub(crate) contracts: Vec<Contract>,
    #[serde(default)]
    pub(crate) ignored: Vec<Ignored>,
}

/// A field that the plugin does not read, on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Ignored {
    /// The contract that has it, `name` or `name/version`; every contract where it is left out.
    pub contract: Option<String>,
    /// The field, with all in it.
    pub path: String,
    /// Why nothing is lost by that.
    pub why: String,
}

impl Ignored {
    /// Whether it holds for a contract.
    pub(crate) fn concerns(&self, contract: &str, version: &str) -> bool {
        self.contract.as_deref().is_none_or(|named| match named.split_once('/') {
            Some(named) => named == (contract, version),
            None => named == contract,
        })
    }
}

/// One contract of the manifest, as far as a case needs it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Contract {
    pub(crate) name: String,
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) media_types: Vec<String>,
    #[serde(default)]
    pub(crate) headers: Vec<String>,
    #[serde(default)]
    pub(crate) direction: Option<String>,
}

impl Contract {
    /// Whether partners send it, and whether they are sent it.
    pub(crate) fn goes(&self, out: bool) -> bool {
        match self.direction.as_deref() {
            Some("both") => true,
            Some("encode") => out,
            _ => !out,
        }
    }
}
