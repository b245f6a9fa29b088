//! Compile bombs: components that are small and valid, and that no compiler gets done with in reasonable time or memory.

use std::path::{Path, PathBuf};

use portgate_core::policy::Compilation;
use portgate_runtime::{Compiler, Overrun, Refusal};
use portgate_tests::plugins::with_bomb;
use portgate_tests::process::program;

use crate::craft::Craft;
use crate::rig::{Rig, message, policy};

fn caps() -> Compilation {
    Compilation { memory_bytes_max: 8 << 30, cpu_seconds_max: 600, wall_seconds_max: 600 }
}

fn rig(caps: &Compilation) -> Rig {
    Rig::compiling(Compiler::Process { program: program("portgate"), caps: caps.clone() })
}

/// The bomb is refused for this, leaves nothing behind, and the next plugin is compiled as if nothing had been.
fn is_refused_for(overrun: Overrun, size: usize, caps: &Compilation) {
    let rig = rig(caps);
    let bomb = with_bomb(&Craft::default().component(), size);
    let refusal = rig.admit("crafted", &bomb, &policy()).expect_err("a bomb");
    assert!(matches!(&refusal, Refusal::Overrun(found) if *found == overrun), "{refusal}");
    assert!(refusal.to_string().contains("gateway.toml, compilation."), "{refusal}");
    assert_eq!(rig.kept(), Vec::<PathBuf>::new());
    rig.admit("crafted", &Craft::default().component(), &policy()).expect("a good plugin");
    assert_eq!(rig.artefacts().len(), 1);
}

#[test]
fn a_bomb_that_takes_processor_time_is_refused() {
    let caps = Compilation { cpu_seconds_max: 5, ..caps() };
    is_refused_for(Overrun::Processor(5), 400, &caps);
}

#[test]
fn a_bomb_that_takes_memory_is_refused() {
    let caps = Compilation { memory_bytes_max: 512 << 20, ..caps() };
    is_refused_for(Overrun::Memory(512 << 20), 1_500, &caps);
}

#[test]
fn a_bomb_that_takes_time_on_the_clock_is_refused() {
    let caps = Compilation { wall_seconds_max: 10, ..caps() };
    is_refused_for(Overrun::Clock(10), 400, &caps);
}

#[tokio::test]
async fn what_is_compiled_elsewhere_runs_here() {
    let rig = rig(&Compilation { memory_bytes_max: 512 << 20, ..caps() });
    let plugin = rig.admit("crafted", &Craft::default().component(), &policy()).expect("a good plugin");
    plugin.decode(message("crafted")).await.outcome.expect("a call").expect("no documents");
    // The other process asks for what the engine here would refuse as well.
    let refusal = rig.admit("crafted", &Craft { memory: "1000", ..Craft::default() }.component(), &policy());
    assert!(matches!(refusal, Err(Refusal::Uncompilable(_))), "{refusal:?}");
}

/// A compiler that is a shell script.
fn script(folder: &Path, text: &str, caps: Compilation) -> Rig {
    use std::os::unix::fs::PermissionsExt;
    let program = folder.join("compiler");
    std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).expect("a script");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).expect("a script that runs");
    Rig::compiling(Compiler::Process { program, caps })
}

#[test]
fn the_compiler_is_given_no_environment_and_stands_in_no_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let rig = script(folder.path(), "/usr/bin/env >&2; /bin/pwd >&2; exit 1", caps());
    let refusal = rig.admit("crafted", &Craft::default().component(), &policy()).expect_err("no compiler");
    let Refusal::Uncompilable(said) = refusal else { panic!("{refusal}") };
    // A shell sets these by itself.
    let own = |line: &&str| ["PWD=", "SHLVL=", "_=", "OLDPWD="].iter().any(|name| line.starts_with(name));
    assert_eq!(said.lines().filter(|line| !own(line)).collect::<Vec<_>>(), ["/"], "{said}");
}

#[test]
fn a_compiler_that_hangs_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let started = folder.path().join("started");
    let text = format!("echo $$ >{}; exec /bin/sleep 3600", started.display());
    let rig = script(folder.path(), &text, Compilation { wall_seconds_max: 1, ..caps() });
    let refusal = rig.admit("crafted", &Craft::default().component(), &policy()).expect_err("no compiler");
    assert!(matches!(refusal, Refusal::Overrun(Overrun::Clock(1))), "{refusal}");
    let process = std::fs::read_to_string(&started).expect("it was started");
    assert!(!Path::new("/proc").join(process.trim()).exists(), "it still runs");
}

#[test]
fn code_that_no_compiler_made_is_not_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let rig = script(folder.path(), "echo this is no native code", caps());
    let refusal = rig.admit("crafted", &Craft::default().component(), &policy()).expect_err("no compiler");
    assert!(matches!(refusal, Refusal::Uncompilable(_)), "{refusal}");
}

#[test]
fn a_compiler_that_is_not_there_is_said_so() {
    let program = PathBuf::from("/nowhere/portgate");
    let rig = Rig::compiling(Compiler::Process { program, caps: caps() });
    let refusal = rig.admit("crafted", &Craft::default().component(), &policy()).expect_err("no compiler");
    assert!(matches!(&refusal, Refusal::Compiler(said) if said.contains("/nowhere/portgate")), "{refusal}");
}
