//! `portgate demo`: it shows what it promises, and whatever ends it ends its gateway.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portgate_tests::{Workshop, eventually, process, repository};

/// The ports that the project's policies name.
const PORTS: [&str; 5] = ["8480", "8481", "8482", "8483", "8484"];

/// A policy folder whose five listeners are at a loopback address that no other test of this machine has.
fn workshop() -> Workshop {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [high, low] = u16::try_from(std::process::id() % 0x1_0000).expect("two bytes").to_be_bytes();
    let [partner, operator, upstream, portal, tms] = {
        let host = format!("127.{}.{high}.{low}", NEXT.fetch_add(1, Ordering::Relaxed));
        PORTS.map(|port| format!("{host}:{port}"))
    };
    let workshop = Workshop::new();
    workshop.set("gateway.toml", "partner", &format!("\"{partner}\""));
    workshop.set("gateway.toml", "operator", &format!("\"{operator}\""));
    workshop.edit("routes.toml", |text| text.replace("127.0.0.1:8482", &upstream));
    for file in ["plugins/customer-portal.toml", "partners/customer-portal.toml", "ceiling.toml"] {
        workshop.edit(file, |text| text.replace("127.0.0.1:8483", &portal));
    }
    for file in ["plugins/tms-edi.toml", "partners/tms.toml", "ceiling.toml"] {
        workshop.edit(file, |text| text.replace("127.0.0.1:8484", &tms));
    }
    workshop
}

/// A running demo. It is killed when this is dropped.
struct Demo(Child);

impl Demo {
    fn start(workshop: &Workshop, arguments: &[&str]) -> Demo {
        let mut command = Command::new(process::program("portgate"));
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

#[tokio::test]
async fn it_shows_all_acts_and_leaves_nothing_behind() {
    let workshop = workshop();
    let mut demo = Demo::start(&workshop, &[]);
    let gateway = demo.gateway().await;
    let mut said = String::new();
    demo.0.stdout.take().expect("a pipe").read_to_string(&mut said).expect("text");
    let ended = demo.0.wait().expect("the demo ends");
    assert!(ended.success(), "{ended}:\n{said}");
    assert!(said.contains("All 18 messages were answered as they should be."), "{said}");
    assert!(said.contains("later it has all 16, 0 of them twice."), "{said}");
    for told in [
        "\n        ST*997*0001~",
        "\n        AK4*3**1~ ",
        " element 3 is missing\n",
        "\n        AK9*P*2*2*1~ ",
        " taken: 1 of 2\n",
        "✓ It has it, under the control numbers 000000001 of the interchange, 1 of the group, 0001 of the set,",
        "s later the delivery is overdue",
        "µs, and the delivery is done.",
    ] {
        assert!(said.contains(told), "{told}\n{said}");
    }
    assert!(!said.contains('✗'), "{said}");
    assert!(!runs(gateway), "the first gateway was killed, and the second has stopped before the demo");
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
