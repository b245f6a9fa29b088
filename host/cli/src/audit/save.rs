//! `portgate audit head`, `key` and `export`: what is kept elsewhere, to verify with.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use portgate_operator::{AuditEntry, AuditHead, Head, NoQuery};

use super::{Failure, client};
use crate::operator::{Connection, OperatorClient};

/// Entries of one request.
const PAGE: usize = 1_000;

pub(super) fn head(connection: &Connection, file: Option<&Path>) -> Result<(), Failure> {
    let head = newest_head(&client(connection)?)?;
    write(file, &saved(&head)?)?;
    if let Some(file) = file {
        println!("{}: entry {} of {}", file.display(), head.number, head.at);
    }
    Ok(())
}

pub(super) fn key(connection: &Connection, file: Option<&Path>) -> Result<(), Failure> {
    let AuditHead { key, public_key, .. } = client(connection)?.get("/v1/audit/head", &NoQuery {})?;
    write(file, &public_key)?;
    if let Some(file) = file {
        println!("{}: key {key}", file.display());
    }
    Ok(())
}

pub(super) fn export(connection: &Connection, file: &Path, head: Option<&Path>) -> Result<(), Failure> {
    let client = client(connection)?;
    // The head is asked for before the entries, so that every entry up to it is in the file.
    let newest = head.map(|file| Ok::<_, Failure>((file, newest_head(&client)?))).transpose()?;
    let failed = |error| Failure::File(file.to_owned(), error);
    let mut log = BufWriter::new(File::create(file).map_err(failed)?);
    let mut last = 0_u64;
    loop {
        let page = client.bytes(&format!("/v1/audit/export?after={last}&limit={PAGE}"))?;
        let lines = page.iter().filter(|byte| **byte == b'\n').count();
        log.write_all(&page).map_err(failed)?;
        if lines < PAGE {
            break;
        }
        let line = page.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let number = serde_json::from_slice::<AuditEntry>(line).ok().map(|entry| entry.number);
        // If somebody has made the last entry unreadable, its number follows from its place.
        last = number.filter(|number| *number > last).unwrap_or(last + lines as u64);
    }
    log.flush().map_err(failed)?;
    println!("{}: the log", file.display());
    if let Some((file, head)) = newest {
        write(Some(file), &saved(&head)?)?;
        println!("{}: its head, entry {}", file.display(), head.number);
    }
    Ok(())
}

fn newest_head(client: &OperatorClient) -> Result<Head, Failure> {
    let AuditHead { head, .. } = client.get("/v1/audit/head", &NoQuery {})?;
    head.ok_or(Failure::Empty)
}

/// A head as it is kept in a file.
fn saved(head: &Head) -> Result<String, Failure> {
    let text = serde_json::to_string(head).map_err(|_| Failure::Answer)?;
    Ok(format!("{text}\n"))
}

/// Writes a file, or to standard output where there is none.
pub(super) fn write(file: Option<&Path>, text: &str) -> Result<(), Failure> {
    match file {
        Some(file) => std::fs::write(file, text).map_err(|error| Failure::File(file.to_owned(), error)),
        None => {
            // Whoever closed the pipe has seen enough.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(())
        }
    }
}
