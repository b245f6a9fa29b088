//! What RFC 9113 §8 calls malformed, sent frame by frame as no library would: it is refused, and not executed.

use super::recorder::run;
use super::strict::Request;

type Field<'a> = (&'a str, &'a str);

/// What a client may send on one stream.
#[derive(Clone, Default)]
struct Stream<'a> {
    fields: Vec<Field<'a>>,
    /// Frames of content; none where the head ends the stream.
    data: Option<&'a str>,
    trailers: Option<(Vec<Field<'a>>, bool)>,
}

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field block of literals that nobody remembers (RFC 7541 §6.2.2).
fn block(fields: &[Field<'_>]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).expect("a short text")][..], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

impl<'a> Stream<'a> {
    /// A request for `/` with a body, and what is changed in its head.
    fn post(change: impl FnOnce(&mut Vec<Field<'a>>)) -> Stream<'a> {
        let mut fields = vec![(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "gate")];
        change(&mut fields);
        Stream { fields, data: Some("hello"), trailers: None }
    }

    fn with(fields: &[Field<'a>]) -> Stream<'a> {
        Stream::post(|known| known.extend_from_slice(fields))
    }

    /// The same request where one field has another value, or is not there.
    fn where_is(name: &str, value: Option<&'a str>) -> Stream<'a> {
        Stream::post(|fields| {
            fields.retain_mut(|field| {
                if field.0 == name {
                    field.1 = value.unwrap_or_default();
                }
                field.0 != name || value.is_some()
            });
        })
    }

    fn trailing(fields: &[Field<'a>], ends: bool) -> Stream<'a> {
        Stream { trailers: Some((fields.to_vec(), ends)), ..Stream::with(&[]) }
    }

    fn frames(&self, id: u32) -> Vec<u8> {
        let end = |is_last: bool| if is_last { END_STREAM } else { 0 };
        let mut bytes = frame(1, END_HEADERS | end(self.data.is_none()), id, &block(&self.fields));
        if let Some(data) = self.data {
            bytes.extend(frame(0, end(self.trailers.is_none()), id, data.as_bytes()));
        }
        if let Some((trailers, ends)) = &self.trailers {
            bytes.extend(frame(1, END_HEADERS | end(*ends), id, &block(trailers)));
        }
        bytes
    }
}

/// How a stream was answered.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Ok,
    /// Another status, or a reset.
    Refused,
    None,
}

/// Sends a stream and a good one behind it; what was executed, and how the first was answered.
async fn send(stream: &Stream<'_>) -> (Vec<Request>, Answer) {
    let behind = Stream {
        fields: vec![(":method", "POST"), (":scheme", "https"), (":path", "/behind"), (":authority", "gate")],
        data: Some("behind"),
        trailers: None,
    };
    let start = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(4, 0, 0, &[])].concat();
    let first = [start, stream.frames(1)].concat();
    let outcome = run(&[first.as_slice(), &behind.frames(3)].concat(), &[first.len()]).await;
    let mut answer = Answer::None;
    let mut rest = outcome.sent.as_slice();
    while let [high, middle, low, kind, _, _, _, _, id, payload @ ..] = rest {
        let length = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
        let (payload, behind) = payload.split_at(length.min(payload.len()));
        match (*kind, *id) {
            // 8 is the place of `:status: 200` in the static table (RFC 7541 Appendix A).
            (1, 1) if answer == Answer::None => {
                answer = if payload.first() == Some(&0x88) { Answer::Ok } else { Answer::Refused }
            }
            // The whole connection ends with GOAWAY.
            (3, 1) | (7, _) if answer == Answer::None => answer = Answer::Refused,
            _ => {}
        }
        rest = behind;
    }
    (outcome.executed, answer)
}

fn request(target: &str, body: &str) -> Request {
    Request { method: "POST".to_owned(), target: target.to_owned(), body: body.as_bytes().to_vec() }
}

#[tokio::test(start_paused = true)]
async fn what_is_well_formed_is_executed() {
    let trailing = Stream::trailing(&[("x-sum", "1")], true);
    for (what, good) in [
        ("nothing special", Stream::with(&[])),
        ("host as well", Stream::with(&[("host", "gate")])),
        ("a length", Stream::with(&[("content-length", "5")])),
        ("te", Stream::with(&[("te", "trailers")])),
        ("a trailer section", trailing),
    ] {
        let (executed, answer) = send(&good).await;
        assert_eq!(executed, [request("/", "hello"), request("/behind", "behind")], "{what}");
        assert_eq!(answer, Answer::Ok, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_malformed_is_refused_and_not_executed() {
    let with = |name, value| Stream::with(&[(name, value)]);
    let twice = |name, first, second| Stream::with(&[(name, first), (name, second)]);
    for (what, bad) in [
        // §8.2: field names and values.
        ("a capital letter", with("X-A", "b")),
        ("no name", with("", "b")),
        ("a space in a name", with("x a", "b")),
        ("a colon in a name", with("x:a", "b")),
        ("NUL in a name", with("x\0", "b")),
        ("NUL in a value", with("x-a", "b\0")),
        ("CR in a value", with("x-a", "b\rc")),
        ("LF in a value", with("x-a", "b\nc: d")),
        ("a space before a value", with("x-a", " b")),
        ("a tab behind a value", with("x-a", "b\t")),
        // §8.2.2: fields of one connection.
        ("connection", with("connection", "keep-alive")),
        ("keep-alive", with("keep-alive", "timeout=5")),
        ("proxy-connection", with("proxy-connection", "keep-alive")),
        ("transfer-encoding", with("transfer-encoding", "chunked")),
        ("upgrade", with("upgrade", "h2c")),
        ("te", with("te", "gzip")),
        // §8.3: pseudo-header fields.
        ("a pseudo-header field behind a field", Stream::post(|fields| fields.insert(0, ("x-a", "b")))),
        ("two paths", with(":path", "/other")),
        ("two methods", Stream::post(|fields| fields.insert(1, (":method", "GET")))),
        ("an unknown pseudo-header field", Stream::post(|fields| fields.insert(0, (":other", "b")))),
        (":status", Stream::post(|fields| fields.insert(0, (":status", "200")))),
        (":protocol", Stream::post(|fields| fields.insert(0, (":protocol", "websocket")))),
        ("no method", Stream::where_is(":method", None)),
        ("no scheme", Stream::where_is(":scheme", None)),
        ("no path", Stream::where_is(":path", None)),
        ("no authority", Stream::where_is(":authority", None)),
        ("host in the place of the authority", {
            let mut stream = Stream::where_is(":authority", None);
            stream.fields.push(("host", "gate"));
            stream
        }),
        ("an empty method", Stream::where_is(":method", Some(""))),
        ("a method with a space", Stream::where_is(":method", Some("POST / HTTP/1.1"))),
        ("CONNECT with a path", Stream::where_is(":method", Some("CONNECT"))),
        ("TRACE", Stream::where_is(":method", Some("TRACE"))),
        ("another scheme", Stream::where_is(":scheme", Some("ftp"))),
        ("an empty scheme", Stream::where_is(":scheme", Some(""))),
        ("a scheme that is none", Stream::where_is(":scheme", Some("http://other/"))),
        ("an empty path", Stream::where_is(":path", Some(""))),
        ("a path without slash", Stream::where_is(":path", Some("a"))),
        ("a whole address for a path", Stream::where_is(":path", Some("http://gate/"))),
        ("an asterisk", Stream::where_is(":path", Some("*"))),
        ("a space in the path", Stream::where_is(":path", Some("/a b"))),
        ("a line end in the path", Stream::where_is(":path", Some("/a\r\nx: y"))),
        ("a hidden line end in the path", Stream::where_is(":path", Some("/a%0d%0ab"))),
        ("a backslash in the path", Stream::where_is(":path", Some("/a\\b"))),
        ("an empty authority", Stream::where_is(":authority", Some(""))),
        ("an authority with a user", Stream::where_is(":authority", Some("u@gate"))),
        ("an authority with a path", Stream::where_is(":authority", Some("gate/a"))),
        ("another host", with("host", "other")),
        ("two hosts", twice("host", "gate", "gate")),
        // §8.1.1: the length.
        ("a length below the content", with("content-length", "4")),
        ("a length above the content", with("content-length", "6")),
        ("a length and no content", Stream { data: None, ..with("content-length", "5") }),
        ("two lengths", twice("content-length", "5", "6")),
        ("a length twice", twice("content-length", "5", "5")),
        ("a list of lengths", with("content-length", "5, 5")),
        ("a length with a sign", with("content-length", "+5")),
        ("a length with a leading zero", with("content-length", "05")),
        ("an empty length", Stream { data: Some(""), ..with("content-length", "") }),
        // §8.1: the trailer section.
        ("a trailer section that does not end the stream", Stream::trailing(&[("x-sum", "1")], false)),
        ("a field of one connection behind the content", Stream::trailing(&[("connection", "close")], true)),
        ("a capital letter behind the content", Stream::trailing(&[("X-Sum", "1")], true)),
        ("a host behind the content", Stream::trailing(&[("host", "other")], true)),
        ("a length behind the content", Stream::trailing(&[("content-length", "5")], true)),
        ("a credential behind the content", Stream::trailing(&[("authorization", "Bearer a")], true)),
    ] {
        let (executed, answer) = send(&bad).await;
        assert!(executed.iter().all(|executed| *executed == request("/behind", "behind")), "{what}: {executed:?}");
        assert!(executed.len() <= 1, "{what}: {executed:?}");
        assert_eq!(answer, Answer::Refused, "{what}");
    }
}

/// The library drops these before anybody can judge them, so they change nothing.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_seen_means_nothing() {
    for (what, stream) in [
        (
            "a pseudo-header field behind the content",
            Stream::trailing(&[(":path", "/other"), (":method", "PUT")], true),
        ),
        ("a fragment", Stream::where_is(":path", Some("/#other"))),
    ] {
        let (executed, _) = send(&stream).await;
        assert_eq!(executed, [request("/", "hello"), request("/behind", "behind")], "{what}");
    }
}
