//! `portgate demo`: it shows what it promises, and whatever ends it ends its gateway.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portgate_tests::plugins::names;
use portgate_tests::samples::files;
use portgate_tests::{Workshop, eventually, process, repository};

/// A policy folder whose listeners are at a loopback address that no other test of this machine has.
fn workshop() -> Workshop {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [high, low] = u16::try_from(std::process::id() % 0x1_0000).expect("two bytes").to_be_bytes();
    let host = format!("127.{}.{high}.{low}", NEXT.fetch_add(1, Ordering::Relaxed));
    let workshop = Workshop::new();
    workshop.set("gateway.toml", "partner", &format!("\"{host}:8480\""));
    workshop.set("gateway.toml", "operator", &format!("\"{host}:8481\""));
    let folder = workshop.policies();
    for path in files(&folder) {
        let file = path.strip_prefix(&folder).ok().and_then(|file| file.to_str()).expect("a name");
        if file.ends_with(".toml") && std::fs::read_to_string(&path).is_ok_and(|text| text.contains(NAMED)) {
            workshop.edit(file, |text| text.replace(NAMED, &format!("http://{host}:8")));
        }
    }
    workshop
}

/// How the project's policies name whom the demo plays, but for the last three digits of the port.
const NAMED: &str = "http://127.0.0.1:8";

/// A running demo. It is killed when this is dropped.
struct Demo(Child);

impl Demo {
    fn start(workshop: &Workshop, arguments: &[&str]) -> Demo {
        // Whoever runs the tests may have told its children to ignore a signal, as `nohup` does.
        let mut command = Command::new("env");
        command.arg("--default-signal=HUP,INT,TERM").arg(process::program("portgate"));
        command.arg("demo").args(arguments).arg("--policies").arg(workshop.policies());
        command.current_dir(repository()).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
        Demo(command.spawn().expect("the demo can be started"))
    }

    /// Reads what it prints until a line begins like this.
    fn prints(&mut self, beginning: &str) {
        let output = BufReader::new(self.0.stdout.as_mut().expect("a pipe"));
        let mut lines = output.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with(beginning)), "the demo never said `{beginning}`");
    }

    /// The gateway that it has started.
    async fn gateway(&self) -> Pid {
        eventually("the demo has a gateway", async || {
            children(self.0.id()).first().copied().ok_or("no process of the demo's")
        })
        .await
    }

    /// Sends the demo itself a signal, not its process group, and waits until it has ended.
    fn ends_by(&mut self, signal: Signal) {
        let demo = Pid::from_raw(i32::try_from(self.0.id()).expect("a process id"));
        kill(demo, signal).expect("the demo is running");
        self.0.wait().expect("the demo ends");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The state and the parent of a process (proc_pid_stat(5)); none where it has gone.
fn state(process: &str) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The program's name, in parentheses, may have blanks in it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// Whether a process is at work. One that has ended and that nobody has waited for is not.
fn runs(process: Pid) -> bool {
    state(&process.to_string()).is_some_and(|(state, _)| state != "Z")
}

fn children(parent: u32) -> Vec<Pid> {
    let names =
        std::fs::read_dir("/proc").expect("proc(5)").filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let processes = names.filter_map(|name| name.parse::<i32>().ok());
    let own = processes.filter(|id| state(&id.to_string()).is_some_and(|(_, of)| of == parent));
    own.map(Pid::from_raw).collect()
}

async fn ends(gateway: Pid, after: Signal) {
    eventually(&format!("the gateway ends after the demo's {after}"), async || {
        if runs(gateway) { Err("it runs") } else { Ok(()) }
    })
    .await;
}

/// Plays a demo to its end, which must be a good one or not. What it said.
async fn played(workshop: &Workshop, arguments: &[&str], well: bool) -> String {
    let mut demo = Demo::start(workshop, arguments);
    let gateway = demo.gateway().await;
    let mut said = String::new();
    demo.0.stdout.take().expect("a pipe").read_to_string(&mut said).expect("text");
    let ended = demo.0.wait().expect("the demo ends");
    assert_eq!(ended.success(), well, "{ended}:\n{}", amiss(&said));
    assert!(!runs(gateway), "a gateway is over before the demo is");
    said
}

/// What went wrong in a day, by its own account, and what it ends with: the whole of it is longer than what is kept of a log.
fn amiss(said: &str) -> String {
    let ends = said.rfind("\n\n").map_or(said, |at| &said[at..]);
    said.lines().filter(|line| line.contains('✗')).chain([ends]).collect::<Vec<_>>().join("\n")
}

/// The names of the demo's parts, as it lists them.
fn parts() -> Vec<String> {
    let output = Command::new(process::program("portgate")).args(["demo", "--list"]).output().expect("the program");
    assert!(output.status.success());
    let listed = String::from_utf8(output.stdout).expect("text");
    listed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_day_uses_every_plugin_and_leaves_nothing_behind() {
    let workshop = workshop();
    let said = played(&workshop, &[], true).await;
    for told in [
        "\nEverything went as it should.\n",
        " AK4*3**1~               element 3 is missing\n",
        " AK9*P*2*2*1~            taken: 1 of 2\n",
        " it has it as interchange 000000001, set 0001, and says nothing\n",
        " later it is overdue",
        " later it has all 5, 0 of them twice\n",
    ] {
        assert!(said.contains(told), "{told}\n{}", amiss(&said));
    }
    assert!(!said.contains('✗'), "{}", amiss(&said));
    let mut makers = names();
    // Rule packs make nothing; they judge what the others made.
    makers.retain(|name| !name.starts_with("rules-"));
    // What finance is told the gateway makes itself.
    makers.push("portgate".to_owned());
    makers.sort();
    assert_eq!(used(&workshop), makers, "by the journal, every connector and composer has made something");
}

/// The plugins that have made documents of a message, or written one which was delivered, as the journal has it.
fn used(workshop: &Workshop) -> Vec<String> {
    let journal = rusqlite::Connection::open(workshop.path().join("journal.sqlite")).expect("the journal");
    let all = |text: &str| -> BTreeSet<String> {
        let mut statement = journal.prepare(text).expect("a statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("text")).collect()
    };
    let mut plugins = all("SELECT DISTINCT plugin_name FROM exchanges JOIN documents ON exchange = exchanges.id");
    for partner in all("SELECT DISTINCT destination FROM deliveries WHERE state = 'delivered'") {
        let file = workshop.policies().join(format!("partners/{partner}.toml"));
        let policy = std::fs::read_to_string(file).expect("a policy");
        let (_, delivery) = policy.split_once("[delivery]\nplugin = \"").expect("a plugin that writes");
        plugins.extend(delivery.split('"').next().map(str::to_owned));
    }
    plugins.into_iter().collect()
}

#[tokio::test]
async fn each_part_can_be_played_alone() {
    let parts = parts();
    assert!(parts.len() >= 10, "{parts:?}");
    for part in parts {
        let said = played(&workshop(), &["--only", &part], true).await;
        assert!(!said.contains('✗'), "{part}\n{}", amiss(&said));
    }
}

#[tokio::test]
async fn a_day_on_which_something_does_not_come_fails_and_says_what() {
    let workshop = workshop();
    workshop.edit("routes.toml", |text| {
        text.replace(
            "document = \"invoice-response\"\nfrom = \"own-systems\"",
            "document = \"invoice-response\"\nfrom = \"erp\"",
        )
    });
    let said = played(&workshop, &["--only", "finance"], false).await;
    assert!(
        said.contains("This did not:\n  finance: an invoice response, Peppol BIS 3 to finance: no route leads there"),
        "{said}"
    );
}

#[tokio::test]
async fn whatever_ends_the_demo_ends_its_gateway() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGKILL, Signal::SIGABRT] {
        let workshop = workshop();
        let mut demo = Demo::start(&workshop, &["--stay"]);
        demo.prints("Ctrl-C stops it.");
        let gateway = demo.gateway().await;
        assert!(runs(gateway), "it stays");
        demo.ends_by(signal);
        ends(gateway, signal).await;
    }
}

#[tokio::test]
async fn a_demo_that_ends_before_its_gateway_serves_ends_it_too() {
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let workshop = workshop();
        let mut demo = Demo::start(&workshop, &["--stay"]);
        let gateway = demo.gateway().await;
        demo.ends_by(signal);
        ends(gateway, signal).await;
    }
}

/// With an orderly end the demo waits for its gateway: the next one finds its addresses free.
#[tokio::test]
async fn a_demo_told_to_end_has_stopped_its_gateway_before_it_ends() {
    let workshop = workshop();
    let mut demo = Demo::start(&workshop, &["--stay"]);
    demo.prints("Ctrl-C stops it.");
    let gateway = demo.gateway().await;
    demo.ends_by(Signal::SIGTERM);
    assert!(!runs(gateway), "the gateway has stopped");
    let code = demo.0.wait().expect("it has ended").code();
    assert_eq!(code, Some(128 + Signal::SIGTERM as i32));
}
