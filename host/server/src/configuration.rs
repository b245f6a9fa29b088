//! What one moment of the gateway stands on: policies, plugins, contracts, partners, credentials.
//!
//! A [`Configuration`] never changes. A reload builds a new one beside it, taking over what did not change, and swaps
//! it in; a request works to its end with the one it began with, so nothing is dropped and nothing is half new.

mod admission;
mod folder;
mod identity;
mod load;
mod shared_resources;

pub use admission::signers;
pub(crate) use admission::{RefusedPlugin, to_keep};
pub use folder::Folder;
pub use folder::document_fields;
pub(crate) use folder::{Digests, Fingerprint, canonical_schemas, guard};
pub(crate) use load::{Loaded, build, depended_on, load};
pub(crate) use shared_resources::SharedResources;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use portgate_core::agreement::{Agreement, Mode};
use portgate_core::contract::ContractChecker;
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::manifest;
use portgate_core::policy::{
    AgreementDirection, AgreementPolicy, Authenticate, Batching, PartnerContract, PartnerPolicy, Policies, Unread,
};
use portgate_core::sender;
use portgate_delivery::connectors::DestinationPolicy;
use portgate_http::auth::Authenticator;
use portgate_http::body::BodyLimits;
use portgate_runtime::{Plugin, Signers, Tables};

use crate::access::Operators;
use crate::sight::Sight;
use crate::throttle::{PartnerThrottle, Rate, Rates, Throttle};

/// Everything that a request is decided by.
pub(crate) struct Configuration {
    pub(crate) policies: Policies,
    /// What the policies and tables were read from.
    pub(crate) files: Digests,
    /// The versions of each contract, by name.
    pub(crate) contracts: HashMap<String, Vec<Arc<Contract>>>,
    /// What holds a rendered message against its contract, by `name/version`.
    pub(crate) rendered: HashMap<String, ContractChecker>,
    pub(crate) partners: HashMap<Arc<str>, Arc<Partner>>,
    /// Where deliveries go: partners that are reached, and their webhooks.
    pub(crate) destinations: HashMap<String, DestinationPolicy>,
    pub(crate) plugins: BTreeMap<String, Plugin>,
    /// Tells the builds of each plugin apart.
    pub(crate) builds: HashMap<String, [u8; 32]>,
    /// Whose signatures vouch for plugins.
    pub(crate) signers: Signers,
    pub(crate) tables: Arc<Tables>,
    pub(crate) authenticator: Authenticator,
    pub(crate) operators: Operators,
    /// How shipments are made; nothing where none are.
    pub(crate) shipments: Option<portgate_workflow::Plan>,
    /// The canonical schemas, compiled.
    pub(crate) documents: Arc<DocumentSchemas>,
}

impl Configuration {
    /// The contract as it is served now.
    pub(crate) fn contract(&self, name: &str, version: &str) -> Option<&Arc<Contract>> {
        self.contracts.get(name)?.iter().find(|contract| contract.version == version)
    }

    /// How much of a body is read for this contract, and how fast it must come.
    pub(crate) fn body_limits(&self, contract: &Contract) -> BodyLimits {
        let deadlines = &self.policies.gateway.deadlines;
        BodyLimits {
            bytes_max: contract.declared.body_bytes_max.min(self.policies.gateway.caps.body_bytes_max),
            deadline: std::time::Duration::from_millis(deadlines.body_ms),
            rate_bytes_per_second_min: deadlines.body_rate_bytes_per_second_min,
        }
    }

    /// Whether what a plugin leaves unread of a partner's messages of this contract is noted.
    pub(crate) fn notes_unread(&self, partner: &str, contract: &Contract) -> bool {
        let partner = self.partners.get(sender::partner(partner));
        partner.is_some_and(|partner| partner.notes_unread(&contract.name))
    }

    /// Whether one part that is refused refuses the whole of a partner's message of this contract: where its policy says
    /// so, and where the message is passed on to an upstream, whose answer names no parts.
    pub(crate) fn is_all_or_nothing(&self, sender: &str, contract: &Contract) -> bool {
        let partner = self.partners.get(sender::partner(sender));
        let says_so = |partner: &Partner| {
            let mut listed = partner.policy.contracts.iter().filter(|listed| listed.name == contract.name);
            listed.any(|listed| listed.all_or_nothing && listed.versions.contains(&contract.version))
        };
        let agreed = matches!(self.agreed_in(sender, contract), Agreed::By(agreement) if agreement.all_or_nothing);
        contract.forward.is_some() || agreed || partner.is_some_and(|partner| says_so(partner))
    }

    /// What was settled with a partner for its messages of a contract, as far as they are meant like those of this sender.
    pub(crate) fn agreed_in(&self, sender: &str, contract: &Contract) -> Agreed<'_> {
        let Some(partner) = self.partners.get(sender::partner(sender)) else { return Agreed::Nothing };
        let mode = if sender::is_test(sender) { Mode::Test } else { Mode::Production };
        partner.agreed(&contract.name, &contract.version, AgreementDirection::In, mode)
    }

    /// An agreement with a partner, by its name.
    pub(crate) fn agreement(&self, partner: &str, name: &str) -> Option<&AgreementPolicy> {
        self.partners.get(partner)?.policy.agreements.iter().find(|agreement| agreement.name == name)
    }

    /// What was settled with a partner for the messages of a contract that it is sent.
    pub(crate) fn agreed_out(&self, destination: &str, contract: &str, version: &str) -> Agreed<'_> {
        let Some(partner) = self.partners.get(destination) else { return Agreed::Nothing };
        let is_test = partner.policy.delivery.as_ref().is_some_and(|delivery| delivery.test);
        let mode = if is_test { Mode::Test } else { Mode::Production };
        partner.agreed(contract, version, AgreementDirection::Out, mode)
    }

    /// The agreements by which what a partner is sent goes out together.
    pub(crate) fn batched(&self, destination: &str) -> impl Iterator<Item = (&AgreementPolicy, Batching)> {
        let agreements = self.partners.get(destination).into_iter().flat_map(|partner| &partner.policy.agreements);
        agreements.filter_map(move |AgreementPolicy { contract, version, .. }| {
            let Agreed::By(agreement) = self.agreed_out(destination, contract, version) else { return None };
            Some((agreement, agreement.batching?))
        })
    }

    /// A sentence for each contract of which a signed payload can be too large to be tried with all secrets that may have
    /// signed it.
    pub(crate) fn crowded_contracts(&self) -> Vec<String> {
        let gateway = &self.policies.gateway;
        let hashed_bytes_max = gateway.strangers.hashed_bytes_per_request_max.max(gateway.caps.body_bytes_max);
        let crowded = |contract: &Arc<Contract>| {
            let may_sign = self.partners.values().filter(|partner| partner.may_send(&contract.name, &contract.version));
            let secrets = may_sign.map(|partner| partner.webhook_secrets()).sum::<usize>().max(1);
            let bytes_max = hashed_bytes_max / secrets as u64;
            (bytes_max < self.body_limits(contract).bytes_max).then(|| {
                format!(
                    "{secrets} webhook secrets may have signed a message of `{}/{}`, so one that is larger than \
                     {bytes_max} bytes must name its partner in the URL (`?from=PARTNER`).",
                    contract.name, contract.version
                )
            })
        };
        let mut sentences: Vec<String> = self.contracts.values().flatten().filter_map(crowded).collect();
        sentences.sort_unstable();
        sentences
    }
}

/// What was settled with a partner for messages of a contract.
pub(crate) enum Agreed<'p> {
    /// Nothing.
    Nothing,
    /// Something, but for tests where this is none, or the other way round.
    OtherMode,
    /// This.
    By(&'p AgreementPolicy),
}

impl Agreed<'_> {
    /// The agreement as a plugin is told it, where there is one.
    pub(crate) fn told(self) -> Option<Agreement> {
        match self {
            Agreed::By(agreement) => Some(agreement.told()),
            Agreed::Nothing | Agreed::OtherMode => None,
        }
    }
}

/// One version of one contract, ready to be served.
pub(crate) struct Contract {
    pub(crate) name: String,
    pub(crate) version: String,
    /// As its plugin's manifest declares it.
    pub(crate) declared: manifest::Contract,
    /// Its schema, compiled.
    pub(crate) checker: ContractChecker,
    /// The plugin that decodes it.
    pub(crate) plugin: Plugin,
    /// Where its documents go instead of into the answer.
    pub(crate) forward: Option<http::Uri>,
    /// The same for tests.
    pub(crate) test_forward: Option<http::Uri>,
}

impl Contract {
    /// Where this sender's documents go instead of into the answer.
    pub(crate) fn upstream(&self, sender: &str) -> Option<&http::Uri> {
        if sender::is_test(sender) { self.test_forward.as_ref() } else { self.forward.as_ref() }
    }
}

/// One partner with what is counted of it.
pub(crate) struct Partner {
    pub(crate) name: Arc<str>,
    policy: PartnerPolicy,
    pub(crate) throttle: PartnerThrottle,
    contract_rates: HashMap<String, Throttle>,
    /// What it sees of shipments; nothing where its policy does not say.
    pub(crate) sight: Option<Arc<Sight>>,
}

impl Partner {
    fn new(name: &str, policy: PartnerPolicy, rates: &Rates) -> Self {
        let throttle = PartnerThrottle::new(rates, name, &policy.limits);
        let contract_rates = policy.contracts.iter().filter_map(|contract| {
            let rate = Rate::new("contract", contract.requests_per_second?, contract.burst?);
            Some((contract.name.clone(), rates.throttle(rate, name, Some(&contract.name))))
        });
        let sight = policy.shipments.as_ref().map(Sight::of);
        Partner { name: name.into(), contract_rates: contract_rates.collect(), policy, throttle, sight }
    }

    /// Whether both stand on the same policy.
    pub(crate) fn has_the_policy_of(&self, other: &Partner) -> bool {
        self.policy == other.policy
    }

    /// Whether the partner's policy lists this contract in this version.
    pub(crate) fn may_send(&self, contract: &str, version: &str) -> bool {
        let listed = self.policy.contracts.iter().filter(|listed| listed.name == contract);
        listed.flat_map(|listed| &listed.versions).any(|listed| listed == version)
    }

    fn agreed(&self, contract: &str, version: &str, direction: AgreementDirection, mode: Mode) -> Agreed<'_> {
        let of = |agreement: &AgreementPolicy, mode| agreement.of() == (contract, version, direction, mode);
        let agreements = &self.policy.agreements;
        match agreements.iter().find(|agreement| of(agreement, mode)) {
            Some(agreement) => Agreed::By(agreement),
            None if agreements.iter().any(|agreement| of(agreement, agreement.mode)) => Agreed::OtherMode,
            None => Agreed::Nothing,
        }
    }

    /// What its policy says of this contract.
    fn listed(&self, contract: &str) -> Option<&PartnerContract> {
        self.policy.contracts.iter().find(|listed| listed.name == contract)
    }

    /// Whether its policy asks what is left unread of its messages of this contract.
    fn notes_unread(&self, contract: &str) -> bool {
        self.policy.contracts.iter().any(|listed| listed.name == contract && listed.unread == Unread::Finding)
    }

    /// Where its own id of a message of this contract is, if the policy says so.
    pub(crate) fn id_header(&self, contract: &str) -> Option<&str> {
        self.listed(contract).and_then(|listed| listed.id_header.as_deref())
    }

    /// How many webhook secrets it may sign with.
    fn webhook_secrets(&self) -> usize {
        self.policy.authenticate.iter().filter(|way| matches!(way, Authenticate::Hmac { .. })).count()
    }

    /// The rate of one contract, where the policy gives it one of its own.
    pub(crate) fn contract_rate(&self, contract: &str) -> Option<&Throttle> {
        self.contract_rates.get(contract)
    }
}
