//! What the `Location` of an answer leads to: a URI reference, which is resolved against the URL of the request (RFC 9110
//! §10.2.2, RFC 3986 §5).
//!
//! A plugin knows no address, so only the gateway can tell whether it leads back to the partner's base URL. Where it does,
//! the plugin is shown path and query below that, as it writes its own requests; where it leads elsewhere, the whole URI.

use fluent_uri::{Uri, UriRef};
use portgate_core::policy::BaseUrl;

/// A `Location` as the plugin is shown it. `path` is that of the request. What is no URI reference stays as it is.
pub(super) fn shown(base: &BaseUrl, path: &str, location: &str) -> String {
    let Some(target) = resolved(base, path, location.trim()) else { return location.to_owned() };
    below(base, &target).unwrap_or_else(|| target.strip_fragment().to_string())
}

/// The target URI in normal form (RFC 3986 §6.2.2), which leads to the same.
fn resolved(base: &BaseUrl, path: &str, location: &str) -> Option<Uri<String>> {
    let scheme = if base.is_https() { "https" } else { "http" };
    let request = Uri::parse(format!("{scheme}://{}{}{path}", base.authority(), base.path())).ok()?;
    let target = UriRef::parse(location).ok()?.resolve_against(&request).ok()?;
    Some(target.normalize())
}

/// Path and query below the base URL, if the target is there.
fn below(base: &BaseUrl, target: &Uri<String>) -> Option<String> {
    let authority = target.authority()?;
    let (scheme, usual) = if base.is_https() { ("https", 443) } else { ("http", 80) };
    let port = authority.port_to_u16().ok()?.unwrap_or(usual);
    let same = target.scheme().as_str() == scheme && authority.host() == base.host() && port == base.port();
    if !same || authority.has_userinfo() {
        return None;
    }
    let path = target.path().as_str().strip_prefix(base.path()).filter(|path| path.starts_with('/'))?;
    Some(match target.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> BaseUrl {
        BaseUrl::parse(text).expect("a base URL")
    }

    /// The examples of RFC 3986, §5.4.1 and §5.4.2, with the base `http://a/b/c/d;p?q`.
    const EXAMPLES: [(&str, &str); 42] = [
        ("g:h", "g:h"),
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q#s"),
        ("g#s", "http://a/b/c/g#s"),
        ("g?y#s", "http://a/b/c/g?y#s"),
        (";x", "http://a/b/c/;x"),
        ("g;x", "http://a/b/c/g;x"),
        ("g;x?y#s", "http://a/b/c/g;x?y#s"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("../../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        (".g", "http://a/b/c/.g"),
        ("g..", "http://a/b/c/g.."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/./x", "http://a/b/c/g?y/./x"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("g#s/./x", "http://a/b/c/g#s/./x"),
        ("g#s/../x", "http://a/b/c/g#s/../x"),
        ("http:g", "http:g"),
    ];

    #[test]
    fn every_example_of_the_standard_is_resolved_as_it_says() {
        for (reference, expected) in EXAMPLES {
            let target = resolved(&base("http://a"), "/b/c/d;p?q", reference).expect(reference);
            assert_eq!(target.as_str(), expected, "{reference}");
        }
    }

    #[test]
    fn what_is_below_the_base_url_is_shown_as_a_plugin_writes_its_requests() {
        for (base_url, path, location, expected) in [
            ("http://127.0.0.1:8483", "/documents/order?key=1", "http://127.0.0.1:8483/jobs/7", "/jobs/7"),
            ("http://127.0.0.1:8483", "/documents/order?key=1", "/jobs/7", "/jobs/7"),
            ("http://127.0.0.1:8483", "/documents/order?key=1", "//127.0.0.1:8483/jobs/7", "/jobs/7"),
            ("http://127.0.0.1:8483", "/documents/order?key=1", "7", "/documents/7"),
            ("http://127.0.0.1:8483", "/documents/order?key=1", "../jobs/7?a=b#there", "/jobs/7?a=b"),
            ("http://127.0.0.1:8483", "/documents/order?key=1", "?key=2", "/documents/order?key=2"),
            ("http://127.0.0.1:8483", "/documents/order?key=1", "", "/documents/order?key=1"),
            ("https://api.example.com/v1", "/documents/order", "/v1/jobs/7", "/jobs/7"),
            ("https://api.example.com/v1", "/documents/order", "../jobs/7", "/jobs/7"),
            ("https://api.example.com/v1", "/documents/order", "HTTPS://API.Example.COM:443/v1/jobs/7", "/jobs/7"),
            ("https://api.example.com/v1", "/documents/order", "https://api.example.com:/v1/jobs/%7e7", "/jobs/~7"),
            ("https://api.example.com/v1", "/documents/order", "/v2/../v1/./jobs/7", "/jobs/7"),
            ("https://api.example.com/v1", "/documents/order", " /v1/jobs/7 ", "/jobs/7"),
            ("https://[2001:db8::1]:8443", "/a", "https://[2001:DB8:0::1]:8443/jobs/7", "/jobs/7"),
        ] {
            assert_eq!(shown(&base(base_url), path, location), expected, "{location}");
        }
    }

    #[test]
    fn what_leads_elsewhere_is_shown_whole_and_never_as_a_path() {
        for (location, expected) in [
            ("https://other.example/v1/jobs/7", "https://other.example/v1/jobs/7"),
            ("//other.example/v1/jobs/7", "https://other.example/v1/jobs/7"),
            ("http://api.example.com/v1/jobs/7", "http://api.example.com/v1/jobs/7"),
            ("https://api.example.com:8443/v1/jobs/7", "https://api.example.com:8443/v1/jobs/7"),
            ("https://api.example.com.evil.example/v1/jobs/7", "https://api.example.com.evil.example/v1/jobs/7"),
            ("https://api.example.com@evil.example/v1/jobs/7", "https://api.example.com@evil.example/v1/jobs/7"),
            ("https://user@api.example.com/v1/jobs/7", "https://user@api.example.com/v1/jobs/7"),
            ("/jobs/7#there", "https://api.example.com/jobs/7"),
            ("/v10/jobs/7", "https://api.example.com/v10/jobs/7"),
            ("/v1/../jobs/7", "https://api.example.com/jobs/7"),
            ("/v1/%2E%2e/jobs/7", "https://api.example.com/jobs/7"),
            ("/v1", "https://api.example.com/v1"),
            ("urn:job:7", "urn:job:7"),
            ("mailto:jobs@example.com", "mailto:jobs@example.com"),
        ] {
            assert_eq!(
                shown(&base("https://api.example.com/v1"), "/documents/order", location),
                expected,
                "{location}"
            );
        }
        for broken in ["https://[::1", "/jobs/ü", "/a b", "%zz", "http://a:99999999/", "\u{FFFD}"] {
            let shown = shown(&base("https://api.example.com/v1"), "/documents/order", broken);
            assert!(shown == broken || !shown.starts_with('/'), "{broken} is shown as {shown}");
        }
    }
}
