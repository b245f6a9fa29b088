//! A disk that is full, and a disk that fails.

use std::path::Path;
use std::process::{Command, Stdio};

use portgate_tests::Client;
use portgate_tests::process::GatewayProcess;

use crate::ledger::Ledger;
use crate::unhurried;

/// After so many refusals with nothing taken between them the disk is full, and stays so.
const REFUSED_IN_A_ROW: usize = 20;

/// A file system of its own in memory, gone with it.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// None where this account may not mount anything.
    fn mount(folder: &'a Path) -> Option<Self> {
        std::fs::create_dir_all(folder).expect("a folder");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs"]).arg(folder).output();
        mount.is_ok_and(|mount| mount.status.success()).then_some(SmallDisk(folder))
    }

    fn enlarge(&self) {
        let mount = Command::new("mount").args(["-o", "remount,size=64m"]).arg(self.0).status();
        assert!(mount.expect("mount runs").success());
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_messages_are_refused_and_with_room_again_they_are_taken() {
    let (workshop, portal) = unhurried().await;
    let folder = workshop.path().join("small");
    let Some(disk) = SmallDisk::mount(&folder) else {
        return println!("left out: this account may not mount a small file system");
    };
    workshop.set("gateway.toml", "database", "\"sqlite:../small/journal.sqlite\"");
    let gateway = GatewayProcess::start(&workshop);
    let client = Client::new(gateway.partner);
    let ledger = Ledger::default();
    // The journal's own housekeeping may make room for some more, so one that is refused is not yet the end.
    let mut refused = Vec::new();
    while refused.len() < REFUSED_IN_A_ROW {
        let number = ledger.open();
        match ledger.send(&client, &workshop, number).await {
            true => refused.clear(),
            false => refused.push(number),
        }
        assert!(ledger.acknowledged() < 20_000, "six megabytes hold less");
    }
    assert!(ledger.acknowledged() > 10, "something had room: {}", ledger.acknowledged());
    disk.enlarge();
    for number in refused {
        assert!(ledger.send(&client, &workshop, number).await, "there is room again, also for message {number}");
    }
    ledger.balance(&client, &workshop, &portal).await;
    gateway.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_fsync_nothing_is_acknowledged_until_the_gateway_starts_anew() {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !traced.is_ok_and(|status| status.success()) {
        return println!("left out: strace is not installed, or may not trace here");
    }
    let (workshop, portal) = unhurried().await;
    // The journal is made first, so that the failure meets a commit and not the making.
    GatewayProcess::start(&workshop).kill();
    let ledger = Ledger::default();
    // One failure only: what comes after it would work again, and must not be trusted all the same.
    let inject = "inject=fsync,fdatasync:error=EIO:when=12";
    let wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject];
    let gateway = GatewayProcess::start_by(&workshop, &wrapper);
    let client = Client::new(gateway.partner);
    while ledger.send(&client, &workshop, ledger.open()).await {
        assert!(ledger.acknowledged() < 5_000, "the twelfth fsync fails");
    }
    for _ in 0..20 {
        assert!(!ledger.send(&client, &workshop, ledger.open()).await, "nothing is acknowledged after a failed fsync");
    }
    let ready = Client::new(gateway.operator).get("/readyz").await;
    assert_eq!(ready.status, 503, "{:?}", ready.body);
    gateway.kill();
    let gateway = GatewayProcess::start(&workshop);
    ledger.balance(&Client::new(gateway.partner), &workshop, &portal).await;
}
