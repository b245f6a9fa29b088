//! One measurement with wrk, on the load generator's core.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::cores::Cores;
use crate::failure::Failure;
use crate::process::Process;
use crate::tools::Tools;

/// What is sent.
#[derive(Clone)]
pub struct Load {
    /// Open connections; each sends the next request when it has its answer.
    pub connections: u32,
    /// For how long.
    pub duration: Duration,
    /// The file with the token.
    pub token: PathBuf,
    /// The file with the payload.
    pub payload: PathBuf,
}

/// To whom it is sent.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// Its name in errors.
    pub name: &'a str,
    /// Where it listens.
    pub address: SocketAddr,
    /// What is asked for.
    pub path: &'a str,
    /// Whose processor time counts.
    pub process: &'a Process,
}

/// What one measurement found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Answers a second.
    pub requests_per_second: f64,
    /// Microseconds within which half of the answers came.
    pub p50_us: f64,
    /// Microseconds within which 99 of 100 answers came.
    pub p99_us: f64,
    /// The target's processor time a request, all its threads, in microseconds. Other work on the machine slows it
    /// down, yet hardly changes this.
    pub processor_us: f64,
}

/// Loads the target and measures.
///
/// # Errors
///
/// When a single request failed or was not answered with 2xx or 3xx.
pub fn run(load: &Load, target: Target, tools: &Tools, cores: &Cores) -> Result<Sample, Failure> {
    let before = target.process.processor_seconds()?;
    let output = Command::new(&tools.taskset)
        .args(["--cpu-list", &cores.load.to_string()])
        .arg(&tools.wrk)
        .args(["--threads", "1", "--connections", &load.connections.to_string()])
        .args(["--duration", &format!("{}s", load.duration.as_secs())])
        .arg("--script")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/measure/load.lua"))
        .arg(format!("http://{}{}", target.address, target.path))
        .arg("--")
        .args([&load.token, &load.payload])
        .output()?;
    let processor_seconds = target.process.processor_seconds()? - before;
    let printed = String::from_utf8_lossy(&output.stdout);
    let figures = figures(&printed).ok_or_else(|| {
        Failure::step("wrk", format!("it printed no result\n{printed}{}", String::from_utf8_lossy(&output.stderr)))
    })?;
    let [requests, microseconds, p50, p99, failed] = figures;
    if failed > 0 || requests == 0 {
        return Err(Failure::FailedRequests { server: target.name.to_owned(), failed, requests });
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
