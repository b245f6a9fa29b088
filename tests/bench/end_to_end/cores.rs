//! Who runs on which core: the peer that is measured has one to itself, whatever serves the measurement has the other.

use crate::failure::Failure;

/// Two cores of the machine, or one where there is only one; then the figures also hold the load generator's work.
pub(crate) struct Cores {
    /// Portgate's or Envoy's; the one that is not measured waits there and takes no time.
    pub(crate) peer: u32,
    /// wrk's and nginx's.
    pub(crate) load: u32,
}

impl Cores {
    /// The first two that this process may use.
    pub(crate) fn available() -> Result<Cores, Failure> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or("0");
        let cores = numbers(list);
        let peer = cores.first().copied().unwrap_or(0);
        Ok(Cores { peer, load: cores.get(1).copied().unwrap_or(peer) })
    }
}

/// The numbers of a list such as `0-3,8`.
fn numbers(list: &str) -> Vec<u32> {
    list.trim()
        .split(',')
        .filter_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            Some(first.parse().ok()?..=last.parse().ok()?)
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_single_cores_are_read() {
        assert_eq!(numbers("\t0-1,6,8-9\n"), [0, 1, 6, 8, 9]);
    }
}
