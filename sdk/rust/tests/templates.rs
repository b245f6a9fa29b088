//! The templates of `portgate plugin new` compile and pass their own cases: each is built into this test as it stands.
#![expect(unreachable_pub, reason = "a template is the root of its own crate; here it is a module")]

use portgate_sdk::testkit::run_cases;

#[path = "../../templates/edi/src/lib.rs"]
mod edi;
#[path = "../../templates/json/src/lib.rs"]
mod json;
#[path = "../../templates/xml/src/lib.rs"]
mod xml;

const TEMPLATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../templates");

#[test]
fn the_json_template_passes_its_own_cases() {
    run_cases::<json::Plugin>(format!("{TEMPLATES}/json"));
}

#[test]
fn the_xml_template_passes_its_own_cases() {
    run_cases::<xml::Plugin>(format!("{TEMPLATES}/xml"));
}

#[test]
fn the_edi_template_passes_its_own_cases() {
    run_cases::<edi::Plugin>(format!("{TEMPLATES}/edi"));
}
