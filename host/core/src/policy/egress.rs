//! What a plugin's requests may address: base URLs, methods, paths, query parameters. Nothing where it is not given.
//!
//! Everything is compared in one normal form and nothing is rewritten into it: a URL or pattern that could be written in
//! another way as well is a mistake, so that what a reviewer reads is what is compared.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod base_url;
mod path_pattern;

pub use base_url::{BaseUrl, BaseUrlPattern};
pub use path_pattern::PathPattern;

/// What a plugin's requests may address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Where its partners are reached, such as `https://api.example.com/v1`; each partner's policy names one of them.
    #[schemars(length(min = 1))]
    pub base_urls: BTreeSet<String>,
    /// The methods of its requests.
    #[schemars(length(min = 1))]
    pub methods: BTreeSet<Method>,
    /// The paths of its requests, below the base URL: literal segments, `*` for one segment, `**` at the end for one or
    /// more, such as `/declarations/*/documents`.
    #[schemars(length(min = 1))]
    pub paths: BTreeSet<String>,
    /// Names of the query parameters that its requests may carry; a request with any other, or with a query where this
    /// is empty, is not sent.
    #[serde(default)]
    pub query: BTreeSet<String>,
}

/// What no plugin's egress may exceed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EgressCeiling {
    /// Base URLs and what lies below them. The first label of a host may be `*`, for any one label; `"*"` alone stands
    /// for any URL with `https`.
    pub base_urls: BTreeSet<String>,
    /// The methods.
    pub methods: BTreeSet<Method>,
    /// Whether a partner's policy may allow addresses of this machine and of private networks.
    #[serde(default)]
    pub private_addresses: bool,
}

impl EgressCeiling {
    /// Whether requests may go to a base URL.
    pub fn covers(&self, url: &BaseUrl) -> bool {
        let mut patterns = self.base_urls.iter().filter_map(|text| BaseUrlPattern::parse(text).ok());
        patterns.any(|pattern| pattern.covers(url))
    }
}

/// The method of a request to a partner (RFC 9110 §9.3, RFC 5789).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Asks for something.
    Get,
    /// Hands something over.
    Post,
    /// Puts something in its place.
    Put,
    /// Changes a part of something.
    Patch,
    /// Takes something away.
    Delete,
}

impl Method {
    /// Every method that a policy can allow.
    pub const ALL: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];

    /// The method as it stands in a request.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// The method that is written exactly so.
    pub fn named(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.name() == name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
