//! Partner payloads that stand beside the checkout, where they do.
//!
//! They are other people's data and are not part of the project: a test that wants them reads them when the folder is
//! there and says plainly when it is not.

use std::path::{Path, PathBuf};

/// The folder `shared` beside the checkout, or where `PORTGATE_SHARED` says; none where there is no such folder.
pub fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| crate::repository().join("../shared"));
    match folder.is_dir() {
        true => Some(folder),
        false => {
            eprintln!("left out: no folder {} with partner samples", folder.display());
            None
        }
    }
}

/// Every file below a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}
