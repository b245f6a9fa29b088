//! Who holds a lock on a file, for whoever must tell an operator what is in the way.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::libc;

/// The processes that hold a lock on this file, ours left out, as the system lists them (`/proc/locks`). Nothing is opened
/// for it: closing a file again would give up what locks this process has on it.
pub fn holders(path: &Path) -> Vec<u32> {
    let (Ok(metadata), Ok(listed)) = (std::fs::metadata(path), std::fs::read_to_string("/proc/locks")) else {
        return Vec::new();
    };
    let device = metadata.dev();
    let file = format!("{:02x}:{:02x}:{}", libc::major(device), libc::minor(device), metadata.ino());
    let mut holders: Vec<u32> = listed.lines().filter_map(|line| holder(line, &file)).collect();
    holders.sort_unstable();
    holders.dedup();
    holders.retain(|process| *process != std::process::id());
    holders
}

/// A line has a number, perhaps `->` for one that waits, kind, binding, mode, process, file and range.
fn holder(line: &str, file: &str) -> Option<u32> {
    let mut words = line.split_ascii_whitespace().skip(1);
    let kind = words.next().filter(|kind| *kind != "->")?;
    let (process, of) = (words.nth(2)?, words.next()?);
    // A lock that belongs to an open file and not to a process has -1.
    (of == file && kind != "FLOCK").then(|| process.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_of_a_lock_on_this_file_is_found() {
        let file = "08:01:4711";
        for (line, found) in [
            ("1: POSIX  ADVISORY  READ  815 08:01:4711 120 120", Some(815)),
            ("12: POSIX  ADVISORY  WRITE 816 08:01:4711 0 EOF", Some(816)),
            ("12: -> POSIX  ADVISORY  WRITE 817 08:01:4711 0 EOF", None),
            ("2: POSIX  ADVISORY  READ  815 08:01:471 120 120", None),
            ("3: OFDLCK ADVISORY  READ  -1 08:01:4711 120 120", None),
            ("4: FLOCK  ADVISORY  WRITE 815 08:01:4711 0 EOF", None),
            ("", None),
        ] {
            assert_eq!(holder(line, file), found, "{line}");
        }
        assert!(holders(Path::new("/proc/self/exe")).is_empty());
    }
}
