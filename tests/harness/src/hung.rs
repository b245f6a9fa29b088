//! A mount whose file system does not answer: what is asked of it waits, as with a server that is away.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A folder that hangs until this is dropped.
pub struct HungMount {
    folder: PathBuf,
    /// The shell that would have to answer, and never does.
    keeper: Child,
}

impl HungMount {
    /// Mounts one over a folder. Nothing, where this account may not mount file systems of its own (FUSE).
    pub fn over(folder: &Path) -> Option<Self> {
        let script = "exec 9<>/dev/fuse && mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 hung \"$1\" && \
                      echo mounted && read -r never";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(folder);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = shell.spawn().expect("a shell starts");
        let mut said = String::new();
        let output = keeper.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut said).expect("it says something or ends");
        if said.trim() != "mounted" {
            let _ = keeper.wait();
            eprintln!("left out: this account may not mount a file system of its own (FUSE)");
            return None;
        }
        Some(HungMount { folder: folder.to_owned(), keeper })
    }
}

impl Drop for HungMount {
    fn drop(&mut self) {
        // When this input is closed, the system fails everything that waits for the mount.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).stderr(Stdio::null()).status();
    }
}
