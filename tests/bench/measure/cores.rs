//! Who runs on which core: what is measured has one to itself, whatever serves the measurement has the other.

use crate::failure::Failure;

/// Two cores of the machine, or one where there is only one; then the figures also hold the load generator's work.
pub struct Cores {
    /// What is measured; where two are measured in turns, the one that waits takes no time.
    pub measured: u32,
    /// The load generator's, and that of servers around what is measured.
    pub load: u32,
}

impl Cores {
    /// The first two that this process may use.
    pub fn available() -> Result<Cores, Failure> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or("0");
        let cores = numbers(list);
        let measured = cores.first().copied().unwrap_or(0);
        Ok(Cores { measured, load: cores.get(1).copied().unwrap_or(measured) })
    }

    /// Both, as a list.
    pub fn both(&self) -> String {
        format!("{},{}", self.measured, self.load)
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
