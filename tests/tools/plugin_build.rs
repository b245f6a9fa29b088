//! `portgate plugin new | build | test`, as an author uses them anywhere on a machine.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use portgate_runtime::SigningKey;
use portgate_tests::{process, repository};
use tempfile::TempDir;

/// Runs `portgate plugin …` in this folder. Everything that cargo may want is on this machine already, and the SDK's
/// versions travel with a new plugin, so that no registry is asked.
fn plugin(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(process::program("portgate"));
    command.arg("plugin").args(arguments).current_dir(folder).env("CARGO_NET_OFFLINE", "true");
    command.env_remove("CARGO_TARGET_DIR").output().expect("portgate runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn well(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    said(output)
}

/// Lays out a plugin in this folder.
fn new(folder: &Path, name: &str, template: &str) {
    let sdk = repository().join("sdk/rust").canonicalize().expect("the SDK");
    well(&plugin(folder, &["new", name, "--template", template, "--sdk", sdk.to_str().expect("text")]));
}

/// The crates that cargo said it compiles.
fn compiled(said: &str) -> Vec<&str> {
    let lines = said.lines().filter_map(|line| line.trim_start().strip_prefix("Compiling "));
    lines.filter_map(|line| line.split_whitespace().next()).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn it_writes_where_the_plugin_is_and_a_second_plugin_compiles_itself_alone() {
    let (projects, elsewhere) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    for name in ["first", "second", "third"] {
        new(projects.path(), name, "json");
    }
    let folder = |name: &str| projects.path().join(name).to_str().expect("a path of plain text").to_owned();
    well(&plugin(elsewhere.path(), &["build", "--quick", &folder("first")]));
    assert!(projects.path().join("first/target/plugins/first.wasm").is_file());

    let second = well(&plugin(elsewhere.path(), &["build", "--quick", &folder("second")]));
    assert_eq!(compiled(&second), ["second"], "{second}");

    // A shell makes of `plugins/*` the files beside the folders as well; named alone, a file is a mistake.
    fs::write(folder("README.md"), "The plugins.").expect("a file");
    well(&plugin(elsewhere.path(), &["build", "--quick", &folder("README.md"), &folder("second")]));
    assert!(!plugin(elsewhere.path(), &["build", &folder("README.md")]).status.success());

    // Another stack is another flag of the linker's, for this plugin alone.
    let manifest = projects.path().join("third/Cargo.toml");
    let text = fs::read_to_string(&manifest).expect("a file");
    fs::write(&manifest, format!("{text}\n[package.metadata.portgate]\nstack-kib = 512\n")).expect("a file");
    let third = well(&plugin(elsewhere.path(), &["build", "--quick", &folder("third")]));
    assert_eq!(compiled(&third), ["third"], "{third}");
    let placed = |name: &str| {
        let file = projects.path().join(format!("{name}/target/plugins/{name}.wasm"));
        portgate_tests::plugins::Placement::of(&fs::read(file).expect("a component")).stack_bytes
    };
    // The template's contract says how deep its messages are; what is compiled quickly has 64 KiB more.
    assert_eq!((placed("second"), placed("third")), (128 << 10, 576 << 10));

    assert_eq!(names(elsewhere.path()), [""; 0], "nothing is left where it was called");
    for folder in ["second/target/wasm", "second/target/wasm-quick"] {
        assert!(!projects.path().join(folder).exists(), "it is compiled beside the SDK");
    }
}

#[test]
fn the_same_source_is_the_same_file_wherever_it_lies() {
    let (here, there) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let built = [&here, &there].map(|folder| {
        new(folder.path(), "twin", "edi");
        well(&plugin(folder.path(), &["build", "twin"]));
        fs::read(folder.path().join("twin/target/plugins/twin.wasm")).expect("a component")
    });
    assert_eq!(built[0], built[1]);
    let root = repository().canonicalize().expect("the checkout");
    for place in [here.path(), there.path(), &root] {
        let place = place.to_str().expect("a path of plain text").as_bytes();
        let at = built[0].windows(place.len()).position(|window| window == place);
        assert_eq!(at, None, "the plugin names a folder of this machine");
    }
}

#[test]
fn what_is_tested_is_what_the_source_says() {
    let folder = TempDir::new().expect("a folder");
    new(folder.path(), "changing", "xml");
    let file = folder.path().join("changing/target/plugins/changing.wasm");
    let first = well(&plugin(folder.path(), &["test", "--quick", "changing"]));
    assert!(first.contains("changing.wasm is not there yet and is built"), "{first}");

    // A signature is none of the source's affair.
    let signed = SigningKey::generate().sign(&fs::read(&file).expect("a component")).expect("it can be signed");
    fs::write(&file, &signed).expect("a file");
    let second = well(&plugin(folder.path(), &["test", "--quick", "changing"]));
    assert!(!second.contains("changing.wasm"), "{second}");
    assert_eq!(fs::read(&file).expect("a component"), signed);

    let edits = [
        ("changing/plugin.toml", "version = \"0.1.0\"", "version = \"0.2.0\""),
        ("changing/src/lib.rs", "is not known", "is unheard of"),
    ];
    for (changed, before, after) in edits {
        let changed = folder.path().join(changed);
        let text = fs::read_to_string(&changed).expect("a file");
        let other = text.replace(before, after);
        assert_ne!(text, other, "{}", changed.display());
        fs::write(&changed, other).expect("a file");
        let after = said(&plugin(folder.path(), &["test", "--quick", "changing"]));
        assert!(after.contains("changing.wasm is not what the source makes and is built anew"), "{after}");
        fs::write(&changed, text).expect("a file");
        let back = well(&plugin(folder.path(), &["test", "--quick", "changing"]));
        assert!(back.contains("is built anew"), "{back}");
    }
}
