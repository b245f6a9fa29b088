//! Where each request of an HTTP/1 connection begins and ends.
//!
//! [`Messages`] reads what a client sends before hyper does, and says how much of it belongs to messages whose framing
//! can be read in one way only. It judges in units, each of which is passed on as a whole or not at all: a head, a piece of a
//! body, the first line of a chunk, the end of a chunk, and the last chunk with its trailer section. So hyper never
//! sees a byte after which two readers could disagree about where the next request begins; whatever it would forgive does
//! not reach it. The grammar of the lines is in [`grammar`]; what a head means is judged by [`super::framing`].

use http::Version;
use memchr::memchr;

use super::{ConnectionLimits, FramingViolation, grammar};
use crate::trailer_fields::may_trail;

/// The first line of a chunk, in bytes, with its end.
const CHUNK_LINE_BYTES_MAX: usize = 512;

/// The extensions of all chunks of one body, in bytes. hyper ignores them, and gives up at twice as many.
const EXTENSIONS_BYTES_MAX: usize = 8 << 10;

/// Reads the requests of one connection, piece by piece.
#[derive(Debug)]
pub(super) struct Messages {
    /// A head or a trailer section, in bytes and in fields.
    section_bytes_max: usize,
    fields_max: usize,
    place: Place,
    /// In the unit that is being read: where the first line begins that was not judged yet, and up to where its end was looked
    /// for. So each byte is looked at once, in however small pieces it comes.
    line: usize,
    searched: usize,
}

/// Where in a message the next unit is.
#[derive(Debug)]
enum Place {
    Head(Head),
    Body {
        left: u64,
    },
    ChunkLine {
        extensions_bytes: usize,
    },
    ChunkData {
        left: u64,
        extensions_bytes: usize,
    },
    ChunkEnd {
        extensions_bytes: usize,
    },
    /// In the trailer section, whose unit began with the last chunk's line.
    Trailers {
        fields: usize,
    },
}

/// What is known of a head so far.
#[derive(Debug, Default)]
struct Head {
    empty_line: bool,
    version: Option<Version>,
    fields: usize,
    length: Option<u64>,
    chunked: bool,
}

impl Messages {
    pub(super) fn new(limits: &ConnectionLimits) -> Messages {
        Messages {
            section_bytes_max: usize::try_from(limits.head_bytes_max).unwrap_or(usize::MAX),
            fields_max: usize::try_from(limits.headers_max).unwrap_or(usize::MAX),
            place: Place::Head(Head::default()),
            line: 0,
            searched: 0,
        }
    }

    /// How many of `bytes` may be passed on, and what is wrong with those behind them.
    ///
    /// `bytes` begins with what the last call did not pass on; more may have come since. After a violation nothing further can
    /// be read.
    pub(super) fn judge(&mut self, bytes: &[u8]) -> (usize, Result<(), FramingViolation>) {
        let mut good = 0;
        loop {
            match self.unit(&bytes[good..]) {
                Ok(Some(length)) => {
                    good += length;
                    (self.line, self.searched) = (0, 0);
                }
                Ok(None) => return (good, Ok(())),
                Err(violation) => return (good, Err(violation)),
            }
        }
    }

    /// The length of the unit that `rest` begins with; none while it is not all here.
    fn unit(&mut self, rest: &[u8]) -> Result<Option<usize>, FramingViolation> {
        if rest.is_empty() {
            return Ok(None);
        }
        match self.place {
            Place::Head(_) => self.head(rest),
            Place::Body { left } => {
                let (passed, left) = pass(rest, left);
                self.place = if left == 0 { Place::Head(Head::default()) } else { Place::Body { left } };
                Ok(Some(passed))
            }
            Place::ChunkLine { extensions_bytes } => self.chunk_line(rest, extensions_bytes),
            Place::ChunkData { left, extensions_bytes } => {
                let (passed, left) = pass(rest, left);
                self.place = match left {
                    0 => Place::ChunkEnd { extensions_bytes },
                    left => Place::ChunkData { left, extensions_bytes },
                };
                Ok(Some(passed))
            }
            Place::ChunkEnd { extensions_bytes } => match rest {
                [b'\r', b'\n', ..] => {
                    self.place = Place::ChunkLine { extensions_bytes };
                    Ok(Some(2))
                }
                [b'\r'] => Ok(None),
                _ => Err(FramingViolation::ChunkInvalid),
            },
            Place::Trailers { fields } => self.trailers(rest, fields),
        }
    }

    /// A head: at most one empty line, which old clients send after a body (RFC 9112 §2.2), the request line, and fields.
    fn head(&mut self, unit: &[u8]) -> Result<Option<usize>, FramingViolation> {
        // What cannot become a request line is refused before its end comes, such as the beginning of a TLS handshake.
        if !grammar::is_in_token(unit[0]) && unit[0] != b'\r' && unit[0] != b'\n' {
            return Err(FramingViolation::HeadMalformed);
        }
        loop {
            let Some(line) = self.next_line(unit, self.section_bytes_max, FramingViolation::HeadTooLarge)? else {
                return Ok(None);
            };
            let Place::Head(head) = &mut self.place else { return Ok(None) };
            match head.version {
                None if line.is_empty() && !head.empty_line => head.empty_line = true,
                None => head.version = Some(grammar::request_line(line).ok_or(FramingViolation::HeadMalformed)?),
                Some(version) if line.is_empty() => {
                    self.place = head.body(version)?;
                    return Ok(Some(self.line));
                }
                Some(_) => head.add(line, self.fields_max)?,
            }
        }
    }

    /// A chunk's first line; the last chunk's is part of the unit that its trailer section ends.
    fn chunk_line(&mut self, unit: &[u8], extensions_bytes: usize) -> Result<Option<usize>, FramingViolation> {
        let Some(line) = self.next_line(unit, CHUNK_LINE_BYTES_MAX, FramingViolation::ChunkInvalid)? else {
            return Ok(None);
        };
        let (size, more) = grammar::chunk(line).ok_or(FramingViolation::ChunkInvalid)?;
        let extensions_bytes = extensions_bytes + more;
        if extensions_bytes > EXTENSIONS_BYTES_MAX {
            return Err(FramingViolation::ChunkInvalid);
        }
        if size == 0 {
            self.place = Place::Trailers { fields: 0 };
            return self.trailers(unit, 0);
        }
        self.place = Place::ChunkData { left: size, extensions_bytes };
        Ok(Some(self.line))
    }

    /// The trailer section. Nothing here gives its fields a meaning, but what is wrong in it ends the connection.
    fn trailers(&mut self, unit: &[u8], mut fields: usize) -> Result<Option<usize>, FramingViolation> {
        loop {
            let Some(line) = self.next_line(unit, self.section_bytes_max, FramingViolation::TrailersTooLarge)? else {
                self.place = Place::Trailers { fields };
                return Ok(None);
            };
            if line.is_empty() {
                self.place = Place::Head(Head::default());
                return Ok(Some(self.line));
            }
            let (name, _) = grammar::field(line).ok_or(FramingViolation::TrailerMalformed)?;
            if !may_trail(name) {
                return Err(FramingViolation::TrailerForbidden);
            }
            fields += 1;
            if fields > self.fields_max {
                return Err(FramingViolation::TrailersTooLarge);
            }
        }
    }

    /// The next line of `unit` without its CRLF; none while that is not here. The unit may have `bytes_max` up to there.
    fn next_line<'u>(
        &mut self,
        unit: &'u [u8],
        bytes_max: usize,
        too_large: FramingViolation,
    ) -> Result<Option<&'u [u8]>, FramingViolation> {
        let Some(distance) = memchr(b'\n', &unit[self.searched..]) else {
            self.searched = unit.len();
            return if unit.len() < bytes_max { Ok(None) } else { Err(too_large) };
        };
        let end = self.searched + distance;
        if end >= bytes_max {
            return Err(too_large);
        }
        let line = unit[self.line..end].strip_suffix(b"\r").ok_or(FramingViolation::LineEnd)?;
        (self.line, self.searched) = (end + 1, end + 1);
        Ok(Some(line))
    }
}

impl Head {
    /// Takes one field line.
    fn add(&mut self, line: &[u8], fields_max: usize) -> Result<(), FramingViolation> {
        let (name, value) = grammar::field(line).ok_or(FramingViolation::HeadMalformed)?;
        self.fields += 1;
        if self.fields > fields_max {
            return Err(FramingViolation::HeadTooLarge);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = grammar::length(value).filter(|_| self.length.is_none());
            self.length = Some(length.ok_or(FramingViolation::LengthInvalid)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.chunked || !grammar::is_chunked(value) {
                return Err(FramingViolation::TransferCoding);
            }
            self.chunked = true;
        }
        Ok(())
    }

    /// What follows the head (RFC 9112 §6.3), where nobody could think otherwise.
    fn body(&self, version: Version) -> Result<Place, FramingViolation> {
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(FramingViolation::LengthAndCoding),
            // HTTP/1.0 knows no transfer codings, so its readers would not look for chunks.
            (true, None) if version == Version::HTTP_10 => Err(FramingViolation::TransferCoding),
            (true, None) => Ok(Place::ChunkLine { extensions_bytes: 0 }),
            (false, Some(left)) if left > 0 => Ok(Place::Body { left }),
            (false, _) => Ok(Place::Head(Head::default())),
        }
    }
}

/// How many of these bytes belong to what has `left` bytes to come, and how many are left then.
fn pass(bytes: &[u8], left: u64) -> (usize, u64) {
    let passed = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
    (passed, left - passed as u64)
}

#[cfg(test)]
mod tests;
