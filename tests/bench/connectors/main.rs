//! What every connector costs: all of its cases in the sandbox as a gateway runs it, beside the same code run natively.
//!
//! `cargo bench -p portgate-bench --bench connectors`; the plugins must be built (`make plugins`). It prints the table of
//! `plugins/README.md`, or with `-- NAME...` the rows of these connectors.
//!
//! The native code is compiled as the plugins are (`opt-level = 3`, link-time optimisation over everything, one unit of
//! code), and has the gateway's allocator. A call in the sandbox is all that a gateway does for one: a sandbox is made,
//! the message copied in, the answer copied out and held against the policy, the sandbox thrown away. The two sides take
//! turns, case by case and round by round, so that a machine that is busy for a while is busy for both.

#[path = "../../../host/cli/src/plugin/agreed.rs"]
#[expect(dead_code, reason = "a case's agreement is read from its folder, and never from a file beside")]
mod agreed;
#[path = "../../../host/cli/src/plugin/given.rs"]
mod given;
mod sandbox;
mod table;
mod trial;

use std::path::PathBuf;

use portgate_cases::Case;
use portgate_sdk::Connector;

use crate::sandbox::Sandboxes;
use crate::table::Row;
use crate::trial::{Native, Trial};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Turns of each side with each case. The first brings the caches up and is not counted.
const ROUNDS: usize = 21;

/// Every connector of the project.
const CONNECTORS: [(&str, Native); 14] = [
    ("broker-cds", native::<broker_cds::BrokerCds>()),
    ("carrier-ocean", native::<carrier_ocean::CarrierOcean>()),
    ("carrier-parcel", native::<carrier_parcel::CarrierParcel>()),
    ("customer-portal", native::<customer_portal::CustomerPortal>()),
    ("docs-edoc", native::<docs_edoc::DocsEdoc>()),
    ("ecom-shopify", native::<ecom_shopify::Shopify>()),
    ("ecom-woocommerce", native::<ecom_woocommerce::WooCommerce>()),
    ("erp-sap", native::<erp_sap::ErpSap>()),
    ("finance-ubl", native::<finance_ubl::FinanceUbl>()),
    ("own-systems", native::<own_systems::OwnSystems>()),
    ("saas-ncts-ens", native::<saas_ncts_ens::NctsEns>()),
    ("screen-csl", native::<screen_csl::ScreenCsl>()),
    ("tms-edi", native::<tms_edi::TmsEdi>()),
    ("wms-x12", native::<wms_x12::WmsX12>()),
];

const fn native<C: Connector>() -> Native {
    Native { decode: C::decode, encode: C::encode }
}

fn main() {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sandboxes = Sandboxes::open(&repository);
    assert!(
        sandboxes.names().eq(CONNECTORS.map(|(name, _)| name)),
        "each connector with a policy is measured, by name"
    );
    // Cargo itself adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut trials = Vec::new();
    for (name, native) in CONNECTORS {
        if !wanted.is_empty() && !wanted.iter().any(|one| one == name) {
            continue;
        }
        let (mut cases, _) = portgate_cases::load(&repository.join("plugins").join(name)).expect("the cases");
        // The gateway refuses a message that breaks its contract before a plugin is asked.
        cases.retain(|case: &Case| !case.breaks_contract);
        trials.extend(cases.into_iter().filter_map(|case| Trial::of(name, native, case, &sandboxes)));
    }
    for round in 0..=ROUNDS {
        eprint!("\rround {round} of {ROUNDS}, {} cases", trials.len());
        for trial in &mut trials {
            trial.take_turns(&sandboxes.threads, round > 0);
        }
    }
    eprintln!();
    table::print(CONNECTORS.iter().flat_map(|(name, _)| Row::of(name, &trials)));
}
