//! One measurement of one peer with wrk, on the load generator's core.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::Setting;
use crate::failure::Failure;
use crate::peer::{PATH, Peer};

/// What is sent.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) duration: Duration,
    pub(crate) script: PathBuf,
    pub(crate) token: PathBuf,
    pub(crate) payload: PathBuf,
}

/// What one measurement found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) requests_per_second: f64,
    /// Microseconds within which half of the answers came.
    pub(crate) p50_us: f64,
    /// Microseconds within which 99 of 100 answers came.
    pub(crate) p99_us: f64,
    /// The peer's processor time a request, all its threads, in microseconds. Other work on the machine slows a peer
    /// down, yet hardly changes this.
    pub(crate) processor_us: f64,
}

/// Loads `peer` and measures.
///
/// # Errors
///
/// When a single request failed or was not answered with 2xx or 3xx.
pub(crate) fn run(load: &Load, peer: &Peer, setting: &Setting) -> Result<Sample, Failure> {
    let before = peer.process.processor_seconds()?;
    let output = Command::new(&setting.tools.taskset)
        .args(["--cpu-list", &setting.cores.load.to_string()])
        .arg(&setting.tools.wrk)
        .args(["--threads", "1", "--connections", &load.connections.to_string()])
        .args(["--duration", &format!("{}s", load.duration.as_secs())])
        .arg("--script")
        .arg(&load.script)
        .arg(format!("http://{}{PATH}", peer.address))
        .arg("--")
        .args([&load.token, &load.payload])
        .output()?;
    let processor_seconds = peer.process.processor_seconds()? - before;
    let printed = String::from_utf8_lossy(&output.stdout);
    let figures = figures(&printed).ok_or_else(|| {
        Failure::step("wrk", format!("it printed no result\n{printed}{}", String::from_utf8_lossy(&output.stderr)))
    })?;
    let [requests, microseconds, p50, p99, failed] = figures;
    if failed > 0 || requests == 0 {
        return Err(Failure::FailedRequests { peer: peer.to_string(), failed, requests });
    }
    Ok(Sample {
        requests_per_second: requests as f64 * 1e6 / microseconds as f64,
        p50_us: p50 as f64,
        p99_us: p99 as f64,
        processor_us: processor_seconds * 1e6 / requests as f64,
    })
}

/// Requests, microseconds, p50, p99 and failures from the line that `load.lua` prints.
fn figures(printed: &str) -> Option<[u64; 5]> {
    let line = printed.lines().find_map(|line| line.strip_prefix("RESULT "))?;
    let numbers: Vec<u64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_found_among_what_wrk_prints() {
        let printed = "Running 5s test\n  1 threads and 16 connections\nRESULT 40000 5000000 1800 4200 0\n";
        assert_eq!(figures(printed), Some([40_000, 5_000_000, 1_800, 4_200, 0]));
        assert_eq!(figures("Running 5s test\n"), None);
    }
}
