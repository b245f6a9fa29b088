//! A published XML Schema, and libxml2's word on whether a document keeps it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io, process};

/// An XML Schema with all that it includes, in a folder of its own, for `xmllint` (Debian: `libxml2-utils`).
#[derive(Debug)]
pub struct XmlSchema {
    folder: PathBuf,
    root: String,
}

impl XmlSchema {
    /// Lays out the schemas of a folder, those ending in `.gz` unpacked. `placed` says of a file's name (without `.gz`) where
    /// the schemas look for it, such as `WCO/DEC.xsd` for `WCO__DEC.xsd`, or that it is none of them; `root` is the place of
    /// the one that documents are held against.
    ///
    /// `None`, with a line on standard error, where there is no such folder or no `xmllint`.
    ///
    /// # Panics
    /// The folder cannot be read or laid out, which no test goes on after.
    pub fn laid_out(folder: &Path, root: &str, placed: impl Fn(&str) -> Option<String>) -> Option<Self> {
        if !folder.is_dir() {
            eprintln!("left out: no folder {} with schemas", folder.display());
            return None;
        }
        if Command::new("xmllint").arg("--version").stderr(Stdio::null()).status().is_err() {
            eprintln!("left out: xmllint is not installed (Debian: libxml2-utils)");
            return None;
        }
        static LAID_OUT: AtomicUsize = AtomicUsize::new(0);
        let number = LAID_OUT.fetch_add(1, Ordering::Relaxed);
        let to = env::temp_dir().join(format!("portgate-xsd-{}-{number}", process::id()));
        let schema = XmlSchema { folder: to, root: root.to_owned() };
        schema.lay_out(folder, placed).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        Some(schema)
    }

    fn lay_out(&self, from: &Path, placed: impl Fn(&str) -> Option<String>) -> io::Result<()> {
        for entry in fs::read_dir(from)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(place) = placed(name.trim_end_matches(".gz")) else { continue };
            let to = self.folder.join(place);
            fs::create_dir_all(to.parent().unwrap_or(&self.folder))?;
            let content = match name.ends_with(".gz") {
                true => Command::new("gzip").arg("-dc").arg(&path).output()?.stdout,
                false => fs::read(&path)?,
            };
            fs::write(to, content)?;
        }
        Ok(())
    }

    /// What is wrong with a document by this schema, a line each, or that the schema itself cannot be used. Empty where
    /// nothing is wrong.
    ///
    /// # Panics
    /// `xmllint` cannot be run.
    pub fn errors(&self, document: &[u8]) -> Vec<String> {
        let mut command = Command::new("xmllint");
        command.args(["--noout", "--nonet", "--schema", &self.root, "-"]).current_dir(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut running = command.spawn().expect("xmllint starts");
        let mut stdin = running.stdin.take().expect("a pipe");
        let said = std::thread::scope(|scope| {
            // It ends early where a document is not well-formed.
            scope.spawn(move || stdin.write_all(document));
            running.wait_with_output().expect("xmllint ends")
        });
        let lines = String::from_utf8_lossy(&said.stderr);
        let lines = lines.lines().filter(|line| !line.ends_with(" validates")).map(str::to_owned);
        match said.status.success() {
            true => Vec::new(),
            false => lines.chain([format!("xmllint: {}", said.status)]).collect(),
        }
    }
}

impl Drop for XmlSchema {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_held_against_the_schemas_as_they_are_laid_out() {
        let schema =
            |body: &str| format!(r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{body}</xs:schema>"#);
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, body: &str| fs::write(folder.path().join(name), schema(body)).unwrap();
        write("root.xsd", r#"<xs:include schemaLocation="types/a.xsd"/><xs:element name="A" type="a"/>"#);
        write("types__a.xsd", r#"<xs:simpleType name="a"><xs:restriction base="xs:int"/></xs:simpleType>"#);
        fs::write(folder.path().join("notes.txt"), "none of them").unwrap();
        let placed = |name: &str| name.ends_with(".xsd").then(|| name.replace("__", "/"));
        let Some(schema) = XmlSchema::laid_out(folder.path(), "root.xsd", placed) else { return };
        assert_eq!(schema.errors(b"<A>7</A>"), Vec::<String>::new());
        let errors = schema.errors(b"<A>seven</A>");
        assert!(errors[0].contains("Element 'A'") && errors[0].contains("'seven'"), "{errors:?}");
        assert!(!schema.errors(b"<A>").is_empty() && !schema.errors(b"").is_empty());
    }
}
