//! A PostgreSQL server of a test's own: made in a temporary folder, reached by a socket in it, gone with the test.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running server.
pub struct PostgresServer {
    folder: TempDir,
    programs: PathBuf,
    /// The shell that ends the server when its standard input is closed, so also when the test is killed.
    keeper: Child,
    account: Option<(u32, u32)>,
}

impl PostgresServer {
    /// Starts a server with these settings (name, value) beside the defaults; nothing, where PostgreSQL is not installed.
    ///
    /// # Errors
    ///
    /// When it is installed and does not start.
    pub fn start(settings: &[(&str, &str)]) -> io::Result<Option<Self>> {
        let Some(programs) = newest_installed() else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("portgate-postgres-").tempdir()?;
        let account = account()?;
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700))?;
        if let Some((user, group)) = account {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let data = folder.path().join("data");
        let mut initdb = as_account(&programs.join("initdb"), account);
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"]);
        let made = initdb.arg(&data).current_dir("/").output()?;
        if !made.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        let keeper = keep(&programs, folder.path(), account, settings)?;
        let server = PostgresServer { folder, programs, keeper, account };
        server.wait_until_ready()?;
        Ok(Some(server))
    }

    /// Makes an empty database with this name and gives its URL.
    ///
    /// # Errors
    ///
    /// When the server does not make it.
    pub fn database(&self, name: &str) -> io::Result<String> {
        let mut createdb = as_account(&self.programs.join("createdb"), self.account);
        let made = createdb.args(["-U", "postgres", "-h"]).arg(self.folder.path()).arg(name).output()?;
        match made.status.success() {
            true => Ok(self.url(name)),
            false => Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned())),
        }
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{host}/{database}")
    }

    /// Ends the server at once, as a power cut would.
    ///
    /// # Errors
    ///
    /// When its process identifier cannot be read.
    pub fn crash(&self) -> io::Result<()> {
        let file = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid"))?;
        let pid = file.lines().next().unwrap_or_default().to_owned();
        Command::new("kill").args(["-QUIT", &pid]).status().map(|_| ())
    }

    fn wait_until_ready(&self) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let mut ready = as_account(&self.programs.join("pg_isready"), self.account);
            if ready.args(["-q", "-U", "postgres", "-h"]).arg(self.folder.path()).status()?.success() {
                return Ok(());
            }
            if Instant::now() > deadline {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                return Err(io::Error::other(format!("PostgreSQL did not start: {log}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn keep(programs: &Path, folder: &Path, account: Option<(u32, u32)>, settings: &[(&str, &str)]) -> io::Result<Child> {
    let mut script = OsString::from(
        "folder=$1; shift; \"$@\" >\"$folder/log\" 2>&1 </dev/null & read -r never; kill -INT $! 2>/dev/null; wait; \
         rm -rf \"$folder/data\"",
    );
    let mut shell = as_account(Path::new("/bin/sh"), account);
    shell.arg("-c").arg(&mut script).arg("sh").arg(folder).arg(programs.join("postgres")).arg("-D");
    shell.arg(folder.join("data")).arg("-k").arg(folder).args(["-c", "listen_addresses="]);
    for (name, value) in settings {
        shell.arg("-c").arg(format!("{name}={value}"));
    }
    // A group of its own: an interrupt of the test must reach the server through the pipe alone.
    shell.process_group(0).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

fn as_account(program: &Path, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

/// The account to run the server as: PostgreSQL does not run as root.
fn account() -> io::Result<Option<(u32, u32)>> {
    let id = |args: &[&str]| -> io::Result<u32> {
        let said = Command::new("id").args(args).output()?;
        let text = String::from_utf8_lossy(&said.stdout);
        text.trim().parse().map_err(|_| io::Error::other("there is no account `postgres`, and root cannot run it"))
    };
    match id(&["-u"])? {
        0 => Ok(Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?))),
        _ => Ok(None),
    }
}

fn newest_installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let numbered = |entry: std::fs::DirEntry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        programs.join("postgres").exists().then_some((version, programs))
    };
    versions.flatten().filter_map(numbered).max().map(|(_, programs)| programs)
}
