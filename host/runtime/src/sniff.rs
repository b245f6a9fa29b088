//! Says what a file is that was given as a component and is none, for a person who has mixed up two files.

/// How files of other kinds begin.
const BEGINNINGS: [(&[u8], &str); 12] = [
    (b"\x7fELF", "a program or library for this machine (ELF), or compiled code of an engine's cache"),
    (b"MZ", "a program for Windows"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS (Mach-O)"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "a SQLite database"),
    (b"-----BEGIN ", "a key or certificate (PEM)"),
    (b"#!", "a script"),
    (b"BC\xc0\xde", "LLVM bitcode"),
];

/// What the bytes are, where they do not begin as WebAssembly does.
pub(crate) fn other_than_wasm(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(b"\0asm") {
        return None;
    }
    if bytes.is_empty() {
        return Some("an empty file".to_owned());
    }
    if let Some((_, what)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return Some((*what).to_owned());
    }
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text_is(text.trim_start_matches('\u{feff}').trim_start()).to_owned(),
        Err(_) => format!("{} bytes of some other format", bytes.len()),
    })
}

fn text_is(text: &str) -> &'static str {
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| text.starts_with(beginning));
    let toml = |line: &str| {
        let line = line.trim();
        let table = line.starts_with('[') && line.ends_with(']');
        (table && line.trim_start_matches('[').starts_with(|first: char| first.is_ascii_alphabetic()))
            || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
    };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    if begins(&["(module", "(component"]) {
        return "WebAssembly in its text form; give the binary form of it";
    }
    if begins(&["UNA", "UNB", "ISA"]) {
        return "an EDI message";
    }
    if lines.next().is_some_and(toml) {
        return "TOML, such as a policy or plugin.toml; give the plugin file that `portgate plugin build` writes";
    }
    match text.chars().next() {
        Some('{' | '[') => "JSON text",
        Some('<') => "XML or HTML text",
        None => "nothing but white space",
        Some(_) => "a text file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_what_it_is() {
        for (bytes, what) in [
            (&b""[..], "an empty file"),
            (b"\x7fELF\x02\x01", "ELF"),
            (b"{\"name\": 1}", "JSON"),
            (b"\xef\xbb\xbf [1]", "JSON"),
            (b"<?xml version='1.0'?><a/>", "XML"),
            (b"# a policy\n\n[limits]\ncpu_ms_max = 1\n", "TOML"),
            (b"name = \"acme\"\n", "TOML"),
            (b"(component)", "text form"),
            (b"UNB+UNOC:3+A+B'", "EDI"),
            (b"hello", "a text file"),
            (b" \n", "white space"),
            (b"-----BEGIN PUBLIC KEY-----", "PEM"),
            (b"\x00\xff\xfe", "3 bytes"),
        ] {
            let said = other_than_wasm(bytes).expect("it is no WebAssembly");
            assert!(said.contains(what), "{said} for {what}");
        }
        assert_eq!(other_than_wasm(b"\0asm\x0d\0\x01\0"), None);
    }
}
