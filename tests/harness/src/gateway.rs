//! A real gateway on loopback, with policies written for one test.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portgate_server::{Compiling, Folder, Server};
use portgate_store::testing::PostgresServer;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::credentials::Credentials;

/// A policy folder of a test's own: the project's policies, on free ports, with fresh secrets.
pub struct Workshop {
    folder: TempDir,
    /// What the partners of the folder hold.
    pub credentials: Credentials,
}

impl Workshop {
    /// Copies `policies/` and makes it independent of every other test.
    pub fn new() -> Self {
        // The journal is in this folder, which therefore must be private.
        let private = tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o700)).tempdir();
        let folder = private.expect("a temporary folder can be made");
        let policies = crate::repository().join("policies");
        copy_policies(&policies, &folder.path().join("policies"));
        let credentials = Credentials::make(&folder.path().join("secrets"));
        let workshop = Workshop { folder, credentials };
        let plugins = crate::plugins::folder();
        // All tests share what was compiled once. A test that needs a cache of its own sets one.
        let cache = plugins.with_file_name("plugin-cache");
        let own = [
            ("127.0.0.1:8480", "127.0.0.1:0"),
            ("127.0.0.1:8481", "127.0.0.1:0"),
            ("../target/plugins", plugins.to_str().expect("a path of plain text")),
            ("../target/demo/secrets", "../secrets"),
            ("../target/demo/data/journal.sqlite", "../journal.sqlite"),
            ("../target/demo/cache", cache.to_str().expect("a path of plain text")),
        ];
        workshop.replace("gateway.toml", &own);
        // A copy beside the policies, because a gateway that runs as another user may not look into the checkout.
        let key = workshop.path().join("builder.key.pub");
        std::fs::copy(crate::plugins::public_key(), key).expect("a key; `make plugins` makes it");
        workshop
            .edit("signers/builder.toml", |text| text.replace("../target/demo/builder.key.pub", "../builder.key.pub"));
        workshop
    }

    /// The policy folder.
    pub fn policies(&self) -> PathBuf {
        self.folder.path().join("policies")
    }

    /// The temporary folder that holds everything.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Rewrites one policy file. Panics if the edit changes nothing, since a test that edits nothing proves nothing.
    pub fn edit(&self, file: &str, change: impl FnOnce(&str) -> String) -> &Self {
        let path = self.policies().join(file);
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        let after = change(&before);
        assert_ne!(before, after, "the edit of {file} changed nothing");
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        std::fs::write(&path, after).expect("a policy file can be written");
        self
    }

    /// Takes back what the project lets the ERP see of shipments, so that a test can say it.
    pub fn erp_sees_nothing(&self) -> &Self {
        self.edit("partners/erp.toml", |text| {
            let (before, own) = text.split_once("[shipments]\n").expect("the ERP looks up shipments");
            let (_, delivery) = own.split_once("[delivery]\n").expect("it is delivered to");
            format!("{before}[delivery]\n{delivery}")
        })
    }

    /// Replaces texts in a policy file, wherever they stand. Panics where one of them is not there.
    pub fn replace(&self, file: &str, texts: &[(&str, &str)]) -> &Self {
        self.edit(file, |text| {
            texts.iter().fold(text.to_owned(), |text, (before, after)| {
                assert!(text.contains(before), "{file} has no `{before}`:\n{text}");
                text.replace(before, after)
            })
        })
    }

    /// Keeps a copy of the policy folder as it is now, beside it.
    pub fn copy_policies(&self, name: &str) -> &Self {
        copy_policies(&self.policies(), &self.folder.path().join(name));
        self
    }

    /// Writes a secret that policies can name as `file:NAME`.
    pub fn secret(&self, name: &str, content: &str) -> &Self {
        let file = self.folder.path().join("secrets").join(name);
        portgate_files::own::replace(&file, content.as_bytes()).expect("a secret can be written");
        self
    }

    /// Gives a partner a credential for tests besides what it has: an API key, which comes back.
    pub fn test_key(&self, partner: &str) -> String {
        let key = hex::encode(crate::credentials::random::<24>());
        let hash = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes()));
        self.secret(&format!("{partner}.test.sha256"), &hash);
        self.edit(&format!("partners/{partner}.toml"), |text| {
            let way = format!(
                "[[authenticate]]\nkind = \"api-key\"\nsha256 = \"file:{partner}.test.sha256\"\ntest = true\n\n"
            );
            text.replacen("[limits]", &format!("{way}[limits]"), 1)
        });
        key
    }

    /// Adds so many partners, `signer-00` and on, that may sign messages of this contract.
    pub fn sign_by_many(&self, signers: usize, contract: &str, version: &str) -> &Self {
        for number in 0..signers {
            let name = format!("signer-{number:02}");
            self.secret(&format!("{name}.whsec"), &self.credentials.another_webhook_secret());
            self.edit(&format!("partners/{name}.toml"), |_| {
                format!(
                    "title = \"Signs\"\n[[authenticate]]\nkind = \"hmac\"\nsecret = \"file:{name}.whsec\"\n[limits]\n\
                     requests_per_second = 10\nburst = 10\nrequests_in_flight_max = 4\n[[contracts]]\n\
                     name = \"{contract}\"\nversions = [\"{version}\"]\n"
                )
            });
        }
        self
    }

    /// Replaces a value in `gateway.toml`: the whole line of that key.
    pub fn set(&self, file: &str, key: &str, value: &str) -> &Self {
        self.edit(file, |text| {
            let line = |line: &str| match line.split_once('=') {
                Some((left, _)) if left.trim() == key => format!("{key} = {value}"),
                _ => line.to_owned(),
            };
            text.lines().map(line).collect::<Vec<_>>().join("\n")
        })
    }

    /// Has the journal kept in a new database of this server.
    pub fn keep_in(&self, server: &PostgresServer) -> &Self {
        self.secret("journal.url", &server.database("journal").expect("a database"));
        self.set("gateway.toml", "database", "\"file:journal.url\"");
        self.edit("gateway.toml", |text| format!("{text}\n[audit]\nsigning_key = \"file:audit.key\"\n"))
    }

    /// Everything that a gateway gives as its reasons not to start with the folder as it is now.
    pub async fn refused(&self) -> String {
        match Server::start(Folder::new(self.policies()), Compiling::Here).await {
            Ok(_) => panic!("the gateway takes its policies"),
            Err(mistakes) => mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        }
    }

    /// Starts a gateway with the folder as it is now.
    pub async fn start(&self) -> Gateway {
        let server = match Server::start(Folder::new(self.policies()), Compiling::Here).await {
            Ok(server) => server,
            Err(mistakes) => panic!(
                "the gateway refuses its policies:\n{}",
                mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            ),
        };
        let (partner, operator) = (server.partner_address(), server.operator_address());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(server.run_until(async {
            let _ = stopped.await;
        }));
        Gateway { partner, operator, stop: Some(stop), task: Some(task) }
    }
}

fn copy_policies(from: &Path, to: &Path) {
    for part in ["", "plugins", "partners", "operators", "signers", "tables"] {
        let target = to.join(part);
        std::fs::create_dir_all(&target).expect("a folder in the temporary folder");
        for entry in std::fs::read_dir(from.join(part)).expect("a policy folder") {
            let path = entry.expect("a readable folder").path();
            if path.is_file() {
                std::fs::copy(&path, target.join(path.file_name().expect("a file has a name"))).expect("a copy");
            }
        }
    }
}

impl Default for Workshop {
    fn default() -> Self {
        Self::new()
    }
}

/// A gateway that is listening.
pub struct Gateway {
    /// The partner API.
    pub partner: SocketAddr,
    /// The operator API.
    pub operator: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<usize>>,
}

impl Gateway {
    /// Tells it to stop, as a signal would, without waiting.
    pub fn tell_to_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped; returns how many requests were cut off.
    pub async fn stopped(&mut self) -> usize {
        self.tell_to_stop();
        let task = self.task.take().expect("a gateway stops once");
        let ended = tokio::time::timeout(Duration::from_secs(60), task).await;
        ended.expect("the gateway stops within a minute").expect("the gateway does not panic")
    }
}
