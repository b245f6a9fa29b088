//! `portgate audit verify`: from three files, without asking anybody.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use portgate_core::audit::{BadHead, BadKey, Broken, PublicKey, SignedHead, Verified, Verifier};

/// Which log, which head, whose signature.
#[derive(Args)]
pub(crate) struct Options {
    /// The log, as `audit export` saved it
    #[arg(long)]
    log: PathBuf,
    /// A head, as `audit head` saved it
    #[arg(long)]
    head: PathBuf,
    /// The public key, as `audit key` or `audit keygen` gave it
    #[arg(long)]
    key: PathBuf,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, std::io::Error),
    #[error("{}: {}", .0.display(), .1)]
    Head(PathBuf, BadHead),
    #[error("{}: {}", .0.display(), .1)]
    Key(PathBuf, BadKey),
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// Success only where everything is as it was signed; 1 where it is not, 2 where that cannot be found out.
pub(super) fn run(options: &Options) -> ExitCode {
    match verify(options) {
        Ok(Verified { entries, span, newer }) => {
            let span = span.map_or(String::new(), |(first, last)| format!(", from {first} to {last}"));
            let newer = match newer {
                0 => String::new(),
                newer => format!("; {newer} newer entries follow, chained to them, which this head does not cover"),
            };
            println!("verified: {entries} entries{span}; none was altered, removed or moved{newer}");
            ExitCode::SUCCESS
        }
        Err(Failure::Broken(broken)) => {
            eprintln!("portgate: NOT VERIFIED: {broken}");
            ExitCode::from(1)
        }
        Err(failure) => {
            eprintln!("portgate: {failure}");
            ExitCode::from(2)
        }
    }
}

fn verify(options: &Options) -> Result<Verified, Failure> {
    let text = |file: &Path| std::fs::read_to_string(file).map_err(|error| Failure::File(file.to_owned(), error));
    let head = SignedHead::from_json(&text(&options.head)?);
    let head = head.map_err(|error| Failure::Head(options.head.clone(), error))?;
    let key = PublicKey::from_pem(&text(&options.key)?);
    let key = key.map_err(|error| Failure::Key(options.key.clone(), error))?;
    let mut verifier = Verifier::new(head, &key)?;
    let failed = |error| Failure::File(options.log.clone(), error);
    let log = BufReader::new(File::open(&options.log).map_err(failed)?);
    for line in log.split(b'\n') {
        // A line that is no UTF-8 is not what was hashed, so it need not be kept exactly.
        verifier.line(&String::from_utf8_lossy(&line.map_err(failed)?));
    }
    Ok(verifier.finish()?)
}
