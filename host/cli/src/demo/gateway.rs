//! The gateway as the demo runs it: a child process, as it would run anywhere.

use std::collections::BTreeMap;
use std::io::{PipeWriter, pipe};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portgate_core::policy::Credential;
use portgate_server::Folder;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// What the demo needs to know of the policies.
pub(crate) struct Settings {
    pub(crate) partner: SocketAddr,
    pub(crate) operator: SocketAddr,
    pub(crate) secrets: PathBuf,
    pub(crate) upstream: SocketAddr,
    /// The partners that are delivered to.
    pub(crate) destinations: BTreeMap<String, Destination>,
    /// Every plugin that the policies grant contracts: rule packs have none.
    pub(crate) connectors: Vec<String>,
    /// Which plugin reads and writes each contract.
    pub(crate) plugins: BTreeMap<String, String>,
}

/// A partner that is delivered to.
pub(crate) struct Destination {
    pub(crate) address: SocketAddr,
    /// The plugin that writes what it is sent.
    pub(crate) plugin: String,
    /// The header by which the gateway proves who it is, and the secret that is in it.
    pub(crate) header: String,
    pub(crate) secret: String,
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
        let mut destinations = BTreeMap::new();
        for (name, partner) in &loaded.partners {
            let Some(delivery) = &partner.delivery else { continue };
            let (header, secret) = match &delivery.credential {
                Some(Credential::Header { name, value } | Credential::ApiKey { header: name, value }) => (name, value),
                _ => {
                    return Err(format!(
                        "partners/{name}.toml: the demo can play a partner that is shown a header only"
                    ));
                }
            };
            let destination = Destination {
                address: address(&delivery.base_url)?,
                plugin: delivery.plugin.clone(),
                header: header.clone(),
                secret: secret.clone(),
            };
            destinations.insert(name.clone(), destination);
        }
        let granted = loaded.plugins.iter().flat_map(|(plugin, policy)| {
            policy.grants.contracts.iter().map(|contract| (contract.to_string(), plugin.clone()))
        });
        let plugins = granted.collect();
        let speaks = |plugin: &&String| loaded.plugins[*plugin].grants.contracts.iter().next().is_some();
        let connectors = loaded.plugins.keys().filter(speaks).cloned().collect();
        let listen = &loaded.gateway.listen;
        let secrets = folder.resolve(&loaded.gateway.paths.secrets);
        portgate_files::own::make_folder(&secrets).map_err(|error| error.to_string())?;
        let secrets = short(&secrets).unwrap_or(secrets);
        Ok(Settings {
            partner: listen.partner,
            operator: listen.operator,
            secrets,
            upstream,
            destinations,
            connectors,
            plugins,
        })
    }
}

/// The address that a URL of the policies names.
fn address(url: &str) -> Result<SocketAddr, String> {
    let parsed: http::Uri = url.parse().map_err(|_| format!("`{url}` is no URL"))?;
    let address = parsed.authority().and_then(|authority| authority.as_str().parse().ok());
    address.ok_or_else(|| format!("`{url}` must name an address with a port, for the demo plays that part itself"))
}

/// The path of an existing folder, relative to the current one if it lies in it.
fn short(folder: &Path) -> Option<PathBuf> {
    let (here, folder) = (std::env::current_dir().ok()?.canonicalize().ok()?, folder.canonicalize().ok()?);
    folder.strip_prefix(here).ok().map(Path::to_path_buf)
}

/// A `portgate serve` of the demo's own.
pub(crate) struct GatewayProcess {
    child: Child,
    /// The gateway stops when this closes: when the demo wants it to, and when the demo ends in whatever way.
    input: Option<PipeWriter>,
}

impl GatewayProcess {
    /// Starts it.
    pub(crate) async fn start(policies: &Path, settings: &Settings) -> Result<Self, String> {
        if TcpStream::connect(settings.partner).await.is_ok() {
            return Err(format!("something is listening on {} already; stop it first", settings.partner));
        }
        let program = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
        let (reader, input) = pipe().map_err(|error| format!("there is no pipe for the gateway: {error}"))?;
        let mut command = Command::new(program);
        command.arg("serve").arg("--policies").arg(policies).arg("--until-input-ends").stdin(reader);
        // Warnings about what the demo's policies allow, and of an acknowledgement that is overdue, would only disturb the show.
        command.args(["--log", "warn,portgate_server::server=error,portgate_server::unacknowledged=error"]);
        let child = command.spawn().map_err(|error| format!("the gateway cannot be started: {error}"))?;
        Ok(GatewayProcess { child, input: Some(input) })
    }

    /// Waits until it takes connections: at its first start it compiles every plugin, which takes a while on a busy machine.
    pub(crate) async fn listening(&mut self, settings: &Settings) -> Result<(), String> {
        for _ in 0..3_000 {
            if TcpStream::connect(settings.operator).await.is_ok() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the gateway ended at once ({status}); its messages are above"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err("the gateway did not come up within five minutes".to_owned())
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(&mut self) -> Result<(), String> {
        self.child.wait().await.map(drop).map_err(|error| error.to_string())
    }

    /// Kills it, as a power cut would: it gets no chance to finish anything.
    pub(crate) async fn kill(&mut self) -> Result<(), String> {
        self.child.kill().await.map_err(|error| format!("the gateway cannot be killed: {error}"))
    }

    /// Has it stop, as a supervisor would, and waits until it has.
    pub(crate) async fn stop(&mut self) -> Result<(), String> {
        drop(self.input.take());
        match tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("the gateway stopped badly ({status})")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the gateway did not stop within 30 seconds".to_owned()),
        }
    }
}
