//! The programs that must be there: found once, before anything is built, and all that are missing named together.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// The programs that every benchmark needs.
pub struct Tools {
    /// The load generator.
    pub wrk: PathBuf,
    /// Starts a program on a core.
    pub taskset: PathBuf,
}

impl Tools {
    /// Looks on the PATH and in the folders where Debian keeps servers, for these and for others: their names, and how to
    /// install them. Gives back the others in their order.
    ///
    /// # Errors
    ///
    /// [`Failure::Missing`] with all that are missing.
    pub fn find(others: &[(&str, &str)]) -> Result<(Tools, Vec<PathBuf>), Failure> {
        let mut missing = Vec::new();
        let mut find = |(name, how): &(&str, &str)| {
            on_path(name).unwrap_or_else(|| {
                missing.push(format!("{name} ({how})"));
                PathBuf::new()
            })
        };
        let wrk = find(&("wrk", "apt-get install wrk"));
        let taskset = find(&("taskset", "apt-get install util-linux"));
        let others = others.iter().map(find).collect();
        match missing.is_empty() {
            true => Ok((Tools { wrk, taskset }, others)),
            false => Err(Failure::Missing(missing)),
        }
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let servers = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(servers).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The first line that says a version, of what `program` prints on either stream.
pub fn version(program: &Path, argument: &str) -> String {
    let Ok(output) = Command::new(program).arg(argument).output() else { return "unknown".to_owned() };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("unknown").to_owned()
}
