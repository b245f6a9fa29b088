//! The figures, in words and columns.

use std::fmt::Write;

use portgate_bench::load::Sample;
use portgate_bench::spread::Spread;
use portgate_bench::tools;

use crate::peer::Peer;
use crate::{Options, Setting};

/// What is measured, with which versions, on what machine.
pub(crate) fn heading(setting: &Setting, peers: &[Peer], payload_bytes: usize, options: &Options) -> String {
    let busy = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split(' ').next().unwrap_or("unknown");
    let mut text = String::from(
        "\nToken (ES256, remembered), rate limit, Shopify order to canonical order in WebAssembly, forward\n",
    );
    for peer in peers {
        _ = writeln!(text, "  {peer} {}, 1 worker, core {}", peer.version, setting.cores.measured);
    }
    let nginx = tools::version(setting.nginx, "-v");
    let nginx = nginx.rsplit('/').next().unwrap_or(&nginx);
    let wrk = tools::version(&setting.tools.wrk, "-v");
    let wrk = wrk.split_whitespace().nth(1).unwrap_or(&wrk);
    _ = writeln!(text, "  upstream nginx {nginx}, 1 worker, and wrk {wrk}, 1 thread, core {}", setting.cores.load);
    if setting.cores.measured == setting.cores.load {
        _ = writeln!(text, "  ONE CORE ONLY: peer, upstream and load generator share it");
    }
    _ = write!(
        text,
        "  payload {payload_bytes} bytes; {} rounds of {} s in turns; median (lowest to highest); load average before: {busy}",
        options.rounds, options.seconds
    );
    text
}

/// The figures of one load; `rounds` holds a sample of each peer, in the order of `peers`.
pub(crate) fn table(connections: u32, peers: &[Peer], rounds: &[Vec<Sample>]) -> String {
    let s = if connections == 1 { "" } else { "s" };
    let mut text = format!("\n{connections} connection{s}\n");
    _ = writeln!(
        text,
        "  {:<10}{:>26}{:>24}{:>26}{:>26}",
        "", "requests/s", "p50 µs", "p99 µs", "processor µs/request"
    );
    let column = |index: usize, of: fn(&Sample) -> f64| Spread::of(rounds.iter().map(|round| of(&round[index])));
    for (index, peer) in peers.iter().enumerate() {
        _ = writeln!(
            text,
            "  {:<10}{:>26}{:>24}{:>26}{:>26}",
            peer.to_string(),
            column(index, |sample| sample.requests_per_second).show(0),
            column(index, |sample| sample.p50_us).show(0),
            column(index, |sample| sample.p99_us).show(0),
            column(index, |sample| sample.processor_us).show(1),
        );
    }
    if let [first, second] = peers {
        let ratio =
            |of: fn(&Sample) -> f64| Spread::of(rounds.iter().map(|round| of(&round[0]) / of(&round[1]))).show(2);
        _ = writeln!(
            text,
            "  {:<10}{:>26}{:>24}{:>26}{:>26}",
            "ratio",
            ratio(|sample| sample.requests_per_second),
            ratio(|sample| sample.p50_us),
            ratio(|sample| sample.p99_us),
            ratio(|sample| sample.processor_us),
        );
        _ = writeln!(text, "  ratio = {first} / {second}, round by round");
    }
    text
}
