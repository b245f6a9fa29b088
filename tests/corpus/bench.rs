//! A gateway's way of a message, as far as it is the connector's: contract check, plugin in its sandbox, canonical schemas.

use std::collections::BTreeMap;
use std::sync::Arc;

use portgate_core::contract::{Contract, ContractChecker, JsonLimits};
use portgate_core::document::Document;
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::finding::Finding;
use portgate_core::judgement::Judgement;
use portgate_core::message::Message;
use portgate_core::policy::PluginPolicy;
use portgate_runtime::{Admission, Compiler, Engine, EngineConfig, Plugin, Tables, digest};
use portgate_server::Folder;
use portgate_tests::{plugins, repository};

/// What a message gave.
pub(crate) enum Answer {
    Taken(Vec<Document>, Vec<Finding>),
    Refused(Vec<Finding>),
}

/// The project's plugins, and what their documents are held against.
pub(crate) struct Bench {
    pub(crate) plugins: BTreeMap<String, Plugin>,
    documents: DocumentSchemas,
}

impl Bench {
    /// The project's plugins under the project's own policies.
    pub(crate) fn new() -> Self {
        Bench::with(&BTreeMap::new())
    }

    /// The same with other reference tables in the place of those of these names.
    pub(crate) fn with(others: &BTreeMap<&str, Vec<u8>>) -> Self {
        let folder = Folder::new(repository().join("policies"));
        let policies = folder.policies().expect("the project's policies hold no mistake");
        let engine = Engine::new(EngineConfig {
            // What was compiled once is there for all tests, as for the gateways of others.
            cache: plugins::folder().with_file_name("plugin-cache"),
            calls_in_flight_max: 4,
            memory_bytes_max: policies.ceiling.limits.memory_bytes_max,
            table_elements_max: policies.ceiling.limits.table_elements_max,
            compiler: Compiler::InProcess,
        });
        let engine = engine.expect("the engine starts");
        let mut tables = Tables::default();
        for (name, table) in &policies.gateway.tables {
            let other = others.get(name.as_str()).cloned();
            let file = other.unwrap_or_else(|| std::fs::read(folder.resolve(&table.file)).expect("a table"));
            tables.add(name, &file).expect("a valid table");
        }
        let tables = Arc::new(tables);
        let admit = |name: &str| {
            let component = plugins::built(name);
            let policy = policies.plugins[name].clone();
            let pinned = PluginPolicy { sha256: Some(digest(&component)), signed_by: [].into(), ..policy };
            engine.admit(&component, &Admission::pinned(name, &pinned, &policies.ceiling, &tables)).expect("admitted")
        };
        let admitted = policies.plugins.keys().map(|name| (name.clone(), admit(name))).collect();
        let texts = portgate_canonical::SCHEMA_TEXTS.iter();
        let schemas = texts.map(|(kind, text)| (*kind, serde_json::from_str(text).expect("a schema is JSON")));
        let documents = DocumentSchemas::new(schemas).expect("the canonical schemas compile");
        Bench { plugins: admitted, documents }
    }

    /// Every contract that messages come in by, with its connector.
    pub(crate) fn contracts(&self) -> impl Iterator<Item = (&str, &Contract)> {
        self.plugins.iter().flat_map(|(name, plugin)| {
            let contracts = plugin.manifest().contracts.iter();
            contracts.filter(|contract| contract.direction.is_decoded()).map(|contract| (name.as_str(), contract))
        })
    }

    /// What a rule pack says of a context.
    pub(crate) async fn inspect(&self, pack: &str, context: Document, now: &str) -> Vec<Judgement> {
        self.plugins[pack].inspect(context, now.to_owned()).await.outcome.expect("the pack judges")
    }

    /// What a message gives: it is held against its contract, decoded in the sandbox, and its documents against their schemas.
    pub(crate) async fn answer(
        &self,
        plugin: &str,
        name: &str,
        version: &str,
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let plugin = &self.plugins[plugin];
        let contract = plugin.manifest().contracts.iter();
        let mut contract = contract.filter(|contract| contract.name == name && contract.version == version);
        let contract = contract.next().ok_or("the plugin does not declare the contract")?;
        let checker = ContractChecker::new(contract, &JsonLimits { depth_max: 64, findings_max: 100 })?;
        if let Err(violations) = checker.check(&body, None) {
            return Ok(Answer::Refused(violations.findings));
        }
        let message = Message {
            partner: "corpus".to_owned(),
            contract: contract.name.clone(),
            version: contract.version.clone(),
            content_type: contract.media_types[0].clone(),
            headers: Vec::new(),
            received_at: "2026-03-01T08:15:00Z".to_owned(),
            digest: portgate_runtime::digest(&body),
            body,
            agreement: None,
            control_numbers: None,
        };
        match plugin.decode(message).await.outcome {
            Err(error) => Err(format!("the call ended badly: {error}")),
            Ok(Err(rejection)) => Ok(Answer::Refused(rejection.findings)),
            Ok(Ok(decoded)) => {
                for document in &decoded.documents {
                    if let Err(violations) = self.documents.check(&document.kind, &document.body) {
                        return Err(format!("a `{}` breaks its schema: {:?}", document.kind, violations.findings));
                    }
                }
                Ok(Answer::Taken(decoded.documents, decoded.findings))
            }
        }
    }
}

/// A refusal must say what is wrong and, unless it is the whole that is wrong, where.
pub(crate) fn located(findings: &[Finding]) -> Result<(), String> {
    let explained = |finding: &Finding| !finding.code.is_empty() && finding.detail.len() > 8;
    match !findings.is_empty() && findings.iter().all(explained) {
        true => Ok(()),
        false => Err(format!("refused without saying why: {findings:?}")),
    }
}
