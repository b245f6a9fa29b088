//! Lines and columns, as an editor shows them: both from 1, a column being a character.

/// A place in a text that only moves forward, so that finding the place of every segment costs one pass in all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    offset: usize,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Position {
    pub(crate) fn start() -> Self {
        Position { offset: 0, line: 1, column: 1 }
    }

    /// Moves on to `offset`; an offset that has been passed leaves the position where it is.
    pub(crate) fn advance(&mut self, bytes: &[u8], offset: usize) {
        let passed = bytes.get(self.offset..offset).unwrap_or_default();
        let last_line = match memchr::memrchr(b'\n', passed) {
            Some(last_end) => {
                self.line = self.line.saturating_add(memchr::memchr_iter(b'\n', passed).count() as u32);
                self.column = 1;
                &passed[last_end + 1..]
            }
            None => passed,
        };
        let characters = last_line.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        self.column = self.column.saturating_add(characters as u32);
        self.offset = self.offset.max(offset);
    }

    /// The line and column of one offset.
    pub(crate) fn of(bytes: &[u8], offset: usize) -> (u32, u32) {
        let mut position = Position::start();
        position.advance(bytes, offset.min(bytes.len()));
        (position.line, position.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_at_line_feeds() {
        let text = "é+\r\nüx'".as_bytes();
        assert_eq!(Position::of(text, 0), (1, 1));
        assert_eq!(Position::of(text, 2), (1, 2));
        assert_eq!(Position::of(text, 5), (2, 1));
        assert_eq!(Position::of(text, 7), (2, 2));
        assert_eq!(Position::of(text, 99), (2, 4));
    }

    #[test]
    fn moving_in_steps_arrives_at_the_same_place_as_moving_at_once() {
        let text = b"one\ntwo\r\nthree";
        let mut steps = Position::start();
        for offset in [2, 2, 5, 4, 11] {
            steps.advance(text, offset);
        }
        assert_eq!((steps.line, steps.column), Position::of(text, 11));
    }
}
