//! The gateway as the demo runs it: a child process, as it would run anywhere.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use portgate_server::Folder;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// What the demo needs to know of the policies.
pub(crate) struct Settings {
    pub(crate) partner: SocketAddr,
    pub(crate) operator: SocketAddr,
    pub(crate) secrets: PathBuf,
    pub(crate) upstream: SocketAddr,
    pub(crate) portal: SocketAddr,
}

impl Settings {
    /// Reads `gateway.toml` and `routes.toml` of the folder.
    pub(crate) fn read(policies: &Path) -> Result<Self, String> {
        let folder = Folder::new(policies);
        let loaded = folder
            .policies()
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let route = loaded.routes.forward.first().ok_or("routes.toml has no forward route to show")?;
        let upstream = address(&route.upstream)?;
        let portal = loaded.partners.get("customer-portal").and_then(|partner| partner.delivery.as_ref());
        let portal = address(&portal.ok_or("partners/customer-portal.toml has no [delivery] to show")?.base_url)?;
        let listen = &loaded.gateway.listen;
        let secrets = folder.resolve(&loaded.gateway.paths.secrets);
        portgate_files::own::make_folder(&secrets).map_err(|error| error.to_string())?;
        let secrets = short(&secrets).unwrap_or(secrets);
        Ok(Settings { partner: listen.partner, operator: listen.operator, secrets, upstream, portal })
    }
}

/// The address that a URL of the policies names.
fn address(url: &str) -> Result<SocketAddr, String> {
    let parsed: http::Uri = url.parse().map_err(|_| format!("`{url}` is no URL"))?;
    let address = parsed.authority().and_then(|authority| authority.as_str().parse().ok());
    address.ok_or_else(|| format!("`{url}` must name an address with a port, for the demo plays that part itself"))
}

/// A folder that is there, as people write it who stand in the current one.
fn short(folder: &Path) -> Option<PathBuf> {
    let (here, folder) = (std::env::current_dir().ok()?.canonicalize().ok()?, folder.canonicalize().ok()?);
    folder.strip_prefix(here).ok().map(Path::to_path_buf)
}

/// A running `portgate serve`.
pub(crate) struct GatewayProcess {
    child: Child,
}

impl GatewayProcess {
    /// Starts it and waits until it takes connections.
    pub(crate) async fn start(policies: &Path, settings: &Settings) -> Result<Self, String> {
        if TcpStream::connect(settings.partner).await.is_ok() {
            return Err(format!("something is listening on {} already; stop it first", settings.partner));
        }
        let program = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
        let mut command = Command::new(program);
        // Of what its own ceiling allows it need not be warned in the middle of the show.
        command.arg("serve").arg("--policies").arg(policies).args(["--log", "warn,portgate_server::server=error"]);
        let child = command.stdin(Stdio::null()).kill_on_drop(true).spawn();
        let mut gateway = GatewayProcess { child: child.map_err(|error| format!("it cannot be started: {error}"))? };
        for _ in 0..600 {
            if TcpStream::connect(settings.operator).await.is_ok() {
                return Ok(gateway);
            }
            if let Ok(Some(status)) = gateway.child.try_wait() {
                return Err(format!("the gateway ended at once ({status}); its messages are above"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err("the gateway did not come up within a minute".to_owned())
    }

    /// Waits until it ends, or until Ctrl-C, which reaches it as well.
    pub(crate) async fn wait(&mut self) -> Result<(), String> {
        self.child.wait().await.map(drop).map_err(|error| error.to_string())
    }

    /// Kills it, as a power cut would: it gets no chance to finish anything.
    pub(crate) async fn kill(&mut self) -> Result<(), String> {
        self.child.kill().await.map_err(|error| format!("the gateway cannot be killed: {error}"))
    }

    /// Tells it to stop, as a supervisor would, and waits until it has.
    pub(crate) async fn stop(&mut self) -> Result<(), String> {
        if let Some(id) = self.child.id() {
            let told = Command::new("kill").arg("-TERM").arg(id.to_string()).status().await;
            told.map_err(|error| format!("the gateway cannot be told to stop: {error}"))?;
        }
        match tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("the gateway stopped badly ({status})")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the gateway did not stop within 30 seconds".to_owned()),
        }
    }
}
