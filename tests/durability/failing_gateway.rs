//! The gateway as a process that fails at a chosen point of a commit. The released program has no such points.
//!
//! `PORTGATE_FAIL_AT` names the point, `PORTGATE_FAIL_AFTER` says how often it is passed unharmed first, and
//! `PORTGATE_FAIL_BY` what happens then: `death` of the process, or an `error` in that one transaction. It says
//! `reached` on its log when it comes to it. `FAILPOINTS` says in the words of the crate `fail` what else happens where.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use portgate_server::{Compiling, Folder, Server};

fn main() {
    let _scenario = fail::FailScenario::setup();
    if let Ok(point) = std::env::var("PORTGATE_FAIL_AT") {
        fail_at(point);
    }
    serve();
}

fn fail_at(point: String) {
    let setting = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"));
    let (after, by) = (setting("PORTGATE_FAIL_AFTER"), setting("PORTGATE_FAIL_BY"));
    let after: u32 = after.parse().expect("a number");
    let (passed, name) = (AtomicU32::new(0), point.clone());
    let reached = move || match (passed.fetch_add(1, Ordering::Relaxed) == after, by.as_str()) {
        (false, _) => {}
        (true, "death") => {
            eprintln!("reached");
            std::process::abort();
        }
        // A point either calls back or fails: this time it has called back, the next time it fails, and then no more.
        (true, _) => {
            eprintln!("reached");
            fail::cfg(name.as_str(), "1*return->off").expect("a valid action");
        }
    };
    fail::cfg_callback(point, reached).expect("a valid point");
}

fn serve() {
    let policies = std::env::args().skip_while(|argument| argument != "--policies").nth(1).expect("--policies FOLDER");
    tracing_subscriber::fmt().json().flatten_event(true).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = Server::start(Folder::new(PathBuf::from(policies)), Compiling::Here).await;
        let server = server.expect("good policies");
        tracing::info!(partner = %server.partner_address(), operator = %server.operator_address(), "listening");
        server.run_until(std::future::pending()).await;
    });
}
