//! The policy files as they were read, and as they are when nothing is wrong with any of them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    AgreementDirection, AgreementPolicy, Ceiling, Costs, Exceptions, Filings, Gateway, OperatorPolicy, PartnerPolicy,
    PluginPolicy, Routes, Shipments, SignerPolicy,
};
use crate::checked_toml::File;
use crate::mistake::nearest;

/// All policies, without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policies {
    /// `gateway.toml`.
    pub gateway: Gateway,
    /// `ceiling.toml`.
    pub ceiling: Ceiling,
    /// `plugins/<name>.toml` by name.
    pub plugins: BTreeMap<String, PluginPolicy>,
    /// `partners/<name>.toml` by name.
    pub partners: BTreeMap<String, PartnerPolicy>,
    /// `operators/<name>.toml` by name.
    pub operators: BTreeMap<String, OperatorPolicy>,
    /// `signers/<name>.toml` by name.
    pub signers: BTreeMap<String, SignerPolicy>,
    /// `routes.toml`; empty where there is none.
    pub routes: Routes,
    /// `shipments.toml`; none are made where there is none.
    pub shipments: Option<Shipments>,
    /// `exceptions.toml`; nothing waits for a person where there is none.
    pub exceptions: Option<Exceptions>,
    /// `filings.toml`; nothing is filed where there is none.
    pub filings: Filings,
    /// `costs.toml`; none are reckoned where there is none.
    pub costs: Option<Costs>,
}

impl Policies {
    /// The plugin that is granted a contract, `name/version`; no two are.
    pub(crate) fn granted_to(&self, contract: &str) -> Option<&String> {
        let mut plugins = self.plugins.iter();
        plugins.find(|(_, policy)| policy.grants.contracts.contains(contract)).map(|(plugin, _)| plugin)
    }

    /// The plugin that reads or writes the messages of an agreement.
    pub fn plugin_of<'p>(&'p self, partner: &'p PartnerPolicy, agreement: &AgreementPolicy) -> Option<&'p String> {
        match agreement.direction {
            AgreementDirection::In => self.granted_to(&format!("{}/{}", agreement.contract, agreement.version)),
            AgreementDirection::Out => partner.delivery.as_ref().map(|delivery| &delivery.plugin),
        }
    }
}

/// Files that are right by themselves.
#[derive(Default)]
pub(super) struct Files {
    pub(super) gateway: Option<File<Gateway>>,
    pub(super) ceiling: Option<File<Ceiling>>,
    pub(super) routes: Option<File<Routes>>,
    pub(super) shipments: Option<File<Shipments>>,
    pub(super) exceptions: Option<File<Exceptions>>,
    pub(super) filings: Option<File<Filings>>,
    pub(super) costs: Option<File<Costs>>,
    pub(super) plugins: BTreeMap<String, File<PluginPolicy>>,
    pub(super) partners: BTreeMap<String, File<PartnerPolicy>>,
    pub(super) operators: BTreeMap<String, File<OperatorPolicy>>,
    pub(super) signers: BTreeMap<String, File<SignerPolicy>>,
    pub(super) granted: OnceCell<BTreeSet<String>>,
    /// Whether every plugin's policy that is there could be read.
    pub(super) all_plugins_read: bool,
    /// Whether every partner's policy that is there could be read.
    pub(super) all_partners_read: bool,
    /// Whether every operator that is there could be read.
    pub(super) all_operators_read: bool,
    /// Whether every signer that is there could be read.
    pub(super) all_signers_read: bool,
}

impl Files {
    /// Every contract that is granted to some plugin, as `name/version`.
    pub(super) fn granted(&self) -> &BTreeSet<String> {
        let contracts = || self.plugins.values().flat_map(|plugin| &plugin.content.grants.contracts);
        self.granted.get_or_init(|| contracts().cloned().collect())
    }

    /// What is wrong with a contract that should be granted to some plugin, if anything is.
    pub(super) fn not_granted(&self, name: &str, version: &str) -> Option<(String, String)> {
        let wanted = format!("{name}/{version}");
        if !self.all_plugins_read || self.granted().contains(&wanted) {
            return None;
        }
        let hint = match nearest(&wanted, self.granted().iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add it to grants.contracts of the plugin that decodes it".to_owned(),
        };
        Some((format!("no plugin is granted the contract `{wanted}`"), hint))
    }
}
