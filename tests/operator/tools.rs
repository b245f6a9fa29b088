//! What the tools of a plugin's author say, run as a program.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use portgate_tests::{plugins, process, repository};
use serde_json::Value;

use crate::commands::said;

fn portgate() -> Command {
    let mut command = Command::new(process::program("portgate"));
    command.current_dir(repository()).stdin(Stdio::null());
    command
}

fn plugin(arguments: &[&str]) -> Output {
    portgate().arg("plugin").args(arguments).output().expect("portgate runs")
}

fn component(name: &str) -> String {
    plugins::folder().join(format!("{name}.wasm")).display().to_string()
}

/// A copy of a connector's folder that can be changed, with its built component beside it.
fn copied(name: &str, change: impl FnOnce(&Path)) -> (tempfile::TempDir, Output) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join(name);
    let source = repository().join("plugins").join(name);
    for file in portgate_tests::samples::files(&source) {
        let to = root.join(file.strip_prefix(&source).expect("inside"));
        std::fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
        std::fs::copy(&file, to).expect("a copy");
    }
    change(&root);
    let built = plugins::folder().display().to_string();
    let cache = plugins::folder().with_file_name("plugin-cache").display().to_string();
    let tested = plugin(&["test", &root.display().to_string(), "--built", &built, "--cache", &cache]);
    (folder, tested)
}

#[test]
fn the_connectors_pass_their_cases_in_the_sandbox_and_leave_nothing_unread_that_they_do_not_list() {
    // A rule pack has no messages, and so no cases.
    let has_cases = |name: &String| repository().join("plugins").join(name).join("cases").is_dir();
    for name in portgate_tests::plugins::names().into_iter().filter(has_cases) {
        let (_folder, tested) = copied(&name, |_| {});
        assert!(tested.status.success(), "{name}: {}", said(&tested));
        assert!(!said(&tested).contains("never read"), "{name}: {}", said(&tested));
    }
}

#[test]
fn a_field_that_nothing_reads_fails_the_test_by_name_and_over_all_cases() {
    let (_folder, tested) = copied("ecom-shopify", |root| {
        for case in ["order", "order-without-address"] {
            let path = root.join("cases").join(case).join("message.json");
            let mut order: Value = serde_json::from_slice(&std::fs::read(&path).expect("a case")).expect("JSON");
            order["line_items"][0]["battery"] = "UN3481".into();
            std::fs::write(path, order.to_string()).expect("a case");
        }
    });
    let said = said(&tested);
    assert!(!tested.status.success(), "{said}");
    assert_eq!(said.matches("unread: /line_items/*/battery").count(), 2, "{said}");
    assert!(said.contains("never read    /line_items/*/battery (2 cases)"), "{said}");
}

#[test]
fn a_plugin_without_a_case_fails_its_test_and_so_does_a_message_that_never_reaches_it() {
    let (_folder, tested) =
        copied("customer-portal", |root| std::fs::remove_dir_all(root.join("cases")).expect("cases"));
    assert!(!tested.status.success() && said(&tested).contains("holds no cases"), "{}", said(&tested));

    let (_folder, tested) = copied("ecom-shopify", |root| {
        let settings = root.join("cases/order-rejected-for-a-wrong-type/case.toml");
        std::fs::write(settings, "contract = \"shopify-order\"\n").expect("settings");
        std::fs::write(root.join("cases/order/case.toml"), "contract = \"shopify-order\"\nbreaks_contract = true\n")
            .expect("settings");
    });
    let said = said(&tested);
    assert!(!tested.status.success(), "{said}");
    assert!(said.contains("FAILED   order-rejected-for-a-wrong-type: a gateway refuses the message"), "{said}");
    assert!(said.contains("/line_items must be an array"), "{said}");
    assert!(said.contains("FAILED   order: keeps its contract"), "{said}");
}

#[test]
fn what_a_plugin_sends_and_how_it_reads_answers_are_cases_too() {
    let (_folder, tested) = copied("customer-portal", |root| {
        let case = |name: &str| root.join("cases").join(name);
        let request = case("milestone-taken/request.http");
        let text = std::fs::read_to_string(&request).expect("a request");
        std::fs::write(&request, text.replacen("PUT ", "POST ", 1)).expect("a request");
        std::fs::write(case("patience/outcome.json"), r#"{"verdict":"accepted","documents":[],"findings":[]}"#)
            .expect("a file");
    });
    let said = said(&tested);
    assert!(!tested.status.success(), "{said}");
    assert!(said.contains("/method: expected \"POST\", got \"PUT\""), "{said}");
    assert!(said.contains("/verdict: expected \"accepted\", got \"retry\""), "{said}");
}

#[test]
fn a_manifest_that_was_changed_after_the_build_is_said() {
    let (_folder, tested) = copied("customer-portal", |root| {
        let manifest = root.join("plugin.toml");
        let text = std::fs::read_to_string(&manifest).expect("a manifest");
        std::fs::write(&manifest, format!("{text}\n[[ignored]]\npath = \"/more\"\nwhy = \"It is new.\"\n"))
            .expect("a manifest");
    });
    assert!(!tested.status.success() && said(&tested).contains("build it again"), "{}", said(&tested));
}

const ORDER: &str = "plugins/ecom-shopify/cases/order/message.json";

#[test]
fn a_message_is_invoked_from_standard_input_after_its_contract_was_asked() {
    let mut order: Value =
        serde_json::from_slice(&std::fs::read(repository().join(ORDER)).expect("a case")).expect("JSON");
    order["battery"] = "UN3481".into();
    let invoke = |body: String, more: &[&str]| {
        let mut command = portgate();
        command.args(["plugin", "invoke", &component("ecom-shopify"), "-", "--contract", "shopify-order"]).args(more);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("portgate runs");
        child.stdin.take().expect("a pipe").write_all(body.as_bytes()).expect("it is read");
        child.wait_with_output().expect("it ends")
    };
    let taken = invoke(order.to_string(), &[]);
    assert!(taken.status.success(), "{}", said(&taken));
    let json: Value = serde_json::from_slice(&taken.stdout).expect("JSON");
    assert_eq!(json["unread"], serde_json::json!(["/battery"]));
    assert!(json["ignored"].as_array().is_some_and(|paths| paths.contains(&"/line_items/*/vendor".into())), "{json:#}");
    assert_eq!(json["answer"]["documents"][0]["kind"], "order");

    order["currency"] = "Euro".into();
    let refused = invoke(order.to_string(), &[]);
    let json: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert!(!refused.status.success(), "{json:#}");
    assert_eq!(json["refused"]["findings"][0]["location"], "/currency", "{json:#}");
    let called = invoke(order.to_string(), &["--unchecked"]);
    let json: Value = serde_json::from_slice(&called.stdout).expect("JSON");
    assert!(called.status.success() && json["answer"]["rejected"].is_object(), "{json:#}");
    let other = invoke(order.to_string(), &["--content-type", "text/plain"]);
    assert!(said(&other).contains("does not take `text/plain`"), "{}", said(&other));
}

#[test]
fn documents_are_rendered_and_answers_read_by_hand() {
    let case = "plugins/customer-portal/cases/refused-with-reasons";
    let portal = component("customer-portal");
    let documents = format!("{case}/documents.json");
    let encode = ["invoke", &portal, &documents, "--function", "encode", "--contract", "portal-document"];
    let rendered = plugin(&encode);
    let json: Value = serde_json::from_slice(&rendered.stdout).expect("JSON");
    assert_eq!(json["answer"]["method"], "PUT", "{}", said(&rendered));
    let sent = format!("{case}/request.http");
    let response = format!("{case}/response.json");
    let read =
        ["invoke", &portal, &response, "--function", "interpret", "--sent", &sent, "--contract", "portal-document"];
    let json: Value = serde_json::from_slice(&plugin(&read).stdout).expect("JSON");
    assert_eq!(json["answer"]["verdict"], "rejected", "{json:#}");
}

#[test]
fn a_closed_pipe_ends_a_command_quietly() {
    let mut command = portgate();
    command.args(["plugin", "invoke", &component("ecom-shopify"), ORDER, "--contract", "shopify-order"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("portgate runs");
    // Its reader has gone before there is anything to read.
    drop(child.stdout.take());
    let mut complaints = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut complaints).expect("text");
    let status = child.wait().expect("it ends");
    assert_eq!((complaints.as_str(), status.code()), ("", Some(141)));
}

#[test]
fn a_file_that_is_no_component_is_called_what_it_is() {
    for (file, what) in [
        ("plugins/ecom-shopify/plugin.toml", "TOML"),
        (ORDER, "JSON"),
        ("plugins/broker-cds/cases/released/message.xml", "XML"),
        ("Makefile", "text file"),
    ] {
        let inspected = plugin(&["inspect", file]);
        assert!(!inspected.status.success() && said(&inspected).contains(what), "{file}: {}", said(&inspected));
    }
    let program = process::program("portgate").display().to_string();
    let inspected = plugin(&["inspect", &program]);
    assert!(said(&inspected).contains("ELF") || said(&inspected).contains("at most"), "{}", said(&inspected));
    let mut child = portgate()
        .args(["plugin", "inspect", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("portgate runs");
    child.stdin.take().expect("a pipe").write_all(b"(component)").expect("it is read");
    let inspected = child.wait_with_output().expect("it ends");
    assert!(said(&inspected).contains("text form"), "{}", said(&inspected));
}
