//! Base URLs in their one normal form, and the patterns of a ceiling that cover them.

use std::net::IpAddr;

use super::path_pattern::is_literal;

/// The fixed part of a partner's URLs, such as `https://api.example.com/v1`: scheme, host, port, and a path without the
/// slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseUrl {
    https: bool,
    host: String,
    port: u16,
    path: String,
}

impl BaseUrl {
    /// Reads a base URL in its normal form.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow the URL.
    pub fn parse(text: &str) -> Result<BaseUrl, &'static str> {
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err("must start with `https://`"),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("carries a user or password; name a credential instead");
        }
        let (host, port) = match authority.rfind(':').filter(|colon| !authority[*colon..].contains(']')) {
            Some(colon) => (&authority[..colon], Some(&authority[colon + 1..])),
            None => (authority, None),
        };
        let usual = if https { 443 } else { 80 };
        let port = match port {
            None => usual,
            Some(digits) => match digits.parse::<u16>() {
                Ok(port) if port.to_string() == digits && port != 0 && port != usual => port,
                Ok(port) if port == usual => return Err("names the port that its scheme has anyway; leave it out"),
                _ => return Err("has no valid port"),
            },
        };
        if !is_host(host) {
            return Err("has no valid host: a DNS name in lower case, an IPv4 address, or an IPv6 address in brackets");
        }
        if path.ends_with('/') {
            return Err("must not end with a slash");
        }
        if !path.split('/').skip(1).all(is_literal) {
            return Err(
                "has a path that is not in normal form: no empty or dot segments, no `%`, no query, no fragment",
            );
        }
        Ok(BaseUrl { https, host: host.to_owned(), port, path: path.to_owned() })
    }

    /// Whether it is reached over TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host: a DNS name, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host's address, where it is not a name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path that every request's path is put behind: empty, or beginning with a slash and not ending with one.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host and port as the `Host` header has them: without the port that the scheme has anyway.
    pub fn authority(&self) -> String {
        match (self.https, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }
}

/// An address, or a DNS name that cannot be taken for one: its last label does not begin with a digit.
fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok_and(|address| address.to_string() == inner);
    }
    if host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (1..=63).contains(&label.len()) && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253 && host.split('.').all(label) && last.starts_with(|first: char| first.is_ascii_lowercase())
}

/// What a ceiling allows: a base URL and everything below it, perhaps with any label in front of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseUrlPattern {
    /// `"*"`: any URL with `https`.
    AnyHttps,
    /// This URL and what lies below it.
    Below(BaseUrl),
    /// The same with exactly one more label in front of the host.
    LabelBelow(BaseUrl),
}

impl BaseUrlPattern {
    /// Reads a pattern of a ceiling.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow the pattern.
    pub fn parse(text: &str) -> Result<BaseUrlPattern, &'static str> {
        if text == "*" {
            return Ok(BaseUrlPattern::AnyHttps);
        }
        match text.split_once("://*.") {
            None => BaseUrl::parse(text).map(BaseUrlPattern::Below),
            Some((scheme, rest)) => match BaseUrl::parse(&format!("{scheme}://{rest}"))? {
                url if url.address().is_some() => Err("has a `*` in front of an address"),
                url if !url.host.contains('.') => Err("allows every name of a top-level domain; write one label more"),
                url => Ok(BaseUrlPattern::LabelBelow(url)),
            },
        }
    }

    /// Whether the pattern covers a base URL.
    pub fn covers(&self, url: &BaseUrl) -> bool {
        let below = |own: &BaseUrl, host: &str| {
            let rest = url.path.strip_prefix(own.path.as_str());
            let same = own.https == url.https && own.host == host && own.port == url.port;
            same && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match self {
            BaseUrlPattern::AnyHttps => url.https,
            BaseUrlPattern::Below(own) => below(own, &url.host),
            BaseUrlPattern::LabelBelow(own) => url.host.split_once('.').is_some_and(|(_, host)| below(own, host)),
        }
    }

    /// Whether every base URL that the other pattern covers is covered by this one.
    pub fn covers_pattern(&self, other: &BaseUrlPattern) -> bool {
        match (self, other) {
            (_, BaseUrlPattern::Below(url)) => self.covers(url),
            (BaseUrlPattern::AnyHttps, BaseUrlPattern::AnyHttps) => true,
            (BaseUrlPattern::AnyHttps, BaseUrlPattern::LabelBelow(url)) => url.https,
            (BaseUrlPattern::LabelBelow(own), BaseUrlPattern::LabelBelow(url)) => {
                BaseUrlPattern::Below(own.clone()).covers(url)
            }
            (BaseUrlPattern::LabelBelow(_), BaseUrlPattern::AnyHttps)
            | (BaseUrlPattern::Below(_), BaseUrlPattern::AnyHttps | BaseUrlPattern::LabelBelow(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_has_one_way_to_be_written() {
        for good in [
            "https://api.example.com",
            "https://api.example.com/v1/customs",
            "https://api.example.com:8443/v1",
            "http://127.0.0.1:9000",
            "https://[2001:db8::1]:8443/a",
            "http://localhost:1",
        ] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
        const SCHEME: &str = "must start with `https://`";
        const HOST: &str = "has no valid host";
        const PORT: &str = "has no valid port";
        const SLASH: &str = "must not end with a slash";
        const PATH: &str = "has a path that is not in normal form";
        const USER: &str = "carries a user or password";
        for (bad, why) in [
            ("api.example.com", SCHEME),
            ("ftp://api.example.com", SCHEME),
            ("HTTPS://api.example.com", SCHEME),
            ("https://", HOST),
            ("https:///v1", HOST),
            ("https://API.example.com", HOST),
            ("https://api.example.com/", SLASH),
            ("https://api.example.com/v1/", SLASH),
            ("https://api.example.com//v1", PATH),
            ("https://api.example.com/../v1", PATH),
            ("https://api.example.com/%761", PATH),
            ("https://api.example.com/v1?a=b", PATH),
            ("https://api.example.com/v1#a", PATH),
            ("https://api.example.com?a", HOST),
            ("https://user:secret@api.example.com", USER),
            ("https://api.example.com:443", "names the port that its scheme has anyway"),
            ("https://api.example.com:0", PORT),
            ("https://api.example.com:08443", PORT),
            ("https://api.example.com:+8443", PORT),
            ("https://api.example.com:", PORT),
            ("https://api.example.com:99999", PORT),
            ("https://api..example.com", HOST),
            ("https://-a.example.com", HOST),
            ("https://127.1", HOST),
            ("https://0x7f000001", HOST),
            ("https://2130706433", HOST),
            ("https://127.0.0.01", HOST),
            ("https://[::1", HOST),
            ("https://[2001:DB8::1]", HOST),
            ("https://[fe80::1%25eth0]", HOST),
            ("https://*.example.com", HOST),
            ("https://a b.example.com", HOST),
            ("https://api.example.com\\@evil.example", USER),
        ] {
            let said = BaseUrl::parse(bad).expect_err(bad);
            assert!(said.starts_with(why), "{bad}: {said}");
        }
    }

    #[test]
    fn the_authority_names_a_port_only_where_it_is_unusual() {
        let authority = |text: &str| BaseUrl::parse(text).expect("a base URL").authority();
        assert_eq!(authority("https://a.example/v1"), "a.example");
        assert_eq!(authority("https://a.example:80/v1"), "a.example:80");
        assert_eq!(authority("http://[::1]:8080"), "[::1]:8080");
    }

    #[test]
    fn a_ceiling_covers_what_lies_below_it_and_nothing_beside_it() {
        let covers = |pattern: &str, url: &str| {
            BaseUrlPattern::parse(pattern).expect("a pattern").covers(&BaseUrl::parse(url).expect("a URL"))
        };
        assert!(covers("*", "https://anything.example:8443/x"));
        assert!(!covers("*", "http://anything.example"));
        assert!(covers("https://a.example/v1", "https://a.example/v1"));
        assert!(covers("https://a.example/v1", "https://a.example/v1/x"));
        assert!(!covers("https://a.example/v1", "https://a.example/v10"));
        assert!(!covers("https://a.example/v1", "https://a.example"));
        assert!(!covers("https://a.example", "https://a.example:8443"));
        assert!(!covers("https://a.example", "http://a.example:443"));
        assert!(covers("https://*.a.example", "https://x.a.example/y"));
        assert!(!covers("https://*.a.example", "https://a.example"));
        assert!(!covers("https://*.a.example", "https://x.y.a.example"));
        assert!(!covers("https://*.a.example", "https://xa.example"));
        let covers = |pattern: &str, other: &str| {
            let parse = |text: &str| BaseUrlPattern::parse(text).expect("a pattern");
            parse(pattern).covers_pattern(&parse(other))
        };
        assert!(covers("*", "*") && covers("*", "https://*.a.example") && covers("*", "https://a.example"));
        assert!(covers("https://*.a.example", "https://*.a.example/v1"));
        assert!(!covers("https://*.a.example/v1", "https://*.a.example"));
        assert!(!covers("https://*.a.example", "*") && !covers("https://a.example", "https://*.a.example"));
        for (bad, why) in [
            ("https://*.example", "allows every name of a top-level domain"),
            ("https://*.127.0.0.1", "has a `*` in front of an address"),
            ("https://*", "has no valid host"),
            ("https://a.*.example.com", "has no valid host"),
            ("**", "must start with `https://`"),
        ] {
            let said = BaseUrlPattern::parse(bad).expect_err(bad);
            assert!(said.starts_with(why), "{bad}: {said}");
        }
    }
}
