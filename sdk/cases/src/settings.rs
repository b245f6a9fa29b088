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
///
/// [lists]                                # tables that are searched by name, each with its file, from this folder
/// denied-parties = "../lists.jsonl"
///
/// [agreement]                            # what was settled with the partner; none where this is left out
/// name = "agreement"                     # this is the default
/// ours = [{ qualifier = "ZZ", value = "US" }] # `level` is "interchange", "group" or "message"; the first by default
/// theirs = [{ qualifier = "ZZ", value = "THEM" }]
/// edition = "004010"                     # may be left out
/// mode = "test"                          # default: "production"
/// acknowledgement = "in-answer"          # or "apart"; default: "none"
/// all_or_nothing = true                  # default: false
/// settings = { path = "/edi" }           # for the plugin
/// codes = { carrier = "park" }           # tables of codes, with what becomes of one that is not known
///
/// [[codes]]                              # what look-ups of codes find
/// table = "carrier"
/// theirs = "OLNE"
/// ours = "OCEAN"
/// way = "in"                             # or "out"; default: both ways
/// from = "2026-01-01"                    # first day, may be left out
/// to = "2027-01-01"                      # first day on which it counts no longer, may be left out
///
/// [composition]                          # what a composer is to make of context.json; without it, a rule pack inspects it
/// regime = "uk-import"
/// lrn = "F000001"
/// amends = "26GB000000000000R0"          # may be left out
/// settings = { declarant = "GB123456789000" } # for the composer
///
/// [control_numbers]                      # what the plugin may write; none where this is left out
/// interchange = 42
/// group = 7
/// first_message = 1
/// messages = 1
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
    /// Tables that are searched by name, each with its file, from the case's folder.
    pub lists: BTreeMap<String, String>,
    /// What look-ups of codes find.
    pub codes: Vec<CodeRow>,
    /// What was settled with the partner.
    pub agreement: Option<Agreement>,
    /// Numbers for what the plugin writes.
    pub control_numbers: Option<ControlNumbers>,
    /// What a composer is to make.
    pub composition: Option<Composition>,
}

/// What a composer is to make of a context.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composition {
    /// The regime.
    pub regime: String,
    /// The local reference number of the filing.
    pub lrn: String,
    /// The MRN of the declaration that it amends.
    #[serde(default)]
    pub amends: Option<String>,
    /// Names and values for the composer.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// What two partners have settled for the messages of one contract in one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agreement {
    /// What it is called; `agreement` where the case does not say.
    pub name: Option<String>,
    /// What we are called in envelopes.
    pub ours: Vec<Identifier>,
    /// What the partner is called in envelopes.
    pub theirs: Vec<Identifier>,
    /// The edition of the standard.
    pub edition: String,
    /// Whether messages are tests.
    pub mode: Mode,
    /// Which acknowledgement was agreed.
    pub acknowledgement: Acknowledgement,
    /// Whether one part that is refused refuses the whole message.
    pub all_or_nothing: bool,
    /// Names and values for the plugin.
    pub settings: BTreeMap<String, String>,
    /// The tables of codes that it has, each with what becomes of a code that it does not know.
    pub codes: BTreeMap<String, UnknownCode>,
}

impl Agreement {
    /// What it is called.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("agreement")
    }
}

/// What one side of an agreement is called in envelopes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// What it is used in.
    #[serde(default)]
    pub level: Level,
    /// Which scheme the value is of; empty where there is none.
    #[serde(default)]
    pub qualifier: String,
    /// The identifier itself.
    pub value: String,
}

/// What an identifier is used in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The whole interchange.
    #[default]
    Interchange,
    /// A functional group.
    Group,
    /// A single set or message.
    Message,
}

/// Whether messages are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// They are.
    #[default]
    Production,
    /// They are tests.
    Test,
}

/// Which functional acknowledgement was agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Acknowledgement {
    /// None.
    #[default]
    None,
    /// One in the answer to the request that brought the message.
    InAnswer,
    /// One as a message of its own.
    Apart,
}

/// What becomes of a code that a table does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownCode {
    /// It goes on as it is.
    Pass,
    /// It goes on as it is, with a finding.
    Finding,
    /// The part that names it is refused.
    Refuse,
    /// The part that names it waits until the code is known.
    Park,
}

/// One row of a table of codes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeRow {
    /// The table's name.
    pub table: String,
    /// The partner's code.
    pub theirs: String,
    /// Our code.
    pub ours: String,
    /// `in` where it counts from theirs to ours alone, `out` where it counts the other way alone.
    pub way: Option<String>,
    /// The first day on which the row holds, `YYYY-MM-DD`; none for ever before.
    pub from: Option<String>,
    /// The first day on which it holds no longer, `YYYY-MM-DD`; none for ever after.
    pub to: Option<String>,
}

/// Numbers for one interchange that the plugin writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlNumbers {
    /// Of the interchange.
    pub interchange: u64,
    /// Of the functional group.
    pub group: u64,
    /// Of the first set or message; those behind it have the next numbers.
    pub first_message: u64,
    /// For how many sets or messages there are numbers.
    pub messages: u32,
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
#[derive(Clone, Debug, Default, Deserialize)]
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
