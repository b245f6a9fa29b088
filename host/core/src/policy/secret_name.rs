//! How a policy names a secret, which no policy holds.

/// Said wherever a secret is expected. What was written is never shown: it may be the secret itself.
pub(super) const SECRET_FORM: &str = "write `file:NAME` (in the secrets folder) or `env:NAME`, never the secret itself";

/// Whether a reference names a secret: `file:NAME` in the secrets folder, or `env:NAME`.
pub(super) fn names_secret(reference: &str) -> bool {
    let plain = |name: &str, more: &[u8]| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    match reference.split_once(':') {
        // A name, not a path: nothing outside the secrets folder can be named.
        Some(("file", name)) => plain(name, b"-_.") && !name.starts_with('.'),
        Some(("env", name)) => plain(name, b"_") && !name.starts_with(|first: char| first.is_ascii_digit()),
        _ => false,
    }
}
