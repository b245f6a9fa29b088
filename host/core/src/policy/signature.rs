//! How a partner's webhooks are signed: in a provider's scheme, which is a value of the general form, or in a form that the
//! policy writes down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A provider's way to sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureScheme {
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature` (Standard Webhooks); the secret is `whsec_` and base64.
    #[default]
    StandardWebhooks,
    /// `X-Shopify-Hmac-Sha256`: the body, in base64. The secret is that of the app, or the shop's for webhooks.
    Shopify,
    /// `X-Hub-Signature-256`: the body, as `sha256=` and hexadecimal digits, as GitHub and many others do it.
    Github,
    /// `X-Hmac-Signature`: the body, as `hmac-sha256-hex=` and hexadecimal digits. The secret is normalised (NFKD).
    Easypost,
    /// `Stripe-Signature`: time and body, as `t=…,v1=…`. The secret is the whole text, `whsec_` included.
    Stripe,
}

/// How a webhook is signed: an HMAC over some of it, in a header field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureForm {
    /// The header field with the signature, lower case.
    pub header: String,
    /// The hash of the HMAC.
    #[serde(default)]
    pub algorithm: SignatureAlgorithm,
    /// How the signature is written.
    pub encoding: SignatureEncoding,
    /// What is signed: text with `{body}`, `{timestamp}`, `{id}`, `{method}` and `{path}` (with its query, as it came) in it,
    /// such as `{timestamp}.{body}`.
    #[serde(default = "body")]
    #[schemars(length(max = 200))]
    pub signed: String,
    /// What stands before a signature in its header field, such as `sha256=`.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub prefix: String,
    /// What stands between several values of that header field: `,`, `;` or a blank. Values that do not begin with the prefix
    /// are passed over. One value where it is not given.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[ ,;]$"))]
    pub separator: Option<String>,
    /// The header field with the time, lower case.
    #[serde(default)]
    pub timestamp_header: Option<String>,
    /// What the time begins with, such as `t=`, where it is one of the values of the signature's own header field.
    #[serde(default)]
    #[schemars(length(min = 1, max = 32))]
    pub timestamp_prefix: Option<String>,
    /// How the time is written.
    #[serde(default)]
    pub timestamp_form: TimestampForm,
    /// How far the time may be from now, in seconds, either way. Risk: the larger it is, the longer a signature counts.
    #[serde(default = "tolerance")]
    #[schemars(range(min = 1, max = 3600))]
    pub tolerance_seconds: u32,
    /// The header field with the sender's own id of the message, lower case. Where the id is signed, it is what makes the
    /// message take effect once.
    #[serde(default)]
    pub id_header: Option<String>,
    /// What makes a message take effect once, where no id is signed.
    #[serde(default)]
    pub once_by: OnceBy,
    /// How the secret is written.
    #[serde(default)]
    pub secret_form: SecretForm,
}

macro_rules! named {
    ($kind:ident { $($case:ident = $name:literal),* $(,)? }) => {
        impl $kind {
            /// Its name in policies.
            pub fn name(self) -> &'static str {
                match self {
                    $($kind::$case => $name,)*
                }
            }
        }
    };
}

named!(SignatureScheme {
    StandardWebhooks = "standard-webhooks",
    Shopify = "shopify",
    Github = "github",
    Easypost = "easypost",
    Stripe = "stripe",
});
named!(SignatureAlgorithm { Sha256 = "sha256", Sha384 = "sha384", Sha512 = "sha512" });
named!(SignatureEncoding { Hex = "hex", Base64 = "base64", Base64url = "base64url" });
named!(TimestampForm { Seconds = "seconds", Milliseconds = "milliseconds", Rfc3339 = "rfc3339" });
named!(OnceBy { Body = "body", BodyAndTime = "body-and-time" });
named!(SecretForm { Text = "text", TextNfkd = "text-nfkd", Whsec = "whsec", Base64 = "base64", Hex = "hex" });

/// The hash of an HMAC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAlgorithm {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureEncoding {
    /// Hexadecimal digits of either case.
    Hex,
    /// Base64 with padding (RFC 4648 §4).
    Base64,
    /// Base64 for URLs (RFC 4648 §5), without padding.
    Base64url,
}

/// How a time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TimestampForm {
    /// Whole seconds since 1970.
    #[default]
    Seconds,
    /// Whole milliseconds since 1970.
    Milliseconds,
    /// RFC 3339.
    Rfc3339,
}

/// What makes a message take effect once, where no id is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnceBy {
    /// Its body: the same body counts once, whenever it is signed again.
    #[default]
    Body,
    /// Its body and its time, for senders that say the same twice and mean it. Risk: a repetition that is signed anew counts
    /// again, unless an id or a business key tells it.
    BodyAndTime,
}

/// How a secret is written in its file or variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretForm {
    /// The key is the text itself, of 16 bytes or more.
    #[default]
    Text,
    /// The same after compatibility decomposition (Unicode NFKD).
    TextNfkd,
    /// `whsec_` and base64 of 24 to 64 bytes (Standard Webhooks).
    Whsec,
    /// Base64 of 16 bytes or more.
    Base64,
    /// Hexadecimal digits of 16 bytes or more.
    Hex,
}

fn body() -> String {
    "{body}".to_owned()
}

fn tolerance() -> u32 {
    300
}

impl SignatureScheme {
    /// The scheme in the general form.
    pub fn form(self) -> SignatureForm {
        match self {
            SignatureScheme::StandardWebhooks => SignatureForm {
                signed: "{id}.{timestamp}.{body}".to_owned(),
                prefix: "v1,".to_owned(),
                separator: Some(" ".to_owned()),
                timestamp_header: Some("webhook-timestamp".to_owned()),
                id_header: Some("webhook-id".to_owned()),
                secret_form: SecretForm::Whsec,
                ..SignatureForm::of_body("webhook-signature", SignatureEncoding::Base64)
            },
            SignatureScheme::Shopify => SignatureForm {
                id_header: Some("x-shopify-webhook-id".to_owned()),
                ..SignatureForm::of_body("x-shopify-hmac-sha256", SignatureEncoding::Base64)
            },
            SignatureScheme::Github => SignatureForm {
                prefix: "sha256=".to_owned(),
                id_header: Some("x-github-delivery".to_owned()),
                ..SignatureForm::of_body("x-hub-signature-256", SignatureEncoding::Hex)
            },
            SignatureScheme::Easypost => SignatureForm {
                prefix: "hmac-sha256-hex=".to_owned(),
                secret_form: SecretForm::TextNfkd,
                ..SignatureForm::of_body("x-hmac-signature", SignatureEncoding::Hex)
            },
            SignatureScheme::Stripe => SignatureForm {
                signed: "{timestamp}.{body}".to_owned(),
                prefix: "v1=".to_owned(),
                separator: Some(",".to_owned()),
                timestamp_prefix: Some("t=".to_owned()),
                ..SignatureForm::of_body("stripe-signature", SignatureEncoding::Hex)
            },
        }
    }
}

impl SignatureForm {
    /// The form of a partner's entry: the one that it writes down, or that of the scheme which it names.
    pub fn of(scheme: Option<SignatureScheme>, written: Option<&SignatureForm>) -> Self {
        written.cloned().unwrap_or_else(|| scheme.unwrap_or_default().form())
    }

    /// HMAC-SHA256 over the body alone.
    fn of_body(header: &str, encoding: SignatureEncoding) -> Self {
        SignatureForm {
            header: header.to_owned(),
            algorithm: SignatureAlgorithm::default(),
            encoding,
            signed: body(),
            prefix: String::new(),
            separator: None,
            timestamp_header: None,
            timestamp_prefix: None,
            timestamp_form: TimestampForm::default(),
            tolerance_seconds: tolerance(),
            id_header: None,
            once_by: OnceBy::default(),
            secret_form: SecretForm::default(),
        }
    }

    /// What is signed, in its parts.
    ///
    /// # Errors
    ///
    /// The first brace that does not belong to a part, from there on.
    pub fn parts(&self) -> Result<Vec<SignedPart>, &str> {
        let (mut parts, mut rest) = (Vec::new(), self.signed.as_str());
        while let Some(at) = rest.find(['{', '}']) {
            let (text, part) = rest.split_at(at);
            if !text.is_empty() {
                parts.push(SignedPart::Text(text.to_owned()));
            }
            let known = SignedPart::NAMED.into_iter().find_map(|(name, named)| Some((named, part.strip_prefix(name)?)));
            let (named, behind) = known.ok_or(part)?;
            parts.push(named);
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(SignedPart::Text(rest.to_owned()));
        }
        Ok(parts)
    }
}

/// A part of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedPart {
    /// This text.
    Text(String),
    /// The sender's id of the message.
    Id,
    /// The time, as it is written.
    Timestamp,
    /// The request's method.
    Method,
    /// The request's path with its query, as it came.
    Path,
    /// The body.
    Body,
}

impl SignedPart {
    const NAMED: [(&'static str, SignedPart); 5] = [
        ("{id}", SignedPart::Id),
        ("{timestamp}", SignedPart::Timestamp),
        ("{method}", SignedPart::Method),
        ("{path}", SignedPart::Path),
        ("{body}", SignedPart::Body),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_text_with_parts_in_it() {
        let form = |signed: &str| SignatureForm {
            signed: signed.to_owned(),
            ..SignatureForm::of_body("x-signature", SignatureEncoding::Hex)
        };
        let text = |text: &str| SignedPart::Text(text.to_owned());
        let parts = [text("v0:"), SignedPart::Timestamp, text(":"), SignedPart::Body];
        assert_eq!(form("v0:{timestamp}:{body}").parts().as_deref(), Ok(&parts[..]));
        let parts = [SignedPart::Timestamp, SignedPart::Method, SignedPart::Path, SignedPart::Body];
        assert_eq!(form("{timestamp}{method}{path}{body}").parts().as_deref(), Ok(&parts[..]));
        for (wrong, from) in [("{bdy}", "{bdy}"), ("{body}}", "}"), ("a{", "{"), ("{body}{time}x", "{time}x")] {
            assert_eq!(form(wrong).parts(), Err(from));
        }
    }
}
