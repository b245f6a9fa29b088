//! A NATS server of a test's own: JetStream in a temporary folder, on loopback, gone with the test.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Workshop;

/// A server, running or not.
pub struct NatsServer {
    folder: TempDir,
    program: PathBuf,
    client: SocketAddr,
    monitoring: SocketAddr,
    process: Option<Child>,
}

/// One event in the stream.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its subject.
    pub subject: String,
    /// The message's id, by which the stream knows a repetition.
    pub id: String,
    /// The media type.
    pub content_type: String,
    /// The CloudEvent.
    pub event: serde_json::Value,
}

impl NatsServer {
    /// Starts a server that syncs what it acknowledges, or one that does not; nothing, where none is installed.
    pub fn start(sync_always: bool) -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("left out: no nats-server is installed; `tests/services` installs one");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("portgate-nats-").tempdir().expect("a temporary folder");
        let (client, monitoring) = (free(), free());
        let sync = if sync_always { "always" } else { "\"2m\"" };
        let configuration = format!(
            "listen: \"{client}\"\nhttp: \"{monitoring}\"\njetstream {{ store_dir: {:?}, sync_interval: {sync} }}\n",
            folder.path().join("data")
        );
        std::fs::write(folder.path().join("nats.conf"), configuration).expect("a file");
        let mut server = NatsServer { folder, program, client, monitoring, process: None };
        server.start_again();
        Some(server)
    }

    /// Starts it again after [`NatsServer::kill`], on the same port with the same data.
    pub fn start_again(&mut self) {
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(self.folder.path().join("nats.conf")).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(command.spawn().expect("nats-server starts"));
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(self.client).is_err() {
            assert!(Instant::now() < deadline, "nats-server does not listen after 30 seconds");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Its URL for clients.
    pub fn url(&self) -> String {
        format!("nats://{}", self.client)
    }

    /// Every event in the stream, in its order, as soon as `enough` holds of them; panics after a minute.
    pub async fn published(&self, enough: impl Fn(&[Published]) -> bool) -> Vec<Published> {
        let mut published = Vec::new();
        crate::eventually("enough events are published", async || {
            self.read_on(&mut published).await;
            if enough(&published) { Ok(()) } else { Err(format!("{} events", published.len())) }
        })
        .await;
        published
    }

    /// Reads what has come since; nothing where the server or the stream is not there.
    async fn read_on(&self, published: &mut Vec<Published>) -> Option<()> {
        let client = async_nats::connect(self.url()).await.ok()?;
        let mut stream = async_nats::jetstream::new(client).get_stream("PORTGATE").await.ok()?;
        let last = stream.info().await.ok()?.state.last_sequence;
        while (published.len() as u64) < last {
            // Nothing is ever removed, so the sequence has no gaps.
            let message = stream.get_raw_message(published.len() as u64 + 1).await.ok()?;
            let header = |name: &str| message.headers.get(name).map(ToString::to_string).unwrap_or_default();
            published.push(Published {
                subject: message.subject.to_string(),
                id: header("Nats-Msg-Id"),
                content_type: header("content-type"),
                event: serde_json::from_slice(&message.payload).expect("a CloudEvent"),
            });
        }
        Some(())
    }

    /// Has the workshop's gateway publish its events here, to the stream `PORTGATE`.
    pub fn told_by(&self, workshop: &Workshop) {
        workshop.secret("nats.url", &self.url());
        workshop.edit("gateway.toml", |text| {
            format!(
                "{text}\n[nats]\nurl = \"file:nats.url\"\nmonitoring = [\"http://{}\"]\nstream = \"PORTGATE\"\n\
                 subject = \"portgate.events\"\nkeep_days = 7\n",
                self.monitoring
            )
        });
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The server that `tests/services` has installed, or one on the path.
fn program() -> Option<PathBuf> {
    let installed = crate::repository().join("target/services/bin/nats-server");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    std::iter::once(installed).chain(on_path).find(|program| Path::is_file(program))
}

/// A port that nobody has at the moment.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}
