//! The rules of ARCHITECTURE.md that no type can hold: which crate may know which.

mod failpoints;
mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use modules::Modules;

/// What cargo says of each package of the workspace.
fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(portgate_tests::repository())
        .output()
        .expect("cargo can be run");
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo's metadata is JSON");
    let Value::Array(packages) = metadata["packages"].take() else { panic!("{metadata}") };
    packages
}

/// The workspace's packages with the names of what each depends on, development dependencies left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let packages = packages();
    let names = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
        let built_with = dependencies.filter(|dependency| dependency["kind"] != "dev");
        built_with.filter_map(|dependency| dependency["name"].as_str().map(str::to_owned)).collect()
    };
    packages.iter().map(|package| (package["name"].as_str().expect("a name").to_owned(), names(package))).collect()
}

/// Each package of the workspace and of what it stands on, with the features that it is compiled with, where development
/// dependencies have a say and where they do not.
fn compiled(edges: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["tree", "--workspace", "--offline", "--locked", "--no-dedupe", "--prefix", "none"])
        .args(["--format", "{p} with {f}", "--edges", edges])
        .current_dir(portgate_tests::repository())
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// A feature that only a development dependency asks for has its crate compiled twice, and everything above it: once for the
/// demo and once for the tests. So `tests/Cargo.toml` asks for it as well, which counts for both.
#[test]
fn what_the_demo_compiles_the_tests_compile_no_second_time() {
    let (demo, tests) = (compiled("normal,build"), compiled("normal,build,dev"));
    assert!(demo.len() > 300, "{demo:?}");
    let again: Vec<&String> = demo.difference(&tests).collect();
    assert!(again.is_empty(), "compiled again for tests, with other features: {again:#?}");
}

/// Whether any source below a folder has an example in its documentation.
fn has_examples(folder: &Path) -> bool {
    std::fs::read_dir(folder).expect("sources").flatten().map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return has_examples(&path);
        }
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let text = if is_source { std::fs::read_to_string(&path).expect("a source") } else { String::new() };
        text.lines().any(|line| line.trim_start().starts_with("/// ```") || line.starts_with("//! ```"))
    })
}

/// To look for examples where there are none takes as long for each crate as to compile it.
#[test]
fn the_examples_of_a_crate_are_tested_where_it_has_any_and_looked_for_nowhere_else() {
    let mut wrong = Vec::new();
    for package in packages() {
        let is_lib = |target: &&Value| {
            let kinds = target["kind"].as_array().into_iter().flatten();
            kinds.filter_map(Value::as_str).any(|kind| matches!(kind, "lib" | "rlib" | "cdylib"))
        };
        let Some(lib) = package["targets"].as_array().expect("targets").iter().find(is_lib) else { continue };
        let source = Path::new(lib["src_path"].as_str().expect("a path")).parent().expect("a folder");
        if lib["doctest"].as_bool() != Some(has_examples(source)) {
            wrong.push(format!("{}: doctest = {}", package["manifest_path"], lib["doctest"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The packages of the workspace that each package may depend on.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("portgate-core", &["portgate-charset", "portgate-json", "portgate-unread"]),
    ("portgate-json", &[]),
    ("portgate-canonical", &[]),
    ("portgate-charset", &[]),
    ("portgate-unread", &[]),
    ("portgate-names", &[]),
    ("portgate-epcis", &["portgate-canonical"]),
    ("portgate-readers", &["portgate-charset", "portgate-unread"]),
    ("portgate-writers", &["portgate-charset", "portgate-readers"]),
    ("portgate-acknowledgements", &["portgate-readers", "portgate-writers"]),
    ("portgate-cases", &["portgate-unread"]),
    (
        "portgate-sdk",
        &[
            "portgate-canonical",
            "portgate-charset",
            "portgate-names",
            "portgate-unread",
            "portgate-readers",
            "portgate-writers",
            "portgate-acknowledgements",
            "portgate-cases",
        ],
    ),
    ("portgate-cds", &["portgate-sdk"]),
    ("portgate-compose", &["portgate-sdk"]),
    ("portgate-files", &[]),
    ("portgate-http", &["portgate-core", "portgate-files"]),
    ("portgate-lists", &["portgate-names", "portgate-readers"]),
    ("portgate-runtime", &["portgate-core", "portgate-files", "portgate-names"]),
    ("portgate-store", &["portgate-core", "portgate-files"]),
    ("portgate-tables", &["portgate-core", "portgate-files", "portgate-readers"]),
    ("portgate-delivery", &["portgate-core", "portgate-store"]),
    ("portgate-operator", &["portgate-core"]),
    ("portgate-cost", &["portgate-canonical", "portgate-core"]),
    ("portgate-workflow", &["portgate-canonical", "portgate-core", "portgate-cost", "portgate-store"]),
    (
        "portgate-server",
        &[
            "portgate-core",
            "portgate-files",
            "portgate-http",
            "portgate-runtime",
            "portgate-canonical",
            "portgate-charset",
            "portgate-epcis",
            "portgate-cost",
            "portgate-store",
            "portgate-tables",
            "portgate-delivery",
            "portgate-operator",
            "portgate-workflow",
        ],
    ),
    (
        "portgate",
        &[
            "portgate-core",
            "portgate-files",
            "portgate-http",
            "portgate-lists",
            "portgate-names",
            "portgate-operator",
            "portgate-runtime",
            "portgate-server",
            "portgate-tables",
            "portgate-canonical",
            "portgate-cases",
        ],
    ),
];

#[test]
fn dependencies_point_one_way() {
    let packages = dependencies();
    let ours: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    for (package, may_know) in MAY_KNOW {
        let knows = packages.get(*package).unwrap_or_else(|| panic!("there is no package {package}"));
        for other in knows.iter().filter(|other| ours.contains(other.as_str())) {
            assert!(may_know.contains(&other.as_str()), "{package} must not depend on {other}");
        }
    }
}

/// The source of every crate of the host, by its name.
fn host_crates() -> Vec<(String, Modules)> {
    let folder = portgate_tests::repository().join("host");
    let crates = std::fs::read_dir(folder).expect("the host's crates").map(|entry| entry.expect("a readable folder"));
    let read = crates
        .map(|krate| (krate.file_name().to_string_lossy().into_owned(), Modules::read(&krate.path().join("src"))));
    read.collect()
}

#[test]
fn the_modules_of_a_crate_import_each_other_one_way() {
    let crates = host_crates();
    assert!(crates.iter().any(|(_, modules)| modules.below(&[]).contains("chain")), "the gateway's modules are read");
    for (name, modules) in crates {
        assert_eq!(modules.cycle(&[]), None, "host/{name}");
    }
}

/// The core has no cycle at any depth: who changes a decision reads what it stands on, and nothing that stands on it.
#[test]
fn modules_inside_of_the_core_s_modules_import_each_other_one_way() {
    let (_, core) = host_crates().into_iter().find(|(name, _)| name == "core").expect("host/core");
    assert!(core.below(&["policy".to_owned()]).contains("check"), "the modules of policies are read");
    for parent in core.parents() {
        assert_eq!(core.cycle(parent), None, "inside of {}", parent.join("::"));
    }
}

#[test]
fn modules_inside_of_all_other_modules_import_each_other_one_way() {
    let mut told = Vec::new();
    for (name, modules) in host_crates() {
        for parent in modules.parents() {
            told.extend(modules.cycle(parent).map(|cycle| format!("{name}: {}: {cycle}", parent.join("::"))));
        }
    }
    assert!(told.is_empty(), "{told:#?}");
}

/// Whichever way a message comes, what is kept of it and what follows from it is put together in one place.
#[test]
fn only_the_intake_makes_exchanges_and_their_deliveries() {
    let source = portgate_tests::repository().join("host/server/src");
    let made: Vec<String> = portgate_tests::samples::files(&source)
        .into_iter()
        // Unit tests are left out: they keep nothing.
        .filter(|file| !file.ends_with("tests.rs"))
        .filter(|file| {
            let text = std::fs::read_to_string(file).expect("a source file");
            let is_made = |line: &str| {
                let made = ["NewExchange {", "Acceptance {", "NewDelivery {"].iter().any(|made| line.contains(made));
                made && !line.contains("->")
            };
            text.lines().any(is_made)
        })
        .map(|file| file.strip_prefix(&source).expect("a file of the package").display().to_string())
        .collect();
    // Beside what partners send: what operators correct, and what the gateway itself makes of shipments.
    assert_eq!(made, ["intake/correction.rs", "intake/own.rs", "intake/reply.rs", "intake/webhook.rs", "intake.rs"]);
}

#[test]
fn a_plugin_knows_the_sdk_and_nothing_of_the_host() {
    let packages = dependencies();
    let plugins = std::fs::read_dir(portgate_tests::repository().join("plugins")).expect("plugins");
    let plugins = plugins.map(|entry| entry.expect("a readable folder"));
    for plugin in plugins.filter(|entry| entry.path().is_dir()) {
        let name = plugin.file_name().to_string_lossy().into_owned();
        let knows = packages.get(&name).unwrap_or_else(|| panic!("plugins/{name} is no package of that name"));
        let host = ["portgate", "portgate-core", "portgate-runtime", "portgate-server", "tokio", "hyper"];
        assert!(knows.contains("portgate-sdk"), "{name} does not use the SDK");
        assert!(host.iter().all(|host| !knows.contains(*host)), "{name} knows the host: {knows:?}");
    }
}

#[test]
fn each_engine_stays_behind_one_crate() {
    let keepers: [(&str, &[&str]); 3] = [
        ("wasmtime", &["portgate-runtime"]),
        ("jsonwebtoken", &["portgate-http"]),
        ("rustls", &["portgate-http", "portgate-delivery", "portgate-store"]),
    ];
    for (library, keepers) in keepers {
        for (package, knows) in dependencies() {
            let measured = package == "portgate-bench" || package == "portgate-tests";
            assert!(!knows.contains(library) || keepers.contains(&&*package) || measured, "{package} knows {library}");
        }
    }
}

/// What a policy names can be anything, so only `host/files` opens it; the cache's files are the gateway's own.
#[test]
fn configured_files_are_read_in_one_way() {
    for package in ["runtime", "http", "server", "delivery", "store"] {
        let source = portgate_tests::repository().join("host").join(package).join("src");
        for file in portgate_tests::samples::files(&source) {
            let inside = file.strip_prefix(&source).expect("a file of the package");
            let name = inside.file_name().unwrap_or_default();
            let is_test = inside.iter().any(|part| part == "tests") || name == "tests.rs" || name == "testing.rs";
            if is_test || inside == std::path::Path::new("cache.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&file).expect("a source file");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in ["fs::read(", "fs::read_to_string(", "File::open(", "fs::write(", "create_dir"] {
                assert!(!code.contains(word), "{} uses {word}", file.display());
            }
        }
    }
}

#[test]
fn the_core_reads_no_clock_and_does_no_io() {
    let core = dependencies().remove("portgate-core").expect("the core");
    for library in ["tokio", "hyper", "wasmtime", "rusqlite", "rand", "reqwest"] {
        assert!(!core.contains(library), "host/core depends on {library}");
    }
    let source = portgate_tests::repository().join("host/core/src");
    for file in portgate_tests::samples::files(&source) {
        let inside = file.strip_prefix(&source).expect("a file of the core");
        if inside.iter().any(|part| part == "tests.rs" || part == "tests") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        // Addresses as values are no I/O; sockets are.
        let io = ["std::fs", "TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs", "std::env"];
        let clocks = ["SystemTime", "Instant::now", "Timestamp::now", "Zoned::now"];
        for word in io.into_iter().chain(clocks) {
            assert!(!code.contains(word), "{} uses {word}", file.display());
        }
    }
}
