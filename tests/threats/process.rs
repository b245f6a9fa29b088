//! Row 28: whoever breaks out of the sandbox finds a process that has little to give.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, hostile};

/// The account that owns nothing, on every Linux system.
const NOBODY: &str = "nobody";

#[tokio::test]
async fn row_28_the_process_is_not_root_gains_no_privileges_and_leaves_no_core_dump() {
    // Another user can read no cache of ours, so that it compiles anew: one small plugin.
    let workshop = hostile::workshop(&["good"]);
    workshop.set("gateway.toml", "cache", "\"../cache\"");
    let is_root = std::fs::metadata("/proc/self").expect("a process").uid() == 0;
    let user = is_root.then_some(NOBODY);
    if is_root {
        give(workshop.path(), 65_534);
    }
    let gateway = GatewayProcess::start_as(&workshop, user);
    let status = gateway.proc("status");
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().trim_start_matches(':').trim().to_owned()
    };
    assert_eq!(field("NoNewPrivs"), "1");
    assert!(!field("Uid").split_whitespace().any(|id| id == "0"), "{}", field("Uid"));
    assert_eq!(field("CapEff"), "0000000000000000");
    let limits = gateway.proc("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert!(core.split_whitespace().filter(|word| *word == "0").count() == 2, "{core}");
    // And it does what it is there for.
    let key = workshop.credentials.api_key.clone();
    let headers = [("x-api-key", key), ("content-type", "application/octet-stream".to_owned())];
    let answer = Client::new(gateway.partner).post("/v1/messages/good/1", &headers, b"payload".to_vec()).await;
    assert!(answer.status.is_success(), "{}", answer.json());
}

/// Gives everything below a folder to a user.
fn give(path: &Path, user: u32) {
    chown(path, Some(user), Some(user)).expect("root may give");
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            give(&entry.expect("an entry").path(), user);
        }
    }
}
