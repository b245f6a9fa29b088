//! Byte streams made up at random: mostly requests as they should be, with something wrong here and there.

/// A generator that gives the same numbers for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("below a bound of that type")
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'a>(&mut self, choices: &[&'a [u8]]) -> &'a [u8] {
        choices[self.below(choices.len())]
    }

    /// `usual`, or once in a while one of the others.
    fn odd<'a>(&mut self, usual: &'a [u8], others: &[&'a [u8]]) -> &'a [u8] {
        if self.one_in(24) { self.of(others) } else { usual }
    }
}

const LINE_ENDS: &[&[u8]] = &[b"\n", b"\r", b"\r\r\n", b"\n\r\n", b"\r\n ", b"\r\n\r\n", b""];

/// One to four requests, and now and then a few bytes changed, taken away or put in.
pub(crate) fn stream(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=dice.below(4) {
        request(dice, &mut bytes);
    }
    if dice.one_in(4) {
        for _ in 0..=dice.below(3) {
            mutate(dice, &mut bytes);
        }
    }
    bytes
}

/// Places at which a stream is cut into the pieces that it comes in.
pub(crate) fn cuts(dice: &mut Dice, length: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = (0..dice.below(4)).map(|_| dice.below(length + 1)).collect();
    cuts.sort_unstable();
    cuts
}

fn mutate(dice: &mut Dice, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = dice.below(bytes.len());
    let byte = dice.of(&[
        b"\r", b"\n", b"\0", b" ", b"\t", b":", b";", b"0", b"1", b"a", b",", b"\"", b"\\", b"\x7f", b"\x80", b"\xff",
    ])[0];
    match dice.below(4) {
        0 => bytes[at] = byte,
        1 => bytes.insert(at, byte),
        2 => drop(bytes.remove(at)),
        _ => {
            let end = (at + 1 + dice.below(8)).min(bytes.len());
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
    }
}

fn request(dice: &mut Dice, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(dice.odd(b"", &[b"\r\n", b"\r\n\r\n", b"\n", b" ", b"\0"]));
    let has_body = dice.below(3) > 0;
    bytes.extend_from_slice(
        dice.odd(if has_body { b"POST" } else { b"GET" }, &[b"get", b"FOO", b"HEAD", b"PUT", b"P(ST", b""]),
    );
    bytes.extend_from_slice(dice.odd(b" ", &[b"  ", b"\t", b""]));
    let target = dice.of(&[b"/", b"/a", b"/b/c"]);
    bytes.extend_from_slice(
        dice.odd(target, &[b"*", b"http://gate/a", b"/a?b=c", b"/a#b", b"a", b"/\xc3\xa9", b"//a", b""]),
    );
    bytes.extend_from_slice(dice.odd(b" ", &[b"  ", b"\t", b""]));
    bytes.extend_from_slice(dice.odd(b"HTTP/1.1", &[b"HTTP/1.0", b"HTTP/1.2", b"http/1.1", b"HTTP/1.1 ", b""]));
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    bytes.extend_from_slice(dice.odd(b"Host: gate", &[b"Host: other", b"Host:gate", b"X: y"]));
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    while dice.one_in(6) {
        field(dice, bytes);
    }
    match (has_body, dice.one_in(2)) {
        (false, _) => {
            bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
        }
        (true, true) => with_length(dice, bytes),
        (true, false) => with_chunks(dice, bytes),
    }
}

fn field(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let odd: &[&[u8]] = &[
        b"X-A : b",
        b"X-A\t: b",
        b" X-A: b",
        b"X-A",
        b": b",
        b"X-A: b\0",
        b"X-A: b\rc",
        b"X-A: \x7f",
        b"X-\xff: b",
        b"X-A: \xff",
        b"Connection: close",
        b"Connection: keep-alive",
        b"Content-Length: 0",
        b"Content-Length: 3",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: identity",
        b"Content_Length: 3",
        b"Expect: 100-continue",
        b"Content-Type: a/b",
        b"TE: trailers",
    ];
    let usual = dice.of(&[b"X-A: b", b"X-B:", b"X-C:\tc \t", b"X-D: e: f"]);
    let line = if dice.one_in(5) { dice.of(odd) } else { usual };
    bytes.extend_from_slice(line);
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
}

/// What a body may look like; some look like requests, for a reader that has lost its place.
fn content(dice: &mut Dice) -> &'static [u8] {
    dice.of(&[
        b"",
        b"x",
        b"hello",
        b"\r\n",
        b"\n",
        b"0\r\n\r\n",
        b"GET /in HTTP/1.1\r\nHost: gate\r\n\r\n",
        b"0\r\n\r\nPOST /in HTTP/1.1\r\nHost: gate\r\nContent-Length: 3\r\n\r\nabc",
        b"5\r\nhello\r\n0\r\n\r\n",
    ])
}

fn with_length(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let content = content(dice);
    let length = content.len();
    let line = match dice.below(40) {
        0 => format!("Content-Length: 0{length}"),
        1 => format!("Content-Length: +{length}"),
        2 => format!("Content-Length:\t{length}"),
        3 => format!("Content-Length: {length}, {length}"),
        4 => format!("Content-Length: {length}\r\nContent-Length: {length}"),
        5 => format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
        6 => format!("Content-Length: {}", length + 1),
        7 => format!("Content-Length: {}", length.saturating_sub(1)),
        8 => format!("Content-Length : {length}"),
        9 => format!("content-length:{length} "),
        _ => format!("Content-Length: {length}"),
    };
    bytes.extend_from_slice(line.as_bytes());
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    bytes.extend_from_slice(content);
}

fn with_chunks(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let codings: &[&[u8]] = &[
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked, chunked",
        b"Transfer-Encoding: , chunked",
        b"Transfer-Encoding:\tchunked",
        b"Transfer-Encoding: chunked\t",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding:\r\n chunked",
        b"transfer-encoding:CHUNKED ",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3",
        b"Transfer-Encoding: \x0bchunked",
        b"Transfer-Encoding: chunked;a=b",
    ];
    let coding = if dice.one_in(10) { dice.of(codings) } else { b"Transfer-Encoding: chunked" };
    bytes.extend_from_slice(coding);
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    let extensions: &[&[u8]] = &[
        b";a",
        b";a=b",
        b";a=\"b;c\"",
        b";a=\"\\\"\"",
        b";",
        b"; a",
        b" ",
        b"\t",
        b";a=",
        b";a=\"",
        b";=b",
        b";a b",
        b";\0",
        b";a\r",
        b" ;a",
        b";a=b;",
        b";\xff",
        b";a=\"\xff\"",
    ];
    for _ in 0..dice.below(3) {
        let content = content(dice);
        if content.is_empty() {
            continue;
        }
        let size = match dice.below(30) {
            0 => format!("0{:X}", content.len()),
            1 => format!("0x{:x}", content.len()),
            2 => format!("+{:x}", content.len()),
            3 => format!(" {:x}", content.len()),
            4 => format!("{:x}", content.len() + 1),
            5 => format!("{:x}", content.len() - 1),
            6 => format!("0000000{:x}", content.len()),
            7 => format!("100000000{:x}", content.len()),
            8 => format!("{:x}_", content.len()),
            _ => format!("{:x}", content.len()),
        };
        bytes.extend_from_slice(size.as_bytes());
        if dice.one_in(5) {
            bytes.extend_from_slice(dice.of(extensions));
        }
        bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    }
    bytes.extend_from_slice(dice.odd(b"0", &[b"00", b"0;a", b"0 ", b"-0", b""]));
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    while dice.one_in(5) {
        let trailers: &[&[u8]] = &[
            b"X-Sum: 1",
            b"X-Sum:",
            b"Digest: a",
            b"Content-Length: 3",
            b"Transfer-Encoding: chunked",
            b"Host: other",
            b"Authorization: a",
            b"foo",
            b"X-Sum : 1",
            b" X-Sum: 1",
            b"X-Sum: \0",
            b"Content-Digest: a",
            b"Connection: close",
        ];
        bytes.extend_from_slice(dice.of(trailers));
        bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
    }
    bytes.extend_from_slice(dice.odd(b"\r\n", LINE_ENDS));
}
