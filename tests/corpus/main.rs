//! Every partner sample at hand through the real sandbox: contract check, plugin, canonical schemas.
//!
//! Nothing may trap, whatever is refused must say where, and what a family's own rule calls valid must be taken. The
//! samples stand beside the checkout; without them the tests say so and prove nothing.

mod cds;
mod erp;
mod finance;
mod ncts;
mod ocean;
mod parcels;
mod placement;
mod reports;
mod screening;
mod shop;
mod table;
mod tenders;
mod warehouse;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portgate_core::contract::{ContractChecker, JsonLimits};
use portgate_core::document::Document;
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::finding::Finding;
use portgate_core::message::Message;
use portgate_core::policy::PluginPolicy;
use portgate_runtime::{Admission, Compiler, Engine, EngineConfig, Plugin, Tables, digest};
use portgate_server::Folder;
use portgate_tests::{plugins, repository, samples};

/// One family of samples: which files, which plugin and contract, and which of them are valid.
struct Family {
    name: &'static str,
    plugin: &'static str,
    contract: &'static str,
    version: &'static str,
    matches: fn(&Path, &[u8]) -> bool,
    valid: fn(&Path, &[u8]) -> bool,
}

fn below(path: &Path, folder: &str) -> bool {
    path.to_string_lossy().contains(folder)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A DMS notification: `MetaData` with a `Response` below it, in whatever namespace.
fn is_notification(path: &Path, content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    below(path, "hmrc-cds")
        && name(path).ends_with(".xml")
        && text.contains("Response>")
        && text.contains("FunctionCode>")
        && text.contains("IssueDateTime")
}

const FAMILIES: &[Family] = &[
    Family {
        name: "HMRC CDS DMS notifications",
        plugin: "broker-cds",
        contract: "dms-notification",
        version: "3.6",
        matches: is_notification,
        // One file was saved by a program that put `_2` before names of its root; that is not the standard's root.
        valid: |_, content| !String::from_utf8_lossy(content).contains("<_2MetaData"),
    },
    Family {
        name: "HMRC CDS declarations",
        plugin: "broker-cds",
        contract: "cds-declaration",
        version: "3.6",
        matches: |path, content| {
            let text = String::from_utf8_lossy(content);
            let is_declaration = text.contains("<Declaration") && text.contains("<FunctionalReferenceID>");
            below(path, "hmrc-cds") && is_declaration && !is_notification(path, content)
        },
        valid: |_, _| true,
    },
    Family {
        name: "HMRC CDS queries",
        plugin: "broker-cds",
        contract: "declaration-information",
        version: "2.0",
        matches: |path, _| below(path, "hmrc-cds-status-dis/"),
        valid: |_, _| true,
    },
    Family {
        name: "HMRC inventory linking",
        plugin: "broker-cds",
        contract: "inventory-linking-exports",
        version: "2.0",
        // All of these are of imports.
        matches: |path, content| {
            below(path, "Movement_Messages/") && String::from_utf8_lossy(content).contains("nventoryLinkingImports")
        },
        valid: |_, _| false,
    },
    Family {
        name: "X12 315",
        plugin: "carrier-ocean",
        contract: "x12-315",
        version: "4010",
        matches: |path, _| below(path, "x12/315/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12 301",
        plugin: "carrier-ocean",
        contract: "x12-301",
        version: "4010",
        matches: |path, _| below(path, "x12/301/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12 310",
        plugin: "carrier-ocean",
        contract: "x12-310",
        version: "4010",
        matches: |path, _| below(path, "x12/310/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12 322",
        plugin: "carrier-ocean",
        contract: "x12-322",
        version: "4010",
        matches: |path, _| below(path, "x12/322/"),
        valid: |_, _| true,
    },
    Family {
        name: "DCSA booking notifications",
        plugin: "carrier-ocean",
        contract: "dcsa-booking-notification",
        version: "2.0",
        matches: |path, _| below(path, "dcsa-booking-ntf-2.0/"),
        valid: |_, _| true,
    },
    Family {
        name: "DCSA bill of lading notifications",
        plugin: "carrier-ocean",
        contract: "dcsa-ebl-notification",
        version: "3.0",
        matches: |path, _| below(path, "dcsa-ebl-ntf-3.0/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12, other sets and broken",
        plugin: "carrier-ocean",
        contract: "x12-315",
        version: "4010",
        matches: |path, _| below(path, "/x12/") && !below(path, "x12/315/"),
        valid: |_, _| false,
    },
    Family {
        name: "EDIFACT IFTSTA",
        plugin: "carrier-ocean",
        contract: "iftsta",
        version: "D00B",
        matches: |path, _| below(path, "edifact/iftsta/"),
        valid: |_, _| true,
    },
    Family {
        name: "EDIFACT, other messages and broken",
        plugin: "carrier-ocean",
        contract: "iftsta",
        version: "D00B",
        matches: |path, _| below(path, "/edifact/") && !below(path, "edifact/iftsta/"),
        valid: |_, _| false,
    },
    Family {
        name: "X12 acknowledgements",
        plugin: "tms-edi",
        contract: "x12-acknowledgement",
        version: "1",
        matches: |path, _| ["x12/997/", "x12/999/", "x12/TA1/"].iter().any(|folder| below(path, folder)),
        valid: |path, _| !name(path).contains("invalid"),
    },
    Family {
        name: "EDIFACT acknowledgements",
        plugin: "tms-edi",
        contract: "edifact-acknowledgement",
        version: "1",
        matches: |path, _| below(path, "edifact/APERAK/"),
        // The one there is names no error, and calls the message by the number of its order.
        valid: |_, _| true,
    },
    Family {
        name: "X12 204",
        plugin: "tms-edi",
        contract: "x12-204",
        version: "4010",
        matches: |path, _| below(path, "x12/204/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12 990",
        plugin: "tms-edi",
        contract: "x12-990",
        version: "4010",
        matches: |path, _| below(path, "x12/990/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12 210",
        plugin: "tms-edi",
        contract: "x12-210",
        version: "4010",
        matches: |path, _| below(path, "x12/210/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12 214",
        plugin: "tms-edi",
        contract: "x12-214",
        version: "4010",
        matches: |path, _| below(path, "x12/214/"),
        // One has a separator that is no character of ASCII, one is broken.
        valid: |path, _| !name(path).contains("ellipses") && !name(path).contains("broken"),
    },
    Family {
        name: "EDIFACT IFTMIN",
        plugin: "tms-edi",
        contract: "iftmin",
        version: "D00B",
        matches: |path, _| below(path, "edifact/iftmin/"),
        valid: |_, _| true,
    },
    Family {
        name: "DCSA Track & Trace 2.2",
        plugin: "carrier-ocean",
        contract: "dcsa-track-trace",
        version: "2.2",
        matches: |path, _| name(path).starts_with("tnt-220"),
        valid: |path, _| !name(path).contains("wrong"),
    },
    Family {
        name: "DCSA Track & Trace 3.0",
        plugin: "carrier-ocean",
        contract: "dcsa-track-trace",
        version: "3.0",
        matches: |path, _| name(path).starts_with("tnt-300"),
        valid: |path, _| !name(path).contains("wrong"),
    },
    Family {
        name: "NCTS declarations",
        plugin: "saas-ncts-ens",
        contract: "ncts-declaration",
        version: "5",
        matches: |path, _| name(path).starts_with("cc015c") && name(path).ends_with(".xml"),
        valid: |_, _| true,
    },
    Family {
        name: "NCTS notifications",
        plugin: "saas-ncts-ens",
        contract: "ncts-notification",
        version: "5",
        matches: |path, _| name(path).ends_with("CC029C-partial.xml") || name(path).contains("-it-v2_1-valid.xml"),
        // One is what a trader says; the other has little of its message.
        valid: |path, _| !name(path).contains("CC141C") && !name(path).contains("partial"),
    },
    Family {
        name: "ICS declarations",
        plugin: "saas-ncts-ens",
        contract: "ens-declaration",
        version: "11",
        matches: |path, _| below(path, "ens-cc315-rules/") && name(path).ends_with(".xml"),
        valid: |path, _| !name(path).starts_with("CC313A"),
    },
    Family {
        name: "ICS notifications",
        plugin: "saas-ncts-ens",
        contract: "ens-notification",
        version: "11",
        matches: |path, _| below(path, "ics-cc351a/") && name(path).ends_with(".xml"),
        valid: |path, _| !name(path).contains("Bad") && !name(path).contains("listOf"),
    },
    Family {
        name: "EasyPost trackers",
        plugin: "carrier-parcel",
        contract: "easypost-tracker",
        version: "2",
        matches: |path, _| {
            below(path, "easypost-tracker/")
                || name(path).starts_with("tracker_") && name(path).ends_with("response.json")
        },
        valid: |_, _| true,
    },
    Family {
        name: "Shippo tracks",
        plugin: "carrier-parcel",
        contract: "shippo-track",
        version: "2018-02-08",
        matches: |path, _| name(path).starts_with("track_test"),
        valid: |path, _| !name(path).contains("invalid"),
    },
    Family {
        name: "UBL invoices",
        plugin: "finance-ubl",
        contract: "ubl-invoice",
        version: "2.1",
        matches: |path, _| {
            (below(path, "/ubl/") || below(path, "/finance/ubl-")) && !name(path).starts_with("not_validating")
        },
        valid: |_, _| true,
    },
    Family {
        name: "CII invoices",
        plugin: "finance-ubl",
        contract: "cii-invoice",
        version: "D16B",
        matches: |path, _| below(path, "/cii/"),
        valid: |path, _| !name(path).starts_with("line-total-4-decimals"),
    },
    Family {
        name: "SAP IDocs",
        plugin: "erp-sap",
        contract: "idoc",
        version: "4.0",
        matches: |path, _| below(path, "sap-idoc/") && name(path).ends_with(".xml"),
        valid: |_, _| true,
    },
    Family {
        name: "SAP sales orders",
        plugin: "erp-sap",
        contract: "s4-sales-order",
        version: "2",
        matches: |path, _| below(path, "A_SalesOrder/"),
        valid: |_, _| true,
    },
    Family {
        name: "SAP deliveries",
        plugin: "erp-sap",
        contract: "s4-outbound-delivery",
        version: "2",
        matches: |path, _| below(path, "outbound-delivery-header-01"),
        valid: |_, _| true,
    },
    Family {
        name: "SAP billing documents",
        plugin: "erp-sap",
        contract: "s4-billing-document",
        version: "2",
        matches: |path, _| below(path, "billing-document-header-01"),
        valid: |_, _| true,
    },
    Family {
        name: "SAP business partners",
        plugin: "erp-sap",
        contract: "s4-business-partner",
        version: "2",
        matches: |path, _| below(path, "A_BusinessPartner/"),
        valid: |_, _| true,
    },
    Family {
        name: "SAP products",
        plugin: "erp-sap",
        contract: "s4-product",
        version: "2",
        matches: |path, _| below(path, "A_Product/"),
        valid: |_, _| true,
    },
    Family {
        name: "SAP business events",
        plugin: "erp-sap",
        contract: "s4-event",
        version: "1",
        matches: |path, _| below(path, "business-event/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12 945",
        plugin: "wms-x12",
        contract: "x12-945",
        version: "4010",
        matches: |path, _| below(path, "x12/945/"),
        valid: |_, _| true,
    },
    Family {
        name: "X12 856",
        plugin: "wms-x12",
        contract: "x12-856",
        version: "4010",
        matches: |path, _| below(path, "x12/856/") || name(path) == "856.edi",
        valid: |_, _| true,
    },
    Family {
        name: "X12 944, whatever else there is",
        plugin: "wms-x12",
        contract: "x12-944",
        version: "4010",
        matches: |path, _| below(path, "/x12/") && !below(path, "x12/945/"),
        valid: |_, _| false,
    },
    Family {
        name: "X12 947, whatever else there is",
        plugin: "wms-x12",
        contract: "x12-947",
        version: "4010",
        matches: |path, _| below(path, "/x12/") && !below(path, "x12/856/"),
        valid: |_, _| false,
    },
    Family {
        name: "X12 810",
        plugin: "finance-ubl",
        contract: "x12-810",
        version: "1",
        matches: |path, _| below(path, "x12/810/"),
        valid: |_, _| true,
    },
    Family {
        name: "EDIFACT INVOIC",
        plugin: "finance-ubl",
        contract: "edifact-invoic",
        version: "1",
        matches: |path, _| below(path, "edifact/INVOIC/") || below(path, "edifact/invoic/"),
        valid: |path, _| !name(path).contains("malformed") && !name(path).contains("_bad"),
    },
    Family {
        name: "Shopify orders",
        plugin: "ecom-shopify",
        contract: "shopify-order",
        version: "2024-10",
        matches: |path, _| below(path, "shopify/draft_order"),
        valid: |_, _| true,
    },
    Family {
        name: "Shopify products",
        plugin: "ecom-shopify",
        contract: "shopify-product",
        version: "2024-10",
        matches: |path, _| below(path, "shopify/product"),
        valid: |_, _| true,
    },
    Family {
        name: "Shopify inventory items",
        plugin: "ecom-shopify",
        contract: "shopify-inventory-item",
        version: "2024-10",
        matches: |path, _| below(path, "shopify/inventory_item"),
        valid: |_, _| true,
    },
    Family {
        name: "Shopify fulfilments",
        plugin: "ecom-shopify",
        contract: "shopify-fulfillment",
        version: "2025-07",
        matches: |path, _| below(path, "shopify/fulfillment.json") || below(path, "shopify-fulfillments/gadget-inc_20"),
        valid: |_, _| true,
    },
    Family {
        name: "Shopify fulfilment orders",
        plugin: "ecom-shopify",
        contract: "shopify-fulfillment-order",
        version: "2025-07",
        matches: |path, _| below(path, "shopify-fulfillment-orders/") || below(path, "shopify-fulfillment-holds/"),
        valid: |_, _| true,
    },
    Family {
        name: "Shopify fulfilment events",
        plugin: "ecom-shopify",
        contract: "shopify-fulfillment-event",
        version: "2025-07",
        matches: |path, _| below(path, "shopify/fulfillment_event") || below(path, "shopify-fulfillment-events/"),
        valid: |_, _| true,
    },
    Family {
        name: "Shopify refunds",
        plugin: "ecom-shopify",
        contract: "shopify-refund",
        version: "2025-07",
        matches: |path, _| below(path, "shopify/refund") || below(path, "shopify-refunds/gadget-inc_20"),
        valid: |_, _| true,
    },
];

/// What became of one file.
enum Outcome {
    Decoded,
    DecodedWithWarnings,
    Refused,
}

/// What a message gave.
enum Answer {
    Taken(Vec<Document>, Vec<Finding>),
    Refused(Vec<Finding>),
}

struct Bench {
    plugins: BTreeMap<String, Plugin>,
    documents: DocumentSchemas,
}

impl Bench {
    /// The project's plugins under the project's own policies.
    fn new() -> Self {
        Bench::with(&BTreeMap::new())
    }

    /// The same with other reference tables in the place of those of these names.
    fn with(others: &BTreeMap<&str, Vec<u8>>) -> Self {
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

    async fn run(&self, family: &Family, body: Vec<u8>) -> Result<Outcome, String> {
        match self.answer(family.plugin, family.contract, family.version, body).await? {
            Answer::Refused(findings) => located(&findings).map(|()| Outcome::Refused),
            Answer::Taken(documents, findings) => match (documents.is_empty(), findings.is_empty()) {
                (true, _) => Err("it was taken, but nothing came of it".to_owned()),
                (false, true) => Ok(Outcome::Decoded),
                (false, false) => Ok(Outcome::DecodedWithWarnings),
            },
        }
    }

    /// What a message gives: it is held against its contract, decoded in the sandbox, and its documents against their schemas.
    async fn answer(&self, plugin: &str, name: &str, version: &str, body: Vec<u8>) -> Result<Answer, String> {
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
fn located(findings: &[Finding]) -> Result<(), String> {
    let explained = |finding: &Finding| !finding.code.is_empty() && finding.detail.len() > 8;
    match !findings.is_empty() && findings.iter().all(explained) {
        true => Ok(()),
        false => Err(format!("refused without saying why: {findings:?}")),
    }
}

#[tokio::test]
async fn every_sample_is_decoded_or_refused_with_its_place_and_nothing_traps() {
    let Some(shared) = samples::shared() else { return };
    let bench = Bench::new();
    let files: Vec<PathBuf> = samples::files(&shared.join("samples"));
    let mut wrong = Vec::new();
    println!("{:<36} {:>6} {:>8} {:>14} {:>8}", "family", "files", "decoded", "with warnings", "refused");
    for family in FAMILIES {
        let (mut decoded, mut warned, mut refused) = (0, 0, 0);
        for path in &files {
            let body = std::fs::read(path).expect("a sample");
            if !(family.matches)(path, &body) {
                continue;
            }
            let valid = (family.valid)(path, &body);
            match bench.run(family, body).await {
                Ok(Outcome::Decoded) => decoded += 1,
                Ok(Outcome::DecodedWithWarnings) => warned += 1,
                Ok(Outcome::Refused) => {
                    refused += 1;
                    if valid {
                        wrong.push(format!("{}: valid, and refused", path.display()));
                    }
                }
                Err(problem) => wrong.push(format!("{}: {problem}", path.display())),
            }
        }
        let files = decoded + warned + refused;
        println!("{:<36} {files:>6} {decoded:>8} {warned:>14} {refused:>8}", family.name);
        assert!(files > 0 || !wrong.is_empty(), "no sample matches the family {}", family.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Cut anywhere, or with any byte changed, a message is decoded or refused: no plugin traps and no limit is reached.
#[tokio::test]
async fn mutilated_messages_never_trap() {
    let bench = Bench::new();
    let cases = [
        ("HMRC CDS DMS notifications", portgate_tests::case("broker-cds", "tax-assessed", "xml")),
        ("HMRC CDS declarations", portgate_tests::case("broker-cds", "declaration-import", "xml")),
        ("HMRC CDS queries", portgate_tests::case("broker-cds", "information-status-of-two", "xml")),
        ("HMRC inventory linking", portgate_tests::case("broker-cds", "inventory-totals-of-a-consolidation", "xml")),
        ("X12 315", portgate_tests::case("carrier-ocean", "x12-315-vessel-arrived", "edi")),
        ("X12 301", portgate_tests::case("carrier-ocean", "x12-301-confirmed-with-dangerous-goods", "edi")),
        ("X12 310", portgate_tests::case("carrier-ocean", "x12-310-invoice-with-charges", "edi")),
        ("X12 322", portgate_tests::case("carrier-ocean", "x12-322-container-arrived-at-the-ramp", "edi")),
        (
            "DCSA booking notifications",
            portgate_tests::case("carrier-ocean", "dcsa-booking-amendment-declined", "json"),
        ),
        (
            "DCSA bill of lading notifications",
            portgate_tests::case("carrier-ocean", "dcsa-shipping-instructions-update-declined", "json"),
        ),
        ("EDIFACT IFTSTA", portgate_tests::case("carrier-ocean", "iftsta-rail-departed", "edi")),
        ("X12 acknowledgements", portgate_tests::case("tms-edi", "x12-of-all-kinds", "edi")),
        ("EDIFACT acknowledgements", portgate_tests::case("tms-edi", "edifact-of-both-kinds", "edi")),
        ("X12 204", portgate_tests::case("tms-edi", "x12-204-original-with-three-stops", "edi")),
        ("X12 990", portgate_tests::case("tms-edi", "x12-990-accepted-declined-and-unknown", "edi")),
        ("X12 210", portgate_tests::case("tms-edi", "x12-210-charges-and-costs", "edi")),
        ("X12 214", portgate_tests::case("tms-edi", "x12-214-status-of-two-deliveries", "edi")),
        ("EDIFACT IFTMIN", portgate_tests::case("tms-edi", "edifact-iftmin-instruction", "edi")),
        ("DCSA Track & Trace 2.2", portgate_tests::case("carrier-ocean", "dcsa-2-2-events", "json")),
        ("X12 945", portgate_tests::case("wms-x12", "945-late-split-ships-a-part-and-the-rest-follows", "edi")),
        ("X12 856", portgate_tests::case("wms-x12", "856-two-orders-on-pallets-in-cartons", "edi")),
        ("X12 944, whatever else there is", portgate_tests::case("wms-x12", "944-short-over-and-damaged", "edi")),
        (
            "X12 947, whatever else there is",
            portgate_tests::case("wms-x12", "947-counted-damaged-and-put-on-hold", "edi"),
        ),
        ("Shopify orders", portgate_tests::case("ecom-shopify", "order", "json")),
        ("UBL invoices", portgate_tests::case("finance-ubl", "ubl-invoice", "xml")),
        ("CII invoices", portgate_tests::case("finance-ubl", "cii-invoice", "xml")),
        ("Shopify fulfilments", portgate_tests::case("ecom-shopify", "fulfilment-in-two-parcels", "json")),
        ("Shopify fulfilment orders", portgate_tests::case("ecom-shopify", "fulfilment-order-held-in-part", "json")),
        ("Shopify fulfilment events", portgate_tests::case("ecom-shopify", "event-with-an-estimate", "json")),
        ("Shopify refunds", portgate_tests::case("ecom-shopify", "refund-of-a-line", "json")),
        ("X12 810", portgate_tests::case("finance-ubl", "x12-810-with-everything", "edi")),
        ("EDIFACT INVOIC", portgate_tests::case("finance-ubl", "edifact-invoic-with-everything", "edi")),
        ("NCTS declarations", portgate_tests::case("saas-ncts-ens", "transit-declared-with-everything", "xml")),
        ("NCTS notifications", portgate_tests::case("saas-ncts-ens", "control-with-documents-wanted", "xml")),
        ("ICS declarations", portgate_tests::case("saas-ncts-ens", "entry-declared-with-everything", "xml")),
        ("ICS notifications", portgate_tests::case("saas-ncts-ens", "entry-not-to-be-loaded", "xml")),
        ("EasyPost trackers", portgate_tests::case("carrier-parcel", "easypost-event-out-for-delivery", "json")),
        ("Shippo tracks", portgate_tests::case("carrier-parcel", "shippo-event", "json")),
        ("SAP IDocs", portgate_tests::case("erp-sap", "idoc-delivery-with-handling-units", "xml")),
        ("SAP sales orders", portgate_tests::case("erp-sap", "sales-order-with-everything-expanded", "json")),
        ("SAP deliveries", portgate_tests::case("erp-sap", "delivery-with-everything-expanded", "json")),
        ("SAP billing documents", portgate_tests::case("erp-sap", "billing-document-with-its-items", "json")),
        ("SAP business partners", portgate_tests::case("erp-sap", "business-partner-with-blocks", "json")),
        ("SAP products", portgate_tests::case("erp-sap", "product-with-commodity-codes", "json")),
        ("SAP business events", portgate_tests::case("erp-sap", "events-of-the-queue", "json")),
    ];
    for (name, whole) in cases {
        let family = FAMILIES.iter().find(|family| family.name == name).expect("a family");
        let step = (whole.len() / 150).max(1);
        for at in (0..whole.len()).step_by(step) {
            let mut changed = whole.clone();
            changed[at] = changed[at].wrapping_add(1);
            for body in [whole[..at].to_vec(), changed] {
                if let Err(problem) = bench.run(family, body).await {
                    assert!(!problem.contains("ended badly"), "{name}, byte {at}: {problem}");
                }
            }
        }
    }
}

/// The tables of all connectors.
const TABLES: &[&table::Table] = &[
    &cds::CDS,
    &erp::IDOCS,
    &erp::ODATA,
    &finance::FINANCE,
    &ncts::TRANSITS,
    &ncts::ENTRIES,
    &ocean::X12,
    &ocean::EDIFACT,
    &ocean::DCSA,
    &parcels::PARCELS_OF_EASYPOST,
    &parcels::PARCELS_OF_SHIPPO,
    &shop::SHOPS,
    &tenders::TENDERS,
    &warehouse::WAREHOUSE,
];

/// Samples that are in no connector's table: what their paths begin with, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("SOURCES.md", "where the samples are from"),
    ("screening/", "lists and names, which `screening.rs` is about"),
    ("reference/", "public tables of codes"),
    ("identity/", "keys and tokens of identity providers"),
    ("epcis/", "events that the customer portal is to be told of; nobody sends them"),
    ("iata-onerecord/", "air cargo, for which there is no connector"),
    ("hmrc-financials/", "notices of an account, for which there is no connector"),
    // What follows is in a family above: it is an acknowledgement, or must be refused by everybody who is sent it.
    ("x12/997/", "acknowledgements"),
    ("x12/999/", "acknowledgements"),
    ("x12/TA1/", "acknowledgements"),
    ("x12/824/", "acknowledgements of an application, which nobody sends yet"),
    ("edifact/APERAK/", "acknowledgements"),
    ("x12/820/", "payments, for which there is no connector"),
    ("x12/850/", "orders between other companies, for which there is no connector"),
    ("edifact/ORDERS/", "orders between other companies, for which there is no connector"),
    ("edifact/orders/", "orders between other companies, for which there is no connector"),
    ("edifact/DESADV/", "advices between other companies, for which there is no connector"),
    ("edifact/recadv/", "advices between other companies, for which there is no connector"),
    ("edifact/negative/", "broken on purpose"),
    ("edifact/syntax/", "tests of readers"),
    ("x12/negative/", "broken on purpose"),
];

#[test]
fn every_file_of_the_samples_has_its_table_or_a_reason_to_have_none() {
    let Some(files) = table::all_files() else { return };
    let elsewhere = |below: &str| ELSEWHERE.iter().any(|(start, _)| below.starts_with(start));
    let placed = |below: &str| TABLES.iter().any(|table| table.has(below)) || elsewhere(below);
    let lost: Vec<&str> = files.iter().map(|(_, below)| below.as_str()).filter(|below| !placed(below)).collect();
    println!(
        "{} files, {} of them in tables",
        files.len(),
        files.iter().filter(|(_, below)| TABLES.iter().any(|table| table.has(below))).count()
    );
    assert!(lost.is_empty(), "in no table, and without a reason:\n{}", lost.join("\n"));
    for (start, _) in ELSEWHERE {
        assert!(files.iter().any(|(_, below)| below.starts_with(start)), "no sample begins with {start}");
    }
}
