//! How much a plugin returned: the bytes of everything in a result that a plugin chooses the size of.

use portgate_core::delivery::{Outcome, Request};
use portgate_core::document::{Decoded, Document, Part, Rejection, Reply};
use portgate_core::finding::Finding;
use portgate_core::judgement::Judgement;

/// A result whose size is held against `limits.output_bytes_max`.
pub(crate) trait Measured {
    /// Bytes of text and bodies. Numbers and lists themselves are not counted; the engine bounds those before it copies.
    fn bytes(&self) -> u64;

    /// The documents in it.
    fn documents(&self) -> u64 {
        0
    }
}

impl<T: Measured> Measured for Vec<T> {
    fn bytes(&self) -> u64 {
        self.iter().map(Measured::bytes).sum()
    }
}

impl<T: Measured, E: Measured> Measured for Result<T, E> {
    fn bytes(&self) -> u64 {
        match self {
            Ok(value) => value.bytes(),
            Err(rejection) => rejection.bytes(),
        }
    }

    fn documents(&self) -> u64 {
        self.as_ref().map_or(0, T::documents)
    }
}

impl Measured for Finding {
    fn bytes(&self) -> u64 {
        sum([self.code.len(), self.location.len(), self.detail.len()])
    }
}

impl Measured for Judgement {
    fn bytes(&self) -> u64 {
        sum([self.rule.len(), self.detail.len(), self.remedy.len()]) + text(&self.fields)
    }
}

impl Measured for Document {
    fn bytes(&self) -> u64 {
        let refs: u64 = self.refs.iter().map(|name| sum([name.scheme.len(), name.value.len()])).sum();
        refs + sum([self.kind.len(), self.key.len(), self.body.len()])
    }
}

impl Measured for Request {
    fn bytes(&self) -> u64 {
        let headers: u64 = self.headers.iter().map(|(name, value)| sum([name.len(), value.len()])).sum();
        headers + sum([self.method.len(), self.path.len(), self.body.len()])
    }
}

impl Measured for Decoded {
    fn bytes(&self) -> u64 {
        // What was found in parts is among the findings.
        let said = self.findings.bytes() + names(&self.parts) + self.reply.as_ref().map_or(0, Measured::bytes);
        self.documents.bytes() + said + text(&self.unread)
    }

    fn documents(&self) -> u64 {
        self.documents.len() as u64
    }
}

impl Measured for Rejection {
    fn bytes(&self) -> u64 {
        self.findings.bytes() + names(&self.parts) + self.reply.as_ref().map_or(0, Measured::bytes)
    }
}

impl Measured for Reply {
    fn bytes(&self) -> u64 {
        sum([self.content_type.len(), self.body.len()])
    }
}

fn names(parts: &[Part]) -> u64 {
    parts.iter().map(|part| sum([part.location.len(), part.reference.len()])).sum()
}

impl Measured for Outcome {
    fn bytes(&self) -> u64 {
        let next = self.next.as_ref().map_or(0, |next| next.request.bytes());
        self.documents.bytes() + self.findings.bytes() + next + text(&self.unread)
    }

    fn documents(&self) -> u64 {
        self.documents.len() as u64
    }
}

fn text(lines: &[String]) -> u64 {
    lines.iter().map(|line| line.len() as u64).sum()
}

fn sum<const N: usize>(lengths: [usize; N]) -> u64 {
    lengths.iter().map(|length| *length as u64).sum()
}
